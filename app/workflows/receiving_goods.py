"""Receiving: what is known so far of the item in hand, and how one more label adds to it.

`Goods` travels from question to question until it is booked. Each further label must agree with what is known: another
item, another lot or another date means other goods, and those get an LPN of their own. What is missing is asked for in
one fixed order: lot, expiry, then how many.
"""

import msgspec
from msgspec.structs import replace

from app.errors import Malformed, NeedsRelease, State, Wrong
from app.floor.floor import Floor
from app.floor.prompt import Fact, Row
from app.floor.readings import ItemReading
from app.floor.screens import Screen, build
from app.work import arrivals, discrepancies, receipts, receivers, receiving_rules, shelf_life, tolerance
from app.work import receiving_weight as weight


class Goods(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An item being counted in. Nothing of it is booked yet."""

    po: str
    location: str
    asn: str = ""  # the notice it is received under
    sscc: str = ""  # the pallet being counted: they stand on it and nowhere else
    item: str
    unit: str = "each"  # what was scanned last, and how many base units it holds
    pack: int = 1
    quantity: int = 0  # counted, for items without serials
    by_serial: bool = False
    declared: int = 0  # pieces a case label or a typed number promised: as many serials must follow
    serials: tuple[str, ...] = ()
    lot: str = ""
    expiry: str = ""
    no_expiry: bool = False  # there is none on the goods
    grams: int = 0
    weighed: int = 0  # pieces the grams are of; catch weight wants all of them weighed
    problem: str = ""  # what is wrong with them: they come in on hold
    unplanned: str = ""  # why they came though nobody ordered them; also on hold
    photo: str = ""
    from_label: tuple[str, ...] = ()
    over_ok: bool = False  # warned of more than ordered, and confirmed
    released: int = 0  # a supervisor lets the line have this many
    same_lot: str = ""  # the lot of the same item just before
    same_expiry: str = ""

    @property
    def count(self) -> int:
        return max(self.declared, len(self.serials)) if self.by_serial else self.quantity

    @property
    def on_hold(self) -> bool:
        return bool(self.problem or self.unplanned)

    @property
    def document(self) -> str:
        return f"po {self.po}" if self.po else f"asn {self.asn}" if self.asn else f"item {self.item}"


class FinishFirst(Wrong):
    code, title = "finish_first", "Another item"
    says = "{expected} is not booked yet; this is {scanned}."
    todo = "First scan the LPN of {expected}, or go back."


class OtherLot(Wrong):
    code, title = "other_lot", "Another lot"
    says = "Lot {expected} is being counted, this is lot {scanned}."
    todo = "First scan the LPN of lot {expected}."


class SerialTwice(State):
    code, title = "serial_twice", "Scanned already"
    says = "Serial {scanned} is among these pieces already."
    todo = "Scan the next piece."


class SerialTooMany(State):
    code, title = "serial_too_many", "One piece too many"
    says = "{expected} pieces were declared; {scanned} would be one more."
    todo = "Type the right quantity, or scan the LPN."


def begin(
    floor: Floor,
    po: str,
    location: str,
    read: ItemReading,
    *,
    asn: str = "",
    sscc: str = "",
    same_lot: str = "",
    same_expiry: str = "",
    problem: str = "",
    unplanned: str = "",
    photo: str = "",
) -> Screen:
    """The first label of an item on a PO: start counting it. Raises PoClosed, NotOnPo and all that `add` does."""
    if not unplanned:
        receipts.open_po(floor.tx, po)
        receipts.lines_of_item(floor.tx, po, read.item)
    of = receipts.item_of(floor.tx, read.item, po=po)
    goods = Goods(
        po=po,
        location=location,
        asn=asn,
        sscc=sscc,
        item=read.item,
        by_serial=bool(of.serial_tracked),
        same_lot=same_lot,
        same_expiry=same_expiry,
        problem=problem,
        unplanned=unplanned,
        photo=photo,
    )
    return next_question(floor, add(floor, goods, read))


def add(floor: Floor, goods: Goods, read: ItemReading) -> Goods:
    """One more label of these goods.

    Raises NotOnPo, FinishFirst, OtherLot, OtherExpiry, Expired, ShelfTooShort, DuplicateSerial, SerialTwice,
    OverTolerance, CatchWeightOff, and OverOrdered until it is confirmed.
    """
    if read.item != goods.item:
        if not goods.unplanned:
            receipts.lines_of_item(floor.tx, goods.po, read.item)
        raise FinishFirst(expected=goods.item, scanned=read.item)
    of = receipts.item_of(floor.tx, goods.item, po=goods.po)
    goods = replace(goods, unit=read.unit, pack=max(1, read.quantity // max(1, read.count)))
    if read.lot and of.needs_lot:
        goods = with_lot(floor, goods, read.lot, from_label=True)
    if read.expiry:
        goods = with_expiry(floor, goods, read.expiry, from_label=True)
    if read.weight_g and of.catch_weight:
        weight.check(of, read.quantity, read.weight_g)
        goods = replace(goods, grams=goods.grams + read.weight_g, weighed=goods.weighed + read.quantity)
    if not goods.by_serial:
        goods = replace(goods, quantity=goods.quantity + read.quantity)
    elif read.serial:
        goods = with_serial(floor, goods, read.serial)
    elif read.quantity > 1:
        goods = replace(goods, declared=max(goods.declared, len(goods.serials)) + read.quantity)
    return check_amount(floor, goods)


def with_lot(floor: Floor, goods: Goods, lot: str, *, from_label: bool = False) -> Goods:
    """The lot, and with it the date it is known by. Raises OtherLot, OtherExpiry, Expired, ShelfTooShort."""
    if goods.lot and goods.lot != lot:
        raise OtherLot(expected=goods.lot, scanned=lot)
    shelf_life.check_lot(floor.tx, goods.item, lot, goods.expiry)
    known = shelf_life.lot_of(floor.tx, goods.item, lot)
    sources = (*goods.from_label, "lot") if from_label and "lot" not in goods.from_label else goods.from_label
    goods = replace(goods, lot=lot, from_label=sources)
    if known is not None and known[0] and not goods.expiry:
        goods = with_expiry(floor, goods, known[0])
    return goods


def with_expiry(floor: Floor, goods: Goods, expiry: str, *, from_label: bool = False) -> Goods:
    """Raises OtherExpiry, Expired, ShelfTooShort, BadDate."""
    of = receipts.item_of(floor.tx, goods.item, po=goods.po)
    if goods.expiry and goods.expiry != expiry:
        raise shelf_life.OtherExpiry(
            lot=goods.lot,
            item=goods.item,
            expected=shelf_life.in_words(goods.expiry),
            scanned=shelf_life.in_words(expiry),
        )
    if goods.lot:
        shelf_life.check_lot(floor.tx, goods.item, goods.lot, expiry)
    shelf_life.check_expiry(floor.tx, goods.item, expiry, of.min_shelf_days, on_hold=goods.on_hold)
    sources = (*goods.from_label, "expiry") if from_label and "expiry" not in goods.from_label else goods.from_label
    return replace(goods, expiry=expiry, no_expiry=False, from_label=sources)


def with_serial(floor: Floor, goods: Goods, number: str) -> Goods:
    """One piece more. Raises SerialTwice, DuplicateSerial, SerialTooMany, Malformed."""
    if number in goods.serials:
        raise SerialTwice(scanned=number)
    if " " in number or len(number) > 20:
        raise Malformed(scanned=number[:40], reason="a serial has at most 20 characters and no blanks.")
    arrivals.check_serial(floor.tx, goods.item, number)
    if goods.declared and len(goods.serials) >= goods.declared:
        raise SerialTooMany(expected=goods.declared, scanned=number)
    return replace(goods, serials=(*goods.serials, number))


def check_amount(floor: Floor, goods: Goods) -> Goods:
    """Within the order and its tolerance? Warned once of more than ordered; above the tolerance a supervisor is asked.

    Raises OverTolerance, OverOrdered.
    """
    if goods.unplanned or receiving_rules.is_blind(floor.tx, goods.po):
        return goods  # any warning would tell what is expected; compared at the close
    of = receipts.item_of(floor.tx, goods.item, po=goods.po)
    try:
        warning = tolerance.check_amount(
            of,
            receipts.lines_of_item(floor.tx, goods.po, goods.item),
            goods.count,
            lambda: receivers.beside(floor.tx, goods.po, goods.item, floor.worker),
        )
    except NeedsRelease as needed:
        total = int(needed.facts["total"])
        if total > goods.released:
            floor.release(needed, document=f"po {goods.po}")
        return replace(goods, released=max(goods.released, total), over_ok=True)
    if warning is None or goods.over_ok:
        return goods
    floor.confirm(warning)
    return replace(goods, over_ok=True)


def next_question(floor: Floor, goods: Goods) -> Screen:
    """What is still missing, in one fixed order."""
    of = receipts.item_of(floor.tx, goods.item, po=goods.po)
    unmarked = goods.problem == "no_lot"  # and without a lot there is nothing to keep a date by
    if of.needs_lot and not goods.lot and not unmarked:
        return build("receiving.lot", goods=goods)
    if of.asks_expiry and not goods.expiry and not goods.no_expiry and not unmarked:
        return build("receiving.expiry", goods=goods)
    return build("receiving.serials" if goods.by_serial else "receiving.count", goods=goods)


# ── what is shown of it ──────────────────────────────────────────────────────────────────────────────────────────────
def facts(goods: Goods) -> tuple[Fact, ...]:
    shown = [Fact(label="Lot", value=goods.lot, note=_source(goods, "lot"))] if goods.lot else []
    if goods.expiry:
        shown.append(Fact(label="Expiry", value=shelf_life.in_words(goods.expiry), note=_source(goods, "expiry")))
    if goods.grams:
        shown.append(Fact(label="Weight", value=weight.in_words(goods.grams)))
    if goods.on_hold:
        shown.append(Fact(label="On hold", value=discrepancies.TITLES[goods.problem or "unplanned"]))
    return tuple(shown)


def _source(goods: Goods, name: str) -> str:
    return "from label" if name in goods.from_label else ""


def progress(floor: Floor, po: str) -> tuple[int, int] | None:
    """(lines complete, all lines); None where the receipt is blind."""
    if not po or receiving_rules.is_blind(floor.tx, po):
        return None
    lines = receipts.lines(floor.tx, po)
    return sum(1 for line in lines if not line.left), len(lines)


def rows(floor: Floor, po: str, *, now: str = "", off_first: bool = False) -> tuple[Row, ...]:
    """The lines of a PO as a list; a blind receipt shows only what came, and no more of it than that."""
    lines = receipts.lines(floor.tx, po)
    if receiving_rules.is_blind(floor.tx, po):
        return tuple(
            Row(name=line.item, left=str(line.received), detail=line.name, state="now" if line.item == now else "")
            for line in lines
            if line.received
        )
    if off_first:
        lines = sorted(lines, key=lambda line: not discrepancies.is_off(line))
    return tuple(as_row(line, now=now, open=not off_first) for line in lines)


def as_row(line: receipts.Line, *, now: str = "", open: bool = True) -> Row:
    complete = not line.left
    return Row(
        name=line.item,
        left=f"{line.received} / {line.quantity}",
        detail=line.name,
        right=discrepancies.so_far(line, open=open) if complete or line.received else "",
        state="now" if line.item == now else "seen" if complete else "",
    )


def job(goods: Goods) -> str:
    return f"ASN {goods.asn}" if goods.asn else f"PO {goods.po}" if goods.po else "Unplanned"


def home(goods: Goods, **last: str) -> Screen:
    """The screen that asks for the next goods: the pallet being counted, the notice, or the PO."""
    if goods.sscc:
        return build("receiving.pallet", asn=goods.asn, sscc=goods.sscc, location=goods.location)
    if goods.asn:
        return build("receiving.asn", asn=goods.asn, location=goods.location)
    if not goods.po:
        return build("receiving.start")
    return build("receiving.item", po=goods.po, location=goods.location, **last)
