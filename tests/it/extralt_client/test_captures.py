import io
import json

import extralt
import pyarrow.parquet
import pytest
from world import all_of, valid


async def exported(stream):
    return b"".join([chunk async for chunk in stream.iter_bytes()])


async def test_captures_are_listed_across_pages_and_counted(world, client):
    run = await world.run(budget=7)
    captures = await all_of(client.extract.captures.list(run_id=run.id))
    assert len({valid(capture).id for capture in captures}) == 7
    pages = [len(page.data) async for page in client.extract.captures.list(run_id=run.id, limit=3).pages()]
    assert pages == [3, 3, 1]
    paged = await all_of(client.extract.captures.list(run_id=run.id, limit=3))
    assert paged == captures
    assert await client.extract.captures.count(run_id=run.id) == 7
    for capture in captures:
        assert (capture.source_id, capture.source_kind) == (run.id, "run")
        assert run.started_at <= capture.extracted_at <= run.finished_at
        assert "shop.example" in capture.url
        assert capture.sku_count >= len(capture.skus) + len(capture.unpriced_skus)
        for sku in capture.skus:
            for offer in sku.offers or []:
                assert offer.price.unit in ("major", "minor")


async def test_captures_appear_while_a_run_goes_on(world, client):
    robot = await world.robot()
    world.stand_still()
    run = await client.extract.runs.create(robot_id=robot.id, budget=30, wait=False)
    assert await client.extract.captures.count(run_id=run.id) == 0
    assert await all_of(client.extract.captures.list(run_id=run.id)) == []
    world.advance("8s")
    so_far = (await client.extract.runs.get(run.id)).extracted
    assert 0 < so_far < 30
    assert await client.extract.captures.count(run_id=run.id) == so_far
    early = await all_of(client.extract.captures.list(run_id=run.id))
    world.advance()
    late = await all_of(client.extract.captures.list(run_id=run.id))
    assert (len(early), len(late)) == (so_far, 30)
    assert {capture.id for capture in early} < {capture.id for capture in late}


async def test_captures_are_exported_as_json_lines(world, client, tmp_path):
    run = await world.run(budget=60)
    listed = await all_of(client.extract.captures.list(run_id=run.id))
    async with client.extract.captures.export(run_id=run.id, format="jsonl") as stream:
        assert stream.file_name == f"captures-{run.id}.jsonl"
        assert stream.content_type == "application/x-ndjson"
        await stream.write_to(tmp_path / stream.file_name)
    lines = (tmp_path / f"captures-{run.id}.jsonl").read_text().splitlines()
    rows = {str(row["id"]): row for row in map(json.loads, lines)}
    assert set(rows) == {capture.id for capture in listed} and len(lines) == 60
    for capture in listed:
        agrees(capture, rows[capture.id])


async def test_captures_are_exported_as_parquet(world, client):
    run = await world.run(budget=12)
    listed = await all_of(client.extract.captures.list(run_id=run.id))
    async with client.extract.captures.export(run_id=run.id) as stream:
        assert stream.file_name == f"captures-{run.id}.parquet"
        assert stream.content_type == "application/vnd.apache.parquet"
        file = await exported(stream)
    table = pyarrow.parquet.read_table(io.BytesIO(file)).to_pylist()
    rows = {str(row["id"]): row for row in table}
    assert set(rows) == {capture.id for capture in listed} and len(table) == 12
    for capture in listed:
        agrees(capture, rows[capture.id])
    async with client.extract.captures.export(run_id=run.id, format="parquet") as stream:
        assert await exported(stream) == file


def agrees(capture, row):
    """Whether a row of a file says the same as the list. In a table what is nested is JSON."""
    for name in ["url", "title", "subtitle", "brand", "description", "handle", "source_id", "sku_count"]:
        assert row[name] == getattr(capture, name), name
    skus = row["skus"] if isinstance(row["skus"], list) else json.loads(row["skus"])
    assert len(skus) == len(capture.skus)
    for mine, theirs in zip(skus, capture.skus):
        offers = [offer["price"]["amount"] for offer in mine.get("offers") or []]
        assert offers == [str(offer.price.amount) for offer in theirs.offers or []]


async def test_files_of_an_empty_run_are_empty_files(world, client):
    robot = await world.robot("https://empty.test")
    run = await world.run(robot)
    assert run.extracted == 0 and await client.extract.captures.count(run_id=run.id) == 0
    async with client.extract.captures.export(run_id=run.id, format="jsonl") as stream:
        assert await exported(stream) == b""
    async with client.extract.captures.export(run_id=run.id) as stream:
        assert pyarrow.parquet.read_table(io.BytesIO(await exported(stream))).num_rows == 0


async def test_captures_of_nothing_are_refused(client):
    absent = "kh7" + "0" * 29
    with pytest.raises(extralt.NotFoundError):
        await all_of(client.extract.captures.list(run_id=absent))
    with pytest.raises(extralt.NotFoundError):
        async with client.extract.captures.export(run_id=absent):
            pass
    with pytest.raises(extralt.BadRequestError):
        await client.extract.captures.count()
    with pytest.raises(extralt.BadRequestError):
        async with client.extract.captures.export(run_id=absent, format="xlsx"):
            pass
