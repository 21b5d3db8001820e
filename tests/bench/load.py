"""A closed-loop load: N workers, one keep-alive connection each, the next request when the answer is there.

Raw sockets on asyncio, because the load generator shares two cores with the server and must cost little. It runs in a
process of its own: `python -m tests.bench.load` reads a plan (JSON) on standard input and prints a result (JSON).
"""

import asyncio
import json
import sys
import time
from typing import Any

import uuid_utils


class Connection:
    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter

    async def open(self) -> None:
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port)

    async def post(self, head: bytes, body: bytes) -> tuple[int, bytes, bytes]:
        """(status, header block, body) of one request."""
        self.writer.write(head + str(len(body)).encode() + b"\r\n\r\n" + body)
        headers = await self.reader.readuntil(b"\r\n\r\n")
        status = int(headers[9:12])
        at = headers.lower().find(b"content-length:")
        length = int(headers[at + 15 : headers.find(b"\r\n", at)]) if at >= 0 else 0
        return status, headers, await self.reader.readexactly(length) if length else b""


def head_of(path: str, host: str, headers: dict[str, str]) -> bytes:
    lines = [f"POST {path} HTTP/1.1", f"Host: {host}", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\nContent-Length: ").encode()


async def worker(plan: dict[str, Any], who: dict[str, Any], until: float, times: list[float], bad: list[str]) -> None:
    connection = Connection(plan["host"], plan["port"])
    await connection.open()
    head = head_of(plan["path"], f"{plan['host']}:{plan['port']}", who["headers"])
    step, raw, pause = who["step"], who["raw"], plan.get("pause_s", 0.0)
    # the first `warm` seconds are not counted
    count_from = until - plan["seconds"]
    while (now := time.perf_counter()) < until:
        key = str(uuid_utils.uuid7())
        body = json.dumps({"id": key, "after": step, "raw": raw, "at": 0}).encode()
        status, headers, answer = await connection.post(head, body)
        done = time.perf_counter()
        if status not in (200, 201) or (plan.get("verdict") and b"x-verdict: error" in headers.lower()):
            bad.append(f"{status} {answer[:300]!r}")
            if len(bad) > 20:
                return
        step = key
        if now >= count_from:
            times.append(done - now)
        if pause:
            await asyncio.sleep(max(0.0, pause - (done - now)))
    connection.writer.close()


async def run(plan: dict[str, Any]) -> dict[str, Any]:
    times: list[float] = []
    bad: list[str] = []
    until = time.perf_counter() + plan["warm_s"] + plan["seconds"]
    await asyncio.gather(*(worker(plan, who, until, times, bad) for who in plan["workers"]))
    times.sort()

    def at(share: float) -> float:
        return round(times[min(len(times) - 1, int(len(times) * share))] * 1000, 2) if times else 0.0

    return {
        "answers": len(times),
        "per_s": round(len(times) / plan["seconds"], 1),
        "p50_ms": at(0.5),
        "p99_ms": at(0.99),
        "max_ms": at(1.0),
        "errors": len(bad),
        "first_errors": bad[:3],
        "end": [who["step"] for who in plan["workers"]][:0],
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(json.loads(sys.stdin.read())))))
