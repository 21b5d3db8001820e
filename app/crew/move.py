"""Moving: some of a bin's goods into another bin of the same item, or into one that is empty now.

The house may say no: what is promised to an order stays, and a bin may not take it. Then the goods go back to where they
came from, and nothing has happened.
"""

import time

from app.crew.goods import Pile
from app.crew.work import Odd, Slip, Worker

NOT_FREE = ("promised", "more_than_free", "nothing_there", "not_there", "held_by_task", "bin_blocked")
PATIENCE_S, PAUSE_S = 60.0, 0.2
ELSEWHERE_S = (
    40.0  # at the end of that: elsewhere, as a count of its bin waits for our hand, or other goods lie there now
)
NO_ROOM = ("bin_full", "bin_blocked", "mix_rule", "not_allowed_here")


def move(worker: Worker) -> bool:
    """A few pieces. False when no bin is worth it, or all there is promised."""
    house = worker.house
    found = house.worth_moving(worker.dice)
    if found is None:
        return False
    source, target, pile = found
    taken = _take(worker, source, pile, worker.dice.randint(1, pile.quantity))
    if taken is None:
        return False
    if not _set_down(worker, target, taken):
        until, place = time.monotonic() + PATIENCE_S, source
        while not _set_down(worker, place, taken):  # somebody counts it just now, and waits for what is in our hand
            if time.monotonic() > until:
                why = worker.handheld.answer.refusal
                raise Odd(f"{taken.quantity} × {taken.item} may not go back to {source}: {why}.")
            time.sleep(PAUSE_S)
            if time.monotonic() > until - ELSEWHERE_S:
                place = house.empty_bin(worker.dice) or house.another_bin(worker.dice, source) or source
    return True


def _take(worker: Worker, source: str, pile: Pile, quantity: int) -> Pile | None:
    """Into the hand. None where it is promised."""
    house = worker.house
    worker.menu("moving")
    with house.hands_on(source):
        worker.scan(pile.label, Slip("place", f"LOC/{source}X", ("unknown", "not_on_trolley")), may=NOT_FREE)
        if worker.asks == "Scan where you take it":
            worker.scan(f"LOC/{source}", may=NOT_FREE)
        if worker.asks in ("Scan or type the lot", "Which of them?"):
            worker.scan(pile.label, may=NOT_FREE)
        if worker.asks.startswith("Scan each piece"):
            too_many = Slip("quantity", f"{pile.quantity + 1000}", NOT_FREE, "type")
            worker.type(str(quantity), too_many, may=NOT_FREE)
        else:
            quantity = 1  # a single piece is taken without a question
        return None if worker.handheld.answer.refusal else house.take(source, pile.item, pile.lot, quantity)


def _set_down(worker: Worker, place: str, pile: Pile) -> bool:
    """False when it may not lie there."""
    with worker.house.hands_on(place):
        worker.scan(f"LOC/{place}", may=NO_ROOM)
        if worker.handheld.answer.refusal:
            return False
        worker.house.put(place, pile)
    return True
