"""Work that waits for a device becomes one case, after a while, and closes by itself."""

from collections.abc import Callable

import msgspec
import pytest
from sqlalchemy import select

from app import clock, schema
from app.printing import decisions
from app.stock.ledger import By
from app.work import device_alerts, exceptions
from app.work.device_state import DeviceState
from tests.world import World

NOON = 1_795_262_400 * clock.SECOND
PAPER = DeviceState(
    name="LABEL-1", kind="printer", station="", state="trouble", sentence="Out of labels.", since=NOON,
    todo="Put a roll in and close the head.",
)  # fmt: skip
SCANNER = DeviceState(
    name="SCAN-1", kind="scanner", station="PACK-1", state="away", sentence="Unplugged or switched off", since=NOON,
    todo="Plug it in.",
)  # fmt: skip
SCALE = DeviceState(
    name="SCALE-1", kind="scale", station="PACK-1", state="trouble", sentence="Connected, and silent", since=NOON,
    todo="Switch it on.",
)  # fmt: skip


class Desk:
    """A house whose devices are as they are said to be; `later` walks the round that looks at them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.now = NOON

    def later(self, minutes: float, *devices: DeviceState) -> list[str]:
        """The open cases, in words, after that long."""
        self.now += int(minutes * clock.MINUTE)
        with clock.frozen(self.now):
            with self.world.db.reading() as tx:
                found = device_alerts.look(tx, devices)
            if found:
                self.world.db.do(lambda tx: device_alerts.act_on(tx, found))
        with self.world.db.reading() as tx:
            return [row[0] for row in tx.rows(OPEN)]

    def job(self, number: int, state: str = "queued", ended: int = 0) -> None:
        self.world.add(
            schema.printing.print_job, id=f"j{number}", once=f"j{number}", printer="LABEL-1", state=state,
            payload=b"", label=b"", created=self.now, ended=ended,
        )  # fmt: skip

    def staff(self, screen: str) -> None:
        self.world.add(
            schema.floor.login, token="t-ines", door="floor", worker="ines", device="HH-9", ends=NOON + clock.DAY
        )
        self.world.add(
            schema.floor.session, worker="ines", login="t-ines", device="HH-9", station="PACK-1", screen=screen,
            state=b"", undo_state=b"", trail=b"",
        )  # fmt: skip


_EXCEPTION = schema.work.exception
OPEN = select(_EXCEPTION.c.sentence).where(_EXCEPTION.c.state == "open").order_by(_EXCEPTION.c.id)
CLOSED = select(_EXCEPTION.c.id, _EXCEPTION.c.decided).where(_EXCEPTION.c.state == "closed")


@pytest.fixture
def desk(build: Callable[[str], World]) -> Desk:
    return Desk(build(""))


def well(device: DeviceState) -> DeviceState:
    return msgspec.structs.replace(device, state="ready")


def test_labels_that_wait_for_paper_are_one_case_that_closes_when_they_print(desk: Desk) -> None:
    assert desk.later(10, PAPER) == [], "nobody waits for a label"
    desk.job(1)
    desk.job(2, "failed")
    assert desk.later(4, PAPER) == [], "most paper is refilled before anybody comes"
    told = "2 labels wait for LABEL-1: Out of labels. Put a roll in and close the head."
    assert desk.later(2, PAPER) == [told]
    desk.job(3)
    assert desk.later(30, PAPER) == [told], "one case, whatever goes on"
    assert desk.later(1, well(PAPER)) == []
    with desk.world.db.reading() as tx:
        assert [row[1] for row in tx.rows(CLOSED)] == ["The device is back."]
    assert desk.later(10, PAPER) == [], "a loose plug makes no storm"
    assert desk.later(6, PAPER) == ["3 labels wait for LABEL-1: Out of labels. Put a roll in and close the head."]


def test_a_case_somebody_closed_does_not_come_back_at_once(desk: Desk) -> None:
    desk.job(1)
    desk.later(6, PAPER)
    with desk.world.db.reading() as tx:
        key = str(tx.value(select(_EXCEPTION.c.id)))
    with clock.frozen(desk.now):
        desk.world.db.do(lambda tx: exceptions.settle(tx, key, "Paper is ordered.", By(worker="ruth")))
    assert desk.later(10, PAPER) == []
    assert len(desk.later(6, PAPER)) == 1, "it still waits a quarter of an hour later"


def test_a_scanner_and_a_scale_count_only_where_somebody_works_with_them(desk: Desk) -> None:
    assert desk.later(30, SCANNER, SCALE) == []
    desk.staff("receiving.lines")
    gone = "ines works at PACK-1 without its scanner SCAN-1: Unplugged or switched off. Plug it in."
    assert desk.later(1, SCANNER, SCALE) == [gone], "who receives needs no scale"
    desk.world.change(schema.floor.session, schema.floor.session.c.worker == "ines", screen="packing.weigh")
    silent = "ines packs at PACK-1 without its scale SCALE-1: Connected, and silent. Switch it on."
    assert desk.later(1, SCANNER, SCALE) == [gone, silent]
    desk.world.change(schema.floor.login, schema.floor.login.c.worker == "ines", ends=NOON)
    assert desk.later(1, SCANNER, SCALE) == []
    with desk.world.db.reading() as tx:
        assert {row[1] for row in tx.rows(CLOSED)} == {"Nothing waits for it any more."}


def test_a_dimensioner_is_missed_by_who_receives_or_packs(desk: Desk) -> None:
    gone = msgspec.structs.replace(SCANNER, name="DIM-1", kind="dimensioner")
    desk.staff("counting.place")
    assert desk.later(30, gone) == []
    desk.world.change(schema.floor.session, schema.floor.session.c.worker == "ines", screen="receiving.item")
    told = "ines measures at PACK-1 without its dimensioner DIM-1: Unplugged or switched off. Plug it in."
    assert desk.later(1, gone) == [told]
    assert desk.later(1, well(gone)) == []


def test_a_loose_plug_is_no_storm(desk: Desk) -> None:
    desk.staff("packing.scan")
    for _ in range(5):
        just_now = msgspec.structs.replace(SCANNER, since=desk.now)
        assert desk.later(1, just_now) == []
        assert desk.later(0.5, well(just_now)) == []


def test_a_dead_switch_is_twenty_cases_and_no_more(desk: Desk) -> None:
    desk.staff("packing.scan")
    many = [msgspec.structs.replace(SCANNER, name=f"SCAN-{n}") for n in range(60)]
    assert len(desk.later(5, *many)) == device_alerts.MOST_OPEN
    assert len(desk.later(5, *many)) == device_alerts.MOST_OPEN


def test_a_label_nobody_knows_the_end_of_is_a_case_until_somebody_looked(desk: Desk) -> None:
    desk.job(1, "unknown", ended=desk.now)
    assert desk.later(4, well(PAPER)) == []
    [said] = desk.later(1, well(PAPER))
    assert said == "LABEL-1: 1 label of it may have come out or not. Look at LABEL-1, and say so under print jobs."
    desk.job(2, "queued")
    assert len(desk.later(6, PAPER)) == 2, "the paper that is out is another trouble"
    desk.world.db.do(lambda tx: decisions.decide(tx, "j1", "printed", reason="ruth looked"))
    assert len(desk.later(1, PAPER)) == 1
    assert [row[1] for row in desk.world.rows(CLOSED)] == ["Somebody looked: none is in doubt any more."]
