import datetime as dt

import extralt
import pytest
from world import all_of, valid

HOURLY = {"interval_amount": 1, "interval_unit": "hour"}


async def created(world, **options):
    robot = await world.robot()
    options = {"budget": 5, "cadence": HOURLY, **options}
    return robot, await world.client.extract.schedules.create(robot_id=robot.id, **options)


async def test_a_schedule_is_created_and_read(world, client):
    cadence = extralt.types.Cadence(interval_amount=2, interval_unit="week")
    urls = ["https://shop.example/sale"]
    robot, schedule = await created(world, cadence=cadence, name="Prices", start_urls=urls, auto_enrich=True)
    valid(schedule)
    assert (schedule.robot_id, schedule.robot_name, schedule.name) == (robot.id, robot.name, "Prices")
    assert (schedule.cadence, schedule.budget, schedule.start_urls) == (cadence, 5, urls)
    assert (schedule.enabled, schedule.pause_reason, schedule.auto_enrich) == (True, None, True)
    assert (schedule.last_run_at, schedule.last_run_id) == (None, None)
    assert schedule.next_run_at - schedule.created_at == dt.timedelta(weeks=2)
    assert valid(await client.extract.schedules.get(schedule.id)) == schedule
    assert [it["status"] for it in world.requests("extralt.schedules.create")] == [201]


async def test_schedules_are_listed_in_pages(world, client):
    robot, schedule = await created(world)
    made = [schedule.id]
    for amount in [2, 3, 4]:
        world.advance("1s")
        cadence = {"interval_amount": amount, "interval_unit": "day"}
        schedule = await client.extract.schedules.create(robot_id=robot.id, budget="unlimited", cadence=cadence)
        assert schedule.name and schedule.budget is None
        made.append(schedule.id)
    made.reverse()
    listed = await all_of(client.extract.schedules.list(limit=3))
    assert [valid(schedule).id for schedule in listed] == made
    pages = [len(page.data) async for page in client.extract.schedules.list(limit=3).pages()]
    assert pages == [3, 1]


async def test_a_schedule_is_updated_where_it_is_told_to_be(world, client):
    _, schedule = await created(world, name="Prices", start_urls=["https://shop.example/sale"])
    same = await client.extract.schedules.update(schedule.id)
    assert (same.name, same.start_urls, same.budget) == ("Prices", ["https://shop.example/sale"], 5)
    named = valid(await client.extract.schedules.update(schedule.id, name="Stock", auto_enrich=True))
    assert (named.name, named.auto_enrich, named.budget) == ("Stock", True, 5)
    assert named.start_urls == ["https://shop.example/sale"]
    cleared = valid(await client.extract.schedules.update(schedule.id, start_urls=None, budget="unlimited"))
    assert (cleared.start_urls, cleared.budget, cleared.name) == (None, None, "Stock")
    daily = {"interval_amount": 1, "interval_unit": "day"}
    moved = await client.extract.schedules.update(schedule.id, cadence=daily, budget=9)
    assert (moved.cadence.interval_unit, moved.budget) == ("day", 9)
    assert moved.next_run_at > schedule.next_run_at
    assert await client.extract.schedules.get(schedule.id) == moved
    for wrong in [{"budget": 0}, {"start_urls": ["https://other.example"]}]:
        with pytest.raises(extralt.UnprocessableEntityError):
            await client.extract.schedules.update(schedule.id, **wrong)
    with pytest.raises(extralt.NotFoundError):
        await client.extract.schedules.update(schedule.id, robot_id="jd7" + "0" * 29)


async def test_a_schedule_begins_runs(world, client):
    robot, schedule = await created(world)
    world.advance("61m")
    run = (await client.extract.runs.list().first_page()).data[0]
    assert (run.triggered_by, run.robot_id, run.budget) == ("schedule", robot.id, 5)
    assert run.created_at == schedule.next_run_at
    world.advance()
    assert (await client.extract.runs.get(run.id)).status == "completed"
    after = valid(await client.extract.schedules.get(schedule.id))
    assert (after.last_run_id, after.last_run_at) == (run.id, run.created_at)
    assert after.next_run_at == schedule.next_run_at + dt.timedelta(hours=1)


async def test_a_paused_schedule_begins_none(world, client):
    _, schedule = await created(world)
    paused = valid(await client.extract.schedules.pause(schedule.id))
    assert (paused.enabled, paused.pause_reason, paused.next_run_at) == (False, "user", None)
    world.advance("5h")
    assert await all_of(client.extract.runs.list()) == []
    resumed = valid(await client.extract.schedules.resume(schedule.id))
    assert (resumed.enabled, resumed.pause_reason) == (True, None)
    assert resumed.next_run_at > schedule.next_run_at + dt.timedelta(hours=4)
    world.advance("61m")
    assert len(await all_of(client.extract.runs.list())) == 1


async def test_a_deleted_schedule_is_gone(world, client):
    _, schedule = await created(world)
    assert await client.extract.schedules.delete(schedule.id) is None
    assert await all_of(client.extract.schedules.list()) == []
    schedules = client.extract.schedules
    for refused in [schedules.get, schedules.delete, schedules.pause, schedules.resume, schedules.update]:
        with pytest.raises(extralt.NotFoundError):
            await refused(schedule.id)
    world.advance("2h")
    assert await all_of(client.extract.runs.list()) == []


async def test_a_schedule_goes_with_its_robot(world, client):
    robot, schedule = await created(world)
    await client.extract.robots.delete(robot.id)
    with pytest.raises(extralt.NotFoundError):
        await client.extract.schedules.get(schedule.id)


async def test_what_cannot_be_scheduled_is_refused(world, client):
    robot = await world.robot()
    for wrong in [{"cadence": {"interval_amount": 0, "interval_unit": "hour"}}, {"budget": -1}]:
        with pytest.raises(extralt.UnprocessableEntityError):
            options = {"budget": 5, "cadence": HOURLY, **wrong}
            await client.extract.schedules.create(robot_id=robot.id, **options)
