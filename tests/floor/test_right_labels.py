"""After a refusal the answer names what may be scanned to go on: barcodes and codes of the right thing, nothing else."""

from collections.abc import Callable

from tests.workflows.picking_floor import Picking, start
from tests.world import Hand, World

Build = Callable[[str], World]
STOCK = "A-01 TEE 2\nA-02 MUG 2"


def test_the_right_place_item_and_tote_are_told_by_the_texts_on_their_labels(build: Build) -> None:
    picking = two_tees(build)
    mara = start(picking, "T-0001")
    right, then = refused(mara.scan("A-02"))
    assert (right[0], then) == ("A-01", "A-01")
    right, then = refused(mara.scan("A-01", "#MUG"))
    assert (right[0], then) == ("TEE", "TEE")
    assert picking.world.barcodes["TEE"] in right, "the label on the goods is its barcode, not its code"
    assert "*" not in right
    right, then = refused(mara.scan("#TEE", "#TEE", "T-0002"))
    assert (right, then) == (("T-0001",), "T-0001")
    right, then = refused(mara.scan("#TEE"))
    assert (right, then) == (("T-0001",), "T-0001"), "too many of the right item: the tote is what is asked"
    picking.world.check()


def test_after_an_unknown_code_any_other_label_will_do(build: Build) -> None:
    picking = two_tees(build)
    right, then = refused(start(picking, "T-0001").scan("NOBODY-KNOWS"))
    assert ("*" in right, then) == (True, "A-01")


def test_a_place_nobody_proposed_is_not_told_so_any_other_label_will_do(build: Build) -> None:
    world = build(STOCK)
    world.location("B-01", blocked="broken beam")
    mara = world.worker("mara", roles="worker mover")
    right, then = refused(mara.tap("start:moving").scan("A-01", "#TEE", "B-01"))
    assert (right, then) == (("*",), ""), "where it goes is the worker's own choice"


def two_tees(build: Build) -> Picking:
    picking = Picking(build(STOCK))
    picking.order("1001", ("TEE", 2))
    picking.release()
    picking.tote("T-0001", "T-0002")
    return picking


def refused(hand: Hand) -> tuple[tuple[str, ...], str]:
    verdict = hand.answer.verdict
    assert verdict is not None
    assert verdict.kind == "error"
    return verdict.right, verdict.then
