"""Returns: a customer sends pieces of an order back, and somebody looks at each.

The grade is the worker's own judgement, drawn by lot here; what becomes of the goods the house says. What may be sold
again goes onto a plate and waits for a bin like any arrival; what may not stays where returns stand. Pieces of an item
that shall be found short are never sent back, for they would fill the gap.
"""

from dataclasses import replace

from app.crew.goods import Pile
from app.crew.work import Slip, Worker

MOST_BACK = 3  # pieces of one line
GRADES = "AAABCD"  # as often as a worker gives them
WRONG_WITH = {"B": "sealed", "C": "complete", "D": "sound"}  # what such a piece fails
REASON = "unwanted"
BECOMES = {"Restock": "available", "Liquidate": "damaged"}  # and "returned" on every other way


def take_back(worker: Worker) -> bool:
    """One parcel with one kind of goods. False when no customer sends one."""
    house = worker.house
    with house.working("returns"):
        found = house.sent_back(worker.dice, MOST_BACK)
        if found is None:
            return False
        _take(worker, *found)
        house.taken_back += 1
    return True


def _take(worker: Worker, order: str, pile: Pile) -> None:
    dock = worker.dice.choice(worker.truth.places.staging)
    worker.menu("returning")
    worker.scan(order, Slip("item", worker.truth.items[pile.item].barcode, ("scan_parcel",)))
    if worker.asks == "Scan staging place":
        carts = worker.truth.places.carts[:1]
        worker.scan(f"LOC/{dock}", *(Slip("place", f"LOC/{cart}", ("not_for_receiving",)) for cart in carts))
    for one in [pile] if not pile.serials else [pile.split(1) for _ in range(pile.quantity)]:
        _one(worker, order, dock, one)
    worker.expect("Scan item")
    worker.tap("close")
    worker.expect("Scan parcel")


def _one(worker: Worker, order: str, dock: str, pile: Pile) -> None:
    house = worker.house
    ordered = {line.item for line in worker.truth.orders[order].lines}
    stranger = next((thing.barcode for code, thing in worker.truth.items.items() if code not in ordered), "")
    worker.scan(pile.label, *([Slip("item", stranger, ("not_on_rma",))] if stranger else []))
    if worker.asks == "Scan its serial":
        worker.scan(pile.serials[0])
    if worker.asks == "Why does it come back?":
        worker.tap("reason", REASON, Slip("reason", "reason:no_such", ("no_such_reason",), "tap"))
    worker.expect("Grade it")
    for _ in range(pile.quantity - 1):
        worker.scan(pile.label)
    _grade(worker)
    way = worker.asks
    if way == "Scrap":
        worker.tap("confirm")
        house.scrapped.append(pile)
        return
    plate = house.new_plate()
    worker.scan(plate)
    if way == "Restock":
        house.put(plate, pile)
        house.pallets.append(plate)
    else:
        house.put(dock, replace(pile, status=BECOMES.get(way, "returned")))


def _grade(worker: Worker) -> None:
    """A says yes to everything; below it the answers come first, with a photo."""
    grade = worker.dice.choice(GRADES)
    if grade != "A":
        worker.photo()
        for check in ("complete", "sealed", "sound"):
            worker.tap("no" if check == WRONG_WITH[grade] else "yes", check)
    slips = [Slip("grade", "grade:Z", ("no_such_grade",), "tap")]
    if grade != "A":
        slips.append(Slip("grade", "grade:A", ("grade_too_good",), "tap"))
    worker.tap("grade", grade, *slips)
