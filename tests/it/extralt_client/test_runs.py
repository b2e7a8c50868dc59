import datetime as dt
import time

import extralt
import pytest
from world import all_of, valid

FAILS_HALFWAY = """
runs:
  - match: { kind: run }
    outcome: { failed: { at: 50%, error: The shop has closed. } }
"""


async def test_a_run_is_created_once_it_has_finished(world, client):
    robot = await world.robot()
    begun = time.monotonic()
    run = valid(await client.extract.runs.create(robot_id=robot.id, budget=7))
    assert time.monotonic() - begun > 1.9
    assert (run.status, run.finished, run.status_reason) == ("completed", True, "Budget reached")
    assert (run.extracted, run.in_queue, run.budget) == (7, 0, 7)
    assert (run.robot_id, run.robot_name, run.triggered_by) == (robot.id, robot.name, "api")
    assert run.created_at <= run.started_at < run.finished_at
    assert valid(await client.extract.runs.get(run.id)) == run
    assert (await client.extract.robots.get(robot.id)).run_count == 1
    assert [it["status"] for it in world.requests("extralt.runs.create")] == [202]


async def test_a_run_passes_through_its_states(world, client):
    robot = await world.robot()
    world.stand_still()
    run = valid(await client.extract.runs.create(robot_id=robot.id, budget=20, wait=False))
    seen = [run.status]
    counts = [run.extracted]
    while not run.finished:
        world.advance("500ms")
        run = valid(await client.extract.runs.get(run.id))
        assert run.finished == (run.finished_at is not None)
        seen += [run.status] if run.status != seen[-1] else []
        counts.append(run.extracted)
    assert seen == ["pending", "starting", "running", "finalizing", "completed"]
    assert counts == sorted(counts) and counts[-1] == 20


async def test_the_client_refuses_to_run_without_a_budget(world, client):
    with pytest.raises(TypeError):
        await client.extract.runs.create(robot_id="any", budget=None)
    robot = await world.robot()
    assert world.requests("extralt.runs.create") == []
    run = await world.run(robot, budget="unlimited")
    assert (run.budget, run.status_reason) == (None, None)
    assert run.extracted >= 20


async def test_a_run_keeps_what_it_was_asked_for(world, client):
    robot = await world.robot()
    urls = ["https://shop.example/sale", "https://www.shop.example/new"]
    run = await world.run(robot, budget=3, start_urls=urls, auto_enrich=True)
    assert valid(run).start_urls == urls and run.auto_enrich
    with pytest.raises(extralt.UnprocessableEntityError):
        await client.extract.runs.create(
            robot_id=robot.id, budget=3, start_urls=["https://other.example"], wait=False
        )


async def test_a_long_run_is_stopped(world, client):
    robot = await world.robot()
    world.stand_still()
    run = await client.extract.runs.create(robot_id=robot.id, budget="unlimited", wait=False)
    world.advance("8s")
    running = await client.extract.runs.get(run.id)
    assert running.status == "running" and running.in_queue > 0
    stopped = valid(await client.extract.runs.stop(run.id))
    assert (stopped.id, stopped.status, stopped.finished) == (run.id, "stopped", True)
    # To be stopped is no failure, and once more is the same.
    assert (await client.extract.runs.wait(run.id)).status == "stopped"
    assert (await client.extract.runs.stop(run.id)) == await client.extract.runs.get(run.id)
    world.advance()
    assert (await client.extract.runs.get(run.id)).extracted == stopped.extracted


async def test_a_stopped_run_is_restarted_with_a_budget(world, client):
    robot = await world.robot()
    world.stand_still()
    run = await client.extract.runs.create(robot_id=robot.id, budget="unlimited", wait=False)
    await client.extract.runs.stop(run.id)
    again = valid(await client.extract.runs.restart(run.id, budget=4, wait=False))
    assert (again.id, again.status, again.finished, again.extracted) == (run.id, "restarting", False, 0)
    assert (again.finished_at, again.status_reason, again.budget) == (None, None, 4)
    world.go_on()
    done = await client.extract.runs.wait(run.id, poll_interval=0.1)
    assert (done.status, done.extracted, done.budget) == ("completed", 4, 4)
    # Without a budget it keeps the one it has. The client waits for it.
    kept = valid(await client.extract.runs.restart(run.id))
    assert (kept.id, kept.status, kept.extracted, kept.budget) == (run.id, "completed", 4, 4)
    assert kept.finished_at > done.finished_at
    assert [it["status"] for it in world.requests("extralt.runs.restart")] == [202, 202]


async def test_runs_are_listed_newest_first(world, client):
    robot = await world.robot()
    world.stand_still()
    made = []
    for _ in range(5):
        made.append((await client.extract.runs.create(robot_id=robot.id, budget=1, wait=False)).id)
        world.advance("1s")
    made.reverse()
    listed = [valid(run) for run in await all_of(client.extract.runs.list())]
    assert [run.id for run in listed] == made
    pages = [len(page.data) async for page in client.extract.runs.list(limit=2).pages()]
    assert pages == [2, 2, 1]
    assert [run.id async for run in client.extract.runs.list(limit=2)] == made


async def test_finished_runs_are_listed_oldest_finish_first(world, client):
    robot = await world.robot()
    world.stand_still()
    finished = []
    for budget in [60, 1, 2]:
        run = await client.extract.runs.create(robot_id=robot.id, budget=budget, wait=False)
        finished.append(run.id)
    world.advance()
    under_way = await client.extract.runs.create(robot_id=robot.id, budget=1, wait=False)
    runs = {run.id: run async for run in client.extract.runs.list()}
    finished.sort(key=lambda id: runs[id].finished_at)
    assert finished[-1] != under_way.id
    since = runs[finished[0]].created_at
    listed = await all_of(client.extract.runs.list(finished_since=since))
    assert [run.id for run in listed] == finished
    # The instant itself counts, in pages as well.
    since = runs[finished[1]].finished_at
    listed = await all_of(client.extract.runs.list(finished_since=since, limit=1))
    assert [run.id for run in listed] == finished[1:]
    after = runs[finished[-1]].finished_at + dt.timedelta(seconds=1)
    assert await all_of(client.extract.runs.list(finished_since=after)) == []


async def test_a_run_that_fails_raises_with_its_reason(world, client):
    robot = await world.robot()
    world.control("PUT", "scenario", "version: 1\n" + FAILS_HALFWAY)
    run = await client.extract.runs.create(robot_id=robot.id, budget=10, wait=False)
    with pytest.raises(extralt.JobFailedError, match="The shop has closed") as error:
        await client.extract.runs.wait(run.id, poll_interval=0.1)
    run = valid(error.value.resource)
    assert (run.status, run.finished, run.status_reason) == ("failed", True, "The shop has closed.")
    assert 0 < run.extracted < 10
    world.stand_still()
    assert (await client.extract.runs.restart(run.id, wait=False)).status == "restarting"


async def test_waiting_for_a_stuck_run_has_an_end(world, client):
    robot = await world.robot("https://stuck.test")
    patient = world.patient()
    begun = time.monotonic()
    with pytest.raises(extralt.WaitTimeoutError) as error:
        await patient.extract.runs.create(robot_id=robot.id, budget=5, timeout=2.5)
    assert time.monotonic() - begun > 2.4
    run = error.value.resource
    world.advance("1d")
    assert not (await client.extract.runs.get(run.id)).finished
    with pytest.raises(extralt.WaitTimeoutError):
        await patient.extract.runs.wait(run.id, timeout=0.3, poll_interval=0.1)
    assert (await client.extract.runs.stop(run.id)).status == "stopped"


async def test_one_run_at_a_time_on_the_smaller_plan(world, client):
    world.scenario("account: { apis: { extralt: { plan: start } } }")
    robot = await world.robot()
    world.stand_still()
    runs = [
        await client.extract.runs.create(robot_id=robot.id, budget=5, wait=False) for _ in range(2)
    ]
    world.advance("4s")
    states = [(await client.extract.runs.get(run.id)).status for run in runs]
    assert states[0] in ["starting", "running"] and states[1] == "pending"
    await client.extract.runs.stop(runs[0].id)
    world.advance()
    assert (await client.extract.runs.get(runs[1].id)).status == "completed"
