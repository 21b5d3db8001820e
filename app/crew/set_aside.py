"""Setting goods aside: somebody doubts a lot or some pieces, and nothing of them may be sold until another has looked.

A lot is put on hold as a whole, wherever it lies; pieces in a bin are put into quarantine. Whoever did it may not set them
free again. Some pieces that no order needs stay in quarantine for good.
"""

import time

from app.crew.goods import Aside
from app.crew.work import Odd, Slip, Worker

MOST_PIECES = 3
FOR_GOOD = 0.3  # of the pieces nobody ordered
NOT_FREE = ("promised", "more_than_free", "nothing_there", "held_by_task", "bin_blocked", "on_hold")
NO_REASON = Slip("reason", "reason:no_such", ("no_such_reason",), "tap")


def hold(worker: Worker) -> bool:
    """One lot. False where none lies in the bins looked at, or it is held already."""
    house = worker.house
    pile = house.a_lot(worker.dice)
    if pile is None or not house.may_doubt:
        return False
    one = Aside(pile.item, pile.lot, worker.handheld.who.badge, time.monotonic(), label=pile.label)
    if not house.begin_aside(one):
        return False
    try:
        worker.menu("holding")
        worker.scan(pile.label, Slip("item", "NOT-A-CODE", ("unknown", "no_lot_here")))
        worker.expect("Why hold it?")
        worker.tap("reason", "quality", NO_REASON)
        worker.expect("Scan the lot")
    except Odd:
        house.end_aside(one)
        raise
    house.aside.append(one)
    return True


def quarantine(worker: Worker) -> bool:
    """A few pieces of a bin. False where all there is promised, or none is worth it."""
    house = worker.house
    found = house.worth_moving(worker.dice)
    if found is None:
        return False
    place, _, pile = found
    quantity = worker.dice.randint(1, min(MOST_PIECES, pile.quantity))
    for_good = worker.dice.random() < FOR_GOOD and house.give_up_spare(pile.item, quantity)
    one = Aside(
        pile.item,
        pile.lot,
        worker.handheld.who.badge,
        time.monotonic(),
        label=pile.label,
        place=place,
        quantity=quantity,
    )
    if not (for_good or (house.may_doubt and house.begin_aside(one))):
        return False
    done = False
    try:
        done = _restate(worker, one, "available", "quarantine", "quality")
    finally:
        if not done and for_good:
            house.give_up_spare(pile.item, -quantity)
        elif not done:
            house.end_aside(one)
    if done and not for_good:
        house.aside.append(one)
    return done


def set_free(worker: Worker) -> bool:
    """What somebody else set aside a while ago. False where nothing is."""
    house = worker.house
    with house.working("set_free"):
        one = house.next_aside(worker.handheld.who.badge)
        if one is None:
            return False
        if one.place and not _restate(worker, one, "quarantine", "available", "cleared"):
            raise Odd(f"{one.quantity} × {one.item} at {one.place} may not be set free.")
        if not one.place:
            _clear(worker, one)
        house.end_aside(one)
    return True


def _clear(worker: Worker, one: Aside) -> None:
    worker.menu("holding")
    worker.scan(one.label)
    worker.expect("On hold")
    key = next((key for key in worker.prompt.choices if key.name == "clear"), None)
    if key is None:
        raise Odd(f"Lot {one.lot} of {one.item} cannot be cleared by somebody else than {one.by}.")
    worker.tap("clear", key.value)
    worker.expect("Why is it good?")
    worker.tap("reason", "tested", NO_REASON)


def _restate(worker: Worker, one: Aside, before: str, after: str, why: str) -> bool:
    """From one status to another where it lies. False where the house says it is not free."""
    house = worker.house
    with house.hands_on(one.place):
        worker.menu("status")
        worker.scan(f"LOC/{one.place}", Slip("place", f"LOC/{one.place}X", ("unknown",)), may=NOT_FREE)
        if worker.asks == "Scan the goods":
            _choose(worker, one, before)
        if worker.handheld.answer.refusal:
            return False
        if worker.prompt.quantity != one.quantity:
            too_many = Slip("quantity", f"{one.quantity + 100000}", NOT_FREE, "type")
            worker.type(str(one.quantity), too_many, may=NOT_FREE)
            if worker.handheld.answer.refusal:
                return False
        worker.tap("to", after, Slip("status", "to:returned", ("no_such_change",), "tap"))
        worker.expect("Why?")
        worker.tap("reason", why, NO_REASON)
        worker.expect("Scan LPN or place")
        pile = house.take(one.place, one.item, one.lot, one.quantity, before)
        if pile is None or pile.quantity < one.quantity:
            raise Odd(f"{one.quantity} × {one.item} at {one.place} were {before}, and there are {pile}.")
        pile.status = after
        house.put(one.place, pile)
    return True


def _choose(worker: Worker, one: Aside, before: str) -> None:
    """Several goods lie there: those of this item, lot and status."""
    for key in worker.prompt.choices:
        words = key.label.split(" · ")
        said = [word.removeprefix("lot ") for word in words[1:]]
        status = said[-1] if said and said[-1] in ("quarantine", "damaged") else "available"
        if words[0].endswith(f" × {one.item}") and status == before and one.lot in ("", *said):
            worker.tap("row", key.value, may=NOT_FREE)
            return
    raise Odd(f"{one.place} should have {before} {one.item} among {[key.label for key in worker.prompt.choices]}.")
