"""What a supplier announced, and what of it stands here: notices, their pallets by SSCC, and when a pallet is counted.

A pallet whose content the supplier declared is taken in by one scan. It is counted all the same where the house spot-checks
this supplier, where the receipt is blind, or where the notice leaves out what the goods must come in with. The choice of
pallets is drawn from the SSCC itself: scanning again, or on another device, draws the same.
"""

import hashlib
from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, func, or_, select, update

from app import clock
from app.db import Tx
from app.errors import State, Unknown, Wrong
from app.schema.inbound import asn, asn_line, asn_pallet
from app.schema.items import item
from app.schema.people import worker
from app.schema.stock import journal, movement
from app.work import receipts, receiving_rules, shelf_life
from app.work.arrivals import short

MOST_SHOWN = 12


class Asn(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    supplier: str
    carrier: str
    state: str
    due: int
    until: int


class Pallet(msgspec.Struct, frozen=True, kw_only=True):
    asn: str
    sscc: str
    parent: str
    state: str  # expected, received, counting, counted


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a notice, with what the item is called."""

    asn: str
    line: str
    sscc: str
    po: str
    po_line: str
    item: str
    lot: str
    expiry: str
    quantity: int
    received: int
    grams: int
    serials: str
    name: str
    unit: str

    @property
    def serial_numbers(self) -> tuple[str, ...]:
        return tuple(self.serials.split())


class AsnOver(State):
    code, title = "asn_over", "ASN is over"
    says = "ASN {scanned} is {state}: nothing more is received on it."
    todo = "Put the goods aside and tell a supervisor."


class NotAnnounced(Unknown):
    code, title = "not_announced", "Not announced"
    says = "No open ASN announces LPN {scanned}."
    todo = "Scan the PO or an item of it, and count."


class PalletTaken(State):
    code, title = "pallet_taken", "Received already"
    says = "Pallet {scanned} is received already{by}."
    todo = "Scan the next one."


class NotOnAsn(Wrong):
    code, title = "not_on_asn", "Not on this ASN"
    says = "{scanned} is not on ASN {asn}."
    todo = "Put it aside, or tap Problem: it comes in on hold."


_ASN = [asn.c[name] for name in Asn.__struct_fields__]
_DECLARED = [asn_line.c[name] for name in Declared.__struct_fields__ if name not in ("name", "unit")]
_LINES = select(*_DECLARED, item.c.name, item.c.unit).join(item, item.c.code == asn_line.c.item)
_IN_ORDER = (func.length(asn_line.c.line), asn_line.c.line)
OPEN = ("expected", "receiving")
_OPEN = or_(asn.c.state == "expected", asn.c.state == "receiving")
ONE = select(*_ASN).where(asn.c.code == bindparam("code"))
PALLET = (
    select(*(asn_pallet.c[name] for name in Pallet.__struct_fields__))
    .join(asn, asn.c.code == asn_pallet.c.asn)
    .where(asn_pallet.c.sscc == bindparam("code"), _OPEN)
)
PALLETS = (
    select(*(asn_pallet.c[name] for name in Pallet.__struct_fields__))
    .where(asn_pallet.c.asn == bindparam("of_asn"))
    .order_by(asn_pallet.c.sscc)
)
LINES = _LINES.where(asn_line.c.asn == bindparam("of_asn")).order_by(*_IN_ORDER)
OF_PO_ITEM = (
    _LINES.join(asn, asn.c.code == asn_line.c.asn)
    .where(asn_line.c.po == bindparam("of_po"), asn_line.c.item == bindparam("of_item"), _OPEN)
    .order_by(*_IN_ORDER)
)
COUNT_OPEN = select(func.count()).select_from(asn).where(_OPEN)
RECEIVED_BY = (
    select(journal.c.at, worker.c.name, journal.c.worker)
    .join(movement, movement.c.seq == journal.c.seq)
    .outerjoin(worker, worker.c.code == journal.c.worker)
    .where(movement.c.target_lpn == bindparam("code"), movement.c.source == "~supplier")
    .order_by(journal.c.seq.desc())
    .limit(1)
)
COUNTED = (
    update(asn_pallet)
    .where(asn_pallet.c.asn == bindparam("of_asn"), asn_pallet.c.sscc == bindparam("of_sscc"))
    .values(state="counted")
)


def open_asn(tx: Tx, code: str) -> Asn:
    """Raises AsnOver."""
    found = tx.one(ONE, Asn, code=code)
    if found is None or found.state not in OPEN:
        raise AsnOver(scanned=code, state=found.state if found else "gone")
    return found


def is_open(tx: Tx, code: str) -> bool:
    found = tx.one(ONE, Asn, code=code)
    return found is not None and found.state in OPEN


def find_pallet(tx: Tx, sscc: str) -> Pallet | None:
    """The pallet of an open notice with this SSCC."""
    return tx.one(PALLET, Pallet, code=sscc)


def pallet(tx: Tx, sscc: str) -> Pallet:
    """A pallet that may be taken in or counted now. Raises NotAnnounced, PalletTaken."""
    found = find_pallet(tx, sscc)
    if found is None:
        raise NotAnnounced(scanned=short(sscc))
    if found.state in ("received", "counted"):
        raise PalletTaken(scanned=short(sscc), by=_by(tx, sscc))
    return found


def pallets(tx: Tx, code: str) -> list[Pallet]:
    return tx.all(PALLETS, Pallet, of_asn=code)


def with_nested(tx: Tx, top: Pallet) -> list[Pallet]:
    """The pallet and all that stand in it, outermost first."""
    all_of_it, found = pallets(tx, top.asn), [top]
    for outer in found:
        found += [one for one in all_of_it if one.parent == outer.sscc]
    return found


def lines(tx: Tx, code: str) -> list[Declared]:
    return tx.all(LINES, Declared, of_asn=code)


def lines_on(tx: Tx, group: Sequence[Pallet]) -> list[Declared]:
    """What is declared to stand on these pallets of one notice."""
    ssccs = {one.sscc for one in group}
    return [line for line in lines(tx, group[0].asn) if line.sscc in ssccs]


def po_of_item(tx: Tx, code: str, item_code: str, sscc: str = "") -> str:
    """The PO an item of this notice belongs to: of this pallet first, and where something is still awaited.

    Raises NotOnAsn.
    """
    mine = [line for line in lines(tx, code) if line.item == item_code]
    if not mine:
        raise NotOnAsn(scanned=item_code, asn=code)
    best = min(mine, key=lambda line: (line.sscc != sscc, line.received >= line.quantity))
    return best.po


def match(tx: Tx, po: str, item_code: str, lot: str, lpn: str, code: str = "") -> tuple[str, str]:
    """(notice, line) that announced goods of a PO now standing on `lpn`; empty where none did.

    Counted without naming a notice, goods are taken for announced only on a declared pallet, or where declared loose.
    """
    fitting = [
        line
        for line in tx.all(OF_PO_ITEM, Declared, of_po=po, of_item=item_code)
        if (line.asn == code if code else line.sscc in ("", lpn))
    ]
    if not fitting:
        return code, ""
    best = min(
        fitting,
        key=lambda line: (line.sscc != lpn, line.lot not in ("", lot), bool(line.sscc), line.received >= line.quantity),
    )
    return best.asn, best.line


def why_count(tx: Tx, notice: Asn, declared: Sequence[Declared], sscc: str) -> str:
    """Why this pallet is counted rather than believed, in a worker's words; empty where one scan takes it in."""
    if not declared:
        return "the notice does not say what is on it"
    if any(receiving_rules.is_blind(tx, po) for po in {line.po for line in declared}):
        return "this delivery is counted"
    per_cent = receiving_rules.of(tx, supplier=notice.supplier).spot_check_percent
    if per_cent and _drawn(notice.code, sscc) < per_cent:
        return f"spot check, as {per_cent} % are"
    for line in declared:
        of = receipts.item_of(tx, line.item, po=line.po)
        lacking = _left_out(of, line)
        if lacking:
            return f"{line.item}: the notice says no {lacking}"
        if line.expiry and shelf_life.days_left(tx, line.expiry) < of.min_shelf_days:
            return f"{line.item}: its shelf life is short"
    return ""


def _left_out(of: receipts.Item, line: Declared) -> str:
    if of.needs_lot and not line.lot:
        return "lot"
    if of.expiry_tracked and not line.expiry:
        return "expiry"
    if of.serial_tracked and not line.serials:
        return "serials"
    return "weight" if of.catch_weight and not line.grams else ""


def _drawn(code: str, sscc: str) -> int:
    """0 … 99, the same each time for one pallet of one notice."""
    return int.from_bytes(hashlib.sha256(f"{code} {sscc}".encode()).digest()[:8], "big") % 100


def counted(tx: Tx, one: Pallet) -> None:
    """Nothing more is on this pallet."""
    tx.run(COUNTED, of_asn=one.asn, of_sscc=one.sscc)
    tx.tell("receipts")


def missing(tx: Tx, code: str) -> list[Pallet]:
    """Pallets nobody has seen. One that only holds others is not missed where those are here."""
    all_of_it = pallets(tx, code)
    outer = {one.parent for one in all_of_it}
    return [one for one in all_of_it if one.state == "expected" and one.sscc not in outer]


def _by(tx: Tx, sscc: str) -> str:
    row = tx.row(RECEIVED_BY, code=sscc)
    if row is None:
        return ""
    when = clock.as_datetime(row[0]).astimezone(shelf_life.zone_of(tx))
    return f", by {row[1] or row[2]} at {when:%H:%M}"
