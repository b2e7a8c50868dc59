from datetime import timedelta

import pytest
from doing import FORM, ORDER_FORM, file_of, job_of, kept, known, refused
from documents import ABSENT, NOTES, ORDERS, whole

ORDER = ["PENDING", "THROTTLED", "RUNNING", "COMPLETED"]


def test_a_file_is_extracted_from_in_one_call(client):
    file = file_of(client)
    job = known(client.extract.run(file_input=file.id, configuration=FORM))
    assert job.id.startswith("ext-") and job.file_input.removeprefix("dfl-") == file.id
    assert (job.status, job.error_message, job.project_id) == ("COMPLETED", None, file.project_id)
    assert (job.configuration, job.configuration_id, job.extract_metadata, job.usage) == (None, None, None, None)
    assert job.metadata.usage.num_pages_extracted >= 1 and job.created_at < job.updated_at
    whole(job.extract_result, NOTES)
    again = client.extract.run(file_input=f"dfl-{file.id}", configuration=FORM)
    assert again.id != job.id and again.extract_result == job.extract_result


def test_a_job_is_followed_to_its_end(world, client):
    world.stand_still()
    made = job_of(client)
    assert (made.status, made.extract_result, made.configuration) == ("PENDING", None, None)
    assert known(client.extract.get(made.id)) == made

    def look():
        job = known(client.extract.get(made.id))
        assert (job.extract_result is None) == (job.status != "COMPLETED")
        return job.status

    seen = world.seen(look, "COMPLETED")
    assert "RUNNING" in seen and seen == [status for status in ORDER if status in seen]
    job = client.extract.get(made.id)
    world.go_on()
    assert client.extract.wait_for_completion(made.id) == job


def test_a_throttled_job_is_waited_for(world, client):
    world.scenario("runs: [{ match: { kind: extraction }, lifecycle: { pending: 1s, throttled: 3m, running: 30s } }]")
    job = job_of(client)
    world.advance("1m")
    assert client.extract.get(job.id).status == "THROTTLED"
    assert [listed.id for listed in client.extract.list(status="THROTTLED")] == [job.id]
    whole(client.extract.wait_for_completion(job.id).extract_result, NOTES)


@pytest.mark.parametrize("target", ["per_page", "per_table_row"])
def test_a_target_of_parts_brings_a_list(client, target):
    configuration = {**ORDER_FORM, "extraction_target": target, "cite_sources": True}
    job = known(client.extract.run(file_input=file_of(client).id, configuration=configuration))
    assert isinstance(job.extract_result, list) and job.extract_result
    for part in job.extract_result:
        whole(part, ORDERS)
    told = job.extract_metadata.field_metadata
    parts = told.page_metadata if target == "per_page" else told.row_metadata
    assert len(parts) == len(job.extract_result) and told.document_metadata is None


def test_what_is_expanded_is_told_and_nothing_else(world, client):
    job = client.extract.run(file_input=file_of(client).id, configuration=FORM)
    everything = known(client.extract.get(job.id, expand=["configuration", "extract_metadata", "usage", "moon"]))
    assert everything.extract_result == job.extract_result
    configuration = known(everything.configuration)
    assert (configuration.data_schema, configuration.tier, configuration.version) == (NOTES, "cost_effective", "latest")
    assert (configuration.extraction_target, configuration.cite_sources, configuration.confidence_scores) == (
        "per_doc", False, False,
    )  # fmt: skip
    assert known(everything.extract_metadata).field_metadata is not None
    usage = known(everything.usage)
    assert usage.credits == usage.extract_credits + usage.parse_credits
    (listed,) = client.extract.list(expand=["configuration", "extract_metadata"])
    assert (listed.configuration, listed.extract_metadata) == (configuration, everything.extract_metadata)
    (listed,) = client.extract.list()
    assert (listed.configuration, listed.extract_metadata, listed.usage) == (None, None, None)


def test_citations_and_confidence_are_told_unasked(client):
    configuration = {**FORM, "tier": "agentic", "cite_sources": True, "confidence_scores": True}
    job = client.extract.run(file_input=file_of(client).id, configuration=configuration)
    told = job.extract_metadata.field_metadata.document_metadata
    assert set(told) == set(job.extract_result)
    assert told["carrier"]["citation"][0]["page"] >= 1 and 0 <= told["carrier"]["confidence"] <= 1
    for plant, entry in zip(job.extract_result["plants"], told["plants"], strict=True):
        assert set(entry) == set(plant) and entry["species"]["citation"]
    assert client.extract.get(job.id).extract_metadata == job.extract_metadata


def test_a_saved_configuration_is_used_and_outlived(world, client):
    saved = kept(client, configuration={**ORDER_FORM, "tier": "agentic", "system_prompt": "Be brief."})
    job = client.extract.run(file_input=file_of(client).id, configuration_id=saved.id)
    whole(job.extract_result, ORDERS)
    assert job.configuration_id == saved.id
    client.configurations.delete(saved.id)
    used = client.extract.get(job.id, expand=["configuration"])
    assert (used.configuration_id, used.configuration.tier, used.configuration.system_prompt) == (
        saved.id, "agentic", "Be brief.",
    )  # fmt: skip


def test_a_job_says_how_once(client):
    file, saved = file_of(client), kept(client)
    create = client.extract.create
    refused(422, lambda: create(file_input=file.id))
    refused(422, lambda: create(file_input=file.id, configuration=FORM, configuration_id=saved.id))
    refused(422, lambda: create(file_input="x" * 201, configuration=FORM))
    refused(422, lambda: create(file_input=file.id, configuration={}))
    for setting in [
        {"tier": "platinum"}, {"extraction_target": "per_word"}, {"max_pages": 0}, {"target_pages": "one"},
    ]:  # fmt: skip
        (name,) = setting
        (entry,) = refused(422, lambda: create(file_input=file.id, configuration={**FORM, **setting}))
        assert entry["loc"][:3] == ["body", "configuration", name]
    refused(400, lambda: create(file_input=file.id, configuration={"data_schema": {}}))
    refused(404, lambda: create(file_input=ABSENT, configuration=FORM), ABSENT)
    refused(404, lambda: create(file_input=f"pjb-{ABSENT}", configuration=FORM), ABSENT)
    refused(404, lambda: create(file_input=file.id, configuration_id=f"cfg-{ABSENT}"), ABSENT)
    rota = client.configurations.create(name="rota", parameters={"product_type": "unknown", "shift": "early"})
    refused(400, lambda: create(file_input=file.id, configuration_id=rota.id))
    assert list(client.extract.list()) == []


def test_jobs_are_listed_by_every_filter(world, client):
    world.stand_still()
    notes, orders, stuck = file_of(client), file_of(client, "orders.txt", b"orders"), file_of(client, "stuck.txt")
    saved = kept(client)
    jobs = [job_of(client, notes)]
    world.advance("1m")
    jobs.append(client.extract.create(file_input=orders.id, configuration_id=saved.id))
    world.advance("1m")
    jobs.append(job_of(client, stuck))
    world.advance("1m")
    jobs.append(job_of(client, file_of(client, "fails.txt")))
    world.advance("1h")
    jobs.append(job_of(client, notes))
    client.extract.cancel(job_of(client, notes).id)
    first, second, third, fourth, fifth = (job.id for job in jobs)
    sixth = next(job.id for job in client.extract.list(status="CANCELLED"))

    def listed(**filters):
        return [known(job).id for job in client.extract.list(**filters)]

    assert set(listed()[:2]) == {fifth, sixth} and listed()[2:] == [fourth, third, second, first]
    assert listed(status="COMPLETED") == [second, first] and listed(status="FAILED") == [fourth]
    assert listed(status="PENDING") + listed(status="RUNNING") + listed(status="THROTTLED") in (
        [fifth, third], [third, fifth],
    )  # fmt: skip
    assert listed(configuration_id=saved.id) == [second] and listed(configuration_id=f"cfg-{ABSENT}") == []
    assert set(listed(file_input=notes.id)) == {fifth, sixth, first} == set(listed(document_input_value=notes.id))
    assert len(listed(document_input_type="file_id")) == 6 and listed(document_input_type="parse_job_id") == []
    assert listed(job_ids=[first, third]) == [third, first] and listed(job_ids=[f"ext-{ABSENT}"]) == []
    when = client.extract.get(second).created_at
    assert listed(created_at_on_or_after=when)[-1] == second and first not in listed(created_at_on_or_after=when)
    assert listed(created_at_on_or_before=when) == [second, first]
    assert listed(created_at_on_or_before=when - timedelta(milliseconds=1)) == [first]
    assert listed(created_at_on_or_after=when, created_at_on_or_before=when, status="COMPLETED") == [second]
    assert listed(file_input=notes.id, status="FAILED") == []
    assert listed(project_id=notes.project_id) == listed()
    for filters in [{"status": "DONE"}, {"created_at_on_or_after": "yesterday"}, {"page_size": 0}, {"page_size": 1_001}]:
        refused(422, lambda: client.extract.list(**filters))


def test_jobs_are_listed_across_pages(world, client):
    file = file_of(client)
    jobs = []
    for _ in range(5):
        jobs.insert(0, job_of(client, file).id)
        world.advance("1s")
    for size in [1, 2, 5, 1_000]:
        assert [job.id for job in client.extract.list(page_size=size, file_input=file.id)] == jobs
    page = client.extract.list(page_size=2, expand=["configuration"])
    assert page.next_page_token and page.has_next_page() and page.total_size == 5
    following = page.get_next_page()
    assert [job.id for job in following.items] == jobs[2:4] and following.items[0].configuration
    last = following.get_next_page()
    assert last.next_page_token is None and not last.has_next_page()
    refused(400, lambda: client.extract.list(page_token="edited"))
    refused(400, lambda: client.extract.list(page_token=page.next_page_token, status="COMPLETED"))


def test_a_job_is_cancelled_once_and_deleted_when_it_is_over(world, client):
    world.stand_still()
    job = job_of(client, file := file_of(client))
    refused(409, lambda: client.extract.delete(job.id))
    cancelled = known(client.extract.cancel(job.id))
    assert (cancelled.id, cancelled.status, cancelled.extract_result) == (job.id, "CANCELLED", None)
    assert client.extract.get(job.id) == cancelled
    refused(409, lambda: client.extract.cancel(job.id), "CANCELLED")
    # By itself this client tries a conflict six times.
    assert [entry["status"] for entry in world.requests("extract.cancel")] == [200, 409]
    assert client.extract.delete(job.id) == {}
    for gone in [client.extract.get, client.extract.delete, client.extract.cancel]:
        refused(404, lambda: gone(job.id), job.id)
        refused(404, lambda: gone(f"ext-{ABSENT}"), ABSENT)
    working = job_of(client, file)
    assert client.extract.delete(working.id, force=True) == {}
    assert list(client.extract.list()) == [] and client.files.retrieve(file.id).name == file.name
    over = job_of(client, file)
    world.advance()
    refused(409, lambda: client.extract.cancel(over.id), "COMPLETED")
    assert client.extract.get(over.id).status == "COMPLETED"


def test_a_job_of_version_1_is_one_of_this_too(world, client):
    body = {"data_schema": ORDERS, "config": {"extraction_target": "PER_PAGE"}, "file_id": file_of(client).id}
    old = world.ask("POST", "/api/v1/extraction/run", json=body).raise_for_status().json()
    job = client.extract.wait_for_completion(f"ext-{old['id']}")
    result = world.ask("GET", f"/api/v1/extraction/jobs/{old['id']}/result").json()
    assert known(job).extract_result == result["data"]
