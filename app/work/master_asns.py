"""Shipping notices: what a supplier says is on the truck, pallet by pallet, before it comes.

Each line belongs to a PO (and to one of its lines, found by the item where the sender does not say). Pallets are known by
their SSCC and may stand in one another. A receipt that has begun keeps what it has: pallets and lines of which something
was received stay as they are, the others follow the message. One that was cancelled is open again by a newer version.
"""

from typing import Annotated

from msgspec import Meta
from sqlalchemy import bindparam, delete, insert, select, update

from app.db import Tx
from app.schema.documents import po_line, purchase_order
from app.schema.inbound import asn, asn_line, asn_pallet
from app.schema.items import item
from app.stock.ledger import By
from app.work import owners
from app.work.master_terms import (
    MOST_LINES,
    Code,
    Dated,
    Day,
    Grams,
    LineNumber,
    Message,
    Moment,
    OptionalCode,
    Outcome,
    Quantity,
    Serial,
    Text,
    applied,
    called_off,
    dead,
    judge,
    judge_cancel,
    missing_item,
    moment,
    put,
    twice,
)
from app.work.numbers import check_digit

DEEPEST = 10  # pallets inside pallets

OptionalLot = Annotated[str, Meta(max_length=20, pattern=r"^[^\s\x00-\x1f\x7f]*\Z")]

PUT_ASN = put(asn)
ASN = select(asn).where(asn.c.code == bindparam("key"))
LINES = select(asn_line).where(asn_line.c.asn == bindparam("key")).order_by(asn_line.c.line)
PALLETS = select(asn_pallet.c.sscc, asn_pallet.c.parent, asn_pallet.c.state).where(asn_pallet.c.asn == bindparam("key"))
ELSEWHERE = (
    select(asn_pallet.c.asn)
    .join(asn, asn.c.code == asn_pallet.c.asn)
    .where(asn_pallet.c.sscc == bindparam("of_sscc"), asn_pallet.c.asn != bindparam("key"), asn.c.state != "cancelled")
    .limit(1)
)
DROP_LINES = delete(asn_line).where(asn_line.c.asn == bindparam("key"), asn_line.c.received == 0)
DROP_PALLETS = delete(asn_pallet).where(asn_pallet.c.asn == bindparam("key"), asn_pallet.c.state == "expected")
ADD_LINE = insert(asn_line).values({column.name: bindparam(column.name) for column in asn_line.c})
ADD_PALLET = insert(asn_pallet).values(
    asn=bindparam("key"), sscc=bindparam("of_sscc"), parent=bindparam("inside"), state="expected"
)
SET_STATE = (
    update(asn)
    .where(asn.c.code == bindparam("key"))
    .values(state=bindparam("new_state"), version=bindparam("new_version"))
)
SERIAL_TRACKED = select(item.c.serial_tracked).where(item.c.code == bindparam("key"))
KNOWN_PO = select(purchase_order.c.state).where(purchase_order.c.code == bindparam("key"))
PO_LINES = select(po_line.c.line, po_line.c.item).where(po_line.c.po == bindparam("key")).order_by(po_line.c.line)


class AsnLine(Dated, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Goods of one PO line on one pallet. Without an SSCC they come loose."""

    line: LineNumber
    sscc: OptionalCode = ""
    inside: OptionalCode = ""  # the SSCC this pallet stands in
    po: Code
    po_line: OptionalCode = ""
    item: Code
    quantity: Quantity
    lot: OptionalLot = ""
    expiry: Day | None = None
    grams: Grams = 0
    serials: Annotated[tuple[Serial, ...], Meta(max_length=1000)] = ()


class AsnUpsert(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="asn.upsert"):
    """What is on its way: the whole list of lines, each time. `due` to `until` is when it is expected."""

    owner: OptionalCode = ""
    supplier: OptionalCode = ""
    carrier: OptionalCode = ""
    tracking: Text = ""
    due: Moment | None = None
    until: Moment | None = None
    lines: Annotated[tuple[AsnLine, ...], Meta(min_length=1, max_length=MOST_LINES)]


class AsnCancel(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="asn.cancel"):
    """It does not come (any more). What was received stays."""


def apply_asn(tx: Tx, message: AsnUpsert, by: By) -> Outcome:
    name = f"ASN {message.code}"
    known = tx.row(ASN, key=message.code)
    stored = None if known is None else int(known[8])
    wrong = _impossible(tx, message)
    if wrong:
        return dead(f"{name} {wrong}")
    rows = []
    for said in message.lines:
        lacking = _lacking(tx, said, name)
        if lacking is not None:
            return lacking
        rows.append(_row(tx, message.code, said))
    head = (
        message.owner or (str(known[1]) if known is not None else ""),
        message.supplier,
        message.carrier,
        message.tracking.strip(),
    )
    window = (moment(message.due), moment(message.until) or moment(message.due))
    before = {row[1]: row for row in tx.rows(LINES, key=message.code)}
    alike = (
        known is not None
        and (*known[1:5], known[6], known[7]) == (*head, *window)
        and {line: (*row[2:9], *row[10:]) for line, row in before.items()}
        == {row["line"]: tuple(row[n] for n in _COMPARED) for row in rows}
    )
    off = known is not None and known[5] == "cancelled"
    settled = called_off(message, name, stored or 0) if off else judge(message, name, stored, alike=alike)
    if settled is not None:
        return settled
    if known is not None and known[5] == "closed":
        return dead(f"{name} is closed already; send what is still to come under a new number.")
    _, supplier, carrier, tracking = head
    owner, mixed = owners.settle(tx, message.owner, [said.item for said in message.lines])
    if mixed:
        return dead(f"{name} {mixed}")
    tx.run(
        PUT_ASN, code=message.code, owner=owner, supplier=supplier, carrier=carrier, tracking=tracking,
        state="expected" if known is None or off else known[5], due=window[0], until=window[1],
        version=message.version or stored or 0,
    )  # fmt: skip
    kept = _write(tx, message, rows)
    tx.tell("receipts")
    tx.tell("arrivals")
    became = "known" if known is None else "expected again" if off else "changed"
    return applied(f"{name} is {became}.{kept}", is_new=known is None)


_COMPARED = ("sscc", "po", "po_line", "item", "lot", "expiry", "quantity", "grams", "serials")


def _impossible(tx: Tx, message: AsnUpsert) -> str:
    """What cannot be, as the rest of a sentence; else empty."""
    if again := twice([said.line for said in message.lines]):
        return f"has line {again} twice."
    if message.due and message.until and message.until < message.due:
        return "is expected until before it is expected from."
    inside: dict[str, str] = {}
    for said in message.lines:
        for sscc in filter(None, (said.sscc, said.inside)):
            if not (len(sscc) == 18 and sscc.isascii() and sscc.isdigit() and check_digit(sscc[:17]) == sscc[17]):
                return f"line {said.line}: {sscc} is no SSCC of 18 digits with its check digit."
        if said.inside and not said.sscc:
            return f"line {said.line}: what stands in {said.inside} needs an SSCC of its own."
        if said.sscc and inside.setdefault(said.sscc, said.inside) != said.inside:
            return f"says of pallet {said.sscc} that it stands in two places."
        if len(said.serials) not in (0, said.quantity):
            return f"line {said.line}: {said.quantity} pieces, but {len(said.serials)} serials."
        if number := twice(said.serials):
            return f"line {said.line}: serial {number} comes twice."
    for sscc in {**inside, **{outer: "" for outer in inside.values() if outer}}:
        if (other := tx.value(ELSEWHERE, of_sscc=sscc, key=message.code)) is not None:
            return f"has pallet {sscc}, which is announced by ASN {other}."
        above = sscc
        for _ in range(DEEPEST):
            above = inside.get(above, "")
            if not above or above == sscc:
                break
        if above:
            return f"has pallet {sscc} inside itself, or inside more than {DEEPEST} others."
    return ""


def _lacking(tx: Tx, said: AsnLine, name: str) -> Outcome | None:
    """What the line needs and is not there (yet)."""
    tracked = tx.value(SERIAL_TRACKED, key=said.item)
    if tracked is None:
        return missing_item(said.item, name)
    if said.serials and not tracked:
        return dead(f"{name} line {said.line} names serials, but {said.item} has none.")
    state = tx.value(KNOWN_PO, key=said.po)
    if state is None:
        return dead(f"{name} needs PO {said.po}, which is not known yet.", missing=f"purchase_order {said.po}")
    if not any(of == said.item and said.po_line in ("", line) for line, of in tx.rows(PO_LINES, key=said.po)):
        where = f" line {said.po_line}" if said.po_line else ""
        return dead(f"{name} line {said.line}: {said.item} is not on PO {said.po}{where}.")
    return None


def _row(tx: Tx, code: str, said: AsnLine) -> dict[str, object]:
    line = said.po_line or next(line for line, of in tx.rows(PO_LINES, key=said.po) if of == said.item)
    return {
        "asn": code, "line": said.line, "sscc": said.sscc, "po": said.po, "po_line": line, "item": said.item,
        "lot": said.lot, "expiry": said.expiry.isoformat() if said.expiry else "", "quantity": said.quantity,
        "received": 0, "grams": said.grams, "serials": " ".join(said.serials),
    }  # fmt: skip


def _write(tx: Tx, message: AsnUpsert, rows: list[dict[str, object]]) -> str:
    """Make the lines and pallets so, except what was begun; what was kept, in words."""
    tx.run(DROP_LINES, key=message.code)
    tx.run(DROP_PALLETS, key=message.code)
    begun_pallets = {row[0] for row in tx.rows(PALLETS, key=message.code)}
    begun_lines = {row[1] for row in tx.rows(LINES, key=message.code)}
    # A pallet is announced as a whole: nothing is added to, or taken from, one that stands here already.
    fresh = [row for row in rows if row["line"] not in begun_lines and row["sscc"] not in begun_pallets]
    tx.many(ADD_LINE, fresh)
    inside: dict[str, str] = {}
    for said in message.lines:
        if said.sscc:
            inside[said.sscc] = said.inside
        if said.inside:
            inside.setdefault(said.inside, "")
    tx.many(
        ADD_PALLET,
        [
            {"key": message.code, "of_sscc": sscc, "inside": outer}
            for sscc, outer in inside.items()
            if sscc not in begun_pallets
        ],
    )
    kept = [f"pallet {sscc}" for sscc in sorted(begun_pallets)] + [f"line {line}" for line in sorted(begun_lines)]
    return f" Already received and kept: {', '.join(kept[:20])}." if kept else ""


def cancel_asn(tx: Tx, message: AsnCancel, by: By) -> Outcome:
    name = f"ASN {message.code}"
    known = tx.row(ASN, key=message.code)
    if known is None:
        return dead(f"{name} is not known yet.", missing=f"asn {message.code}")
    settled = judge_cancel(message, name, known[5], int(known[8]))
    if settled is not None:
        return settled
    begun = known[5] == "receiving"
    if begun:
        tx.run(DROP_LINES, key=message.code)
        tx.run(DROP_PALLETS, key=message.code)
    state = "receiving" if begun else "cancelled"
    tx.run(SET_STATE, key=message.code, new_state=state, new_version=message.version or known[8])
    tx.tell("receipts")
    tx.tell("arrivals")
    return applied(f"{name} takes no more; what was received stays." if begun else f"{name} is cancelled.")
