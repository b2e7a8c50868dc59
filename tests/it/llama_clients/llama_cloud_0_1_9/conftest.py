import httpx
from llama_cloud.client import AsyncLlamaCloud, LlamaCloud

from blocking import Blocking
from suite import client, suite

OPERATIONS = """
    extraction-agents.create extraction-agents.list extraction-agents.get extraction-agents.update extraction-agents.delete
    jobs.create jobs.list jobs.get jobs-result.get jobs-batch.create runs.list
    files.create files.list files.get files.delete files-presigned.create files-from-url.create files-content.get
    presigned.upload presigned.download
    projects.list projects.get organizations.list organizations.get
"""


def blocking(base, key):
    return LlamaCloud(base_url=base, token=key)


def asynchronous(base, key):
    inner = httpx.AsyncClient(timeout=60)
    return Blocking(AsyncLlamaCloud(base_url=base, token=key, httpx_client=inner), close=inner.aclose)


KINDS = {"LlamaCloud": blocking, "AsyncLlamaCloud": asynchronous}
world, pytest_terminal_summary = suite("llama-cloud 0.1.9", OPERATIONS, KINDS)
