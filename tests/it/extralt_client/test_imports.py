import json
import time

import extralt
import pytest
from world import all_of, valid

ROWS = [
    {"title": "Rye Shirt", "sku": "RYE-S", "price": "84.50"},
    {"title": "Flax Apron", "sku": "FLAX-1", "price": "39.00"},
    {"title": "Oat Scarf", "sku": "OAT-1", "price": "25.00"},
]


def products():
    return [
        {
            "title": row["title"],
            "image_url": f"https://cdn.shop.example/{row['sku']}.jpg",
            "skus": [{"sku": row["sku"], "price": row["price"], "currency": "EUR"}],
        }
        for row in ROWS
    ]


def csv():
    lines = ["title,image_url,sku,price,currency"]
    for row in ROWS:
        image = f"https://cdn.shop.example/{row['sku']}.jpg"
        lines.append(f"{row['title']},{image},{row['sku']},{row['price']},EUR")
    return ("\n".join(lines) + "\n").encode()


FILES = {
    "csv": csv(),
    "json": json.dumps(products()).encode(),
    "jsonl": "".join(json.dumps(product) + "\n" for product in products()).encode(),
}


@pytest.mark.parametrize("form", FILES)
async def test_bytes_are_imported(form, world, client):
    made = valid(await client.extract.imports.create(FILES[form], file_name=f"spring.{form}", wait=False))
    assert (made.name, made.status, made.finished) == (f"spring.{form}", "pending", False)
    world.advance()
    done = valid(await client.extract.imports.wait(made.id))
    assert (done.status, done.success_count, done.error_count) == ("completed", 3, 0)
    assert valid(await client.extract.imports.get(made.id)) == done
    captures = await all_of(client.extract.captures.list(import_id=made.id))
    assert {valid(capture).title for capture in captures} == {row["title"] for row in ROWS}
    assert {(capture.source_id, capture.source_kind) for capture in captures} == {(made.id, "import")}
    assert await client.extract.captures.count(import_id=made.id) == 3


async def test_a_file_is_streamed_from_its_path(world, client, tmp_path):
    path = tmp_path / "summer.jsonl"
    path.write_bytes(FILES["jsonl"])
    begun = time.monotonic()
    done = valid(await client.extract.imports.create(path, country="DE", language="de", source_host="shop.example"))
    assert time.monotonic() - begun > 1.9
    assert (done.name, done.status, done.success_count) == ("summer.jsonl", "completed", 3)
    async with client.extract.captures.export(import_id=done.id, format="jsonl") as stream:
        assert stream.file_name == f"captures-{done.id}.jsonl"
        lines = b"".join([chunk async for chunk in stream.iter_bytes()]).splitlines()
    assert {json.loads(line)["title"] for line in lines} == {row["title"] for row in ROWS}


async def test_a_file_without_products_is_not_valid(world, client):
    made = await client.extract.imports.create(b"colour,size\nred,7\n", file_name="odd.csv", wait=False)
    world.advance()
    with pytest.raises(extralt.JobFailedError) as error:
        await client.extract.imports.wait(made.id)
    done = valid(error.value.resource)
    assert (done.status, done.finished, done.success_count) == ("validation_failed", True, 0)
    assert done.status_reason and done.status_reason in str(error.value)


async def test_an_import_is_enriched(world, client):
    made = await client.extract.imports.create(FILES["csv"], file_name="spring.csv", wait=False)
    world.advance()
    source = {"kind": "import", "id": made.id}
    enrichment = await client.enrich.enrichments.start(source=source, wait=False)
    world.advance()
    enrichment = valid(await client.enrich.enrichments.get(enrichment.id))
    assert (enrichment.status, enrichment.processed, enrichment.source.kind) == ("completed", 3, "import")


async def test_the_same_file_twice_under_one_key_is_one_import(client):
    ids = set()
    for _ in range(2):
        made = await client.extract.imports.create(
            FILES["csv"], file_name="spring.csv", wait=False, idempotency_key="spring"
        )
        ids.add(made.id)
    assert len(ids) == 1
    with pytest.raises(extralt.ConflictError):
        await client.extract.imports.create(
            FILES["json"], file_name="spring.csv", wait=False, idempotency_key="spring"
        )


async def test_an_import_of_something_else_is_refused(client):
    with pytest.raises(extralt.UnsupportedMediaTypeError) as error:
        await client.extract.imports.create(b"GIF89a", file_name="a.gif", wait=False)
    assert error.value.code == "unsupported_media_type"
    with pytest.raises(extralt.NotFoundError):
        await client.extract.imports.get("kx7" + "0" * 29)
