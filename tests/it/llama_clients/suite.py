"""What the suites have in common. Each names its client's operations and fails to be complete if it leaves one out."""

import os
import re
import time

import pytest

from world import World


def suite(name, operations, kinds):
    """The fixture and the closing lines of a suite.

    `operations` are those that the client has a call for, by the contract's names. `kinds` are the clients that every test is
    tried with, by name: functions of an address and a key.
    """
    known = set(operations.split())
    called = set()
    began = time.monotonic()

    @pytest.fixture(params=kinds)
    def world(request):
        """A world of its own for every test and every kind of client."""
        test = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")
        folder, module = request.path.parent.name, request.path.stem.removeprefix("test_")
        key = f"test-{folder}-{module}-{test}".replace("_", "-")
        world = World(os.environ["REHEARSAL_URL"], key, kinds[request.param])
        world.kind = request.param
        yield world
        called.update(world.operations())
        world.close()

    def pytest_terminal_summary(terminalreporter):
        passed = len(terminalreporter.stats.get("passed", []))
        left = ", ".join(sorted(known - called)) or "none"
        took = f"in {time.monotonic() - began:.1f} s"
        count = f"{len(known & called)} of {len(known)} operations called"
        terminalreporter.write_line(f"{name}: {passed} tests passed {took}, {count}, left: {left}")

    return world, pytest_terminal_summary


@pytest.fixture
def client(world):
    return world.client
