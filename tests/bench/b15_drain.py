"""B15: eight hours of events told to an ERP that was away, while every handheld goes on scanning.

The journal is as long as a shift without the ERP leaves it. By turns the connector rests and is told to go on, through
the desk's own door, and the handhelds scan once a second all the while, each scan timed from the moment it was due: the
floor's slowest scans are held against the same floor beside a resting connector. What a machine of two cores takes from
them whoever works beside is seen with two strangers, who only reckon, for as much of a processor each. The drain's time is
all the time the connector was at work, from the first event to the last, and never without the floor beside it. An ERP has
a disk of its own: here the ledger keeps its books in memory, or it would wait for our disk and ours for it. What the
follower needs of memory is weighed without a floor, in a drain of its own: all of the backlog beside its first tenth.
"""

import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from sqlalchemy import insert

from app import schema
from app.db import Database, Tx
from app.floor import sessions
from app.stock import journal
from app.work import people
from sync import dead_letters, delivery
from sync.courtesy import SHARE
from tests import engines
from tests.bench import stage, strangers
from tests.bench.b05_follower import followed
from tests.bench.figures import Asked, Figure, alone, held_against, in_turns
from tests.bench.history import copied
from tests.bench.load import Load
from tests.bench.packers import Scene, lay_out
from tests.bench.stage import Server, StageError
from tests.sync.sink import SECRET, running_sink

GOAL_S, TAIL, MEMORY = 120.0, 1.1, 1.05
BATCH = 500  # events at once, as an admin sets it for an ERP that takes so many
STRANGERS = 2  # the follower and the ledger; each at its most takes about a `SHARE` of a processor
PAUSE_S = 1.0  # from one scan of a handheld to the next
MOST_A_SECOND = 9_000  # events; so no round lasts so long that they run out in it
LOOK_EVERY_S = 0.1
WITHIN_S = 900.0
ERP = "ERP"
LEDGER_ROOM = 1 << 30  # bytes


class Drain:
    """The connector of a running house, told to go on and to rest, and how it got on up to event `last`."""

    def __init__(self, database: Database, server: Server, desk: tuple[str, str], last: int) -> None:
        self._database, self._server, self._last = database, server, last
        self._cookie, self._csrf = desk
        self.took_s = 0.0  # at work so far
        self.done = threading.Event()

    @contextmanager
    def going(self) -> Iterator[None]:
        """At work; its clock stops with the last event."""
        over = threading.Event()
        watch = threading.Thread(target=self._watch, args=(over,))
        self._press("resume")
        watch.start()
        try:
            yield
        finally:
            over.set()
            watch.join()
            self._press("pause")

    def _watch(self, over: threading.Event) -> None:
        begun = time.perf_counter()
        while not self.done.is_set() and not over.wait(LOOK_EVERY_S):
            with self._database.reading() as tx:
                if delivery.cursor(tx, ERP)[0] >= self._last:
                    self.done.set()
        self.took_s += time.perf_counter() - begun

    def _press(self, what: str) -> None:
        headers = {"Cookie": f"pf-desk={self._cookie}", "X-CSRF": self._csrf, "Origin": self._server.address}
        form = urllib.parse.urlencode({"connector": ERP}).encode()
        asked = urllib.request.Request(f"{self._server.address}/desk/ledger/{what}", form, headers)
        with urllib.request.urlopen(asked, timeout=stage.READY_WITHIN_S) as answer:
            answer.read()


def measure(asked: Asked) -> list[Figure]:
    url = copied(asked.cache, asked.away, asked.folder)
    database = Database(url)
    try:
        packers = lay_out(database, asked.handhelds)
        desk, last = database.do(_prepare)
        with TemporaryDirectory(dir=engines.in_memory(LEDGER_ROOM)) as theirs, running_sink(Path(theirs)) as sink:
            erp = {"name": ERP, "kind": "http", "address": sink.url, "secret": SECRET, "moves": True, "batch": BATCH}
            with Server(stage.OURS, url, asked.folder, connectors=[erp]) as server:
                drain = Drain(database, server, desk, last)
                scene = Scene(server, database, packers)
                pairs, covered = _by_turns(asked, scene, drain)
                beside_strangers = _beside_strangers(asked, scene)
            heard = len(set(sink.keys()))
    finally:
        database.close()
    if heard < last:
        raise StageError(f"The ledger heard of {heard:,} events of {last:,}.")
    return [*_figures(asked, pairs, covered, drain.took_s, _weighed(asked)), _tails(beside_strangers)]


def _by_turns(asked: Asked, scene: Scene, drain: Drain) -> tuple[list[tuple[Load, Load]], bool]:
    """The floor beside the drain, and beside a connector at rest; then the rest of the drain. Was each round all drain?"""
    seconds = _round_s(asked)
    scene.load(seconds, asked.warm_s, PAUSE_S)

    def beside_the_drain() -> Load:
        with drain.going():
            return scene.load(seconds, 0.0, PAUSE_S)

    pairs = in_turns(asked.rounds, beside_the_drain, lambda: scene.load(seconds, 0.0, PAUSE_S))
    covered = not drain.done.is_set()
    until = time.monotonic() + WITHIN_S
    while not drain.done.is_set():
        if time.monotonic() > until:
            raise StageError(f"The backlog was not drained within {WITHIN_S:g} s.")
        beside_the_drain()
    return pairs, covered


def _beside_strangers(asked: Asked, scene: Scene) -> list[tuple[Load, Load]]:
    """The floor beside processes that have nothing to do with it, and alone."""
    seconds = _round_s(asked)

    def beside_them() -> Load:
        with strangers.at_work(STRANGERS, SHARE):
            return scene.load(seconds, 0.0, PAUSE_S)

    return in_turns(asked.rounds, beside_them, lambda: scene.load(seconds, 0.0, PAUSE_S))


def _tails(pairs: list[tuple[Load, Load]]) -> Figure:
    return held_against(
        "B15 strangers", "the slowest scans beside two strangers", [(one.p99_ms, two.p99_ms) for one, two in pairs],
        unit="ms",
    )  # fmt: skip


def _round_s(asked: Asked) -> float:
    return max(1.0, min(asked.shift_s, asked.away / MOST_A_SECOND / asked.rounds))


def _weighed(asked: Asked) -> tuple[float, float]:
    """The follower's heap at its most, and at the most of the first tenth; MB."""
    early, late = [stage.heap_mb()], [stage.heap_mb()]
    followed(asked, asked.away, lambda at: (early if at <= asked.away // 10 else late).append(stage.heap_mb()))
    return max(early + late), max(early)


def _figures(
    asked: Asked, pairs: list[tuple[Load, Load]], covered: bool, took_s: float, heaps: tuple[float, float]
) -> list[Figure]:
    mine, other = (sum(load.cpu_us for load in loads) / len(loads) for loads in zip(*pairs, strict=True))
    spent = f"processor time of the server for each scan {mine:,.0f} µs, beside {other:,.0f} µs"
    tails = held_against(
        "B15 p99", "the slowest scans beside the drain", [(one.p99_ms, two.p99_ms) for one, two in pairs],
        unit="ms", most=TAIL, note=spent,
    )  # fmt: skip
    if not covered:
        tails = msgspec.structs.replace(tails, met=None, note="the events ran out while the floor was measured")
    what, rate = f"{asked.away:,} events, {asked.handhelds} handhelds beside", f"{asked.away / took_s:,.0f} a second"
    return [
        alone("B15", what, [took_s], unit="s", most=GOAL_S, note=rate),
        tails,
        held_against("B15 memory", "the follower's heap, all beside a tenth", [heaps], unit="MB", most=MEMORY),
    ]


def _prepare(tx: Tx) -> tuple[tuple[str, str], int]:
    """A supervisor's desk, the connector at rest, and the last event of the backlog."""
    tx.run(insert(schema.people.worker).values(code="SUP", badge="B-SUP", name="Sue Desk", roles="supervisor"))
    who = people.by_code(tx, "SUP")
    assert who is not None
    delivery.open_connector(tx, ERP, "MAIN")
    dead_letters.pause(tx, ERP, "SUP")
    return sessions.sign_in_desk(tx, who, "DESK-1"), journal.last_seq(tx)
