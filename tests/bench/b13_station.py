"""B13: a fixed scanner's scan, from the last byte on its serial line to the drawn screen in the station's browser.

20 stations, each with a scanner on a pseudo terminal and a page open, one scan a second each: framing, the turn with its
posting and commit, the page and the live line. Timed from the moment the scan was due. The line itself costs nothing
here; at 9,600 baud a real one adds a millisecond for each of the label's bytes.
"""

import asyncio
import time

from app.db import Database
from devices.virtual import VirtualScanner
from devices.virtual_line import PtyLine
from tests import engines
from tests.bench import stage
from tests.bench.figures import Asked, Figure, alone
from tests.bench.packers import Packer, lay_out
from tests.bench.stage import Server, StageError

GOAL_MS = 50.0
PAUSE_S = 1.0
READY_WITHIN_S = 30.0  # until every port is open and its first scan is answered
TRY_EVERY_S = 0.5
ANSWER_WITHIN_S = 10.0
COUNTED = (b'data-verdict="ok"', b'data-verdict="step"')


class Station:
    """One packer's table: the scanner's end of the wire, and the page's live line."""

    def __init__(self, number: int, packer: Packer, scanner: VirtualScanner) -> None:
        self.number, self.packer, self.scanner = number, packer, scanner
        self.times: list[float] = []
        self._live: asyncio.StreamReader

    async def open(self, port: int) -> asyncio.StreamWriter:
        """The line, and the first scan that comes through."""
        self._live, writer = await asyncio.open_connection(stage.HOST, port)
        head = f"GET /floor/live HTTP/1.1\r\nHost: {stage.HOST}:{port}\r\nCookie: pf-floor={self.packer.cookie}\r\n\r\n"
        writer.write(head.encode())
        await self._screen()  # how things stand
        until = time.perf_counter() + READY_WITHIN_S
        while time.perf_counter() < until:
            self.scanner.send(self.packer.barcode)  # goes nowhere while the port is not open yet
            try:
                await asyncio.wait_for(self._screen(), TRY_EVERY_S)
            except TimeoutError:
                continue
            await asyncio.sleep(TRY_EVERY_S)
            return writer
        raise StageError(f"The scanner of station {self.number} is not read.")

    async def work(self, begin: float, warm_s: float, until: float, stations: int) -> None:
        due = begin + PAUSE_S * self.number / stations
        while due < until:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            self.scanner.send(self.packer.barcode)
            page = await asyncio.wait_for(self._screen(), ANSWER_WITHIN_S)
            if not any(verdict in page for verdict in COUNTED):
                raise StageError(f"A scan at station {self.number} was not counted: {page[:300]!r}")
            if due >= begin + warm_s:
                self.times.append(time.perf_counter() - due)
            due += PAUSE_S

    async def _screen(self) -> bytes:
        while True:
            event = await self._live.readuntil(b"\n\n")
            if b"event: screen\n" in event:
                return event


def measure(asked: Asked) -> list[Figure]:
    folder = asked.folder / "b13"
    folder.mkdir()
    url = engines.fresh_sqlite(asked.folder)
    database = Database(url)
    packers = lay_out(database, asked.stations)
    database.close()
    scanners = [VirtualScanner(PtyLine(folder / f"scanner-{n}")) for n in range(1, asked.stations + 1)]
    devices = [
        {"name": f"SCAN-{n}", "kind": "scanner", "station": f"ST-{n}", "address": scanner.address}
        for n, scanner in enumerate(scanners, 1)
    ]
    try:
        with Server(stage.OURS, url, asked.folder, devices=devices) as server:
            server.wait_ready()
            times = asyncio.run(_shift(asked, server.port, packers, scanners))
    finally:
        for scanner in scanners:
            scanner.unplug()
    p50, p99 = (times[min(len(times) - 1, int(len(times) * share))] * 1000 for share in (0.5, 0.99))
    note = f"{len(times)} scans, half of them within {p50:.1f} ms, the slowest {times[-1] * 1000:.0f} ms"
    what = f"serial frame to pushed screen, slowest in a hundred, {asked.stations} stations"
    return [alone("B13", what, [p99], unit="ms", most=GOAL_MS, note=note)]


async def _shift(asked: Asked, port: int, packers: list[Packer], scanners: list[VirtualScanner]) -> list[float]:
    """The sorted times of all stations, in seconds."""
    stations = [Station(n, *pair) for n, pair in enumerate(zip(packers, scanners, strict=True))]
    lines = await asyncio.gather(*(station.open(port) for station in stations))
    begin = time.perf_counter()
    until = begin + asked.warm_s + asked.shift_s
    await asyncio.gather(*(station.work(begin, asked.warm_s, until, len(stations)) for station in stations))
    for line in lines:
        line.close()
    return sorted(took for station in stations for took in station.times)
