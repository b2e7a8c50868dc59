import uuid

import extralt
import pytest
from world import all_of

ABSENT = "kh7" + "0" * 29


async def refused(error_class, status, code, call):
    """The error that a call raises, once it was seen to be of its class and to say all that errors say."""
    with pytest.raises(error_class) as caught:
        await call
    error = caught.value
    assert type(error) is error_class
    assert (error.status_code, error.code) == (status, code)
    assert error.message and not error.message.startswith("{")
    assert error.request_id == error.response.headers["x-request-id"]
    assert uuid.UUID(error.request_id).version == 7
    return error


async def test_what_is_asked_wrongly_is_a_bad_request(client):
    for limit in [0, 101]:
        call = all_of(client.extract.runs.list(limit=limit))
        await refused(extralt.BadRequestError, 400, "invalid_request", call)
    call = all_of(client.extract.runs.list(cursor="edited"))
    await refused(extralt.BadRequestError, 400, "invalid_request", call)
    call = all_of(client.extract.runs.list(finished_since="yesterday"))
    await refused(extralt.BadRequestError, 400, "invalid_request", call)


async def test_a_cursor_of_another_list_is_a_bad_request(world, client):
    world.stand_still()
    for number in range(2):
        url = f"https://shop-{number}.example"
        await client.extract.robots.create(url=url, country="US", wait=False)
    cursor = (await client.extract.robots.list(limit=1).first_page()).next_cursor
    call = all_of(client.extract.runs.list(cursor=cursor))
    await refused(extralt.BadRequestError, 400, "invalid_request", call)


async def test_a_key_that_is_none_is_not_let_in(world):
    for key in ["invalid-key", "revoked-key"]:
        call = all_of(world.another(key=key).extract.robots.list())
        await refused(extralt.AuthenticationError, 401, "unauthorized", call)


async def test_a_key_without_access_is_forbidden(world):
    call = all_of(world.another(key="forbidden-key").extract.robots.list())
    await refused(extralt.PermissionDeniedError, 403, "forbidden", call)


async def test_without_credits_nothing_is_run(world, client):
    robot = await world.robot()
    world.credits(0)
    call = lambda: client.extract.runs.create(robot_id=robot.id, budget=1, wait=False)
    await refused(extralt.PaymentRequiredError, 402, "insufficient_credits", later(call))


async def test_a_run_ends_when_its_credits_do(world, client):
    world.scenario("account: { apis: { extralt: { credits: 9 } } }")
    run = await world.run(budget=50)
    # A capture takes two.
    assert (run.extracted, run.status_reason) == (4, "Out of credits")


async def test_what_is_not_there_is_not_found(client):
    for call in [
        lambda: client.extract.robots.get(ABSENT),
        lambda: client.extract.runs.get("no such id/.."),
        lambda: client.extract.runs.stop(ABSENT),
        lambda: client.extract.runs.restart(ABSENT, wait=False),
        lambda: client.extract.runs.create(robot_id=ABSENT, budget=1, wait=False),
        lambda: client.extract.schedules.get(ABSENT),
        lambda: client.enrich.enrichments.stop(ABSENT),
    ]:
        await refused(extralt.NotFoundError, 404, "not_found", later(call))


async def test_what_does_not_fit_the_state_is_a_conflict(world, client):
    run = await world.run()
    await refused(extralt.ConflictError, 409, "conflict", later(lambda: client.extract.runs.stop(run.id)))
    world.stand_still()
    robot = await client.extract.robots.create(url="https://new.example", country="US", wait=False)
    call = lambda: client.extract.runs.create(robot_id=robot.id, budget=1, wait=False)
    await refused(extralt.ConflictError, 409, "conflict", later(call))
    again = await client.extract.runs.restart(run.id, wait=False)
    call = lambda: client.extract.runs.restart(again.id, wait=False)
    await refused(extralt.ConflictError, 409, "conflict", later(call))


async def test_a_body_that_is_too_long_is_refused(client):
    urls = ["https://shop.example/" + "x" * 1_000] * 5_000
    call = lambda: client.extract.runs.create(robot_id=ABSENT, budget=1, start_urls=urls, wait=False)
    await refused(extralt.PayloadTooLargeError, 413, "payload_too_large", later(call))


async def test_values_that_cannot_be_are_unprocessable(world, client):
    robot = await world.robot()
    for budget in [0, -3]:
        call = lambda: client.extract.runs.create(robot_id=robot.id, budget=budget, wait=False)
        await refused(extralt.UnprocessableEntityError, 422, "unprocessable_entity", later(call))
    for url, country in [("ftp://shop.example", "US"), ("https://shop.example", "usa")]:
        call = lambda: client.extract.robots.create(url=url, country=country, wait=False)
        await refused(extralt.UnprocessableEntityError, 422, "unprocessable_entity", later(call))


async def test_too_many_requests_are_limited(world, client):
    world.fault(id="limit", match={"operation": "*.list"}, limit={"requests": 2, "per": "10h"})
    for _ in range(2):
        await all_of(client.extract.robots.list())
    call = all_of(client.extract.robots.list())
    error = await refused(extralt.RateLimitError, 429, "rate_limited", call)
    assert float(error.response.headers["retry-after"]) > 0


@pytest.mark.parametrize("status, code", [(500, "internal_error"), (503, "service_unavailable")])
async def test_a_server_in_trouble_says_so(status, code, world, client):
    world.fault(id="trouble", match={"operation": "extralt.robots.list"}, respond={"status": status})
    call = all_of(client.extract.robots.list())
    await refused(extralt.InternalServerError, status, code, call)


async def later(call):
    """The blocking client makes a call at once: not before its error is looked for."""
    return await call()
