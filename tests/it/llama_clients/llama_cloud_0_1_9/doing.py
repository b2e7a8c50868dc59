"""What most tests of this client begin with."""

import io

import pytest
from llama_cloud import ExtractConfig, ExtractMode
from llama_cloud.core.api_error import ApiError
from llama_cloud.errors import UnprocessableEntityError
from llama_cloud.types import ExtractJobCreate

from documents import NOTE, NOTES

PER_DOC = ExtractConfig(extraction_mode=ExtractMode.PER_DOC)
PER_PAGE = ExtractConfig(extraction_mode=ExtractMode.PER_PAGE)


def agent_of(client, name="notes", schema=NOTES, config=PER_DOC):
    return client.llama_extract.create_extraction_agent(name=name, data_schema=schema, config=config)


def file_of(client, name="note.txt", content=NOTE):
    return client.files.upload_file(upload_file=(name, io.BytesIO(content)))


def job_of(client, agent, file, **overrides):
    request = ExtractJobCreate(extraction_agent_id=agent.id, file_id=file.id, **overrides)
    return client.llama_extract.run_job(request=request)


def ended(world, agent, name="note.txt", content=NOTE, **overrides):
    """A job that is over, as it is told then."""
    job = job_of(world.client, agent, file_of(world.client, name, content), **overrides)
    assert (job.status, job.error) == ("PENDING", None)
    world.advance()
    job = world.client.llama_extract.get_job(job.id)
    assert job.status != "PENDING"
    return job


def refused(status, call, *words):
    """The detail with which a call is refused."""
    with pytest.raises(UnprocessableEntityError if status == 422 else ApiError) as caught:
        call()
    assert caught.value.status_code == status
    if status == 422:
        entries = caught.value.body.detail
        assert entries and all(entry.loc and entry.msg and entry.type for entry in entries)
        return entries
    detail = caught.value.body["detail"]
    assert isinstance(detail, str) and all(word in detail for word in words), detail
    return detail
