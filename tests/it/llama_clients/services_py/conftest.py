from llama_cloud_services import LlamaExtract

from suite import client, suite

OPERATIONS = """
    extraction-agents.create extraction-agents.list extraction-agents.get extraction-agents.update extraction-agents.delete
    extraction-agents-by-name.get extraction-agents-default.get
    extraction-agents-schema-validation.create extraction-agents-schema-generate.create
    jobs.create jobs.list jobs.get jobs-result.get jobs-batch.create jobs-file.create run.create
    runs.list runs.get runs.delete runs-by-job.get runs-latest-from-ui.get
    files.create files.get files.delete files-presigned.create files-from-url.create files-content.get
    presigned.upload presigned.download
    projects.list projects.get organizations.list organizations.get
"""


def extract(base, key, **options):
    return LlamaExtract(api_key=key, base_url=base, **options)


world, pytest_terminal_summary = suite("llama-cloud-services 0.6.94", OPERATIONS, {"LlamaExtract": extract})
