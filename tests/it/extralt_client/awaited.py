"""The blocking client behind the calls of the asynchronous one: a test is written once and tries both."""

from contextlib import asynccontextmanager


class Awaited:
    """`Extralt`, or a part of it, to be called like `AsyncExtralt`. A call is over before it is awaited."""

    def __init__(self, inner):
        self._inner = inner

    def __getattr__(self, name):
        value = getattr(self._inner, name)
        if not callable(value):
            return Awaited(value)
        return lambda *args, **kwargs: _returned(value(*args, **kwargs))


def _returned(result):
    if hasattr(result, "first_page"):
        return Pages(result)
    if hasattr(result, "__enter__"):
        return _entered(result)
    return _done(result)


async def _done(result):
    return result


@asynccontextmanager
async def _entered(manager):
    with manager as stream:
        yield Stream(stream)


class Pages:
    """A list."""

    def __init__(self, inner):
        self._inner = inner

    async def first_page(self):
        return self._inner.first_page()

    async def pages(self):
        for page in self._inner.pages():
            yield page

    async def __aiter__(self):
        for item in self._inner:
            yield item


class Stream:
    """A file on its way."""

    def __init__(self, inner):
        self._inner = inner
        self.content_type = inner.content_type
        self.file_name = inner.file_name

    async def iter_bytes(self, chunk_size=None):
        for chunk in self._inner.iter_bytes(chunk_size):
            yield chunk

    async def write_to(self, path):
        self._inner.write_to(path)
