"""Writing off: a piece in a bin is broken, and leaves for good, with a photo of it.

Only pieces that nobody ordered break, so that every order can still be served; the crew's own papers say how many those
are. Where the house has promised all that lies there, the worker leaves it and goes on.
"""

from app.crew.goods import Pile
from app.crew.work import Slip, Worker

REASON = "damaged"
NOT_FREE = ("promised", "more_than_free", "not_enough", "not_corrected_here", "bin_blocked")


def write_off(worker: Worker) -> bool:
    """One broken piece. False where none breaks, or all there is promised."""
    house = worker.house
    found = house.worth_moving(worker.dice)
    if found is None or not house.give_up_spare(found[2].item, 1):
        return False
    place, _, pile = found
    with house.hands_on(place):
        if _written_off(worker, place, pile):
            house.take(place, pile.item, pile.lot, 1)
            house.broken += 1
            return True
    house.give_up_spare(pile.item, -1)
    return False


def _written_off(worker: Worker, place: str, pile: Pile) -> bool:
    worker.menu("adjusting")
    worker.scan(f"LOC/{place}", Slip("place", f"LOC/{place}X", ("unknown",)), may=NOT_FREE)
    if worker.asks == "Scan item":
        worker.scan(pile.label, may=NOT_FREE)
    if worker.handheld.answer.refusal or not worker.offers("write_off"):
        return False
    worker.tap("write_off")
    worker.type("1", Slip("quantity", "0", ("bad_amount",), "type"), may=NOT_FREE)
    if worker.handheld.answer.refusal:
        return False
    worker.tap("reason", REASON, Slip("reason", "reason:no_such", ("no_such_reason",), "tap"))
    if worker.asks == "Take a photo":
        worker.photo()
    worker.expect("Scan place or LPN")
    return True
