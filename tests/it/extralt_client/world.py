"""What a test has to itself: a key, a client with it, and the control plane of the key's world."""

import json

import extralt
import httpx

from awaited import Awaited

# Longer than any robot is built or any run lasts by itself, in the world's time.
A_WHILE = "80s"
# One for all, since each takes its time to read the certificates that nobody needs here.
CONTROL = httpx.Client(trust_env=False, verify=False)


class World:
    def __init__(self, base, kind, name):
        self.base = base
        self.kind = kind
        self.key = f"test-{name}"
        # The operations that the tests have called, by the client's own names.
        self.called = set()
        self._clients = []
        # The default of two retries would hide an answer that should not be.
        self.client = self.another(max_retries=0)

    def another(self, key=None, **options):
        """A further client, of this key or another."""
        options = {"api_key": key or self.key, "base_url": self.base, **options}
        client = getattr(extralt, self.kind)(**options)
        request = client._http.request

        def noted(operation, **rest):
            self.called.add(operation)
            return request(operation, **rest)

        client._http.request = noted
        self._clients.append(client)
        return client if self.kind == "AsyncExtralt" else Awaited(client)

    def patient(self):
        """A client that gives no request less than five seconds. By itself it gives the last one before a wait ends what is
        left of that: a millisecond."""
        sort = httpx.AsyncHTTPTransport if self.kind == "AsyncExtralt" else httpx.HTTPTransport
        over = "handle_async_request" if self.kind == "AsyncExtralt" else "handle_request"

        def handle(transport, request):
            request.extensions["timeout"] = httpx.Timeout(5).as_dict()
            return getattr(sort, over)(transport, request)

        transport = type("Patient", (sort,), {over: handle})()
        http = httpx.AsyncClient if self.kind == "AsyncExtralt" else httpx.Client
        return self.another(http_client=http(transport=transport), max_retries=0)

    async def close(self):
        for client in self._clients:
            if self.kind == "AsyncExtralt":
                await client.aclose()
            else:
                client.close()

    # The control plane

    def control(self, method, path, body=None, **query):
        content = body if isinstance(body, str) or body is None else json.dumps(body)
        answer = CONTROL.request(
            method,
            f"{self.base}/_rehearsal/{path}",
            params={"key": self.key, **query},
            content=content,
        )
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def stand_still(self):
        self.control("PATCH", "clock", {"mode": "manual"})

    def go_on(self):
        self.control("PATCH", "clock", {"mode": "scaled", "rate": 60})

    def advance(self, time=A_WHILE):
        self.control("PATCH", "clock", {"advance": time})

    def scenario(self, text):
        """Begins this world again by a scenario."""
        self.control("PUT", "scenario", "version: 1\n" + text, reset="true")

    def credits(self, credits):
        self.control("PATCH", "account", {"apis": {"extralt": {"credits": credits}}})

    def fault(self, **fault):
        self.control("POST", "faults", fault)

    def requests(self, operation):
        """The journal of what was asked of one operation, in order."""
        return self.control("GET", "requests", operation=operation)["requests"]

    # What most tests begin with

    async def robot(self, url="https://shop.example", country="US"):
        robot = await self.client.extract.robots.create(url=url, country=country, wait=False)
        self.advance()
        robot = await self.client.extract.robots.get(robot.id)
        assert robot.status == "completed", robot
        return robot

    async def run(self, robot=None, budget=5, **options):
        """A run that has ended."""
        robot = robot or await self.robot()
        run = await self.client.extract.runs.create(
            robot_id=robot.id, budget=budget, wait=False, **options
        )
        self.advance()
        run = await self.client.extract.runs.get(run.id)
        assert run.status == "completed", run
        return run

    async def enrichment(self, run=None, **options):
        """An enrichment that has ended."""
        run = run or await self.run()
        source = {"kind": "run", "id": run.id}
        enrichment = await self.client.enrich.enrichments.start(source=source, wait=False, **options)
        self.advance()
        enrichment = await self.client.enrich.enrichments.get(enrichment.id)
        assert enrichment.status == "completed", enrichment
        return enrichment


def valid(resource):
    """The same, once it was seen to be all that its model says and nothing else; the client looks at neither."""
    dumped = resource.model_dump(mode="json", by_alias=True, warnings=False)
    type(resource).model_validate(dumped)
    known = set(type(resource).model_fields)
    assert set(dumped) == known, f"{type(resource).__name__}: {set(dumped) ^ known}"
    return resource


async def all_of(pages):
    return [item async for item in pages]
