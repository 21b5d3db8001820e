"""Live pages: the hub that carries news from the writer's thread to open browsers, as server-sent events.

A message is rendered once and handed to every subscriber; a subscriber that reads too slowly loses the oldest, because
boards show the state of now. News arrive on any thread and hop to the loop with `call_soon_threadsafe`. A line that has
nothing to say beats, so that a browser hears when it is dead: behind a hole in the radio no socket tells.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable

import msgspec

BACKLOG = 100  # messages a slow browser may be behind
HEARTBEAT_S = 15.0


class Message(msgspec.Struct, frozen=True):
    event: str
    data: str

    def encode(self) -> bytes:
        lines = "".join(f"data: {line}\n" for line in self.data.split("\n"))
        return f"event: {self.event}\n{lines}\n".encode()


BEAT = Message("beat", "")


class Hub:
    def __init__(self) -> None:
        self._subscribers: dict[str, set[asyncio.Queue[Message]]] = defaultdict(set)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing: asyncio.Event | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop, self._closing = loop, asyncio.Event()

    def stop(self) -> None:
        """End every open stream, so that the server can stop."""
        if self._closing is not None:
            self._closing.set()

    def publish(self, topic: str, event: str, data: str = "") -> None:
        """From any thread."""
        if self._loop is not None and topic in self._subscribers:
            self._loop.call_soon_threadsafe(self._hand_out, topic, Message(event, data))

    def is_heard(self, beginning: str) -> bool:
        """Does anybody listen to a topic that begins so? From any thread."""
        return any(topic.startswith(beginning) for topic in tuple(self._subscribers))

    def listeners(self, topic: str) -> int:
        return len(self._subscribers.get(topic, ()))

    def publish_all(self, topics: Iterable[str]) -> None:
        """Tell boards that their topics changed."""
        for topic in topics:
            self.publish(topic, topic)

    def _hand_out(self, topic: str, message: Message) -> None:
        for queue in self._subscribers.get(topic, ()):
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(message)

    async def stream(
        self, topics: Iterable[str], begin: Callable[[], Awaitable[Message | None]] | None = None
    ) -> AsyncGenerator[bytes, None]:
        """The bytes of one browser's stream until it leaves or the server stops.

        `begin` is asked, once nothing can be missed any more, how things stand: what a browser heard nothing of.
        """
        queue: asyncio.Queue[Message] = asyncio.Queue(BACKLOG)
        wanted = list(topics)
        for topic in wanted:
            self._subscribers[topic].add(queue)
        closing = self._closing or asyncio.Event()
        leave = asyncio.create_task(closing.wait())
        get: asyncio.Task[Message] | None = None
        try:
            yield b"retry: 1000\n: hello\n\n"
            stands = await begin() if begin is not None else None
            if stands is not None:
                yield stands.encode()
            while not closing.is_set():
                get = asyncio.create_task(queue.get())
                done, _ = await asyncio.wait({get, leave}, timeout=HEARTBEAT_S, return_when=asyncio.FIRST_COMPLETED)
                if get in done:
                    yield get.result().encode()
                    continue
                get.cancel()
                if leave in done:
                    return
                yield BEAT.encode()
        finally:
            leave.cancel()
            if get is not None:
                get.cancel()
            for topic in wanted:
                self._subscribers[topic].discard(queue)
                if not self._subscribers[topic]:
                    del self._subscribers[topic]
