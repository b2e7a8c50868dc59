import asyncio
import io
import json

import pytest
from doing import awaited, fern, files, note, queued, refused
from documents import ABSENT, NOTE, NOTES, ORDERS, whole
from llama_cloud import ExtractConfig
from llama_cloud_services.utils import SourceText

FAST = ExtractConfig(extraction_mode="FAST")


def test_an_agent_extracts_from_a_file(world, client, tmp_path):
    agent = client.create_agent("notes", NOTES)
    path = tmp_path / "note.txt"
    path.write_bytes(NOTE)
    run = agent.extract(path)
    assert (run.status, run.error, run.extraction_agent_id, run.from_ui) == ("SUCCESS", None, agent.id, False)
    assert (run.data_schema, run.config) == (NOTES, agent.config)
    assert run.project_id == agent._agent.project_id and run.created_at < run.updated_at
    assert run.file.external_file_id == str(path) and run.file.id == run.file_id
    whole(run.data, NOTES)
    assert set(run.extraction_metadata) >= {"field_metadata", "usage"}
    job = agent.get_extraction_job(run.job_id)
    assert (job.status, job.extraction_agent, job.file_id) == ("SUCCESS", agent._agent, run.file_id)
    assert agent.get_extraction_run_for_job(job.id) == run == fern(world).llama_extract.get_run(run.id)


def test_an_agent_extracts_from_many_files(client):
    agent = client.create_agent("notes", NOTES)
    runs = agent.extract([note(f"{number}.txt", b"%d crates" % number) for number in range(5)])
    assert [run.file.name for run in runs] == [f"{number}.txt" for number in range(5)]
    data = [json.dumps(whole(run.data, NOTES)) for run in runs]
    assert len(set(data)) == 5
    # The same bytes have the same data.
    assert json.dumps(agent.extract(note("again.txt", b"3 crates")).data) == data[3]


def test_an_agent_extracts_without_blocking(client):
    agent = client.create_agent("notes", NOTES)

    async def both():
        return await asyncio.gather(agent.aextract(note()), agent.aextract(note(content=b"other")))

    one, other = awaited(both())
    assert (one.status, other.status) == ("SUCCESS", "SUCCESS") and one.data != other.data


def test_jobs_are_queued_and_looked_at(world, client):
    world.stand_still()
    agent = client.create_agent("notes", NOTES)
    one, two = queued(agent, [note(), SourceText(text_content="Nine crates", filename="nine.txt")])
    assert (one.status, two.status) == ("PENDING", "PENDING")
    run = agent.get_extraction_run_for_job(one.id)
    assert (run.status, run.job_id, run.data) == ("CREATED", one.id, None)
    world.advance()
    assert agent.get_extraction_job(two.id).status == "SUCCESS"
    assert {job.id for job in fern(world).llama_extract.list_jobs(extraction_agent_id=agent.id)} == {one.id, two.id}


def test_what_an_agent_was_given_and_not_saved_counts(client):
    agent = client.create_agent("notes", NOTES)
    agent.data_schema = ORDERS
    agent.config = ExtractConfig(extraction_target="PER_PAGE", extraction_mode="FAST")
    run = agent.extract(note())
    assert (run.data_schema, run.config.extraction_target) == (ORDERS, "PER_PAGE")
    assert isinstance(run.data, list) and run.data
    for page in run.data:
        whole(page, ORDERS)
    assert client.get_agent(id=agent.id).data_schema == NOTES


def test_every_kind_of_source_is_extracted_from_without_an_agent(world, client, tmp_path):
    path = tmp_path / "note.pdf"
    path.write_bytes(NOTE)
    named = io.BytesIO(NOTE)
    named.name = "note.docx"
    uploaded = files(world).upload_content(note())
    sources = [path, str(path), SourceText(text_content="Nine crates"), note("note.png"), named, uploaded]
    runs = client.extract(ORDERS, FAST, sources)
    for run in runs:
        assert (run.status, run.data_schema, run.config.extraction_mode) == ("SUCCESS", ORDERS, "FAST")
        whole(run.data, ORDERS)
    default = fern(world).llama_extract.get_or_create_default_extraction_agent()
    assert {run.extraction_agent_id for run in runs} == {default.id}
    assert runs[-1].file_id == uploaded.id
    # The same bytes, whatever the way they came.
    assert runs[0].data == runs[1].data == runs[3].data == runs[4].data == runs[5].data


def test_an_extraction_without_an_agent_is_queued(world, client):
    job = awaited(client.queue_extraction(ORDERS, FAST, note()))
    assert (job.status, job.extraction_agent.custom_configuration) == ("PENDING", "default")
    run = awaited(client.aextract(ORDERS, FAST, SourceText(text_content="Two crates")))
    whole(run.data, ORDERS)


def test_citations_and_confidence_are_told_when_asked_for(client):
    config = ExtractConfig(extraction_mode="PREMIUM", cite_sources=True, confidence_scores=True, use_reasoning=True)
    with pytest.warns(Warning, match="cite_sources"):
        run = client.extract(ORDERS, config, note())
    told = run.extraction_metadata["field_metadata"]
    assert set(told) == set(run.data)
    for field in told.values():
        (citation, *_) = field["citation"]
        assert citation["page"] >= 1 and isinstance(citation["matching_text"], str)
        assert 0 <= field["confidence"] <= 1 and field["reasoning"]
    plain = client.extract(ORDERS, FAST, note())
    for field in (plain.extraction_metadata["field_metadata"] or {}).values():
        assert not {"citation", "confidence", "reasoning"} & set(field)
    assert plain.extraction_metadata["usage"]["num_pages_extracted"] >= 1


def test_runs_are_listed_in_pages_and_deleted(world, client):
    agent = client.create_agent("notes", NOTES)
    for number in range(5):
        queued(agent, note(f"{number}.txt"))
        world.advance("1s")
    world.advance()
    everything = agent.list_extraction_runs()
    assert (everything.total, everything.skip, everything.limit) == (5, 0, 100)
    assert [run.file.name for run in everything.items] == [f"{number}.txt" for number in (4, 3, 2, 1, 0)]
    pages = [agent.list_extraction_runs(page=page, limit=2) for page in range(4)]
    assert [(page.total, page.skip, page.limit, len(page.items)) for page in pages] == [
        (5, 0, 2, 2), (5, 2, 2, 2), (5, 4, 2, 1), (5, 6, 2, 0),
    ]  # fmt: skip
    assert [run for page in pages for run in page.items] == everything.items
    run = everything.items[0]
    assert agent.delete_extraction_run(run.id) is None
    assert agent.list_extraction_runs().items == everything.items[1:]
    refused(404, lambda: fern(world).llama_extract.get_run(run.id), run.id)
    refused(404, lambda: agent.delete_extraction_run(run.id), run.id)
    for limit in [0, 1001]:
        refused(422, lambda: agent.list_extraction_runs(limit=limit))


def test_what_was_run_in_a_browser_is_found_again(world, client):
    agent = client.create_agent("notes", NOTES)
    extract = fern(world).llama_extract
    assert extract.get_latest_run_from_ui(extraction_agent_id=agent.id) is None
    file = files(world).upload_content(note())
    for _ in range(2):
        job = extract.run_job(extraction_agent_id=agent.id, file_id=file.id, from_ui=True, priority="high")
        world.advance("1s")
    extract.run_job(extraction_agent_id=agent.id, file_id=file.id)
    run = extract.get_latest_run_from_ui(extraction_agent_id=agent.id)
    assert (run.job_id, run.from_ui) == (job.id, True)


def test_jobs_are_made_for_a_file_and_for_many(world, client):
    agent = client.create_agent("notes", NOTES)
    extract, uploads = fern(world).llama_extract, files(world)
    # This client sends empty texts for what it was not given.
    plain = extract.run_job_on_file(extraction_agent_id=agent.id, file=("one.txt", NOTE))
    config = json.dumps({"extraction_target": "PER_PAGE"})
    other = extract.run_job_on_file(
        extraction_agent_id=agent.id, file=("two.txt", NOTE), config_override=config, data_schema_override=json.dumps(ORDERS)
    )
    batch = extract.run_batch_jobs(
        extraction_agent_id=agent.id, file_ids=[uploads.upload_content(note(name)).id for name in ["a.txt", "b.txt"]],
        data_schema_override=ORDERS, config_override=FAST,
    )  # fmt: skip
    world.advance()
    whole(extract.get_job_result(plain.id).data, NOTES)
    (page, *_) = extract.get_job_result(other.id).data
    whole(page, ORDERS)
    assert len(batch) == 2
    for job in batch:
        result = extract.get_job_result(job.id)
        whole(result.data, ORDERS)
        assert extract.get_run(result.run_id).config.extraction_mode == "FAST"
    call = lambda: extract.run_batch_jobs(extraction_agent_id=agent.id, file_ids=[ABSENT])
    refused(404, call, ABSENT)
    call = lambda: extract.run_job_on_file(extraction_agent_id=agent.id, file=("x", b""), data_schema_override="{")
    refused(400, call)


def test_an_extraction_has_one_source(world, client):
    extract = fern(world).llama_extract
    refused(422, lambda: extract.extract_stateless(config=FAST, data_schema=ORDERS))
    refused(422, lambda: extract.extract_stateless(config=FAST, data_schema=ORDERS, text="a", file_id=ABSENT))
    refused(404, lambda: extract.extract_stateless(config=FAST, data_schema=ORDERS, file_id=ABSENT), ABSENT)
    refused(400, lambda: extract.extract_stateless(config=FAST, data_schema={}, text="a"))
