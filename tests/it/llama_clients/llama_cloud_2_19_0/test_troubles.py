import hashlib
import hmac
import json
import time

import llama_cloud
import pytest
from doing import FORM, file_of, given_up, job_of, known, refused
from documents import NOTES, missing
from llama_cloud._polling import PollingError, PollingTimeoutError


def test_a_failed_extraction_raises_with_its_reason(world, client):
    file = file_of(client, "fails.pdf")
    run = lambda: client.extract.run(file_input=file.id, configuration=FORM)
    given_up(world, run, PollingError, "failed with status: FAILED .* Error: .+", "FAILED")
    (job,) = client.extract.list(status="FAILED")
    assert known(job).error_message and job.extract_result is None


def test_partial_and_empty_files_bring_less(client):
    job = client.extract.run(file_input=file_of(client, "partial.pdf").id, configuration=FORM)
    assert (job.status, job.error_message) == ("COMPLETED", None) and missing(job.extract_result, NOTES)
    job = client.extract.run(file_input=file_of(client, "empty.pdf").id, configuration=FORM)
    assert not any(job.extract_result.values())


def test_a_stuck_extraction_is_given_up(world, client):
    file = file_of(client, "stuck.pdf")
    begun = job_of(client, file)
    world.advance("2h")
    wait = lambda: client.extract.wait_for_completion(begun.id, timeout=0.5)
    given_up(world, wait, PollingTimeoutError, "timed out", client.extract.get(begun.id).status)
    world.advance("2d")
    (job,) = client.extract.list()
    assert job.status not in ("COMPLETED", "FAILED", "CANCELLED")


def test_a_cancelled_extraction_raises(world, client):
    job = job_of(client, file_of(client, "stuck.pdf"))
    client.extract.cancel(job.id)
    wait = lambda: client.extract.wait_for_completion(job.id)
    given_up(world, wait, PollingError, "failed with status: CANCELLED", "CANCELLED")


def test_keys_that_are_none_are_refused(world):
    for key in ["invalid-key", "expired-key"]:
        refused(401, world.another(key=key).extract.list, "Invalid API Key")
    refused(403, world.another(key="forbidden-key").extract.list)
    assert world.ask("GET", "/api/v2/extract").status_code == 200


def test_no_key_sees_what_another_made(world, client):
    file, job = file_of(client), job_of(client)
    stranger = world.another(key=f"{world.key}-stranger")
    refused(404, lambda: stranger.extract.get(job.id), job.id)
    refused(404, lambda: stranger.files.retrieve(file.id), file.id)
    assert list(stranger.extract.list()) == []


def test_what_may_pass_is_asked_again(world, client):
    for status, operation, call in [
        (408, "files.create", lambda: file_of(client)),
        (503, "extract.create", lambda: job_of(client)),
        (500, "extract.list", lambda: client.extract.list()),
    ]:
        world.fault(operation, respond={"status": status})
        call()
        statuses = [entry["status"] for entry in world.requests(operation)]
        assert statuses[0] == status and [code < 300 for code in statuses] == [False, True]


def test_a_create_whose_answer_is_lost_is_made_twice(world, client):
    file = file_of(client)
    world.fault("extract.create", phase="after", respond={"error": "unavailable"})
    job_of(client, file)
    assert len(list(client.extract.list())) == 2


def test_a_limit_is_waited_for_as_long_as_it_says(world, client):
    # A minute of the world is a second of the client.
    world.fault("extract.list", respond={"error": "rate-limited", "retry-after": "2m"})
    began = time.monotonic()
    client.extract.list()
    assert 1.9 <= time.monotonic() - began < 10


def test_a_rate_limit_of_the_account_is_kept_to(world, client):
    world.scenario("account: { apis: { llama-extract: { rate-limit: { requests: 3, per: 1m } } } }")
    for _ in range(5):
        client.extract.list()
    assert 429 in [entry["status"] for entry in world.requests("extract.list")]
    world.stand_still()
    world.advance("10m")
    hurried = world.another(max_retries=0)
    for _ in range(3):
        hurried.extract.list()
    with pytest.raises(llama_cloud.RateLimitError) as caught:
        hurried.extract.list()
    assert int(caught.value.response.headers["retry-after"]) >= 1 and caught.value.body["detail"]


def test_an_outage_that_stays_is_told(world):
    client = world.another(max_retries=1)
    world.fault("extract.list", when={"first": 2}, respond={"error": "unavailable"})
    refused(503, client.extract.list)
    assert list(client.extract.list()) == []


def test_an_outage_during_a_wait_is_borne(world, client):
    job = job_of(client)
    world.fault("extract.get", respond={"status": 502})
    assert client.extract.wait_for_completion(job.id).status == "COMPLETED"


def test_whoever_listens_is_told_and_can_verify_it(world, client):
    endpoint = world.listening()
    hook = {"webhook_url": endpoint.url, "webhook_headers": {"x-gate": "north"}, "webhook_signing_secret": "planting"}
    for name, event in [("note.txt", "extract.success"), ("fails.txt", "extract.error")]:
        job = job_of(client, file_of(client, name), webhook_configurations=[hook])
        world.advance()
        bodies = {}
        while event not in bodies:
            headers, raw = endpoint.next()
            signature = hmac.new(b"planting", raw, hashlib.sha256).hexdigest()
            assert (headers["lc-signature"], headers["x-gate"]) == (f"sha256={signature}", "north")
            body = json.loads(raw)
            assert headers["x-webhook-event-id"] == body["event_id"]
            assert headers["x-webhook-event-type"] == body["event_type"]
            bodies[body["event_type"]] = body
        assert set(bodies) <= {"extract.pending", event} and bodies[event]["data"]["job_id"] == job.id


def test_a_cancel_is_told_to_who_asked_for_it(world, client):
    endpoint = world.listening()
    hook = {"webhook_url": endpoint.url, "webhook_events": ["extract.cancelled"]}
    job = job_of(client, file_of(client, "stuck.txt"), webhook_configurations=[hook])
    client.extract.cancel(job.id)
    headers, raw = endpoint.next()
    assert "lc-signature" not in headers
    assert (json.loads(raw)["event_type"], json.loads(raw)["data"]["job_id"]) == ("extract.cancelled", job.id)
    assert endpoint.deliveries.empty()
    for wrong in [{"webhook_url": "ftp://127.0.0.1/x"}, {"webhook_url": endpoint.url, "webhook_events": ["extract.done"]}]:
        refused(422, lambda: job_of(client, webhook_configurations=[wrong]))
