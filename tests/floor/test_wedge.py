"""A scanner that types puts things around a code and something else in place of GS: read as its device is set up."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app import schema
from app.db import Tx
from app.floor import seats
from app.work import scanner_setups
from app.work.scanner_setups import ScannerSetup
from tests.world import World

Build = Callable[..., World]

GTIN = "04012345000092"
STOOD_IN = f"01{GTIN}10L1~17270501"
RAWS = select(schema.floor.scan.c.raw).order_by(schema.floor.scan.c.received)


@pytest.fixture
def world(build: Build) -> World:
    world = build("A-01-01 TEE-M 10\nA-02-01 HONEY 4 lot=L1 expiry=2027-05-01")
    world.add(schema.items.item_barcode, code=GTIN, item="HONEY")
    return world


def set_up(world: World, device: str, gs: str = "~", prefix: str = "", suffix: str = "") -> None:
    setup = ScannerSetup(device=device, framing="line", gs=gs, prefix=prefix, suffix=suffix)
    world.db.do(lambda tx: scanner_setups.put(tx, setup, by="ada", device="DESK-1"))


def test_a_stand_in_is_read_at_the_device_it_is_set_for_and_at_no_other(world: World) -> None:
    mara, jon = world.worker("mara", device="HH-01"), world.worker("jon", device="HH-02")
    mara.tap("look_up").scan(STOOD_IN)
    assert mara.refusal, "nobody told us of the stand-in"
    set_up(world, "HH-01")
    mara.scan(STOOD_IN)
    assert mara.refusal == ""
    assert "HONEY" in str(mara.prompt)
    jon.tap("look_up").scan(STOOD_IN)
    assert jon.refusal
    mara.type(STOOD_IN)
    assert mara.refusal == "", "typed by hand off the same label"


def test_what_stands_around_a_code_is_taken_off_and_a_camera_at_the_same_device_has_nothing_there(world: World) -> None:
    set_up(world, "HH-01", prefix="++", suffix="*")
    mara = world.worker("mara", device="HH-01").tap("look_up").scan("++]C1" + STOOD_IN + "*\r")
    assert mara.refusal == ""
    for camera in ("]C1" + STOOD_IN.replace("~", "\x1d"), "A-01-01", "++CMD/LOG-OUT*"):
        assert mara.scan(camera).refusal == ""
    assert mara.prompt.job == "Signed out"
    assert [row[0] for row in world.rows(RAWS)][1] == "++]C1" + STOOD_IN + "*\r", "kept as it came"


def test_a_scan_asks_the_books_no_more_for_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, odd = world.worker("mara", device="HH-01"), world.worker("jon", device="HH-02")
    set_up(world, "HH-02", prefix="++")
    asked: list[Any] = []

    def overheard(real: Callable[..., Any]) -> Callable[..., Any]:
        def asks(tx: Tx, *words: Any, **values: Any) -> Any:
            asked.extend(words)
            return real(tx, *words, **values)

        return asks

    for name in ("_ask", "run"):
        monkeypatch.setattr(Tx, name, overheard(getattr(Tx, name)))
    counts = []
    for hand, label in ((plain, "A-01-01"), (odd, "++A-01-01")):
        hand.tap("look_up")
        asked.clear()
        assert hand.scan(label).refusal == ""
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert sum(one is seats.SEAT for one in asked) == 1
