"""Licence plates: built, broken up, merged, nested and taken off; never in a circle, and any step can be taken back."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from app.config import PrinterSettings
from app.floor.floor import Ports
from app.schema.places import location
from app.schema.printing import print_job
from app.schema.stock import lpn
from tests.world import Hand, World

Build = Callable[[str], World]
COPIES = select(print_job.c.copy, print_job.c.reason, print_job.c.worker).order_by(print_job.c.copy)
PLATES = select(lpn.c.code, lpn.c.location, lpn.c.parent, lpn.c.state).order_by(lpn.c.code)


@pytest.fixture
def world(build: Build) -> World:
    world = build(
        """
        R-01  HONEY 48 lpn=LPN-0001 lot=L1 expiry=2031-05-01
        R-01  MUG   12 lpn=LPN-0002
        R-02  MUG    6 lpn=LPN-0003
        S-01  TEE    5
        S-01  MUG    7
        """
    )
    world.change(location, location.c.code.like("R-%"), kind="reserve")
    world.change(location, location.c.code == "S-01", kind="staging")
    return world


@pytest.fixture
def mara(world: World) -> Hand:
    return world.worker("mara").tap("start:lpn")


def plates(world: World) -> list[str]:
    return [" ".join(word for word in row if word) for row in world.rows(PLATES)]


def test_a_new_lpn_is_built_from_loose_goods_and_gets_its_label(world: World, mara: Hand) -> None:
    world.ports = Ports(printers={"zd": PrinterSettings(name="zd", kind="zpl", address="file:/dev/null")})
    mara.tap("new")
    code = mara.prompt.subject
    mara.scan("S-01", "#TEE").type("2").scan("#MUG")
    assert mara.prompt.rows[0].name == "MUG"
    assert mara.prompt.rows[1].left == "3"
    assert next(line for line in world.holds().splitlines() if line.startswith("S-01")) == "S-01 MUG 6"
    built = world.rows(PLATES)[0]
    assert built[1:] == ("S-01", "", "open")
    assert code.replace("…", "")[-4:] in built[0]
    assert world.rows(select(print_job.c.kind, print_job.c.subject)) == [("lpn", built[0])]
    mara.scan("S-01")
    assert not [line for line in world.holds().splitlines() if line.startswith("S-01") and "in" not in line]
    world.check()


def test_another_label_of_a_plate_is_a_copy_somebody_answers_for(world: World, mara: Hand) -> None:
    world.ports = Ports(printers={"zd": PrinterSettings(name="zd", kind="zpl", address="file:/dev/null")})
    mara.scan("LPN-0002").tap("label")
    assert mara.says == "The label of LPN-0002 comes out.", "it came with its supplier's: this is the first of ours"
    mara.tap("label")
    assert (mara.asks, len(world.rows(COPIES))) == ("Why print it again?", 1), "a tap alone prints no second one"
    mara.tap("reason:because")
    assert mara.refusal == "no_such_reason"
    mara.tap("reason:damaged")
    assert mara.says == "Printed again on zd, marked as a copy."
    assert mara.asks == "Scan what goes on it"
    mara.tap("label", "reason:changed").tap("label", "back", "label")
    assert world.rows(COPIES) == [
        (0, "", "mara"), (1, "Damaged", "mara"), (2, "Says what is no more", "mara"),
    ]  # fmt: skip
    drawn = [bytes(row[0]) for row in world.rows(select(print_job.c.payload).order_by(print_job.c.copy))]
    assert [b"COPY" in payload for payload in drawn] == [False, True, True]
    world.check()


def test_a_copy_says_what_is_on_the_plate_now_and_a_cancelled_label_was_none(world: World, mara: Hand) -> None:
    world.ports = Ports(printers={"zd": PrinterSettings(name="zd", kind="zpl", address="file:/dev/null")})
    mara.scan("LPN-0002").tap("label").tap("merge").scan("LPN-0003").tap("label")
    assert mara.asks == "Scan what goes on it", "the first label of LPN-0003"
    mara.scan("LPN-0001").tap("merge").scan("LPN-0003").tap("label", "reason:changed")
    [(label,)] = world.rows(select(print_job.c.label).where(print_job.c.copy == 1))
    assert b"MIXED" in bytes(label)
    world.db.do(lambda tx: tx.run(update(print_job).values(state="cancelled")))
    mara.tap("label")
    assert mara.says == "The label of LPN-0003 comes out."
    world.check()


def test_undoing_the_first_goods_voids_the_lpn(world: World, mara: Hand) -> None:
    mara.scan("LPN-0777", "S-01", "#MUG").tap("undo")
    assert "LPN-0777 S-01 void" in plates(world)
    assert "S-01 MUG 7" in world.holds()
    world.check()


def test_break_up_and_back(world: World, mara: Hand) -> None:
    mara.scan("LPN-0002").tap("break_up")
    assert "R-01 MUG 12" in world.holds().splitlines()
    assert "LPN-0002 R-01 gone" in plates(world)
    mara.tap("undo")
    assert "R-01 MUG 12 in LPN-0002" in world.holds()
    assert "LPN-0002 R-01 open" in plates(world)
    world.check()


def test_merge_brings_all_of_one_onto_the_other(world: World, mara: Hand) -> None:
    mara.scan("LPN-0003").tap("merge").scan("LPN-0003")
    assert mara.refusal == "same_lpn"
    mara.scan("LPN-0002")
    assert mara.says == "LPN LPN-0003 is empty: take its label off."
    assert "R-01 MUG 18 in LPN-0002" in world.holds()
    assert plates(world)[2] == "LPN-0003 R-02 gone"
    mara.scan("LPN-0003")
    assert mara.refusal == "lpn_over"
    world.check()


def test_nested_lpns_move_together_and_never_close_a_circle(world: World, mara: Hand) -> None:
    mara.scan("LPN-0001").tap("nest").scan("LPN-0002")
    mara.tap("nest").scan("LPN-0003")
    assert plates(world) == ["LPN-0001 R-02 LPN-0002 open", "LPN-0002 R-02 LPN-0003 open", "LPN-0003 R-02 open"]
    for inner in ("LPN-0001", "LPN-0002", "LPN-0003"):
        mara.tap("back").scan("LPN-0003").tap("nest").scan(inner)
        assert mara.refusal == "cyclic_nest", inner
        assert "circle" in mara.says
    mara.tap("back").tap("menu").tap("start:moving").scan("LPN-0003", "S-01")
    assert [line for line in world.holds().splitlines() if " in " in line] == [
        "S-01 HONEY 48 in LPN-0001 lot L1",
        "S-01 MUG 12 in LPN-0002",
        "S-01 MUG 6 in LPN-0003",
    ]
    mara.tap("undo").scan("R-01")
    mara.scan("LPN-0002", "R-02")
    assert plates(world) == ["LPN-0001 R-02 LPN-0002 open", "LPN-0002 R-02 open", "LPN-0003 R-01 open"]
    world.check()


def test_a_nest_in_place_is_taken_back_and_too_late_once_it_moved(world: World, mara: Hand) -> None:
    mara.scan("LPN-0001").tap("nest").scan("LPN-0002").tap("undo")
    assert plates(world)[0] == "LPN-0001 R-01 open"
    mara.scan("LPN-0002")
    ben = world.worker("ben", device="HH-02").tap("start:moving")
    ben.scan("LPN-0002", "S-01")
    mara.tap("undo")
    assert mara.refusal in ("undo_too_late", "unknown")
    world.check()


def test_breaking_up_the_outer_one_leaves_the_inner_by_itself(world: World, mara: Hand) -> None:
    mara.scan("LPN-0001").tap("nest").scan("LPN-0002").tap("break_up")
    assert plates(world)[:2] == ["LPN-0001 R-01 open", "LPN-0002 R-01 gone"]
    mara.scan("LPN-0001").tap("nest").scan("LPN-0003").scan("LPN-0001").tap("off")
    assert mara.says == "LPN LPN-0001 stands by itself at R-02."
    world.check()
