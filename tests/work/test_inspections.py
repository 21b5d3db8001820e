"""Sampling plans are ISO 2859-1's, contradicting rows are refused, and the switching rules follow the standard."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from app import importing
from app.db import Tx
from app.schema.documents import po_line, purchase_order
from app.schema.quality import inspection
from app.stock.events import Received
from app.stock.ledger import By, post
from app.stock.slots import Slot
from app.work import master
from app.work.inspections import plans, rules, switching
from app.work.inspections.plans import Contradicts, Letter, NoPlan, Row
from app.work.inspections.switching import Standing
from tests.world import World

Build = Callable[[str], World]

# (lot, level, AQL, severity): letter, sample, accept; read off tables 1 and 2-A to 2-C of the standard.
TABLES = {
    (120, "II", "1.0", "normal"): ("F", 13, 0),  # the arrow up
    (8, "II", "6.5", "normal"): ("A", 2, 0),
    (500, "II", "1.0", "normal"): ("H", 50, 1),
    (300, "II", "0.65", "normal"): ("H", 80, 1),  # the arrow down
    (1_000, "II", "2.5", "normal"): ("J", 80, 5),
    (1_000, "II", "2.5", "tightened"): ("J", 80, 3),
    (1_000, "II", "2.5", "reduced"): ("J", 32, 3),
    (40_000, "III", "0.065", "normal"): ("P", 800, 1),
    (5, "I", "1.0", "normal"): ("A", 5, 0),  # the sample would be larger than the lot: every unit
    (1_000, "S-1", "4.0", "normal"): ("C", 3, 0),
    (1_000, "S-3", "1.0", "normal"): ("E", 13, 0),
    (3_200, "S-4", "2.5", "normal"): ("G", 32, 2),
    (280, "S-2", "2.5", "tightened"): ("C", 8, 0),
    (9_000_000, "II", "1.0", "normal"): ("Q", 1_250, 21),
}


def test_plans_are_those_of_the_standard(build: Build) -> None:
    world = build("")
    with world.db.reading() as tx:
        for (lot, level, aql, severity), (letter, size, accept) in TABLES.items():
            found = plans.plan(tx, lot, level, aql, severity)
            assert (found.letter, found.size, found.accept) == (letter, size, accept), (lot, level, aql, severity)
        assert not plans.gaps(plans.letters(tx))
        with pytest.raises(NoPlan, match=r"no plan for 10 units at level II, AQL 3\.3"):
            plans.plan(tx, 10, "II", "3.3", "normal")
        tighter = plans.tighter(tx, 1_000, "II", "2.5")
        assert tighter is not None
        assert tighter.accept == 3


def test_a_row_that_contradicts_another_is_refused(build: Build) -> None:
    world = build("")
    world.item("HONEY", category="food")

    def refused(work: Callable[..., None], row: object) -> str:
        with pytest.raises((Contradicts, rules.BadRule)) as why:
            world.db.do(lambda tx: work(tx, row))
        return f"{why.value.code}: {why.value.sentence}"

    overlapping = Letter(level="II", lot_from=100, lot_to=200, letter="F")
    assert refused(plans.save_letter, overlapping) == (
        "plan_contradicts: Level II, 100 to 200 contradicts 91 to 150 (letter F): the lot sizes overlap."
    )
    less = Row(severity="normal", letter="K", aql="1.0", size=20, accept=3, reject=4)
    assert "a larger lot would be looked at less" in refused(plans.save_plan, less)
    gap = Row(severity="normal", letter="K", aql="1.0", size=125, accept=3, reject=5)
    assert "4 defects would neither pass nor fail" in refused(plans.save_plan, gap)
    assert "no such letter" in refused(plans.save_letter, Letter(level="II", lot_from=1, lot_to=8, letter="I"))
    both = rules.Rule(item="HONEY", category="food")
    assert refused(rules.save, both) == (
        "bad_rule: HONEY category food: an item has its category already: name one of them."
    )
    assert "no plan for level II and AQL 3.3" in refused(rules.save, rules.Rule(item="HONEY", aql="3.3"))
    assert "there is no supplier NOBODY" in refused(rules.save, rules.Rule(supplier="NOBODY"))
    outside = rules.Check(code="height", words="Height", kind="measure", low=9, high=3)
    assert "nothing lies between 9 and 3" in refused(rules.save_check, outside)
    world.db.do(
        lambda tx: plans.save_plan(tx, Row(severity="normal", letter="K", aql="1.0", size=125, accept=2, reject=3))
    )


def test_the_table_itself_refuses_the_receiver_as_inspector(build: Build) -> None:
    world = build("")
    with pytest.raises(Exception, match="inspection_by_another"):
        world.add(inspection, id="I-1", item="HONEY", receiver="mara", inspector="mara")
    world.add(inspection, id="I-1", item="HONEY", receiver="mara", inspector="tom")


def test_every_third_lot_is_inspected_counted_from_the_last_one(build: Build) -> None:
    world = build("")
    world.location("DOCK-1", kind="dock")
    world.item("HONEY", lot_tracked=1)
    world.add(purchase_order, code="PO-1", supplier="ACME")
    world.add(po_line, po="PO-1", line="1", item="HONEY", quantity=100)
    world.db.do(lambda tx: rules.save(tx, rules.Rule(item="HONEY", every=3)))
    came = []
    for number in range(1, 9):
        for _ in range(2):  # the same lot again is treated alike

            def receive(tx: Tx, lot: str = f"L{number}") -> str:
                status = rules.arrives_as(tx, "HONEY", "PO-1", lot=lot)
                slot = Slot(location="DOCK-1", lot=lot, status=status)
                post(tx, Received(po="PO-1", line="1", item="HONEY", quantity=1, target=slot), By(worker="mara"))
                return status

            came.append(world.db.do(receive))
    assert [n // 2 + 1 for n in range(0, 16, 2) if came[n] == "inspection"] == [1, 4, 7]
    assert came[::2] == came[1::2]


def results(standing: Standing, told: str, *, accept: int = 2, tighter: bool = True) -> Standing:
    for one in told:
        standing = switching.after(standing, accepted=one == "A", accept=accept, would_pass_tighter=tighter)
    return standing


def test_the_switching_rules_of_the_standard() -> None:
    new = Standing(item="HONEY", supplier="ACME")
    assert results(new, "RAAAAR").severity == "normal", "the first failure is six lots back"
    tightened = results(new, "RAAR")
    assert tightened.severity == "tightened"
    assert results(tightened, "AAAA").severity == "tightened"
    assert results(tightened, "AAAAA").severity == "normal"
    assert results(tightened, "RRRR").stopped == 0
    stopped = results(tightened, "RARRARR")
    assert stopped.stopped == 1
    assert "stopped" in stopped.in_words()
    assert msgspec.structs.replace(switching.set_back(stopped), stopped=0).severity == "tightened"
    assert results(new, "A" * 9).severity == "normal"
    reduced = results(new, "A" * 10)
    assert reduced.severity == "reduced"
    assert results(new, "A" * 14, accept=0).severity == "normal"
    assert results(new, "A" * 15, accept=0).severity == "reduced"
    assert results(new, "A" * 20, tighter=False).score == 0
    assert results(reduced, "R").severity == "normal"


def test_the_erp_and_an_import_meet_the_same_rules(build: Build, tmp_path: Path) -> None:
    world = build("")
    world.item("HONEY")

    def tell(kind: str, **facts: object) -> str:
        message = master.decode(kind, {"code": "R-1", **facts})
        outcome = world.db.do(lambda tx: master.apply(tx, message, By(worker="erp")))
        return f"{outcome.state}: {outcome.sentence}"

    assert tell("inspection.rule", item="HONEY", aql="2.5") == "applied: Inspection of HONEY is known."
    assert tell("inspection.rule", item="HONEY", aql="2.5") == "same: Inspection of HONEY is already so."
    assert tell("inspection.rule", item="TEA").startswith("dead: Inspection of TEA needs item TEA")
    overlap = tell("inspection.letter", lot_from=100, lot_to=200, letter="F")
    assert overlap.startswith("dead: plan_contradicts: Level II, 100 to 200 contradicts 91 to 150")
    less = tell("inspection.plan", letter="K", aql="1.0", size=20, accept=3, reject=4)
    assert less.startswith("dead: plan_contradicts:")
    assert tell("inspection.check", words="Smells good") == "applied: Inspection check R-1 is known."
    (tmp_path / "inspection_rules.csv").write_text("item,aql,every\nHONEY,6.5,3\nHONEY,3.3,\n")
    (tmp_path / "sample_letters.csv").write_text("level,lot_from,lot_to,letter\nII,100,200,F\n")
    report = importing.run(world.db, tmp_path)
    assert not report.imported
    assert "HONEY is already in row 2" in report.in_words()
    (tmp_path / "inspection_rules.csv").write_text("item,aql,every\nHONEY,6.5,3\n")
    report = importing.run(world.db, tmp_path)
    assert "plan_contradicts: Level II, 100 to 200 contradicts" in report.in_words()
    (tmp_path / "sample_letters.csv").unlink()
    assert importing.run(world.db, tmp_path).imported
    with world.db.reading() as tx:
        assert [(rule.item, rule.aql, rule.every) for rule in rules.rules(tx)] == [("HONEY", "6.5", 3)]
