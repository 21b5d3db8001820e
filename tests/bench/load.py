"""Handhelds as a load: N workers, one keep-alive connection each, the next scan when the last one is answered.

Raw sockets on asyncio, because the load shares two cores with the server and must cost little. It runs in a process of
its own: `python -m tests.bench.load` reads a Plan (JSON) on standard input and prints a Load (JSON). With `pause_s` each
worker scans on a clock, and an answer is timed from the moment the scan was due: a slow server is not let off because
it kept its workers waiting. An answer that is not a plain success of the floor counts as an error.
"""

import asyncio
import sys
import time

import msgspec
import uuid_utils

MOST_ERRORS = 20  # of one worker; then it gives up
ANSWER_WITHIN_S = 30.0
GOOD = (b"x-verdict: ok", b"x-verdict: step")


class Worker(msgspec.Struct, frozen=True, kw_only=True):
    """Who scans: the headers of the login, what the first scan follows, and the label."""

    step: str
    raw: str
    headers: dict[str, str] = {}


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    host: str
    port: int
    path: str
    workers: list[Worker]
    seconds: float
    warm_s: float  # answered but not counted
    pause_s: float = 0.0  # from one scan of a worker to the next; 0: at once
    verdict: bool = False  # the answer must carry the floor's own yes


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it. `answers` are the counted ones, `sent` all that were answered well."""

    answers: int
    sent: int
    per_s: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    errors: int
    first_errors: list[str]
    cpu_us: float = 0.0  # processor time of the server for one of them; the stage fills it in


class Crew:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.times: list[float] = []
        self.bad: list[str] = []
        self.sent = 0
        self.begin = time.perf_counter()
        self.count_from = self.begin + plan.warm_s
        self.until = self.count_from + plan.seconds

    async def work(self, number: int, who: Worker) -> None:
        plan = self.plan
        reader, writer = await asyncio.open_connection(plan.host, plan.port)
        head = _head(plan, who)
        step, failed = who.step, 0
        due = self.begin + plan.pause_s * number / len(plan.workers)
        while failed < MOST_ERRORS:
            now = time.perf_counter()
            if plan.pause_s and due > now:
                await asyncio.sleep(due - now)
            begun = due if plan.pause_s else now
            if begun >= self.until:
                break
            key = str(uuid_utils.uuid7())
            body = b'{"id":"%b","after":"%b","raw":"%b","at":0}' % (key.encode(), step.encode(), who.raw.encode())
            writer.write(head + str(len(body)).encode() + b"\r\n\r\n" + body)
            status, headers, answer = await _answer(reader)
            done = time.perf_counter()
            if status in (200, 201) and (not plan.verdict or any(word in headers for word in GOOD)):
                step = key
                self.sent += 1
                if begun >= self.count_from:
                    self.times.append(done - begun)
            else:
                failed += 1
                self.bad.append(f"{status} {headers[-200:]!r} {answer[:300]!r}")
            due += plan.pause_s
        writer.close()

    def told(self) -> Load:
        times = sorted(self.times)

        def at(share: float) -> float:
            return round(times[min(len(times) - 1, int(len(times) * share))] * 1000, 2) if times else 0.0

        return Load(
            answers=len(times),
            sent=self.sent,
            per_s=round(len(times) / self.plan.seconds, 1),
            p50_ms=at(0.5),
            p99_ms=at(0.99),
            max_ms=at(1.0),
            errors=len(self.bad),
            first_errors=self.bad[:3],
        )


def _head(plan: Plan, who: Worker) -> bytes:
    lines = [f"POST {plan.path} HTTP/1.1", f"Host: {plan.host}:{plan.port}", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in who.headers.items()]
    return ("\r\n".join(lines) + "\r\nContent-Length: ").encode()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes, bytes]:
    """Status, headers in lower case, body. Our server always says how long an answer is."""
    headers = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), ANSWER_WITHIN_S)).lower()
    at = headers.find(b"content-length:")
    length = int(headers[at + 15 : headers.find(b"\r\n", at)]) if at >= 0 else 0
    return int(headers[9:12]), headers, await reader.readexactly(length) if length else b""


async def run(plan: Plan) -> Load:
    crew = Crew(plan)
    await asyncio.gather(*(crew.work(number, who) for number, who in enumerate(plan.workers)))
    return crew.told()


if __name__ == "__main__":
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    print(msgspec.json.encode(asyncio.run(run(asked))).decode())
