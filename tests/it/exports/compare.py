"""Reads exports with pyarrow and DuckDB, and holds them against the JSON Lines and against the lists."""

import datetime
import io
import json
import sys
import tempfile
import urllib.request

import duckdb
import pyarrow
import pyarrow.parquet

BASE = sys.argv[1]
KEY = "test-exports"
CAPTURES = 300


def ask(method, path, body=None):
    headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(BASE + path, data, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        return answer.read()


def read(path):
    return json.loads(ask("GET", path))


def advance(by):
    ask("PATCH", f"/_rehearsal/clock?key={KEY}", {"advance": by})


def plain(value, kind):
    """A value of a table as JSON Lines have it: times and JSON columns as what they say, nothing where nothing is."""
    if value is None:
        return None
    if isinstance(value, datetime.datetime):
        assert str(value.tzinfo) == "UTC", value.tzinfo
        return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03}Z"
    if isinstance(kind, pyarrow.BaseExtensionType):
        return json.loads(value)
    if pyarrow.types.is_struct(kind):
        return {field.name: plain(value[field.name], field.type) for field in kind}
    if pyarrow.types.is_list(kind):
        return [plain(item, kind.value_type) for item in value]
    return value


def given(value):
    """The value without members that are null: a column is there for every row, a member need not be."""
    if isinstance(value, dict):
        return {name: given(member) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [given(item) for item in value]
    return value


def listed(path, rows):
    found, cursor = [], ""
    while cursor is not None:
        page = read(f"{path}&limit=100" + (f"&cursor={cursor}" if cursor else ""))
        found += page[rows]
        cursor = page["next_cursor"]
    return found


def compare(what, list_path, export_path, rows, expected):
    lines = [json.loads(line) for line in ask("GET", f"{export_path}&format=jsonl").splitlines()]
    file = ask("GET", export_path)
    table = pyarrow.parquet.read_table(io.BytesIO(file))
    kinds = {field.name: field.type for field in table.schema}
    read_rows = [{name: plain(value, kinds[name]) for name, value in row.items()} for row in table.to_pylist()]
    assert len(lines) == expected, (what, len(lines))
    assert lines == listed(list_path, rows), f"{what}: the list says something else than the lines"
    for number, (one, other) in enumerate(zip(read_rows, lines, strict=True)):
        assert given(one) == given(other), (what, number, given(one), given(other))
    with tempfile.NamedTemporaryFile(suffix=".parquet") as copy:
        copy.write(file)
        copy.flush()
        skus = duckdb.sql(f"select count(*) from (select unnest(skus) from '{copy.name}')").fetchall()[0][0]
        total = duckdb.sql(f"select count(*), count(distinct id) from '{copy.name}'").fetchall()[0]
    assert total == (expected, expected), (what, total)
    assert skus == sum(len(line["skus"]) for line in lines), (what, skus)
    print(f"{what}: {len(lines)} rows, {len(file)} bytes of Parquet, {skus} SKUs: the same in all three")


advance("1s")
robot = json.loads(ask("POST", "/v1/extract/robots", {"url": "https://shop.example", "country": "DE"}))["id"]
advance("1m")
wanted = {"robot_id": robot, "budget": CAPTURES, "auto_enrich": True}
run = json.loads(ask("POST", "/v1/extract/runs", wanted))["id"]
advance("2m")
enrichment = read(f"/v1/enrich/enrichments?source_id={run}")["data"][0]["id"]
for version, rows in (("v0", "rows"), ("v1", "data")):
    path = f"/{version}/extract/captures"
    compare(f"{version} captures", f"{path}?run_id={run}", f"{path}/export?run_id={run}", rows, CAPTURES)
    path = f"/{version}/enrich/items"
    of = f"enrichment_id={enrichment}"
    compare(f"{version} items", f"{path}?{of}", f"{path}/export?{of}", rows, CAPTURES)

empty = json.loads(ask("POST", "/v1/extract/runs", {"robot_id": robot}))["id"]
file = ask("GET", f"/v1/extract/captures/export?run_id={empty}")
table = pyarrow.parquet.read_table(io.BytesIO(file))
assert table.num_rows == 0 and "skus" in table.schema.names, table.schema
assert ask("GET", f"/v1/extract/captures/export?run_id={empty}&format=jsonl") == b""
print("empty: no rows, and the whole schema")
