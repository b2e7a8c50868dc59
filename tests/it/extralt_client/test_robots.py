import time

import extralt
import pytest
from world import all_of, valid


async def test_a_robot_is_created_once_it_is_built(world, client):
    begun = time.monotonic()
    robot = valid(await client.extract.robots.create(url="https://www.shop.example/p/1", country="US"))
    # Not at once: the client asks for the first time after two seconds.
    assert time.monotonic() - begun > 1.9
    assert (robot.status, robot.finished, robot.host) == ("completed", True, "www.shop.example")
    assert (robot.country, robot.run_count, robot.refusal) == ("US", 0, None)
    assert [it["status"] for it in world.requests("extralt.robots.create")] == [202]


async def test_a_robot_that_exists_is_given_again(world, client):
    robot = await world.robot("https://shop.example")
    again = valid(await client.extract.robots.create(url="https://shop.example/other", country="US"))
    assert again == await client.extract.robots.get(robot.id)
    assert [it["status"] for it in world.requests("extralt.robots.create")] == [202, 200]
    assert (await world.robot("https://shop.example", country="DE")).id != robot.id


async def test_a_robot_under_way_is_shared(world, client):
    world.stand_still()
    ids = set()
    for _ in range(2):
        robot = valid(await client.extract.robots.create(url="https://shop.example", country="US", wait=False))
        assert (robot.status, robot.finished) == ("pending", False)
        ids.add(robot.id)
    assert len(ids) == 1
    world.advance("3s")
    assert (await client.extract.robots.get(robot.id)).status == "building"


async def test_a_list_of_robots_has_pages(world, client):
    world.stand_still()
    made = []
    for number in range(5):
        url = f"https://shop-{number}.example"
        made.append((await client.extract.robots.create(url=url, country="US", wait=False)).id)
        world.advance("1s")
    made.reverse()
    robots = client.extract.robots
    assert [valid(robot).id for robot in await all_of(robots.list())] == made
    assert [robot.id async for robot in robots.list(limit=2)] == made
    pages = [[robot.id for robot in page.data] async for page in robots.list(limit=2).pages()]
    assert pages == [made[:2], made[2:4], made[4:]]
    first = await robots.list(limit=2).first_page()
    rest = await all_of(robots.list(limit=2, cursor=first.next_cursor))
    assert [robot.id for robot in rest] == made[2:]


async def test_a_deleted_robot_is_gone(world, client):
    robot = await world.robot()
    assert valid(await client.extract.robots.get(robot.id)) == robot
    assert await client.extract.robots.delete(robot.id) is None
    assert await all_of(client.extract.robots.list()) == []
    for refused in [client.extract.robots.get, client.extract.robots.delete]:
        with pytest.raises(extralt.NotFoundError) as error:
            await refused(robot.id)
        assert error.value.code == "not_found"
    with pytest.raises(extralt.NotFoundError):
        await client.extract.runs.create(robot_id=robot.id, budget=1, wait=False)


@pytest.mark.parametrize("word, refusal", [("unsupported", "not_store"), ("fails", "unreachable")])
async def test_a_shop_that_is_refused_fails_its_robot(word, refusal, client):
    with pytest.raises(extralt.JobFailedError) as error:
        await client.extract.robots.create(url=f"https://{word}.test", country="US")
    robot = valid(error.value.resource)
    assert (robot.status, robot.finished, robot.refusal) == ("failed", True, refusal)
    assert robot.status_reason and str(error.value).endswith(robot.status_reason)
    # The client can wait for it once more, and is told the same.
    with pytest.raises(extralt.JobFailedError):
        await client.extract.robots.wait(robot.id)
    # A failed robot stands in nobody's way.
    again = await client.extract.robots.create(url=f"https://{word}.test", country="US", wait=False)
    assert again.id != robot.id and not again.finished


async def test_a_scenario_says_why_a_shop_is_refused(world, client):
    world.scenario("""
runs:
  - match: { kind: robot-build, host: closed.example }
    outcome: { failed: { refusal: needs_scale } }
""")
    robot = await client.extract.robots.create(url="https://closed.example", country="US", wait=False)
    world.advance()
    with pytest.raises(extralt.JobFailedError) as error:
        await client.extract.robots.wait(robot.id, poll_interval=0.05)
    assert error.value.resource.refusal == "needs_scale"


async def test_waiting_for_a_robot_has_an_end(world, client):
    world.stand_still()
    with pytest.raises(extralt.WaitTimeoutError) as error:
        await world.patient().extract.robots.create(url="https://shop.example", country="US", timeout=0.2)
    assert error.value.resource.status == "pending"
    world.advance()
    robot = await client.extract.robots.wait(error.value.resource.id)
    assert robot.status == "completed"


async def test_robots_of_another_key_are_not_found(world, client):
    robot = await world.robot()
    stranger = world.another(key=f"{world.key}-stranger")
    assert await all_of(stranger.extract.robots.list()) == []
    with pytest.raises(extralt.NotFoundError):
        await stranger.extract.robots.get(robot.id)
