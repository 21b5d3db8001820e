"""Packing: an order's totes are emptied into cartons, every unit under the scanner, each carton weighed and labelled.

The worker sees how large a carton is and what still fits, so it says "carton full" by itself. The weight it types is what
the goods really weigh, with some paper. The label is read from the printer's own paper where the crew may look at it;
one that does not come out is asked for again.
"""

import time

from app.crew.goods import Bench, Box, Picked, Pile
from app.crew.papers import LOOK_EVERY_S
from app.crew.receive import case_label
from app.crew.truth import CartonType, Item
from app.crew.work import Odd, Slip, Worker

MOST_STEPS = 5000  # of one order
FILLED = 0.95  # of a carton's room by what is in it
PADDING_G = 20  # paper and tape at most, well within any tolerance
PAPER_WITHIN_S = 8.0
UNKNOWN_TYPE = CartonType(size_mm=(600, 400, 400))


def pack(worker: Worker) -> bool:
    """One order, to its last label. False when none waits."""
    house = worker.house
    with house.working("pack"):
        again = worker.bench is not None
        if worker.bench is None:
            try:
                worker.bench = Bench(house.to_pack.popleft())
            except IndexError:
                return False
        picked = worker.bench.picked
        worker.tap("menu")
        worker.scan(f"STN/{picked.station}")
        worker.tap("start", "packing")
        spare = list(house.totes)[-1:]  # the last anybody would take
        worker.scan(
            picked.order if again else picked.totes[0],
            *(Slip("tote", tote, ("tote_empty",)) for tote in spare),
            confirm=("not_complete", "packed_elsewhere"),
        )
        _pack_all(worker, worker.bench)
        worker.bench = None
        left = {tote: house.at(tote) for tote in picked.totes if house.at(tote)}
        if left:
            raise Odd(f"Order {picked.order} is packed, but {left} are left in its totes.")
        house.totes.extend(picked.totes)
    return True


def _pack_all(worker: Worker, bench: Bench) -> None:
    for _ in range(MOST_STEPS):
        asked = worker.asks
        if asked == "Scan an item":
            _put_in(worker, bench)
        elif asked == "Type the weight":
            bench.code = worker.prompt.place
            _weigh(worker, bench)
        elif asked == "Scan the label":
            _label(worker, bench)
            bench.begin()
        elif asked.startswith(("Scan tote", "Scan the tote")):
            return
        else:
            raise Odd(f"Packing order {bench.picked.order} asks “{asked}”.")


# ── goods ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _put_in(worker: Worker, bench: Bench) -> None:
    """The next unit out of the totes, or “carton full” when it does not fit any more."""
    house, picked = worker.house, bench.picked
    tote, pile = next(((tote, pile) for tote in picked.totes for pile in house.at(tote)), ("", None))
    if pile is None:
        raise Odd(f"Order {picked.order} wants more, but its totes are empty.")
    item = worker.truth.items[pile.item]
    if not bench.inside:
        bench.type = worker.prompt.carton.type if worker.prompt.carton else ""
    count = item.case if item.case and pile.quantity >= item.case and not item.serial_tracked else 1
    if not _fits(worker, bench, item, count):
        count = 1
    if bench.inside and not _fits(worker, bench, item, count):
        worker.tap("full")
        return
    slips = _wrong_units(worker, picked, pile, item)
    if item.serial_tracked:
        worker.scan(pile.serials[0], *slips)
    else:
        label = pile.label if count == 1 else case_label(item, pile.label if pile.lot else "")
        worker.scan(label, *slips)
    taken = house.take(tote, pile.item, pile.lot, count)
    assert taken is not None
    bench.inside.append(taken)


def _fits(worker: Worker, bench: Bench, item: Item, count: int) -> bool:
    type = worker.truth.cartons.get(bench.type, UNKNOWN_TYPE)
    length, width, height = type.size_mm
    items = worker.truth.items
    volume = sum(items[pile.item].volume_mm3 * pile.quantity for pile in bench.inside) + item.volume_mm3 * count
    grams = _weight(worker, bench) + item.weight_g * count
    return volume <= FILLED * length * width * height and (
        not type.max_weight_g or grams + PADDING_G <= type.max_weight_g
    )


def _weight(worker: Worker, bench: Bench) -> int:
    empty = worker.truth.cartons.get(bench.type, UNKNOWN_TYPE).weight_g
    return empty + sum(worker.truth.items[pile.item].weight_g * pile.quantity for pile in bench.inside)


def _wrong_units(worker: Worker, picked: Picked, pile: Pile, item: Item) -> list[Slip]:
    wanted = {line.item for line in worker.truth.orders[picked.order].lines}
    code, other = worker.dice.choice(list(worker.truth.items.items()))
    slips = [Slip("item", other.barcode, ("wrong_item", "other_order"))] if code not in wanted else []
    if pile.lot:
        slips.append(Slip("lot", f"{pile.label}X", ("wrong_lot",)))
    if item.case and not item.serial_tracked and not pile.lot and not _more_than(worker, picked, pile.item, item.case):
        slips.append(Slip("quantity", item.case_barcode, ("only_remaining",)))
    return slips


def _more_than(worker: Worker, picked: Picked, item: str, case: int) -> bool:
    there = [pile for tote in picked.totes for pile in worker.house.at(tote) if pile.item == item]
    return sum(pile.quantity for pile in there) >= case


# ── weight and label ─────────────────────────────────────────────────────────────────────────────────────────────────
def _weigh(worker: Worker, bench: Bench) -> None:
    grams = _weight(worker, bench)
    off = Slip("weight", f"{grams * 2 + 500}", ("weight_off", "carton_too_heavy"), "type")
    worker.type(str(grams + worker.dice.randrange(PADDING_G)), off)
    worker.expect("Scan the label")


def _label(worker: Worker, bench: Bench) -> None:
    """Stick it on and scan it back."""
    order = bench.picked.order
    code = _paper_of(worker, order, bench.code)
    others = [box.carton for box in list(worker.house.boxes)[-1:]]
    slips = [Slip("double", other, ("wrong_label",)) for other in others]
    until = time.monotonic() + PAPER_WITHIN_S
    while worker.scan(code, *slips, may=("label_coming",)).refusal == "label_coming":
        if time.monotonic() > until:
            raise Odd(f"The label of order {order} was not bought within {PAPER_WITHIN_S} s.")
        time.sleep(LOOK_EVERY_S)
    for pile in bench.inside:
        worker.house.put(code, pile)
    carrier = worker.truth.orders[order].carrier
    worker.house.boxes.append(Box(code, order, carrier))


def _paper_of(worker: Worker, order: str, code: str) -> str:
    """The code on the paper. Where the crew sees no printer, the number on the carton's own screen."""
    if worker.papers is None:
        if not code:
            raise Odd(f"Nobody said which carton of order {order} this is.")
        return code
    found = worker.papers.wait_for(order, PAPER_WITHIN_S)
    if not found:
        worker.tap("reprint")
        worker.tap("reason", "not_out")
        worker.reprints += 1
        found = worker.papers.wait_for(order, PAPER_WITHIN_S)
    if not found:
        raise Odd(f"No label of order {order} came out of any printer, not even a copy.")
    return found
