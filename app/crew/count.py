"""Counting: somebody looks into a bin and says what lies there, piece by piece or by number.

The counter is told nothing, and tells what is there. What goes in or out meanwhile the house must work out by itself: each
number is told while no other hand is in the bin, and the others go on between two numbers. A bin with pieces planted as
missing is counted, too: then the house hears of it here first.
"""

from collections.abc import Sequence
from dataclasses import replace

from app.crew.goods import Pile
from app.crew.truth import Item
from app.crew.work import Odd, Slip, Worker

MOST_SCANS = 3  # equal pieces one after the other; more are typed
MOST_ROUNDS = 20  # of a count that others disturb
OTHERS = ("place_in_use", "same_person", "not_countable", "running_elsewhere", "goods_in_hand")  # somebody else's now
MOVED = ("moved_meanwhile", "goods_in_hand")


def count(worker: Worker, place: str = "") -> bool:
    """One place: the one named, a count that waits, or any bin. False where it is somebody else's."""
    house = worker.house
    worker.menu("counting")
    if not place and worker.offers("next") and worker.dice.random() < 0.7:
        worker.tap("next")
    if not place:
        place = worker.prompt.place if worker.asks == "Scan location" else house.another_bin(worker.dice, "")
    if not place:
        return False
    other = house.another_bin(worker.dice, place)
    slips = [Slip("place", f"LOC/{other}", ("other_place",))] if other and worker.asks == "Scan location" else []
    worker.scan(f"LOC/{place}", *slips, confirm=("being_picked",), may=OTHERS)
    if worker.handheld.answer.refusal:
        return False
    only = worker.prompt.job.removeprefix("Count").strip()
    worker.expect("Scan every piece")
    told: set[tuple[str, str]] = set()
    for _ in range(MOST_ROUNDS):
        with house.hands_on(place):  # what somebody has in hand is not gone
            untold = {(p.item, p.lot) for p in house.at(place) if only in ("", p.item)} - told
            if not untold:
                worker.tap("nothing", may=MOVED)
                if worker.handheld.answer.refusal:  # what came or went since it was told stays uncounted
                    worker.tap("nothing")
                return True
        for code, lot in sorted(untold):
            _tell(worker, place, code, lot)
        told |= untold
    raise Odd(f"{place} is never counted to the end.")


def _tell(worker: Worker, place: str, code: str, lot: str) -> None:
    """All of one pile, as it is when the hands are free; said anew where the house noticed a move."""
    item = worker.truth.items[code]
    for _ in range(MOST_ROUNDS):
        with worker.house.hands_on(place):
            piles = [pile for pile in worker.house.at(place) if (pile.item, pile.lot) == (code, lot)]
            if not piles or _say(worker, item, _together(piles)):
                return
    raise Odd(f"{code} at {place} is never counted to the end.")


def _together(piles: Sequence[Pile]) -> Pile:
    """Whether a piece may be sold cannot be seen."""
    serials = [serial for pile in piles for serial in pile.serials]
    return replace(piles[0], quantity=sum(pile.quantity for pile in piles), serials=serials)


def _say(worker: Worker, item: Item, pile: Pile) -> bool:
    """False where it must be begun anew."""
    if item.serial_tracked:
        for number, serial in enumerate(pile.serials):
            twice = [Slip("double", pile.serials[number - 1], ("serial_counted",))] if number else []
            worker.scan(serial, *twice, may=MOVED)
            if worker.handheld.answer.refusal:
                return False
        return True
    alone = pile.quantity if pile.quantity <= MOST_SCANS else 1
    for _ in range(alone):
        worker.scan(pile.label, may=MOVED)
        if worker.handheld.answer.refusal:
            return False
    if alone < pile.quantity:
        worker.tap("many")
        worker.type(str(pile.quantity))
    return True
