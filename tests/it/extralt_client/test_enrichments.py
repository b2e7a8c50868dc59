import io
import json
import time

import extralt
import pyarrow.parquet
import pytest
from world import all_of, valid


async def test_an_enrichment_is_started_and_has_finished(world, client):
    run = await world.run(budget=7)
    begun = time.monotonic()
    source = extralt.types.EnrichmentSource(kind="run", id=run.id)
    enrichment = valid(await client.enrich.enrichments.start(source=source))
    assert time.monotonic() - begun > 1.9
    assert (enrichment.status, enrichment.finished) == ("completed", True)
    assert (enrichment.processed, enrichment.errors, enrichment.triggered_by) == (7, 0, "api")
    assert enrichment.source == source
    lasted = enrichment.finished_at - enrichment.started_at
    assert enrichment.duration_ms == round(lasted.total_seconds() * 1000)
    assert valid(await client.enrich.enrichments.get(enrichment.id)) == enrichment
    assert [it["status"] for it in world.requests("extralt.enrichments.create")] == [202]


async def test_enrichments_are_listed_by_their_source(world, client):
    first, second = await world.run(), await world.run()
    made = [await world.enrichment(first), await world.enrichment(second), await world.enrichment(first)]
    enrichments = client.enrich.enrichments
    newest_first = [enrichment.id for enrichment in reversed(made)]
    assert [valid(it).id for it in await all_of(enrichments.list())] == newest_first
    assert [it.id async for it in enrichments.list(limit=1)] == newest_first
    assert [it.id async for it in enrichments.list(source_id=first.id)] == [made[2].id, made[0].id]
    assert [it.id async for it in enrichments.list(source_id=second.id)] == [made[1].id]
    since = made[1].finished_at
    assert [it.id async for it in enrichments.list(finished_since=since)] == [made[1].id, made[2].id]
    with pytest.raises(extralt.BadRequestError):
        await all_of(enrichments.list(source_id=first.id, finished_since=since))


async def test_an_enrichment_is_stopped_and_continued(world, client):
    run = await world.run(budget=40)
    world.stand_still()
    source = {"kind": "run", "id": run.id}
    started = valid(await client.enrich.enrichments.start(source=source, wait=False))
    assert (started.status, started.processed) == ("pending", 0)
    # One that is under way is given again.
    same = await client.enrich.enrichments.start(source=source, wait=False)
    assert same.id == started.id
    world.advance("3s")
    assert (await client.enrich.enrichments.get(started.id)).status == "running"
    stopped = valid(await client.enrich.enrichments.stop(started.id))
    assert stopped.status in ("stopping", "stopped")
    stopped = await client.enrich.enrichments.wait(started.id)
    assert (stopped.status, stopped.finished) == ("stopped", True)
    assert 0 < stopped.processed < 40
    assert len(await all_of(client.enrich.items.list(enrichment_id=started.id))) == stopped.processed
    again = valid(await client.enrich.enrichments.start(source=source, wait=False))
    assert (again.id, again.finished) == (started.id, False)
    assert again.processed == stopped.processed
    world.advance()
    done = await client.enrich.enrichments.wait(started.id)
    assert (done.status, done.processed) == ("completed", 40)


async def test_items_are_listed_and_read(world, client):
    enrichment = await world.enrichment(await world.run(budget=7))
    items = await all_of(client.enrich.items.list(enrichment_id=enrichment.id))
    assert len({valid(item).id for item in items}) == 7
    pages = [len(page.data) async for page in client.enrich.items.list(enrichment_id=enrichment.id, limit=3).pages()]
    assert pages == [3, 3, 1]
    assert await all_of(client.enrich.items.list(enrichment_id=enrichment.id, limit=3)) == items
    for item in items:
        assert valid(await client.enrich.items.get(item.id, enrichment_id=enrichment.id)) == item
    with pytest.raises(extralt.NotFoundError):
        await client.enrich.items.get("1", enrichment_id=enrichment.id)
    with pytest.raises(extralt.NotFoundError):
        await all_of(client.enrich.items.list(enrichment_id="nd7" + "0" * 29))


async def test_items_are_exported(world, client, tmp_path):
    enrichment = await world.enrichment(await world.run(budget=7))
    items = {item.id: item async for item in client.enrich.items.list(enrichment_id=enrichment.id)}
    async with client.enrich.items.export(enrichment_id=enrichment.id, format="jsonl") as stream:
        assert stream.file_name == f"items-{enrichment.id}.jsonl"
        await stream.write_to(tmp_path / "items")
    rows = [json.loads(line) for line in (tmp_path / "items").read_text().splitlines()]
    async with client.enrich.items.export(enrichment_id=enrichment.id) as stream:
        assert stream.file_name == f"items-{enrichment.id}.parquet"
        assert stream.content_type == "application/vnd.apache.parquet"
        await stream.write_to(tmp_path / "table")
    table = pyarrow.parquet.read_table(io.BytesIO((tmp_path / "table").read_bytes())).to_pylist()
    for found in [rows, table]:
        assert {str(row["id"]) for row in found} == set(items) and len(found) == 7
        for row in found:
            item = items[str(row["id"])]
            for name in ["url", "product_title", "brand", "category_id", "capture_id", "offer_count", "subtitle"]:
                assert row[name] == getattr(item, name), name
            assert str(row["min_price"]) == str(item.min_price)


async def test_a_run_can_be_enriched_by_itself(world, client):
    run = await world.run(budget=4, auto_enrich=True)
    world.advance()
    [enrichment] = await all_of(client.enrich.enrichments.list(source_id=run.id))
    assert (enrichment.triggered_by, enrichment.status, enrichment.processed) == ("auto", "completed", 4)
    assert enrichment.created_at == run.finished_at


async def test_an_enrichment_that_fails_raises_with_its_reason(world, client):
    run = await world.run()
    world.control("PUT", "scenario", """
version: 1
runs:
  - match: { kind: enrichment }
    outcome: { failed: { at: 50%, error: The catalog is closed. } }
""")
    source = {"kind": "run", "id": run.id}
    enrichment = await client.enrich.enrichments.start(source=source, wait=False)
    world.advance()
    with pytest.raises(extralt.JobFailedError, match="The catalog is closed") as error:
        await client.enrich.enrichments.wait(enrichment.id)
    assert valid(error.value.resource).status == "failed"


async def test_what_cannot_be_enriched_is_refused(world, client):
    start = client.enrich.enrichments.start
    with pytest.raises(extralt.NotFoundError):
        await start(source={"kind": "run", "id": "kh7" + "0" * 29}, wait=False)
    robot = await world.robot()
    world.stand_still()
    run = await client.extract.runs.create(robot_id=robot.id, budget=5, wait=False)
    with pytest.raises(extralt.ConflictError):
        await start(source={"kind": "run", "id": run.id}, wait=False)
    world.advance()
    with pytest.raises(extralt.UnprocessableEntityError):
        await start(source={"kind": "run", "id": run.id}, budget=0, wait=False)
    limited = await start(source={"kind": "run", "id": run.id}, budget=2, wait=False)
    world.advance()
    limited = valid(await client.enrich.enrichments.get(limited.id))
    assert (limited.status, limited.processed, limited.budget) == ("completed", 2, 2)
    assert limited.status_reason == "Budget reached"
