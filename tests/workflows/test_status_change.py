"""Goods are stopped where they lie, with a reason, a photo and a limit; and set free again by somebody else."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from app.desk import ledger
from app.desk.ledger import JournalFilter
from app.schema.items import item
from app.schema.stock import allocation, journal
from app.schema.work import photo_of
from app.work import status_changes
from app.work.status_changes import BadChange, Change
from tests.workflows.pictures import picture
from tests.world import World

Build = Callable[[str], World]
STOCK = """
    A-01  MUG  12
    A-02  HONEY  6  lot=L1
    A-02  TEE  3
    A-03  MUG  4  lpn=LPN-0001 status=inspection
    A-04  SCANNER  3  serials=S1,S2,S3
"""


def test_a_worker_stops_a_part_and_a_supervisor_sets_it_free(build: Build) -> None:
    world = build(STOCK)
    mara = world.worker("mara", "worker").tap("start:status").scan("A-01")
    assert (mara.asks, mara.prompt.quantity) == ("What do they become?", 12)
    assert [key.value for key in mara.prompt.choices] == ["damaged", "expired", "quarantine"]
    mara.type("13")
    assert (mara.refusal, mara.says) == ("more_than_free", "Only 12 × MUG at A-01 are free; that would be 13.")
    mara.type("5").tap("to:available")
    assert mara.refusal == "no_such_change"
    mara.tap("to:quarantine", "reason:quality")
    assert mara.says == "5 × MUG: available → quarantine."
    assert "A-01 MUG 7\nA-01 MUG 5 quarantine" in world.holds()
    mara.tap("undo")
    assert "A-01 MUG 12" in world.holds()
    mara.scan("A-01").type("5").tap("to:quarantine", "reason:quality")
    mara.scan("A-01").tap("row:1")
    assert [key.value for key in mara.prompt.choices] == ["damaged"], "setting free is no worker's"
    ruth = world.worker("ruth", "worker supervisor", device="HH-02").tap("start:status").scan("A-01", "#MUG")
    assert ruth.asks == "Scan the goods"
    ruth.tap("row:1", "to:available", "reason:cleared")
    assert ruth.says == "5 × MUG: quarantine → available."
    ruth.scan("A-01").tap("to:quarantine", "reason:quality").scan("A-01").tap("to:available")
    assert (ruth.refusal, ruth.says) == (
        "same_person",
        "Ruth stopped these goods, so somebody else must set them free.",
    )
    world.check()


def test_two_who_stopped_the_same_item_in_two_places_each_set_the_others_free(build: Build) -> None:
    world = build(STOCK + "A-05  MUG  4")
    mara = world.worker("mara", "worker supervisor").tap("start:status")
    ruth = world.worker("ruth", "worker supervisor", device="HH-02").tap("start:status")
    mara.scan("A-01").tap("to:quarantine", "reason:quality")
    ruth.scan("A-05").tap("to:quarantine", "reason:quality")
    mara.scan("A-01").tap("to:available")
    assert mara.refusal == "same_person", "what another stopped elsewhere meanwhile changes nothing"
    ruth.scan("A-01").tap("to:available", "reason:cleared")
    assert ruth.says == "12 × MUG: quarantine → available."
    mara.scan("A-05").tap("to:available", "reason:cleared")
    assert mara.says == "4 × MUG: quarantine → available."
    world.check()


def test_damage_wants_a_photo_a_price_and_a_limit(build: Build, tmp_path: Path) -> None:
    world = build(STOCK)
    mara = world.worker("mara", "worker").tap("start:status").scan("A-01").tap("to:damaged", "reason:damaged")
    assert (mara.asks, mara.prompt.ask) == ("Take a photo", "photo")
    shot = picture(world, mara, tmp_path)
    mara.turn(shot, "photo")
    assert mara.refusal == "no_price"
    world.change(item, item.c.code == "MUG", standard_cost=1_000)
    world.worker("ruth", "worker supervisor", device="HH-02")
    mara.turn(shot, "photo")
    assert mara.asks == "Supervisor: scan badge"
    mara.released_by("ruth")
    assert mara.says == "12 × MUG: available → damaged."
    assert "A-01 MUG 12 damaged" in world.holds()
    assert len(world.rows(select(journal.c.seq).where(journal.c.kind == "overridden"))) == 1
    assert world.rows(select(photo_of.c.subject))[0][0].startswith("status ")
    with world.db.reading() as tx:
        line = ledger.ledger(tx, JournalFilter(kind="status_changed"), ()).page.rows[0]
    assert (line.words, line.photos) == ("12 × MUG, A-01, available → damaged", (shot,))
    world.check()


def test_goods_with_another_job_and_goods_promised_are_left_alone(build: Build) -> None:
    world = build(STOCK)
    mara = world.worker("mara", "worker").tap("start:status").scan("LPN-0001")
    assert mara.asks == "Nothing to change here"
    mara.tap("to:available")
    assert (mara.refusal, mara.prompt.why) == (
        "no_such_change",
        ("Inspect them: the verdict says what they become.",),
    )
    mara.scan("A-02")
    assert len(mara.prompt.choices) == 2
    mara.scan("#MUG")
    assert mara.refusal == "not_among_them"
    mara.scan("L1").tap("to:quarantine", "reason:supplier")
    assert "A-02 HONEY 6 lot L1 quarantine" in world.holds()
    mara.scan("A-09")
    assert mara.refusal == "nothing_there"
    assert not world.rows(select(allocation.c.line))
    world.check()


def test_pieces_with_serials_are_scanned(build: Build) -> None:
    world = build(STOCK)
    mara = world.worker("mara", "worker").tap("start:status").scan("A-04").type("2")
    assert mara.refusal == "scan_serials"
    mara.scan("S2", "S2")
    assert mara.refusal == "not_among_them"
    mara.scan("S1").tap("to:quarantine", "reason:quality")
    assert "A-04 SCANNER 1\nA-04 SCANNER 2 quarantine" in world.holds()
    world.check()


def test_a_row_that_cannot_be_is_refused(build: Build) -> None:
    world = build("")
    for row, why in (
        (Change(from_status="available", to_status="available"), "there is no such change"),
        (Change(from_status="available", to_status="lost"), "there is no such change"),
        (Change(from_status="available", to_status="damaged", roles="wizard"), "there is no role wizard"),
        (Change(from_status="available", to_status="damaged", limit_kind="luck"), "there is no limit luck"),
    ):
        with pytest.raises(BadChange, match=why):
            world.db.do(lambda tx, row=row: status_changes.change(tx, row))  # type: ignore[misc]
