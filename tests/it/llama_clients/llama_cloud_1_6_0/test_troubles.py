import json
import time

import llama_cloud
import pytest
from doing import FAST, agent_of, file_of, given_up, job_of, refused
from documents import ABSENT, NOTES, missing
from llama_cloud._polling import PollingError, PollingTimeoutError


def test_a_failed_extraction_raises_with_its_reason(world, client):
    agent, file = agent_of(client), file_of(client, "fails.pdf")
    extract = lambda: client.extraction.jobs.extract(extraction_agent_id=agent.id, file_id=file.id)
    if world.kind == "LlamaCloud":
        with pytest.raises(PollingError, match="failed with status: ERROR .* Error: .+"):
            extract()
    else:  # which only logs it, and asks for the result all the same
        refused(404, extract)
    (job,) = client.extraction.jobs.list(extraction_agent_id=agent.id)
    run = client.extraction.runs.get_by_job(job.id)
    assert (job.status, run.status, run.data) == ("ERROR", "ERROR", None) and job.error and run.error
    refused(404, lambda: client.extraction.jobs.get_result(job.id), job.id)


def test_a_partial_extraction_is_complete_and_brings_less(client):
    agent, file = agent_of(client), file_of(client, "partial.pdf")
    result = client.extraction.jobs.extract(extraction_agent_id=agent.id, file_id=file.id)
    assert missing(result.data, NOTES)
    (job,) = client.extraction.jobs.list(extraction_agent_id=agent.id)
    assert (job.status, client.extraction.runs.get(result.run_id).status) == ("PARTIAL_SUCCESS", "SUCCESS")


def test_an_empty_file_brings_nothing(client):
    result = client.extraction.extract(config=FAST, data_schema=NOTES, file_id=file_of(client, "empty.pdf").id)
    assert not any(result.data.values())


def test_a_stuck_extraction_is_given_up(world, client):
    job = job_of(client, agent_of(client), file_of(client, "stuck.pdf"))
    wait = lambda: client.extraction.jobs.wait_for_completion(job.id, timeout=0.5)
    given_up(world, wait, PollingTimeoutError, "timed out", "PENDING")
    assert client.extraction.jobs.get(job.id).status == "PENDING"


def test_a_cancelled_extraction_raises(world, client):
    world.stand_still()
    job = job_of(client, agent_of(client), file_of(client))
    world.ask("POST", f"/api/v2/extract/ext-{job.id}/cancel").raise_for_status()
    wait = lambda: client.extraction.jobs.wait_for_completion(job.id)
    given_up(world, wait, PollingError, "failed with status: CANCELLED", "CANCELLED")
    assert client.extraction.runs.get_by_job(job.id).status == "ERROR"


def test_a_job_for_what_is_not_there_is_not_found(client):
    agent, file = agent_of(client), file_of(client)
    create = client.extraction.jobs.create
    refused(404, lambda: create(extraction_agent_id=ABSENT, file_id=file.id), ABSENT)
    refused(404, lambda: create(extraction_agent_id=agent.id, file_id=ABSENT), ABSENT)
    refused(422, lambda: create(extraction_agent_id=agent.id, file_id="no-uuid"))
    for call in [client.extraction.jobs.get, client.extraction.jobs.get_result, client.extraction.runs.get_by_job]:
        refused(404, lambda: call(ABSENT), ABSENT)
    refused(422, lambda: client.extraction.run(config=FAST, data_schema=NOTES))


def test_keys_that_are_none_are_refused(world):
    for key in ["invalid-key", "expired-key"]:
        refused(401, world.another(key=key).extraction.extraction_agents.list, "Invalid API Key")
    refused(403, world.another(key="forbidden-key").extraction.extraction_agents.list)


def test_what_may_pass_is_asked_again(world, client):
    # Not all at once: each is waited for.
    for status, operation, call in [
        (408, "extraction-agents.create", lambda: agent_of(client)),
        (503, "extraction-agents.list", lambda: client.extraction.extraction_agents.list()),
        (500, "files.create", lambda: file_of(client)),
    ]:
        world.fault(operation, respond={"status": status})
        call()
        assert [entry["status"] for entry in world.requests(operation)][0] == status
        assert [entry["status"] < 300 for entry in world.requests(operation)] == [False, True]


def test_a_limit_is_waited_for_as_long_as_it_says(world, client):
    # A minute of the world is a second of the client.
    world.fault("extraction-agents.list", respond={"error": "rate-limited", "retry-after": "2m"})
    began = time.monotonic()
    client.extraction.extraction_agents.list()
    assert 1.9 <= time.monotonic() - began < 10


def test_a_rate_limit_of_the_account_is_kept_to(world, client):
    world.scenario("account: { apis: { llama-extract: { rate-limit: { requests: 3, per: 1m } } } }")
    for _ in range(5):
        client.extraction.extraction_agents.list()
    assert 429 in [entry["status"] for entry in world.requests("extraction-agents.list")]
    world.stand_still()
    hurried = world.another(max_retries=0)
    world.advance("10m")
    for _ in range(3):
        hurried.extraction.extraction_agents.list()
    with pytest.raises(llama_cloud.RateLimitError) as caught:
        hurried.extraction.extraction_agents.list()
    assert int(caught.value.response.headers["retry-after"]) >= 1 and caught.value.body["detail"]


def test_an_outage_that_stays_is_told(world):
    client = world.another(max_retries=1)
    world.fault("extraction-agents.list", when={"first": 2}, respond={"error": "unavailable"})
    refused(503, client.extraction.extraction_agents.list)
    assert client.extraction.extraction_agents.list() == []


def test_whoever_listens_is_told_of_the_end(world, client):
    endpoint = world.listening()
    hook = {"webhook_url": endpoint.url, "webhook_headers": {"x-gate": "north"}, "webhook_output_format": "json"}
    hook["webhook_events"] = ["extract.success", "extract.error"]
    agent = agent_of(client)
    for name, event in [("note.txt", "extract.success"), ("fails.txt", "extract.error")]:
        job = job_of(client, agent, file_of(client, name), webhook_configurations=[hook])
        world.advance()
        headers, body = endpoint.next()
        body = json.loads(body)
        assert (headers["x-gate"], headers["x-webhook-event-type"], body["event_type"]) == ("north", event, event)
        assert body["data"]["job_id"] == job.id and headers["x-webhook-event-id"] == body["event_id"]
    hook["webhook_events"] = ["extract.done"]
    refused(422, lambda: client.extraction.run(config=FAST, data_schema=NOTES, text="a", webhook_configurations=[hook]))
