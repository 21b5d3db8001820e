"""Inspection: a sample of what came in is looked at by somebody who did not receive it.

How many to look at the house says; whether a piece is good the worker sees. One piece of some lots is planted as broken
here, never one an order needs: either the sample may have one such, or the lot fails and every piece is looked at. The
broken one then stands apart, and the others wait for a bin like any arrival.
"""

from app.crew.goods import Pile, Sampled
from app.crew.work import Odd, Slip, Worker

HELD = "inspection"
MOST_SCANS = 3  # equal pieces one after the other; more are typed
MOST_STEPS = 1000
BROKEN = 0.5  # of the lots
WRONG_WITH = ("sound", "label")  # the first wants a photo


def inspect(worker: Worker) -> bool:
    """One lot, to its verdict. False when none waits that somebody else received."""
    house = worker.house
    with house.working("inspect"):
        found = house.next_to_inspect(worker.handheld.who.badge)
        if found is None:
            return False
        try:
            _look(worker, found)
        except Odd:
            house.to_inspect.append(found)
            raise
    return True


def _look(worker: Worker, found: Sampled) -> None:
    house = worker.house
    mine = [
        pile for pile in house.at(found.place) if (pile.item, pile.lot, pile.status) == (found.item, found.lot, HELD)
    ]
    if len(mine) != 1:
        raise Odd(f"{found.item} {found.lot} should wait at {found.place}, and there is {mine}.")
    pile = mine[0]
    _begin(worker, found, pile)
    broken = 0
    if found.plate and pile.quantity > 1 and worker.dice.random() < BROKEN and house.give_up_spare(pile.item, 1):
        broken = 1
    _sample(worker, found.plate, pile, broken)
    worker.expect("Passed: scan the goods")
    worker.scan(found.plate or pile.label, *(Slip("lpn", plate, ("other_lot",)) for plate in list(house.put_away)[-1:]))
    worker.expect("Scan LPN or lot")
    house.restate(found.place, pile, "available")
    if found.plate:
        if broken:
            bad = house.take(found.plate, pile.item, pile.lot, 1)
            assert bad is not None
            bad.status = "damaged"
            house.put(found.dock, bad)
        house.pallets.append(found.plate)


def _begin(worker: Worker, found: Sampled, pile: Pile) -> None:
    """By the pallet, or the bin; where several such lots lie in it, by the goods."""
    house, badge = worker.house, worker.handheld.who.badge
    others = [one for one in list(house.to_inspect) if one.by == badge and one.plate]
    slips = [Slip("person", one.plate, ("same_person", "not_under_inspection")) for one in others]
    slips += [Slip("lpn", plate, ("not_under_inspection",)) for plate in list(house.put_away)[-1:]]
    worker.menu("inspecting")
    worker.scan(found.plate or f"LOC/{found.bin}", *slips, may=("which_lot",))
    if worker.handheld.answer.refusal:
        worker.scan(pile.label)


def _sample(worker: Worker, plate: str, pile: Pile, broken: int) -> None:
    """Piece by piece, the broken one first; all of them where the sample failed."""
    for _ in range(MOST_STEPS):
        if worker.asks == "Failed: scan the goods":
            worker.tap("sort")
        if worker.asks != "Good? Scan it" or worker.prompt.progress is None:
            return
        seen, sample = worker.prompt.progress
        if seen < broken:
            worker.tap(
                "defect", worker.dice.choice(WRONG_WITH), Slip("check", "defect:taste", ("no_such_check",), "tap")
            )
            worker.expect("Scan the defective unit")
        _unit(worker, plate, pile, seen, sample - seen)
        if worker.asks == "Take a photo":
            worker.photo()
    raise Odd(f"{pile.item} on {plate} is never looked at to the end.")


def _unit(worker: Worker, plate: str, pile: Pile, seen: int, left: int) -> None:
    code, other = worker.dice.choice(list(worker.truth.items.items()))
    slips = [Slip("item", other.barcode, ("other_lot",))] if code != pile.item else []
    slips += [Slip("lot", f"{pile.label}X", ("other_lot",))] if pile.lot else []
    slips += [Slip("early", plate, ("sample_incomplete",))] if plate else []
    if pile.serials:
        slips += [Slip("double", pile.serials[seen - 1], ("inspected_already",))] if seen else []
        worker.scan(pile.serials[seen], *slips)
    elif left > MOST_SCANS and worker.asks == "Good? Scan it":
        worker.type(str(left), *slips, Slip("quantity", str(pile.quantity + 1000), ("above_sample",), "type"))
    else:
        worker.scan(pile.label, *slips)
        worker.second_thoughts(pile.label)
