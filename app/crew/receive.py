"""Receiving: a truck stands at the dock, its paper in the worker's hand.

Each item is scanned off the pallet, counted by label, case or number, and set onto a licence plate. Of some lines fewer
come than the paper says: the receipt is closed short, and the house has to notice by itself. Where the supplier sent a
notice, its pallets come in first, each by one scan of its SSCC; some the house wants counted all the same.
"""

from collections import deque

from msgspec.structs import replace

from app.crew.arrive import arrive
from app.crew.goods import Sampled
from app.crew.truth import Delivery, Item, Pallet
from app.crew.work import Odd, Slip, Worker

PUT_AWAY_FIRST = 0.4  # of what is inspected
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
        items, notice = {line.item for line in lines}, next((line.asn for line in lines), "")
        try:
            if notice:
                _by_notice(worker, notice, items, left)
            _unload(worker, po, items, left, at_door=not notice)
        except Odd:
            rest = {line.line: line for line, _ in left}.values()
            still = [replace(line, pallets=tuple(p for other, p in left if other is line)) for line in rest]
            house.trucks.append((po, still))  # it stands at the dock for whoever comes next
            raise
    return True


def _by_notice(worker: Worker, asn: str, items: set[str], left: deque[tuple[Delivery, Pallet]]) -> None:
    """All of the truck against its notice: announced pallets, and what stands loose."""
    dock = _begin(worker, asn, "asn_over")
    last = ""
    while dock and left:
        line, pallet = left[0]
        if pallet.sscc:
            last = _take_pallet(worker, items, line, pallet, dock, last)
        else:
            _take_in(worker, items, line, pallet, dock)
        left.popleft()
    if dock:
        worker.tap("close")
        worker.expect("Close this delivery?")
        with worker.house.gate:
            worker.tap("confirm")
            worker.house.truck_gone(asn)


def _unload(worker: Worker, po: str, items: set[str], left: deque[tuple[Delivery, Pallet]], *, at_door: bool) -> None:
    dock = _begin(worker, po, "po_closed", at_door=at_door)
    if not dock:  # taken in before this crew came, or complete by its notice
        left.clear()
        return
    while left:
        line, pallet = left[0]
        _take_in(worker, items, line, pallet, dock)
        left.popleft()
    if worker.asks != "Close this PO?":
        worker.tap("close")
    worker.expect("Close this PO?")
    with worker.house.gate:
        worker.tap("confirm")
        worker.house.truck_gone(po)


def _begin(worker: Worker, paper: str, over: str, *, at_door: bool = True) -> str:
    """Where the goods are set down, at a door if one is free; the empty text where the paper is done with."""
    door = worker.house.free_door(paper) if at_door else ""
    if door:
        arrive(worker, paper, door)
        return door
    dock = worker.dice.choice(worker.truth.places.staging)
    worker.menu("receiving")
    worker.scan(paper, *_other_papers(worker), may=(over,))
    if worker.handheld.answer.refusal:
        return ""
    worker.expect("Scan dock or staging")
    carts = worker.truth.places.carts[:1]
    worker.scan(f"LOC/{dock}", *(Slip("place", f"LOC/{cart}", ("not_for_receiving",)) for cart in carts))
    return dock


def _take_in(worker: Worker, items: set[str], line: Delivery, pallet: Pallet, dock: str) -> None:
    _count(worker, worker.truth.items[line.item], pallet, _foreign(worker, items))
    plate = worker.house.new_plate()
    worker.scan(plate, *_used_plates(worker, "lpn_taken", "pallet_taken"))
    worker.expect("Scan item", "Scan SSCC or item", "Close this PO?")
    _stand(worker, line, pallet, plate, dock)


def _take_pallet(worker: Worker, items: set[str], line: Delivery, pallet: Pallet, dock: str, before: str) -> str:
    """By its own label; that of the next one's predecessor."""
    label = f"00{pallet.sscc}"
    slips = [Slip("lpn", "LPN-999999999", ("not_announced",))]
    slips += [Slip("double", before, ("pallet_taken",))] if before else []
    worker.scan(label, *slips)
    if worker.asks == "Scan item on it":
        _count(worker, worker.truth.items[line.item], pallet, _foreign(worker, items))
        worker.scan(label, *_used_plates(worker, "other_pallet"))
        worker.expect("Scan item on it")
        worker.scan(label)
    worker.expect("Scan SSCC or item")
    _stand(worker, line, pallet, label, dock)
    return label


def _stand(worker: Worker, line: Delivery, pallet: Pallet, plate: str, dock: str) -> None:
    """It waits for a bin, or to be looked at first."""
    house, inspected = worker.house, worker.truth.items[line.item].inspected
    house.put(plate, house.pile_of(line.item, pallet))
    if inspected:
        pile, *_ = house.at(plate)
        house.restate(plate, pile, "inspection")
        sampled = Sampled(pile.item, pile.lot, worker.handheld.who.badge, dock, plate)
        if worker.dice.random() >= PUT_AWAY_FIRST:
            house.to_inspect.append(sampled)
            return
        house.inspect_in_bin[plate] = sampled
    house.pallets.append(plate)


def _foreign(worker: Worker, items: set[str]) -> list[Slip]:
    """Something that is not on this truck's papers."""
    code = next((thing.barcode for code, thing in _shuffled(worker) if code not in items), "")
    return [Slip("item", code, ("not_on_po", "not_on_asn"))] if code else []


def _used_plates(worker: Worker, *refusals: str) -> list[Slip]:
    used = list(worker.house.put_away)[-1:]
    return [Slip("double", plate, refusals) for plate in used]


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
