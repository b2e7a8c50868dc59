import base64
import json

from doing import FAST, agent_of, file_of, job_of, refused, valid
from documents import ABSENT, NOTE, NOTES, ORDERS, whole


def test_a_file_is_extracted_from_in_one_call(client):
    agent, file = agent_of(client), file_of(client)
    result = valid(client.extraction.jobs.extract(extraction_agent_id=agent.id, file_id=file.id))
    assert result.extraction_agent_id == agent.id
    whole(result.data, NOTES)
    run = valid(client.extraction.runs.get(result.run_id))
    assert (run.status, run.data, run.extraction_metadata) == ("SUCCESS", result.data, result.extraction_metadata)
    assert (run.file_id, run.file.id, run.file.name, run.from_ui) == (file.id, file.id, "note.txt", False)


def test_everything_is_extracted_from_without_an_agent(client):
    file = file_of(client)
    data = {"data": base64.b64encode(NOTE).decode(), "mime_type": "application/pdf"}
    results = []
    for source in [{"file_id": file.id}, {"file": data}, {"text": NOTE.decode()}]:
        result = valid(client.extraction.extract(config=FAST, data_schema=ORDERS, **source))
        results.append(whole(result.data, ORDERS))
    assert results[0] == results[1]
    (default,) = client.extraction.extraction_agents.list(include_default=True)
    assert default.id == result.extraction_agent_id


def test_a_job_is_followed_to_its_end(world, client):
    world.stand_still()
    agent, file = agent_of(client), file_of(client)
    job = job_of(client, agent, file)
    assert (job.status, job.error, job.file_id, job.extraction_agent) == ("PENDING", None, file.id, agent)
    assert valid(client.extraction.jobs.get(job.id)) == job
    refused(404, lambda: client.extraction.jobs.get_result(job.id), job.id)
    run = valid(client.extraction.runs.get_by_job(job.id))
    assert (run.status, run.job_id, run.data) == ("CREATED", job.id, None)
    seen = world.seen(lambda: client.extraction.runs.get(run.id).status, "SUCCESS")
    assert seen == ["CREATED", "PENDING", "SUCCESS"]
    world.go_on()
    assert valid(client.extraction.jobs.wait_for_completion(job.id)).status == "SUCCESS"
    assert [valid(job).id for job in client.extraction.jobs.list(extraction_agent_id=agent.id)] == [job.id]


def test_a_job_overrides_what_its_agent_says(client):
    agent, file = agent_of(client), file_of(client)
    result = client.extraction.jobs.extract(
        extraction_agent_id=agent.id, file_id=file.id, from_ui=True, priority="high",
        data_schema_override=ORDERS, config_override={"extraction_target": "PER_TABLE_ROW"},
    )  # fmt: skip
    assert isinstance(result.data, list) and result.data
    for row in result.data:
        whole(row, ORDERS)
    run = client.extraction.runs.get(result.run_id)
    assert (run.data_schema, run.config.extraction_target, run.from_ui) == (ORDERS, "PER_TABLE_ROW", True)
    job = job_of(client, agent, file, data_schema_override=json.dumps(ORDERS))
    assert client.extraction.runs.get_by_job(job.id).data_schema == ORDERS
    refused(400, lambda: job_of(client, agent, file, data_schema_override={"type": "nonsense"}))
    refused(422, lambda: job_of(client, agent, file, config_override={"extraction_mode": "SLOW"}))


def test_a_job_is_made_for_a_file_that_comes_with_it(world, client, tmp_path):
    agent = agent_of(client)
    path = tmp_path / "note.md"
    path.write_bytes(NOTE)
    begin = client.extraction.jobs.file
    plain = valid(begin(extraction_agent_id=agent.id, file=path))
    config = json.dumps({"extraction_target": "PER_PAGE"})
    other = begin(
        extraction_agent_id=agent.id, file=("note.txt", NOTE), data_schema_override=json.dumps(ORDERS), config_override=config,
        from_ui=True,
    )  # fmt: skip
    world.advance()
    whole(client.extraction.jobs.get_result(plain.id).data, NOTES)
    (page, *_) = client.extraction.jobs.get_result(other.id).data
    whole(page, ORDERS)
    assert plain.file_id in {file.id for file in client.files.list(file_name="note.md")}
    assert client.extraction.runs.get_by_job(other.id).from_ui is True
    refused(404, lambda: begin(extraction_agent_id=ABSENT, file=path), ABSENT)
    refused(422, lambda: begin(extraction_agent_id=agent.id, file=path, config_override="{"))
    refused(422, lambda: begin(extraction_agent_id=agent.id, file=path, config_override='{"extraction_target": "PER_WORD"}'))


def test_runs_are_listed_across_pages(world, client):
    agent, other = agent_of(client), agent_of(client, "other")
    file = file_of(client)
    jobs = []
    for _ in range(5):
        jobs.insert(0, job_of(client, agent, file).id)
        world.advance("1s")
    job_of(client, other, file)
    world.advance()
    for limit in [1, 2, 100]:
        runs = list(client.extraction.runs.list(extraction_agent_id=agent.id, limit=limit))
        assert [valid(run).job_id for run in runs] == jobs
    page = client.extraction.runs.list(extraction_agent_id=agent.id, skip=3)
    assert (page.total, page.skip, [run.job_id for run in page.items]) == (5, 3, jobs[3:])
    assert list(client.extraction.runs.list(extraction_agent_id=ABSENT)) == []
    refused(422, lambda: client.extraction.runs.list(extraction_agent_id=agent.id, skip=-1))
    refused(422, lambda: client.extraction.runs.list(extraction_agent_id=agent.id, limit=0))


def test_a_deleted_run_is_gone(world, client):
    agent = agent_of(client)
    result = client.extraction.jobs.extract(extraction_agent_id=agent.id, file_id=file_of(client).id)
    assert client.extraction.runs.delete(result.run_id) == {}
    for gone in [client.extraction.runs.get, client.extraction.runs.delete]:
        refused(404, lambda: gone(result.run_id), result.run_id)
        refused(404, lambda: gone(ABSENT), ABSENT)
    assert list(client.extraction.runs.list(extraction_agent_id=agent.id)) == []


def test_metadata_mirrors_the_data(client):
    config = {"extraction_mode": "MULTIMODAL", "cite_sources": True, "confidence_scores": True}
    result = client.extraction.extract(config=config, data_schema=NOTES, text="Nine crates of larches")
    told = result.extraction_metadata["field_metadata"]
    assert set(told) == set(result.data)
    assert told["carrier"]["citation"][0]["page"] == 1 and 0 <= told["carrier"]["confidence"] <= 1
    assert len(told["plants"]) == len(result.data["plants"])
    for plant, entry in zip(result.data["plants"], told["plants"]):
        assert set(entry) == set(plant) and entry["species"]["citation"]
