"""Receiving by notice: a pallet's SSCC is scanned, and all its supplier declared on it is taken in at once.

1. Scan the SSCC. That is all: the goods stand here, on this SSCC, with those pallets inside it. Its label stays.
2. Some pallets are counted all the same (a spot check, a blind receipt, a notice that leaves something out): the screen
   says so. Scan each item and how many, then the SSCC; and the SSCC once more when nothing else is on it.
3. More than ordered is warned of, and above the tolerance a supervisor is asked, like with goods counted by hand.
"""

from collections import defaultdict
from collections.abc import Sequence

from msgspec.structs import replace

from app.errors import NeedsRelease, ScanAgain
from app.floor.floor import Floor
from app.floor.prompt import Key, Prompt, Row
from app.floor.readings import ItemReading, LpnReading
from app.floor.screens import Screen, build
from app.stock import balances
from app.stock.events import PalletReceived
from app.stock.events.inbound import DeclaredGoods
from app.stock.slots import Carry, Slot
from app.work import arrivals, asns, cross_docking, receipts, receivers, receiving_rules, shelf_life, tolerance
from app.work import receiving_weight as weight
from app.work.asns import Declared, Pallet
from app.work.inspections import arrives_as
from app.workflows import receiving_goods as goods


class PalletDiffers(ScanAgain):
    code, title = "pallet_differs", "Nothing more on it?"
    says = "{scanned}: {told}"
    todo = "Nothing more on it? Do the same again."


def take(floor: Floor, sscc: str, location: str) -> Screen:
    """Take a pallet in as declared, or begin to count it.

    Raises NotAnnounced, PalletTaken, PoClosed, LineClosed, LpnTaken, OtherExpiry, Expired, OverTolerance, OverOrdered.
    """
    tx = floor.tx
    arrivals.check_place(tx, location)
    top = asns.pallet(tx, sscc)
    notice = asns.open_asn(tx, top.asn)
    group = asns.with_nested(tx, top)
    declared = asns.lines_on(tx, group)
    counting = any(one.state == "counting" for one in group)
    why = "its count has begun" if counting else asns.why_count(tx, notice, declared, sscc)
    if why:
        floor.warn(f"Count this pallet: {why}.")
        return AtPallet(asn=top.asn, sscc=sscc, location=location)
    event = _as_declared(floor, top, group, declared, location)
    served = _awaited(floor, event)
    wave = cross_docking.begin(tx, served, floor.worker)
    claims = tuple(claim for one in served for claim in one.claims)
    floor.post(replace(event, promised=claims, wave=wave, backordered=cross_docking.backordered(served)))
    cross_docking.hand_over(tx, wave, served)
    _tell(floor, event)
    if served:
        first = goods.Goods(po="", asn=top.asn, location=location, item=served[0].item)
        return build("receiving.cross_dock", goods=first, served=served)
    return build("receiving.asn", asn=top.asn, location=location)


def _awaited(floor: Floor, event: PalletReceived) -> tuple[cross_docking.Waiting, ...]:
    """Orders that wait for something on this pallet, each once."""
    sums: dict[tuple[str, str, Slot], int] = defaultdict(int)
    for part in event.goods:
        sums[part.po, part.item, part.target] += part.quantity
    found: dict[str, cross_docking.Waiting] = {}
    for (po, item, slot), quantity in sums.items():
        for one in cross_docking.waiting(floor.tx, po=po, item=item, slot=slot, quantity=quantity):
            if not any(claim.slot != slot for claim in one.claims) or not found:
                found.setdefault(one.order, one)
    return tuple(found.values())


def _as_declared(
    floor: Floor, top: Pallet, group: Sequence[Pallet], declared: Sequence[Declared], location: str
) -> PalletReceived:
    tx, document = floor.tx, f"asn {top.asn}"
    expected = [one for one in group if one.state == "expected"]
    for one in expected:
        arrivals.check_plate(tx, one.sscc, "pallet", document, location)
    told = [line for line in declared if line.sscc in {one.sscc for one in expected}]
    left = {key: list(asked) for key, asked in _checked(floor, told).items()}
    parts: list[DeclaredGoods] = []
    pos = {line.po for line in told}
    lane = f"po {next(iter(pos))}" if len(pos) == 1 else f"asn {top.asn}"
    for line in told:
        shares = tolerance.share_out(_first(left[line.po, line.item], line.po_line), line.quantity)
        serials, grams = line.serial_numbers, line.grams
        status = arrives_as(tx, line.item, line.po, lot=line.lot, document=lane)
        for share in shares:
            parts.append(
                DeclaredGoods(
                    asn_line=line.line,
                    po=line.po,
                    line=share.line,
                    item=line.item,
                    quantity=share.quantity,
                    target=Slot(location=location, lpn=line.sscc, lot=line.lot, status=status),
                    expiry=line.expiry,
                    serials=serials[: share.quantity],
                    grams=grams,
                    over=share.over,
                )
            )
            serials, grams = serials[share.quantity :], 0
            left[line.po, line.item] = [_less(one, share) for one in left[line.po, line.item]]
    here = {one.sscc for one in group}
    carries = tuple(
        Carry(
            lpn=one.sscc,
            location=location,
            parent=one.parent if one.parent in here else "",
            kind="pallet",
            document=document,
        )
        for one in expected
    )
    return PalletReceived(asn=top.asn, sscc=top.sscc, goods=tuple(parts), nested=carries)


def _checked(floor: Floor, told: Sequence[Declared]) -> dict[tuple[str, str], list[receipts.Line]]:
    """The open PO lines that take each item, once all of the pallet may come in."""
    tx = floor.tx
    quantities: dict[tuple[str, str], int] = defaultdict(int)
    for line in told:
        quantities[line.po, line.item] += line.quantity
        of = receipts.item_of(tx, line.item, po=line.po)
        if line.lot and of.needs_lot:
            shelf_life.check_lot(tx, line.item, line.lot, line.expiry)
        if line.expiry:
            shelf_life.check_expiry(tx, line.item, line.expiry, of.min_shelf_days)
        if of.catch_weight and line.grams:
            weight.check(of, line.quantity, line.grams)
        for serial in line.serial_numbers:
            arrivals.check_serial(tx, line.item, serial)
    found: dict[tuple[str, str], list[receipts.Line]] = {}
    warnings = []
    for (po, item), quantity in quantities.items():
        receipts.open_po(tx, po)
        mine = receipts.lines_of_item(tx, po, item)
        of = receipts.item_of(tx, item, po=po)
        try:
            warning = tolerance.check_amount(
                of,
                mine,
                quantity,
                lambda po=po, item=item: receivers.beside(tx, po, item, floor.worker),  # type: ignore[misc]
            )
        except NeedsRelease as needed:
            floor.release(needed, document=f"po {po}")
            warning = None
        if warning is not None:
            warnings.append(warning)
        found[po, item] = mine
    for warning in warnings[:1]:
        floor.confirm(warning)
    return found


def _first(lines: Sequence[receipts.Line], number: str) -> list[receipts.Line]:
    """The declared line takes what it awaits before the others of its item; what is over falls to the last."""
    return sorted(lines, key=lambda line: line.line != number)


def _less(line: receipts.Line, share: tolerance.Share) -> receipts.Line:
    if line.line != share.line:
        return line
    return replace(line, received=line.received + share.quantity)


def _tell(floor: Floor, event: PalletReceived) -> None:
    units = sum(one.quantity for one in event.goods)
    items = {one.item for one in event.goods}
    what = next(iter(items)) if len(items) == 1 else f"{len(items)} items"
    inside = f", {len(event.nested) - 1} pallets inside" if len(event.nested) > 1 else ""
    said = f"Pallet {arrivals.short(event.sscc)}: {units} × {what}{inside}"
    held = [
        f"lot {one.target.lot} is on hold"
        for one in event.goods
        if one.target.lot and (lot := shelf_life.lot_of(floor.tx, one.item, one.target.lot)) is not None and lot[1]
    ]
    if held:
        floor.warn(f"{said}; {held[0]}.")
    else:
        floor.step(said)


class AtPallet(Screen, frozen=True, kw_only=True, tag="receiving.pallet"):
    """A pallet is counted: what stands on it, item by item."""

    asn: str
    sscc: str
    location: str

    def prompt(self, floor: Floor) -> Prompt:
        return Prompt(
            job=f"ASN {self.asn}",
            headline="Scan item on it",
            hint="the SSCC again when nothing more is on it",
            subject=arrivals.named(self.sscc),
            big="lines",
            rows=self._rows(floor),
            keys=(Key(name="done", label="Pallet done"), Key(name="problem", label="Problem")),
            speech="Count this pallet. Scan the next item on it.",
        )

    def _rows(self, floor: Floor) -> tuple[Row, ...]:
        held = balances.in_lpn(floor.tx, self.sscc)
        if self._blind(floor):
            return tuple(Row(name=row.item, left=str(row.quantity), detail=row.lot) for row in held)
        told = [line for line in asns.lines(floor.tx, self.asn) if line.sscc == self.sscc]
        extra = {row.item for row in held} - {line.item for line in told}
        return tuple(
            Row(
                name=line.item,
                left=f"{line.received} / {line.quantity}",
                detail=line.name,
                right=f"lot {line.lot}" if line.lot else "",
                state="seen" if line.received >= line.quantity else "",
            )
            for line in told
        ) + tuple(
            Row(
                name=row.item,
                left=str(row.quantity),
                detail="not declared on it",
                right=f"lot {row.lot}" if row.lot else "",
            )
            for row in held
            if row.item in extra
        )

    def _blind(self, floor: Floor) -> bool:
        return any(receiving_rules.is_blind(floor.tx, line.po) for line in asns.lines(floor.tx, self.asn))

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        asns.open_asn(floor.tx, self.asn)
        po = asns.po_of_item(floor.tx, self.asn, read.item, self.sscc)
        return goods.begin(floor, po, self.location, read, asn=self.asn, sscc=self.sscc)

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        if read.lpn == self.sscc:
            return self.tap_done(floor)
        inside = asns.pallet(floor.tx, read.lpn)
        return take(floor, inside.sscc, self.location)

    def tap_done(self, floor: Floor) -> Screen:
        """Nothing more is on it. Asked twice where it differs; on a blind receipt always."""
        notice = asns.open_asn(floor.tx, self.asn)
        if self._blind(floor):
            floor.confirm(PalletDiffers(scanned=arrivals.named(self.sscc), told="you counted what stands on it."))
        elif told := self._differences(floor):
            floor.confirm(PalletDiffers(scanned=arrivals.named(self.sscc), told=f"{told}."))
        found = asns.find_pallet(floor.tx, self.sscc)
        if found is not None:
            asns.counted(floor.tx, found)
        floor.step(f"Pallet {arrivals.short(self.sscc)} is counted.")
        return build("receiving.asn", asn=notice.code, location=self.location)

    def _differences(self, floor: Floor) -> str:
        told = [line for line in asns.lines(floor.tx, self.asn) if line.sscc == self.sscc]
        return ", ".join(
            f"{line.item} {line.received} of {line.quantity}" for line in told if line.received != line.quantity
        )

    def tap_problem(self, floor: Floor) -> Screen:
        return build("receiving.problem", asn=self.asn, sscc=self.sscc, location=self.location)

    def tap_back(self, floor: Floor) -> Screen:
        return build("receiving.asn", asn=self.asn, location=self.location)
