"""What most tests of this client begin with."""

import asyncio
import uuid

import httpx
import pytest
from llama_cloud.client import AsyncLlamaCloud, LlamaCloud
from llama_cloud.core.api_error import ApiError
from llama_cloud.errors import UnprocessableEntityError
from llama_cloud_services.files.client import FileClient
from llama_cloud_services.utils import SourceText

from blocking import Blocking
from documents import NOTE


def note(name="note.txt", content=NOTE):
    return SourceText(file=content, filename=name)


def fern(world, key=None):
    """The generated client that everything else stands on, llama-cloud 0.1.46."""
    return LlamaCloud(base_url=world.base, token=key or world.key)


def files(world, **options):
    inner = httpx.AsyncClient(timeout=60)
    cloud = AsyncLlamaCloud(base_url=world.base, token=world.key, httpx_client=inner)
    client = Blocking(FileClient(cloud, **options), close=inner.aclose)
    world.closing(client.close)
    return client


# One for all: the connections of a client stay with the loop that opened them.
LOOP = asyncio.new_event_loop()


def awaited(coroutine):
    return LOOP.run_until_complete(coroutine)


def queued(agent, source):
    return awaited(agent.queue_extraction(source))


def cancelled(world, job):
    """Cancels a job, for which version 1 has no address."""
    world.ask("POST", f"/api/v2/extract/ext-{uuid.UUID(job.id)}/cancel").raise_for_status()


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
