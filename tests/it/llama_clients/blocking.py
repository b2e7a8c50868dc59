"""An asynchronous client to be called like a blocking one: a test is written once and tries both."""

import asyncio
import inspect


class Blocking:
    """An asynchronous client, or a part of it."""

    def __init__(self, inner, loop=None, close=None):
        self._inner = inner
        self._loop = loop or asyncio.new_event_loop()
        self._close = close

    def __getattr__(self, name):
        value = getattr(self._inner, name)
        if callable(value):
            return lambda *args, **kwargs: settled(value(*args, **kwargs), self._loop)
        return Blocking(value, self._loop) if is_part(value) else value

    def close(self):
        self._loop.run_until_complete((self._close or self._inner.close)())
        self._loop.close()


class Page:
    """A page of a list, and by iteration all that is on it and behind it."""

    def __init__(self, inner, loop):
        self._inner = inner
        self._loop = loop

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def get_next_page(self):
        return settled(self._inner.get_next_page(), self._loop)

    def __iter__(self):
        async def everything():
            return [item async for item in self._inner]

        return iter(self._loop.run_until_complete(everything()))


def settled(value, loop):
    if not inspect.isawaitable(value):
        return value

    async def awaited():
        return await value

    result = loop.run_until_complete(awaited())
    return Page(result, loop) if hasattr(result, "__aiter__") else result


def is_part(value):
    return type(value).__module__.startswith("llama_cloud.")
