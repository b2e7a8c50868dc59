import json
import queue
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import anyio
import extralt
import pytest
from extralt.webhooks import verify_webhook
from world import valid


class Receiver:
    """An endpoint on this machine that keeps what it is sent."""

    def __init__(self):
        self.deliveries = queue.Queue()
        deliveries = self.deliveries

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                deliveries.put(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    async def next(self):
        return await anyio.to_thread.run_sync(lambda: self.deliveries.get(timeout=10))

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()


async def test_a_webhook_is_created_with_a_secret_and_read_without(receiver, client):
    types = ["run.completed", "run.failed"]
    made = valid(await client.webhooks.create(url=receiver.url, event_types=types, description="Prices"))
    assert made.secret.startswith("whsec_")
    assert (made.url, made.enabled, made.event_types, made.description) == (receiver.url, True, types, "Prices")
    read = valid(await client.webhooks.get(made.id))
    assert read.id == made.id and not hasattr(read, "secret")
    every = await client.webhooks.create(url=receiver.url)
    assert every.event_types is None
    listed = await client.webhooks.list()
    assert {valid(webhook).id for webhook in listed.data} == {made.id, every.id}


async def test_a_test_delivery_is_signed(receiver, client):
    made = await client.webhooks.create(url=receiver.url, event_types=["run.failed"])
    sent = valid(await client.webhooks.test(made.id))
    headers, body = await receiver.next()
    event = verify_webhook(body, headers, made.secret)
    assert (event.id, event.type) == (sent.event_id, "webhook.test")
    assert valid(event).data.webhook_id == made.id and event.data.message
    with pytest.raises(extralt.WebhookVerificationError):
        verify_webhook(body + b" ", headers, made.secret)
    with pytest.raises(extralt.WebhookVerificationError):
        verify_webhook(body, headers, (await client.webhooks.create(url=receiver.url)).secret)


async def test_the_end_of_a_run_is_delivered(world, receiver, client):
    robot = await world.robot()
    made = await client.webhooks.create(url=receiver.url, event_types=["run.completed", "run.stopped"])
    run = await world.run(robot)
    headers, body = await receiver.next()
    event = verify_webhook(body, headers, made.secret)
    assert isinstance(event, extralt.webhooks.RunWebhookEvent)
    assert (event.type, valid(event.data)) == ("run.completed", run)
    assert json.loads(body)["id"] == headers["webhook-id"]
    world.stand_still()
    stopped = await client.extract.runs.create(robot_id=robot.id, budget="unlimited", wait=False)
    await client.extract.runs.stop(stopped.id)
    headers, body = await receiver.next()
    event = verify_webhook(body, headers, made.secret)
    assert (event.type, event.data.id) == ("run.stopped", stopped.id)


async def test_a_deleted_webhook_gets_nothing(world, receiver, client):
    made = await client.webhooks.create(url=receiver.url)
    assert await client.webhooks.delete(made.id) is None
    await world.run()
    assert (await client.webhooks.list()).data == []
    for refused in [client.webhooks.get, client.webhooks.delete, client.webhooks.test]:
        with pytest.raises(extralt.NotFoundError):
            await refused(made.id)
    assert receiver.deliveries.empty()


async def test_an_address_that_is_not_public_is_refused(client):
    for url in ["http://hooks.shop.example", "https://10.0.0.1/hooks", "https://printer.local"]:
        with pytest.raises(extralt.UnprocessableEntityError):
            await client.webhooks.create(url=url)
    with pytest.raises(extralt.UnprocessableEntityError):
        await client.webhooks.create(url="https://hooks.shop.example", event_types=["run.started"])
