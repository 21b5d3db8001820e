"""The network between a browser and the server, to be cut: a TCP relay on loopback that a test can stop.

drop()      every connection is reset and none is taken, as when an access point restarts
hole()      nothing passes and nothing is said of it, as behind a steel rack
mend()      new connections pass; those of before a hole go on where they were
mend(forget=True)   those of before stay silent for ever: the access point has forgotten them
"""

import asyncio
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, TypeVar

T = TypeVar("T")
HOST = "127.0.0.1"
PIECE = 65_536  # bytes
DONE_WITHIN_S = 5.0


class Wire:
    """Stands between `with Wire(port) as wire:` and the port; browsers open `wire.url`."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._loop = asyncio.new_event_loop()
        self._passing: dict[asyncio.Task[None], asyncio.Event] = {}  # each connection, and whether its bytes pass
        self._dropped = self._silent = False
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def __enter__(self) -> "Wire":
        threading.Thread(target=self._loop.run_forever, name="wire", daemon=True).start()
        server = self._do(asyncio.start_server(self._take, HOST, 0))
        self.port = server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self.drop()
        self._loop.call_soon_threadsafe(self._loop.stop)

    def drop(self) -> None:
        self._dropped = True
        self._do(self._reset())

    def hole(self) -> None:
        self._silent = True
        self._do(self._let(False))

    def mend(self, *, forget: bool = False) -> None:
        self._dropped = self._silent = False
        if not forget:
            self._do(self._let(True))

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(DONE_WITHIN_S)

    async def _reset(self) -> None:
        for connection in list(self._passing):
            connection.cancel()
        await asyncio.gather(*self._passing, return_exceptions=True)

    async def _let(self, passes: bool) -> None:
        for passing in self._passing.values():
            if passes:
                passing.set()
            else:
                passing.clear()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.current_task()
        assert connection is not None
        passing = self._passing[connection] = asyncio.Event()
        if not self._silent:
            passing.set()
        there: asyncio.StreamWriter | None = None
        try:
            if self._dropped:
                return
            await passing.wait()
            answers, there = await asyncio.open_connection(HOST, self._target)
            ways = [asyncio.ensure_future(_carry(*way, passing)) for way in ((reader, there), (answers, writer))]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
        except (OSError, asyncio.CancelledError):
            return  # one of the two ends went, or the test cut the wire
        finally:
            del self._passing[connection]
            for end in (writer, there):
                if end is not None:
                    end.transport.abort()


async def _carry(source: asyncio.StreamReader, target: asyncio.StreamWriter, passing: asyncio.Event) -> None:
    while piece := await source.read(PIECE):
        await passing.wait()
        target.write(piece)
        await target.drain()
