import json

import pytest
from doing import awaited, cancelled, fern, files, note, queued, refused
from documents import NOTES, missing, whole
from llama_cloud import ExtractConfig
from llama_cloud.types import WebhookConfiguration

FAST = ExtractConfig(extraction_mode="FAST")


def test_a_failed_extraction_is_told_and_read(client):
    agent = client.create_agent("notes", NOTES)
    with pytest.warns(UserWarning, match="status: .*ERROR"):
        run = agent.extract(note("fails.txt"))
    assert run.status == "ERROR" and run.error and run.data is None
    job = agent.get_extraction_job(run.job_id)
    assert job.status == "ERROR" and job.error


def test_a_partial_extraction_is_told_and_brings_less(client):
    agent = client.create_agent("notes", NOTES)
    with pytest.warns(UserWarning, match="status: .*PARTIAL_SUCCESS"):
        run = agent.extract(note("partial.txt"))
    assert run.status == "SUCCESS" and missing(run.data, NOTES)
    assert missing(run.data, NOTES) != list(NOTES["properties"])


def test_an_empty_file_brings_nothing(client):
    run = client.create_agent("notes", NOTES).extract(note("empty.txt"))
    assert run.status == "SUCCESS" and not any(run.data.values())


def test_one_that_fails_does_not_stop_the_others(client):
    agent = client.create_agent("notes", NOTES)
    with pytest.warns(UserWarning, match="ERROR"):
        runs = agent.extract([note("fails.txt"), note()])
    assert [run.status for run in runs] == ["ERROR", "SUCCESS"]


def test_a_stuck_extraction_is_given_up(world, client):
    patient = world.another(max_timeout=1)
    agent = patient.create_agent("notes", NOTES)
    with pytest.raises(Exception, match="Timeout while extracting the file"):
        agent.extract(note("stuck.txt"))
    (run,) = agent.list_extraction_runs().items
    assert run.status in ("CREATED", "PENDING")


def test_a_cancelled_extraction_ends_the_wait(world, client):
    agent = client.create_agent("notes", NOTES)
    world.stand_still()
    job = queued(agent, note())
    cancelled(world, job)
    with pytest.warns(UserWarning, match="status: .*CANCELLED"):
        run = awaited(agent._wait_for_job_result(job.id))
    assert run.status == "ERROR" and run.error and run.data is None
    refused(404, lambda: fern(world).llama_extract.get_job_result(job.id), job.id)


def test_keys_that_are_none_are_refused(world):
    refused(401, world.another(key="invalid-key").list_agents, "Invalid API Key")
    refused(403, world.another(key="forbidden-key").list_agents)
    with pytest.raises(Exception) as caught:
        world.another(key="revoked-key").extract(NOTES, FAST, note())
    assert (caught.value.status_code, caught.value.body["detail"]) == (401, "Invalid API Key")


@pytest.mark.parametrize("status", [425, 429, 503])
def test_what_may_pass_is_asked_again(world, client, status):
    client.create_agent("notes", NOTES)
    world.fault("extraction-agents.list", respond={"status": status})
    assert len(client.list_agents()) == 1
    assert [entry["status"] for entry in world.requests("extraction-agents.list")] == [status, 200]


def test_a_rate_limit_is_waited_for(world, client):
    world.scenario("account: { apis: { llama-extract: { rate-limit: { requests: 3, per: 1m } } } }")
    agent = client.create_agent("notes", NOTES)
    for _ in range(4):
        client.get_agent(id=agent.id)
    assert 429 in [entry["status"] for entry in world.requests("extraction-agents.get")]


def test_a_wait_bears_an_outage_and_an_upload_does_not(world, client):
    agent = client.create_agent("notes", NOTES)
    world.fault("jobs.get", respond={"status": 503})
    world.fault("runs-by-job.get", respond={"status": 500})
    whole(agent.extract(note()).data, NOTES)
    assert [entry["status"] for entry in world.requests("jobs.get")][:2] == [503, 200]
    for operation in ["files.create", "jobs.create"]:
        world.fault(operation, respond={"status": 503})
        refused(503, lambda: agent.extract(note()))
    world.fault("run.create", respond={"status": 503})
    refused(503, lambda: client.extract(NOTES, FAST, note()))


def test_a_create_that_is_lost_is_made_once_more(world, client):
    world.fault("extraction-agents.create", phase="after", respond={"status": 503})
    # The first was made all the same, so its name is taken.
    refused(409, lambda: client.create_agent("notes", NOTES))
    assert [agent.name for agent in client.list_agents()] == ["notes"]


def told(endpoint):
    headers, body = endpoint.next()
    return headers, json.loads(body)


def test_whoever_listens_is_told_of_the_end(world, client):
    agent = client.create_agent("notes", NOTES)
    endpoint = world.listening()
    everything = WebhookConfiguration(webhook_url=endpoint.url, webhook_headers={"X-Gate": "north"})
    extract, uploads = fern(world).llama_extract, files(world)
    for name, event in [("note.txt", "success"), ("fails.txt", "error"), ("partial.txt", "partial_success")]:
        file = uploads.upload_content(note(name))
        job = extract.run_job(extraction_agent_id=agent.id, file_id=file.id, webhook_configurations=[everything])
        world.advance()
        events = {}
        while f"extract.{event}" not in events:
            headers, body = told(endpoint)
            assert headers["x-gate"] == "north" and headers["content-type"].startswith("application/json")
            assert headers["x-webhook-event-id"] == body["event_id"]
            assert headers["x-webhook-event-type"] == body["event_type"]
            events[body["event_type"]] = body
        assert set(events) <= {"extract.pending", f"extract.{event}"}
        body = events[f"extract.{event}"]
        assert body["data"]["job_id"] == job.id and isinstance(body["timestamp"], float)


def test_only_what_was_chosen_is_told_and_again_until_it_is_heard(world, client):
    endpoint = world.listening(answer=[500, 500, 200])
    chosen = WebhookConfiguration(webhook_url=endpoint.url, webhook_events=["extract.success"])
    world.stand_still()
    extract = fern(world).llama_extract
    job = extract.extract_stateless(config=FAST, data_schema=NOTES, text="Nine crates", webhook_configurations=[chosen])
    world.advance()
    ids = []
    for _ in range(3):
        world.control("POST", "webhooks/flush")
        _, body = told(endpoint)
        assert (body["event_type"], body["data"]["job_id"]) == ("extract.success", job.id)
        ids.append(body["event_id"])
        world.advance("5s")
    assert len(set(ids)) == 1 and endpoint.deliveries.empty()
