"""Who only looks on while the floor scans: the live lines of all handhelds, and desk boards that fetch themselves anew.

A board does as `desk.js` does: news are gathered for 300 ms, and a page is fetched at most once a second. Runs in a
process of its own: `python -m tests.bench.boards` reads Lookers (JSON) on standard input and prints what they saw.
"""

import asyncio
import sys
import time

import msgspec

DEBOUNCE_S = 0.3
AT_MOST_EVERY_S = 1.0


class Board(msgspec.Struct, frozen=True, kw_only=True):
    path: str
    topics: str
    cookie: str


class Lookers(msgspec.Struct, frozen=True, kw_only=True):
    host: str
    port: int
    seconds: float
    boards: list[Board]
    handhelds: list[str]  # the cookies of open floor pages


class Seen(msgspec.Struct, kw_only=True):
    lines: int = 0  # live lines that stood to the end
    news: int = 0
    pages: int = 0
    slowest_ms: float = 0.0
    errors: list[str] = []


class Watch:
    def __init__(self, asked: Lookers) -> None:
        self.asked = asked
        self.seen = Seen()
        self.until = time.perf_counter() + asked.seconds

    async def get(self, path: str, cookie: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, bytes]:
        reader, writer = await asyncio.open_connection(self.asked.host, self.asked.port)
        head = f"GET {path} HTTP/1.1\r\nHost: {self.asked.host}:{self.asked.port}\r\nCookie: {cookie}\r\n\r\n"
        writer.write(head.encode())
        headers = await reader.readuntil(b"\r\n\r\n")
        if not headers.startswith(b"HTTP/1.1 200"):
            self.seen.errors.append(f"{path}: {headers[:60]!r}")
        return reader, writer, headers

    async def line(self, path: str, cookie: str, news: asyncio.Event | None = None) -> None:
        """One live line, held to the end; every event on it is news."""
        reader, writer, _ = await self.get(path, cookie)
        try:
            while (left := self.until - time.perf_counter()) > 0:
                told = await asyncio.wait_for(reader.readline(), left)
                if not told:
                    self.seen.errors.append(f"{path}: the line broke")
                    return
                if told.startswith(b"event:") and told != b"event: beat\n":
                    self.seen.news += 1
                    if news is not None:
                        news.set()
        except TimeoutError:
            pass
        finally:
            writer.close()
        self.seen.lines += 1

    async def board(self, board: Board) -> None:
        news = asyncio.Event()
        line = asyncio.create_task(self.line(f"/desk/live?on={board.topics}", board.cookie, news))
        last = 0.0
        while (left := self.until - time.perf_counter()) > 0:
            try:
                await asyncio.wait_for(news.wait(), left)
            except TimeoutError:
                break
            await asyncio.sleep(max(DEBOUNCE_S, last + AT_MOST_EVERY_S - time.perf_counter()))
            news.clear()
            last = time.perf_counter()
            reader, writer, headers = await self.get(board.path, board.cookie)
            at = headers.lower().find(b"content-length:")
            await reader.readexactly(int(headers[at + 15 : headers.find(b"\r\n", at)]))
            writer.close()
            self.seen.pages += 1
            self.seen.slowest_ms = max(self.seen.slowest_ms, (time.perf_counter() - last) * 1000)
        await line

    async def run(self) -> Seen:
        lines = [self.line("/floor/live", cookie) for cookie in self.asked.handhelds]
        await asyncio.gather(*lines, *(self.board(board) for board in self.asked.boards))
        return self.seen


async def _run(asked: Lookers) -> Seen:
    return await Watch(asked).run()


if __name__ == "__main__":
    given = msgspec.json.decode(sys.stdin.buffer.read(), type=Lookers)
    print(msgspec.json.encode(asyncio.run(_run(given))).decode())
