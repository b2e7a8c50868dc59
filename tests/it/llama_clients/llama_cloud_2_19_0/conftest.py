from llama_cloud import AsyncLlamaCloud, LlamaCloud

from blocking import Blocking
from suite import client, suite

OPERATIONS = """
    extract.create extract.list extract.get extract.delete extract.cancel
    extract-schema-validation.create extract-schema-generate.create
    files.create files.list files.get files.delete files-query.create files-content.get presigned.download
    configurations.create configurations.list configurations.get configurations.update configurations.delete
    extraction-agents.list projects.list projects.get
"""


def blocking(base, key, **options):
    return LlamaCloud(base_url=base, api_key=key, **options)


def asynchronous(base, key, **options):
    return Blocking(AsyncLlamaCloud(base_url=base, api_key=key, **options))


KINDS = {"LlamaCloud": blocking, "AsyncLlamaCloud": asynchronous}
world, pytest_terminal_summary = suite("llama-cloud 2.19.0", OPERATIONS, KINDS)
