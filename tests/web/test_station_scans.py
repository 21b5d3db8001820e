"""A station's own scanner: whose scan it is, what a bouncing trigger does, and that nobody's scan is lost in silence."""

import asyncio
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app import schema
from app.db import Database
from app.floor import seats, sessions
from app.floor.floor import Ports
from app.floor.scans import refusal_before
from app.web import station_scans
from app.web.live import Hub, Message
from app.web.station_scans import StationScans
from app.work import people
from app.workflows.menu import WhereStanding
from devices.registry import DeviceSettings, Registry
from devices.virtual import VirtualScanner
from tests import engines
from tests.bench.packers import lay_out
from tests.devices.conftest import eventually, pistol
from tests.world import Hand, World

__all__ = ["pistol"]  # a fixture
SCANS = select(schema.floor.scan.c.worker, schema.floor.scan.c.outcome).order_by(schema.floor.scan.c.received)
RAWS = select(schema.floor.scan.c.raw).order_by(schema.floor.scan.c.received)
GTIN = "04012345000092"


class Floor:
    """Two workers, PACK-1 with its own scanner, and every browser's live line."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.hub = Hub()
        self.told: list[tuple[str, str, str]] = []  # topic, event, text
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._loop.call_soon_threadsafe(self.hub.start, self._loop)
        self._lines = [self._listen(topic) for topic in ("worker:mara", "worker:jon", "station:PACK-1")]
        self.scans = StationScans(world.db, self.hub, Ports(), lambda _: ())

    def _listen(self, topic: str) -> object:
        stands = threading.Event()

        async def line() -> None:
            async for piece in self.hub.stream([topic]):
                stands.set()
                event, _, data = piece.decode().partition("\n")
                if event.startswith("event: "):
                    self.told.append((topic, event[7:], data.replace("data: ", "").strip()))

        running = asyncio.run_coroutine_threadsafe(line(), self._loop)
        assert stands.wait(5)
        return running

    def read(self, text: str, gs: str = "\x1d", *, expect: int = 1) -> list[tuple[str, str, str]]:
        """The station's scanner reads; what the browsers hear of it."""
        self.told.clear()
        self.scans.take("SCAN-1", "PACK-1", text, gs)
        until = time.monotonic() + 3
        while len(self.told) < expect and time.monotonic() < until:
            time.sleep(0.005)
        return list(self.told)

    def at(self, hand: Hand) -> Hand:
        """A handheld whose page followed what was pushed to it."""
        with self.world.db.reading() as tx:
            hand.step = seats.seat(tx, hand.token).step
        return hand

    def counted(self) -> list[tuple[str, str]]:
        return [(row[0], row[1]) for row in self.world.rows(SCANS)]

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self.hub.stop)
        for line in self._lines:
            line.result(5)  # type: ignore[attr-defined]
        self._loop.call_soon_threadsafe(self._loop.stop)


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    world = World(
        Database(engines.fresh("sqlite", tmp_path)), "A-01-01 TEE-M 10\nA-02-01 HONEY 4 lot=L1 expiry=2027-05-01"
    )
    world.add(schema.items.item_barcode, code=GTIN, item="HONEY")
    world.location("TABLE-1", kind="station")
    world.add(schema.places.station, code="PACK-1", name="Packing 1", location="TABLE-1")
    floor = Floor(world)
    yield floor
    floor.close()
    world.check()
    world.db.close()


@pytest.fixture
def mara(floor: Floor) -> Hand:
    return floor.world.worker("mara", device="PC-1").scan("STN/PACK-1")


@pytest.fixture
def jon(floor: Floor) -> Hand:
    return floor.world.worker("jon", device="HH-07")


def test_nobody_there_is_refused_aloud_and_a_badge_begins_the_sign_in(floor: Floor) -> None:
    assert floor.read("#MUG") == [
        ("station:PACK-1", "nobody", "Nobody is signed in at PACK-1: #MUG was not counted. Scan your badge.")
    ]
    assert floor.read("BDG/B-mara") == [("station:PACK-1", "badge", "BDG/B-mara")]
    assert floor.counted() == []


def test_a_bouncing_trigger_counts_once_and_is_told(floor: Floor, mara: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(station_scans, "BOUNCE_S", 0.2)
    before = len(floor.counted())
    [(topic, event, _)] = floor.read("A-01-01")
    assert (topic, event) == ("worker:mara", "screen")
    assert floor.read("A-01-01") == [("worker:mara", "twice", "Read twice, counted once: A-01-01")]
    assert len(floor.counted()) == before + 1
    floor.read("A-02-01")
    floor.read("A-01-01")
    assert len(floor.counted()) == before + 3, "another code between the two: meant so"
    time.sleep(0.25)
    floor.read("A-01-01")
    assert len(floor.counted()) == before + 4, "later it is a scan again"


def test_a_warned_change_is_never_confirmed_by_a_bounce(floor: Floor, mara: Hand) -> None:
    """The second trigger within a blink is not the worker's word."""
    mara.tap("look_up")
    floor.read("NOBODY-KNOWS")
    floor.read("NOBODY-KNOWS")
    assert floor.counted()[-1] == ("mara", "unknown")
    assert [row for row in floor.counted() if row[1] == "unknown"] == [("mara", "unknown")]


def test_where_a_repeat_is_one_more_piece_both_count(tmp_path: Path) -> None:
    database = Database(engines.fresh("sqlite", tmp_path))
    [packer] = lay_out(database, 1)
    scans = StationScans(database, Hub(), Ports(), lambda _: ())
    for _ in range(3):
        scans.take("SCAN-1", "ST-1", packer.barcode, "\x1d")
    with database.reading() as tx:
        outcomes = [row[1] for row in tx.rows(SCANS)]
    database.close()
    assert outcomes[-3:] == ["ok", "ok", "ok"]


def test_a_hundred_scans_a_second_off_a_serial_line_become_as_many_turns_in_order(
    floor: Floor, mara: Hand, pistol: VirtualScanner
) -> None:
    setting = DeviceSettings(kind="scanner", name="SCAN-1", station="PACK-1", address=pistol.address)
    devices = Registry([setting], lambda device, station, text: floor.scans.take(device, station, text, "\x1d"))
    devices.start()
    eventually(lambda: devices.health()[0].health.state == "open")
    before, start = len(floor.counted()), time.monotonic()
    for number in range(100):
        pistol.send(f"NO-{number:03}")
        time.sleep(max(0.0, start + (number + 1) / 100 - time.monotonic()))
    eventually(lambda: devices.health()[0].health.frames == 100, 10)
    devices.stop()
    raws = [row[0] for row in floor.world.rows(RAWS)][before:]
    assert raws == [f"NO-{number:03}" for number in range(100)]


def test_of_two_at_one_station_it_reads_for_who_came_last(floor: Floor, mara: Hand, jon: Hand) -> None:
    assert floor.read("A-01-01")[0][0] == "worker:mara"
    jon.scan("STN/PACK-1")
    floor.at(mara).scan("A-02-01")  # with a wedge of her own: that does not make the fixed one hers
    told = {(topic, event): text for topic, event, text in floor.read("A-02-01", expect=2)}
    assert told["worker:mara", "nobody"] == "The scanner of PACK-1 reads for Jon now. Scan STN/PACK-1 to have it back."
    assert ("worker:jon", "screen") in told
    floor.at(mara).scan("STN/PACK-1")
    assert {topic for topic, event, _ in floor.read("A-01-01", expect=2) if event == "screen"} == {"worker:mara"}


def test_who_just_signed_in_at_its_browser_answers_where_they_stand_with_the_same_scanner(
    floor: Floor, mara: Hand
) -> None:
    floor.read("CMD/LOG-OUT")
    world = floor.world
    world.add(schema.people.worker, code="jon", badge="B-jon", name="Jon", roles="packer")

    def sign_in(tx: Any) -> None:
        who = people.by_code(tx, "jon")
        assert who is not None
        sessions.sign_in(tx, who, "PC-1", WhereStanding())

    world.db.do(sign_in)
    told = floor.read("STN/PACK-1")
    assert told[0][:2] == ("worker:jon", "screen")
    assert "You stand at Packing 1." in told[0][2]
    assert floor.read("A-01-01")[0][0] == "worker:jon"


def test_who_went_elsewhere_is_not_bothered(floor: Floor, mara: Hand, jon: Hand) -> None:
    floor.read("A-01-01")
    floor.world.location("TABLE-2", kind="station")
    floor.world.add(schema.places.station, code="PACK-2", name="Packing 2", location="TABLE-2")
    floor.at(mara).scan("STN/PACK-2")
    jon.scan("STN/PACK-1")
    assert {topic for topic, _, _ in floor.read("A-02-01")} == {"worker:jon"}


def test_of_two_who_only_signed_in_again_neither_is_guessed(floor: Floor, mara: Hand, jon: Hand) -> None:
    jon.scan("STN/PACK-1")
    mara.badge_in()
    jon.badge_in()
    before = floor.counted()
    told = floor.read("A-01-01", expect=2)
    assert {(topic, event) for topic, event, _ in told} == {("worker:mara", "nobody"), ("worker:jon", "nobody")}
    assert "are signed in at PACK-1: A-01-01 was not counted." in told[0][2]
    assert floor.counted() == before
    mara.scan("STN/PACK-1")
    assert floor.read("A-01-01")[0][:2] == ("worker:mara", "screen")


@pytest.mark.parametrize(
    ("raw", "gs", "says"),
    [
        ("]C101{gtin}10L1\x1d17270501", "\x1d", r"\bL1\b"),
        ("01{gtin}10L1~17270501", "~", r"\bL1\b"),
        ("01{gtin}10L117270501", "\x1d", "Nobody knows L117270501"),
    ],
    ids=["kept", "stand-in", "lost"],
)
def test_the_separator_kept_as_a_stand_in_and_lost(floor: Floor, mara: Hand, raw: str, gs: str, says: str) -> None:
    """Where a lot may be new, a lost one is warned of: tests/workflows/test_receiving.py."""
    mara.tap("look_up")
    [(_, event, page)] = floor.read(raw.format(gtin=GTIN), gs)
    assert event == "screen"
    assert re.search(says, re.sub("<[^>]*>", " ", page)), re.sub("<[^>]*>", " ", page)


def test_a_line_that_begins_anew_is_told_how_things_stand(floor: Floor, mara: Hand) -> None:
    """What was pushed while it was down is not lost; nothing that happens meanwhile falls between."""

    async def stands() -> Message:
        return Message("screen", floor.at(mara).step)

    async def second() -> bytes:
        line = floor.hub.stream(["worker:mara"], stands)
        pieces = [await anext(line), await anext(line)]
        await line.aclose()
        return pieces[1]

    floor.read("A-01-01")
    told = asyncio.run_coroutine_threadsafe(second(), floor._loop).result(5)
    assert told == f"event: screen\ndata: {floor.at(mara).step}\n\n".encode()


def test_a_refusal_that_a_page_missed_is_told_once_more(floor: Floor, mara: Hand) -> None:
    def stands() -> str:
        with floor.world.db.reading() as tx:
            told = refusal_before(tx, seats.seat(tx, mara.token))
        return told.verdict.sentence if told is not None and told.verdict is not None else ""

    assert stands() == ""
    floor.read("NOBODY-KNOWS")
    assert stands() == "Nobody knows NOBODY-KNOWS."
    floor.read("CMD/LOOK-UP")
    assert stands() == ""
