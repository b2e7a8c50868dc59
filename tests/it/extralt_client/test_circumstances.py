"""What is around a client: how it gets to the server, what is left to spend, and what others do to what it works on."""

import datetime as dt
import json

import extralt
import httpx
import pytest
from world import all_of, valid

DAILY = {"interval_amount": 1, "interval_unit": "day"}


@pytest.mark.parametrize("where", ["{base}/extralt", "{base}/", "http://localhost:{port}"])
async def test_a_client_gets_there_by_every_address(where, world):
    address = where.format(base=world.base, port=httpx.URL(world.base).port)
    robot = await world.robot()
    client = world.another(base_url=address)
    assert await client.extract.robots.get(robot.id) == robot
    assert [it.id async for it in client.extract.robots.list(limit=1)] == [robot.id]


async def test_what_version_0_begins_is_there(world, client):
    robot = await world.robot()
    world.stand_still()
    headers = {"authorization": f"Bearer {world.key}"}
    created = httpx.post(
        f"{world.base}/v0/extract/runs", json={"robot_id": robot.id, "budget": 2}, headers=headers
    )
    run = valid(await client.extract.runs.get(created.json()["id"]))
    assert (run.robot_id, run.budget) == (robot.id, 2)
    assert (await client.extract.runs.stop(run.id)).status == "stopped"
    read = httpx.get(f"{world.base}/v0/extract/runs/{run.id}", headers=headers).json()
    assert (read["_id"], read["status"]) == (run.id, "stopped")


async def test_the_runs_of_a_deleted_robot_end_as_they_can(world, client):
    world.scenario("account: { apis: { extralt: { plan: start } } }")
    robot = await world.robot()
    world.stand_still()
    create = client.extract.runs.create
    ahead, behind = [await create(robot_id=robot.id, budget=9, wait=False) for _ in range(2)]
    world.advance("4s")
    await client.extract.robots.delete(robot.id)
    with pytest.raises(extralt.JobFailedError, match="Robot deleted"):
        await client.extract.runs.wait(behind.id)
    world.advance()
    ahead = valid(await client.extract.runs.wait(ahead.id))
    assert (ahead.status, ahead.extracted, ahead.robot_id) == ("completed", 9, robot.id)
    assert await client.extract.captures.count(run_id=ahead.id) == 9
    with pytest.raises(extralt.ConflictError):
        await client.extract.runs.restart(ahead.id, wait=False)


async def test_a_schedule_waits_for_credits(world, client):
    robot = await world.robot()
    schedule = await client.extract.schedules.create(robot_id=robot.id, budget=5, cadence=DAILY)
    world.credits(1)
    world.advance("25h")
    paused = valid(await client.extract.schedules.get(schedule.id))
    assert (paused.enabled, paused.pause_reason) == (False, "no_credits")
    assert await all_of(client.extract.runs.list()) == []
    world.credits(1_000)
    resumed = valid(await client.extract.schedules.get(schedule.id))
    assert (resumed.enabled, resumed.pause_reason) == (True, None)
    world.advance("25h")
    assert len(await all_of(client.extract.runs.list())) == 1


async def test_an_enrichment_without_credits_goes_on_with_them(world, client):
    run = await world.run(budget=8)
    source = {"kind": "run", "id": run.id}
    world.credits(3)
    enrichment = await client.enrich.enrichments.start(source=source, wait=False)
    world.advance()
    dry = valid(await client.enrich.enrichments.wait(enrichment.id))
    assert (dry.status, dry.processed, dry.status_reason) == ("stopped", 3, "Out of credits")
    with pytest.raises(extralt.PaymentRequiredError):
        await client.enrich.enrichments.start(source=source, wait=False)
    world.credits(100)
    await client.enrich.enrichments.start(source=source, wait=False)
    world.advance()
    assert (await client.enrich.enrichments.wait(enrichment.id)).processed == 8
    assert world.control("GET", "account")["apis"]["extralt"]["credits"] == 95


async def test_what_cannot_be_enriched_counts_as_errors(world, client):
    robot = await world.robot("https://partial.test")
    enrichment = valid(await world.enrichment(await world.run(robot, budget=9)))
    assert (enrichment.processed, enrichment.errors) == (6, 3)
    assert len(await all_of(client.enrich.items.list(enrichment_id=enrichment.id))) == 6


async def test_a_restarted_run_finishes_again_and_is_listed_then(world, client):
    robot = await world.robot()
    first, second = await world.run(robot), await world.run(robot)
    since = first.created_at
    assert [run.id async for run in client.extract.runs.list(finished_since=since)] == [first.id, second.id]
    await client.extract.runs.restart(first.id, budget=2, wait=False)
    world.advance()
    listed = [valid(run) async for run in client.extract.runs.list(finished_since=since)]
    assert [run.id for run in listed] == [second.id, first.id]
    assert listed[1].finished_at > second.finished_at
    assert await client.extract.captures.count(run_id=first.id) == 2
    later = listed[0].finished_at + dt.timedelta(milliseconds=1)
    assert [run.id async for run in client.extract.runs.list(finished_since=later)] == [first.id]


async def test_a_page_of_a_gateway_is_an_error_without_a_code(world, client):
    world.fault(id="g", match={"operation": "extralt.robots.list"}, payload="gateway-html")
    with pytest.raises(extralt.InternalServerError) as error:
        await all_of(client.extract.robots.list())
    assert (error.value.status_code, error.value.code) == (502, None)
    assert "<html" in error.value.message.lower()


async def test_a_body_that_is_no_json_is_one_to_nobody(world, client):
    robot = await world.robot()
    world.fault(id="m", match={"operation": "extralt.robots.get"}, payload="malformed-json")
    with pytest.raises(json.JSONDecodeError):
        await client.extract.robots.get(robot.id)


async def test_a_run_that_is_too_young_is_not_found_yet(world, client):
    robot = await world.robot()
    world.stand_still()
    hidden = {"hidden-after-create": "3s"}
    world.fault(id="h", match={"operation": "extralt.runs.*"}, state=hidden)
    run = await client.extract.runs.create(robot_id=robot.id, budget=2, wait=False)
    with pytest.raises(extralt.NotFoundError):
        await client.extract.runs.get(run.id)
    world.advance("4s")
    assert (await client.extract.runs.get(run.id)).id == run.id


async def test_new_fields_and_words_do_not_disturb_the_client(world, client):
    robot = await world.robot()
    edits = [{"add": {"at": "/trace", "value": 7}}, {"set": {"at": "/status", "to": "brand_new"}}]
    world.fault(id="n", match={"operation": "extralt.robots.get"}, drift=edits)
    changed = await client.extract.robots.get(robot.id)
    assert (changed.trace, changed.status, changed.id) == (7, "brand_new", robot.id)
