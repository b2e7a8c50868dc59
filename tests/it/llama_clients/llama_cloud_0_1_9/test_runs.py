from datetime import UTC

import pytest
from doing import PER_PAGE, agent_of, ended, file_of, job_of, refused
from documents import ABSENT, NOTES, ORDERS, missing, whole
from llama_cloud import ExtractConfig
from llama_cloud.core.api_error import ApiError
from llama_cloud.types import ExtractJobCreate


def run_of(client, job):
    (run,) = client.llama_extract.list_extract_runs(job_id=job.id)
    return run


def test_a_run_goes_from_created_to_success(world, client):
    world.stand_still()
    agent, file = agent_of(client), file_of(client)
    job = job_of(client, agent, file)
    assert (job.status, job.error, job.extraction_agent, job.file) == ("PENDING", None, agent, file)
    run = run_of(client, job)
    assert run.status == "CREATED" and run.data is None and run.extraction_metadata is None
    both = lambda: (client.llama_extract.get_job(job.id).status, run_of(client, job).status)
    seen = world.seen(both, ("SUCCESS", "SUCCESS"))
    assert seen == [("PENDING", "CREATED"), ("PENDING", "PENDING"), ("SUCCESS", "SUCCESS")]
    run = run_of(client, job)
    assert (run.extraction_agent_id, run.job_id, run.file, run.error) == (agent.id, job.id, file, None)
    assert (run.data_schema, run.config) == (NOTES, agent.config)
    assert run.created_at.tzinfo == UTC and run.created_at < run.updated_at
    whole(run.data, NOTES)


def test_runs_are_listed_by_every_filter(world, client):
    agents = [agent_of(client, name) for name in ["a", "b"]]
    jobs = []
    for agent in [agents[0], agents[1], agents[0]]:
        jobs.append(job_of(client, agent, file_of(client)))
        world.advance("1s")
    world.advance()
    listed = client.llama_extract.list_extract_runs
    runs = listed()
    assert [run.job_id for run in runs] == [job.id for job in reversed(jobs)]
    assert listed(extraction_agent_id=agents[0].id) == [runs[0], runs[2]]
    assert listed(job_id=jobs[1].id) == listed(run_id=runs[1].id) == [runs[1]]
    assert listed(extraction_agent_id=agents[1].id, job_id=jobs[1].id, run_id=runs[1].id) == [runs[1]]
    assert listed(extraction_agent_id=agents[0].id, job_id=jobs[1].id) == []
    for filter in ["extraction_agent_id", "run_id", "job_id"]:
        assert listed(**{filter: ABSENT}) == []
        (entry,) = refused(422, lambda: listed(**{filter: "no-uuid"}))
        assert entry.loc == ["query", filter]


def test_jobs_are_listed_and_their_results_read(world, client):
    agent = agent_of(client)
    jobs = [ended(world, agent, content=content) for content in [b"one", b"two"]]
    assert client.llama_extract.list_jobs(extraction_agent_id=agent.id) == jobs[::-1]
    results = [client.llama_extract.get_job_result(job.id) for job in jobs]
    for job, result in zip(jobs, results):
        run = run_of(client, job)
        assert (result.run_id, result.extraction_agent_id, result.data) == (run.id, agent.id, run.data)
    assert results[0].data != results[1].data


def test_a_result_is_there_when_the_job_is_over(world, client):
    world.stand_still()
    job = job_of(client, agent_of(client), file_of(client))
    refused(404, lambda: client.llama_extract.get_job_result(job.id), job.id)
    world.advance()
    whole(client.llama_extract.get_job_result(job.id).data, NOTES)


def test_jobs_are_made_for_many_files_at_once(world, client):
    agent = agent_of(client)
    files = [file_of(client, f"{number}.txt", bytes([65 + number])) for number in range(3)]
    jobs = client.llama_extract.run_jobs_in_batch(extraction_agent_id=agent.id, file_ids=[file.id for file in files])
    assert sorted(job.file.id for job in jobs) == sorted(file.id for file in files)
    world.advance()
    for job in jobs:
        whole(client.llama_extract.get_job_result(job.id).data, NOTES)
    refused(422, lambda: client.llama_extract.run_jobs_in_batch(extraction_agent_id=agent.id, file_ids=[]))
    call = lambda: client.llama_extract.run_jobs_in_batch(extraction_agent_id=agent.id, file_ids=[files[0].id, ABSENT])
    refused(404, call, ABSENT)
    assert len(client.llama_extract.list_jobs(extraction_agent_id=agent.id)) == 3


def test_a_job_overrides_what_its_agent_says(world, client):
    agent = agent_of(client)
    job = ended(world, agent, data_schema_override=ORDERS, config_override=PER_PAGE)
    run = run_of(client, job)
    assert run.data_schema == ORDERS and run.config.extraction_mode == "PER_PAGE"
    assert set(run.data) == {"pages"} and run.data["pages"]
    for page in run.data["pages"]:
        whole(page, ORDERS)
    assert client.llama_extract.get_extraction_agent(agent.id).data_schema == NOTES
    call = lambda: ended(world, agent, data_schema_override={"type": "string"})
    refused(400, call)


def test_a_run_that_fails_says_why(world, client):
    job = ended(world, agent_of(client), "fails.txt")
    assert job.status == "ERROR" and job.error
    run = run_of(client, job)
    assert run.status == "ERROR" and run.error and run.data is None
    refused(404, lambda: client.llama_extract.get_job_result(job.id), job.id)


def test_partial_and_empty_files_bring_less(world, client):
    agent = agent_of(client)
    job = ended(world, agent, "partial.txt")
    run = run_of(client, job)
    assert (job.status, run.status) == ("PARTIAL_SUCCESS", "SUCCESS")
    assert missing(run.data, NOTES)
    job = ended(world, agent, "empty.txt")
    run = run_of(client, job)
    assert (job.status, run.status) == ("SUCCESS", "SUCCESS")
    assert not any(run.data.values())


def test_a_stuck_file_is_never_done(world, client):
    job = job_of(client, agent_of(client), file_of(client, "stuck.txt"))
    world.advance("2d")
    assert client.llama_extract.get_job(job.id).status == "PENDING"
    assert run_of(client, job).status in ("CREATED", "PENDING")


def test_a_cancelled_job_and_its_run_are_told_apart(world, client):
    world.stand_still()
    job = job_of(client, agent_of(client), file_of(client))
    world.ask("POST", f"/api/v2/extract/ext-{job.id}/cancel").raise_for_status()
    assert client.llama_extract.get_job(job.id).status == "CANCELLED"
    run = run_of(client, job)
    assert run.status == "ERROR" and run.error and run.data is None


def test_every_run_of_later_clients_can_be_listed(world, client):
    """Text and base64 have no upload, and other settings and targets are asked for; this client's models stay as strict."""
    begin = lambda **body: world.ask("POST", "/api/v1/extraction/run", json=body).raise_for_status().json()
    begin(data_schema=NOTES, config={}, text="Nine crates.")
    begin(data_schema=NOTES, config={"extraction_target": "PER_TABLE_ROW", "cite_sources": True}, text="Nine crates.")
    begin(data_schema=ORDERS, config={}, file={"data": "Tm90ZQ==", "mime_type": "application/pdf"})
    file = file_of(client)
    begin(data_schema=ORDERS, config={"extraction_target": "PER_PAGE", "extraction_mode": "FAST"}, file_id=file.id)
    configuration = {"data_schema": NOTES, "tier": "agentic", "cite_sources": True, "confidence_scores": True}
    body = {"file_input": file.id, "configuration": configuration}
    world.ask("POST", "/api/v2/extract", json=body).raise_for_status()
    world.advance()
    client.files.delete_file(file.id)
    runs = client.llama_extract.list_extract_runs()
    assert len(runs) == 5
    for run in runs:
        assert run.status == "SUCCESS" and run.data and run.file.name
        assert client.llama_extract.get_job(run.job_id).file == run.file
        assert client.llama_extract.get_job_result(run.job_id).data


def test_a_job_for_what_is_not_there_is_not_found(client):
    agent, file = agent_of(client), file_of(client)
    for agent_id, file_id in [(ABSENT, file.id), (agent.id, ABSENT)]:
        request = ExtractJobCreate(extraction_agent_id=agent_id, file_id=file_id)
        refused(404, lambda: client.llama_extract.run_job(request=request), ABSENT)
    request = ExtractJobCreate(extraction_agent_id=agent.id, file_id="no-uuid")
    refused(422, lambda: client.llama_extract.run_job(request=request))


def test_what_is_known_and_not_stood_in_for_says_so(client):
    request = ExtractJobCreate(extraction_agent_id=agent_of(client).id, file_id=file_of(client).id)
    extract = client.llama_extract
    refused(501, lambda: extract.run_job_with_parsed_file(request=request))
    refused(501, lambda: extract.run_job_test_user(job_create=request))
    refused(501, lambda: extract.run_job_with_parsed_file_test(job_create=request))


def test_keys_that_are_none_are_refused(world):
    for key, status, words in [("invalid-key", 401, "Invalid API Key"), ("forbidden-key", 403, "")]:
        client = world.another(key=key)
        refused(status, client.llama_extract.list_extraction_agents, words)
    assert world.ask("GET", "/api/v1/extractionv2/runs").status_code == 200
    refused(401, world.another(key="revoked-key").llama_extract.list_extract_runs, "Invalid API Key")


def test_no_key_sees_what_another_made(world, client):
    agent = agent_of(client)
    stranger = world.another(key=f"{world.key}-stranger")
    refused(404, lambda: stranger.llama_extract.get_extraction_agent(agent.id), agent.id)
    assert stranger.llama_extract.list_extraction_agents() == []


def test_errors_of_the_server_are_told_as_they_are(world, client):
    # This client tries nothing twice.
    for status in [429, 500, 503]:
        world.fault("runs.list", respond={"status": status})
        refused(status, client.llama_extract.list_extract_runs)
        assert client.llama_extract.list_extract_runs() == []
    world.fault("runs.list", payload="gateway-html")
    with pytest.raises(ApiError) as caught:
        client.llama_extract.list_extract_runs()
    assert "<html" in caught.value.body.lower()


def test_settings_of_this_time_are_checked(world, client):
    agent = agent_of(client, config=ExtractConfig())
    assert agent.config.extraction_mode == "PER_DOC"
    body = {"name": "other", "data_schema": NOTES, "config": {"extraction_mode": "FAST"}}
    answer = world.ask("POST", "/api/v1/extractionv2/extraction-agents", json=body)
    assert answer.status_code == 422 and answer.json()["detail"][0]["loc"][:2] == ["body", "config"]
