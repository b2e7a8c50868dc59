from llama_cloud import AsyncLlamaCloud, LlamaCloud

from blocking import Blocking
from suite import client, suite

OPERATIONS = """
    extraction-agents.create extraction-agents.list extraction-agents.get extraction-agents.update extraction-agents.delete
    extraction-agents-schema-validation.create extraction-agents-schema-generate.create
    jobs.create jobs.list jobs.get jobs-result.get jobs-file.create run.create
    runs.list runs.get runs.delete runs-by-job.get
    files.create files.list files.delete files-query.create files-content.get presigned.download
    projects.list projects.get
"""


def blocking(base, key, **options):
    return LlamaCloud(base_url=base, api_key=key, **options)


def asynchronous(base, key, **options):
    return Blocking(AsyncLlamaCloud(base_url=base, api_key=key, **options))


KINDS = {"LlamaCloud": blocking, "AsyncLlamaCloud": asynchronous}
world, pytest_terminal_summary = suite("llama-cloud 1.6.0", OPERATIONS, KINDS)
