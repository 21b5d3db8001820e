"""Receiving: a truck stands at the dock, its paper in the worker's hand.

Each item is scanned off the pallet, counted by label, case or number, and set onto a licence plate. Of some lines fewer
come than the paper says: the receipt is closed short, and the house has to notice by itself.
"""

from collections import deque

from msgspec.structs import replace

from app.crew.truth import Delivery, Item, Pallet
from app.crew.work import Odd, Slip, Worker

MOST_SCANS = 4  # equal labels one after the other; more are typed


def receive(worker: Worker) -> bool:
    """One truck, whole. False when none waits."""
    house = worker.house
    with house.working("receive"):
        if not house.trucks:
            return False
        try:
            po, lines = house.trucks.popleft()
        except IndexError:
            return False
        left = deque((line, pallet) for line in lines for pallet in line.pallets if pallet.quantity)
        try:
            _unload(worker, po, {line.item for line in lines}, left)
        except Odd:
            rest = {line.line: line for line, _ in left}.values()
            still = [replace(line, pallets=tuple(p for other, p in left if other is line)) for line in rest]
            house.trucks.append((po, still))  # it stands at the dock for whoever comes next
            raise
    return True


def _unload(worker: Worker, po: str, items: set[str], left: deque[tuple[Delivery, Pallet]]) -> None:
    dock = worker.dice.choice(worker.truth.places.staging)
    worker.menu("receiving")
    worker.scan(po, *_other_papers(worker), may=("po_closed",))
    if worker.handheld.answer.refusal:  # taken in before this crew came
        left.clear()
        return
    if worker.asks == "Scan dock or staging":
        carts = worker.truth.places.carts[:1]
        worker.scan(f"LOC/{dock}", *(Slip("place", f"LOC/{cart}", ("not_for_receiving",)) for cart in carts))
    while left:
        line, pallet = left[0]
        _take_in(worker, items, line, pallet)
        left.popleft()
    if worker.asks != "Close this PO?":
        worker.tap("close")
    worker.expect("Close this PO?")
    worker.tap("confirm")


def _take_in(worker: Worker, items: set[str], line: Delivery, pallet: Pallet) -> None:
    house, item = worker.house, worker.truth.items[line.item]
    foreign = next((thing.barcode for code, thing in _shuffled(worker) if code not in items), "")
    _count(worker, item, pallet, [Slip("item", foreign, ("not_on_po",))] if foreign else [])
    plate = house.new_plate()
    used = [Slip("double", house.put_away[-1], ("lpn_taken",))] if house.put_away else []
    worker.scan(plate, *used)
    worker.expect("Scan item", "Close this PO?")
    house.put(plate, house.pile_of(line.item, pallet))
    house.pallets.append(plate)


def _count(worker: Worker, item: Item, pallet: Pallet, slips: list[Slip]) -> None:
    """From the first label to the last piece; then the plate is asked for."""
    quantity, cases = pallet.quantity, pallet.quantity // item.case if item.case else 0
    if item.serial_tracked:
        worker.scan(item.barcode, *slips)
        for number, serial in enumerate(pallet.serials):
            twice = [Slip("double", pallet.serials[number - 1], ("serial_twice",))] if number else []
            worker.scan(serial, *twice)
        return
    label = pallet.gs1 or item.barcode
    if item.case and cases * item.case == quantity and cases <= MOST_SCANS:
        label, quantity = case_label(item, pallet.gs1), cases
    worker.scan(label, *slips)
    too_many = Slip("quantity", f"{pallet.quantity * 3 + 1000}", ("over_tolerance", "over_ordered"), "type")
    other_lot = [Slip("lot", pallet.gs1 + "X", ("other_lot",))] if pallet.gs1 else []
    if quantity <= MOST_SCANS:
        for _ in range(quantity - 1):
            worker.scan(label, too_many, *other_lot)
    else:
        worker.type(str(pallet.quantity), too_many, Slip("quantity", "0", ("bad_amount",), "type"), *other_lot)


def case_label(item: Item, gs1: str) -> str:
    """What is printed on a case: its own trade number, with the lot of the pieces where they have one."""
    return f"01{item.case_barcode:0>14}{gs1[16:]}" if gs1 else item.case_barcode


def _other_papers(worker: Worker) -> list[Slip]:
    orders = list(worker.truth.orders)[:1]
    return [Slip("document", order, ("wrong_kind",)) for order in orders] + [Slip("item", "NOT-A-CODE", ("unknown",))]


def _shuffled(worker: Worker) -> list[tuple[str, Item]]:
    things = list(worker.truth.items.items())
    first = worker.dice.randrange(len(things))
    return things[first:] + things[:first]
