import time

import extralt
import pytest
from world import all_of


def told(world, operation):
    """The status of each request for an operation, and under how many idempotency keys they came."""
    requests = world.requests(operation)
    keys = {request["headers"].get("idempotency-key") for request in requests}
    return [request["status"] for request in requests], len(keys)


@pytest.mark.parametrize("phase", ["before", "after"])
async def test_a_create_that_is_repeated_makes_one_run(phase, world):
    robot = await world.robot()
    trouble = {"error": "unavailable"}
    world.fault(id="t", match={"operation": "extralt.runs.create"}, when={"first": 1}, phase=phase, respond=trouble)
    client = world.another(max_retries=1)
    run = await client.extract.runs.create(robot_id=robot.id, budget=3, wait=False)
    assert told(world, "extralt.runs.create") == ([503, 202], 1)
    assert [it.id for it in await all_of(client.extract.runs.list())] == [run.id]
    assert world.control("GET", "duplicates")["groups"] == []


async def test_the_client_tries_three_times_by_itself(world):
    world.fault(id="t", match={"operation": "extralt.robots.list"}, respond={"status": 502})
    begun = time.monotonic()
    with pytest.raises(extralt.InternalServerError):
        await all_of(world.another().extract.robots.list())
    assert time.monotonic() - begun > 1.1
    assert told(world, "extralt.robots.list") == ([502] * 3, 1)


async def test_a_client_that_is_told_when_comes_again_then(world):
    # A minute and a half of the world are a second and a half of the client.
    limit = {"requests": 1, "per": "90s"}
    world.fault(id="t", match={"operation": "extralt.robots.list"}, limit=limit)
    client = world.another(max_retries=3)
    for _ in range(2):
        await all_of(client.extract.robots.list())
    statuses, _ = told(world, "extralt.robots.list")
    assert statuses[0] == 200 and statuses[-1] == 200 and statuses.count(200) == 2 and 429 in statuses


@pytest.mark.parametrize("operation", ["extralt.runs.stop", "extralt.runs.restart"])
async def test_stops_and_restarts_are_repeated(operation, world):
    robot = await world.robot()
    world.stand_still()
    client = world.another(max_retries=1)
    run = await client.extract.runs.create(robot_id=robot.id, budget=30, wait=False)
    world.fault(id="t", match={"operation": operation}, when={"first": 1}, phase="after", respond={"status": 500})
    assert (await client.extract.runs.stop(run.id)).status == "stopped"
    again = await client.extract.runs.restart(run.id, wait=False)
    assert again.id == run.id and not again.finished
    statuses, keys = told(world, operation)
    assert statuses[0] == 500 and len(statuses) == 2 and keys == 1


async def test_an_update_is_not_repeated(world):
    robot = await world.robot()
    client = world.another(max_retries=2)
    cadence = {"interval_amount": 1, "interval_unit": "day"}
    schedule = await client.extract.schedules.create(robot_id=robot.id, budget=1, cadence=cadence)
    world.fault(id="t", match={"operation": "extralt.schedules.update"}, when={"first": 1}, respond={"status": 503})
    with pytest.raises(extralt.InternalServerError):
        await client.extract.schedules.update(schedule.id, budget=2)
    assert told(world, "extralt.schedules.update")[0] == [503]
    assert (await client.extract.schedules.update(schedule.id, budget=2)).budget == 2


async def test_the_same_key_is_the_same_run(world, client):
    robot = await world.robot()
    create = client.extract.runs.create
    first = await create(robot_id=robot.id, budget=3, wait=False, idempotency_key="mine")
    world.advance()
    # The first answer again, even now that the run has ended.
    again = await create(robot_id=robot.id, budget=3, wait=False, idempotency_key="mine")
    assert again == first
    with pytest.raises(extralt.ConflictError) as error:
        await create(robot_id=robot.id, budget=4, wait=False, idempotency_key="mine")
    assert error.value.code == "conflict"
    assert [run.id async for run in client.extract.runs.list()] == [first.id]
    other = await create(robot_id=robot.id, budget=3, wait=False, idempotency_key="another")
    assert other.id != first.id


async def test_keys_of_other_operations_and_organizations_are_others(world, client):
    robot = await world.robot()
    run = await client.extract.runs.create(robot_id=robot.id, budget=3, wait=False, idempotency_key="mine")
    cadence = {"interval_amount": 1, "interval_unit": "day"}
    schedule = await client.extract.schedules.create(
        robot_id=robot.id, budget=3, cadence=cadence, idempotency_key="mine"
    )
    assert schedule.id != run.id
    stranger = world.another(key=f"{world.key}-stranger")
    with pytest.raises(extralt.NotFoundError):
        await stranger.extract.runs.create(robot_id=robot.id, budget=3, wait=False, idempotency_key="mine")


async def test_either_way_of_creating_is_repeated_with_its_key(world, client):
    robot = await world.robot()
    cadence = {"interval_amount": 1, "interval_unit": "day"}
    ids = [
        (await client.extract.schedules.create(
            robot_id=robot.id, budget=3, cadence=cadence, idempotency_key="mine"
        )).id
        for _ in range(2)
    ]
    assert ids[0] == ids[1] and len(await all_of(client.extract.schedules.list())) == 1
    run = await world.run(robot)
    source = {"kind": "run", "id": run.id}
    first = await client.enrich.enrichments.start(source=source, wait=False, idempotency_key="mine")
    world.advance()
    again = await client.enrich.enrichments.start(source=source, wait=False, idempotency_key="mine")
    assert again == first
