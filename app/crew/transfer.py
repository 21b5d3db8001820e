"""Transfers: goods for another site are taken from the shelves to the door, and goods from there are taken in.

What goes is nothing an order needs. It is ours until the other site says it has it: on the way it lies nowhere, in transit.
"""

from app.crew.goods import Pile
from app.crew.truth import Transfer, TransferLine
from app.crew.work import Odd, Slip, Worker

MOST_BINS = 10  # looked into for one line
OTHERS = ("other_goods_first",)  # the house proposes the first to expire; what is at hand serves as well
TRANSIT, IN_TRANSIT = "~transit", "in_transit"
NOT_FREE = ("promised", "more_than_free", "nothing_there", "not_there", "held_by_task", "bin_blocked", "on_hold")


def transfer(worker: Worker) -> bool:
    """One transfer, as far as it can be done now. False when none waits."""
    house = worker.house
    with house.working("transfer"):
        try:
            one = house.transfers.popleft()
        except IndexError:
            return False
        left = _take_in(worker, one) if one.arrives else _send(worker, one)
        if left:
            house.transfers.append(Transfer(code=one.code, arrives=one.arrives, lines=tuple(left)))
        return len(left) < len(one.lines)


# ── to the other site ────────────────────────────────────────────────────────────────────────────────────────────────
def _send(worker: Worker, one: Transfer) -> list[TransferLine]:
    """What of it could not be taken now."""
    house, left = worker.house, []
    taken: list[Pile] = []
    worker.menu("transferring")
    worker.scan(one.code, Slip("document", next(iter(worker.truth.orders)), ("not_a_transfer",)))
    for line in one.lines:
        pile = _gather(worker, line)
        if pile is None:
            left.append(line)
        else:
            taken.append(pile)
    if taken:
        worker.expect("Scan dock, or take more")
        worker.scan(f"LOC/{worker.dice.choice(worker.truth.places.doors)}")
        for pile in taken:
            pile.status = IN_TRANSIT
            house.put(TRANSIT, pile)
    return left


def _gather(worker: Worker, line: TransferLine) -> Pile | None:
    """Off a shelf and onto the trolley; None where nobody may take it just now."""
    house, wanted = worker.house, line.pallet.quantity
    for place in house.bins_with(line.item, wanted)[:MOST_BINS]:
        with house.hands_on(place):
            found = next(
                (pile for pile in house.at(place) if (pile.item, pile.status) == (line.item, "available")), None
            )
            if found is None or found.quantity < wanted:
                continue
            stranger = house.another_bin(worker.dice, place, line.item)
            slips = [Slip("place", f"LOC/{stranger}", ("nothing_there",))] if stranger else []
            worker.scan(f"LOC/{place}", *slips, confirm=OTHERS, may=NOT_FREE)
            if worker.handheld.answer.refusal:
                continue
            if worker.asks == "Scan item":
                worker.scan(found.label, confirm=OTHERS, may=NOT_FREE)
            if worker.asks == "Type how many":
                too_many = Slip("quantity", f"{wanted + 100000}", ("more_than_wanted",), "type")
                worker.type(str(wanted), too_many, confirm=OTHERS, may=NOT_FREE)
            if not worker.handheld.answer.refusal:
                return house.take(place, line.item, found.lot, wanted)
            worker.tap("back")
    return None


# ── from there ───────────────────────────────────────────────────────────────────────────────────────────────────────
def _take_in(worker: Worker, one: Transfer) -> list[TransferLine]:
    house, dock = worker.house, worker.dice.choice(worker.truth.places.staging)
    worker.menu("transferring")
    worker.scan(one.code)
    worker.expect("Scan dock or staging")
    carts = worker.truth.places.carts[:1]
    worker.scan(f"LOC/{dock}", *(Slip("place", f"LOC/{cart}", ("not_for_receiving",)) for cart in carts))
    wanted = {line.item for line in one.lines}
    foreign = next((thing.barcode for code, thing in worker.truth.items.items() if code not in wanted), "")
    for line in one.lines:
        pile = house.pile_of(line.item, line.pallet)
        worker.scan(pile.label, *([Slip("item", foreign, ("not_on_transfer",))] if foreign else []))
        if pile.quantity > 1:
            too_many = Slip("quantity", f"{pile.quantity + 1000}", ("more_than_shipped",), "type")
            worker.type(str(pile.quantity - 1), too_many)
        house.put(dock, pile)
        house.loose.append((dock, pile))
    if worker.asks != "Scan transfer or LPN":
        raise Odd(f"All of transfer {one.code} is here, and the screen asks “{worker.asks}”.")
    return []
