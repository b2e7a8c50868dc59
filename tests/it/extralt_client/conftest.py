import os
import re

import extralt._operations
import pytest
from world import World

KINDS = ["Extralt", "AsyncExtralt"]
called = {kind: set() for kind in KINDS}


@pytest.fixture(scope="session")
def anyio_backend():
    return "asyncio"


@pytest.fixture(params=KINDS)
async def world(request):
    """A world of its own for every test and either client."""
    name = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")
    module = request.node.module.__name__.removeprefix("test_")
    world = World(os.environ["REHEARSAL_URL"], request.param, f"{module}-{name}")
    yield world
    called[request.param] |= world.called
    await world.close()


@pytest.fixture
def client(world):
    return world.client


def pytest_terminal_summary(terminalreporter):
    known = set(extralt._operations.OPERATIONS)
    for kind, operations in called.items():
        left = ", ".join(sorted(known - operations)) or "none"
        terminalreporter.write_line(f"{kind}: {len(operations)} of {len(known)} operations called, left: {left}")
