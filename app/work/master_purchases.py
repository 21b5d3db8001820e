"""Purchase orders to receive.

A receipt that has begun keeps what it has: received lines stay, even when a later message leaves them out (nothing more
is expected on them then), and never go below what was counted. Lines nobody has touched follow the message. One that was
cancelled before anything came is open again when a newer version of it arrives.
"""

from typing import Annotated

from msgspec import Meta
from sqlalchemy import bindparam, delete, insert, select, update

from app.db import Tx
from app.schema.documents import po_line, purchase_order
from app.stock.ledger import By
from app.work import owners
from app.work.master_terms import (
    KNOWN_ITEM,
    MOST_LINES,
    DocumentLine,
    Message,
    Moment,
    OptionalCode,
    Outcome,
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

PUT_ORDER = put(purchase_order)
ORDER = select(purchase_order).where(purchase_order.c.code == bindparam("key"))
LINES = (
    select(po_line.c.line, po_line.c.item, po_line.c.quantity, po_line.c.received, po_line.c.state)
    .where(po_line.c.po == bindparam("key"))
    .order_by(po_line.c.line)
)
DROP_UNTOUCHED = delete(po_line).where(po_line.c.po == bindparam("key"), po_line.c.received == 0)
ADD_LINE = insert(po_line).values(
    {name: bindparam(name) for name in ("po", "line", "item", "quantity", "received", "state")}
)
SET_LINE = (
    update(po_line)
    .where(po_line.c.po == bindparam("key"), po_line.c.line == bindparam("number"))
    .values(quantity=bindparam("quantity"), state=bindparam("state"))
)
CLOSE_LINES = update(po_line).where(po_line.c.po == bindparam("key")).values(state="closed")
SET_STATE = (
    update(purchase_order)
    .where(purchase_order.c.code == bindparam("key"))
    .values(state=bindparam("new_state"), version=bindparam("new_version"))
)


class PurchaseLine(DocumentLine, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class PurchaseOrderUpsert(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="purchase_order.upsert"):
    """What a supplier will bring: the whole list of lines, each time."""

    owner: OptionalCode = ""
    supplier: OptionalCode = ""
    due: Moment | None = None
    lines: Annotated[tuple[PurchaseLine, ...], Meta(min_length=1, max_length=MOST_LINES)]


class PurchaseOrderCancel(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="purchase_order.cancel"):
    """Nothing (more) comes. What was received stays."""


def apply_purchase(tx: Tx, message: PurchaseOrderUpsert, by: By) -> Outcome:
    name = f"Purchase order {message.code}"
    known = tx.row(ORDER, key=message.code)
    lines = {
        line: (item_, quantity, received) for line, item_, quantity, received, _ in tx.rows(LINES, key=message.code)
    }
    due = moment(message.due)
    alike = (
        known is not None
        and (message.owner or known[1], known[2], known[4]) == (known[1], message.supplier, due)
        and {line: kept[:2] for line, kept in lines.items()}
        == {asked.line: (asked.item, asked.quantity) for asked in message.lines}
    )
    stored = None if known is None else int(known[5])
    off = known is not None and known[3] == "cancelled"
    settled = called_off(message, name, stored or 0) if off else judge(message, name, stored, alike=alike)
    if settled is not None:
        return settled
    if known is not None and known[3] == "closed":
        return dead(f"{name} is closed already; send what is still wanted under a new number.")
    again = twice([asked.line for asked in message.lines])
    if again:
        return dead(f"{name} has line {again} twice.")
    for asked in message.lines:
        if tx.value(KNOWN_ITEM, key=asked.item) is None:
            return missing_item(asked.item, name)
        begun = lines.get(asked.line, ("", 0, 0))
        if begun[2] and begun[0] != asked.item:
            return dead(
                f"{name} line {asked.line}: {begun[2]} × {begun[0]} are received, it cannot become {asked.item}."
            )

    owner, wrong = owners.settle(tx, message.owner, [asked.item for asked in message.lines])
    if wrong:
        return dead(f"{name} {wrong}")
    tx.run(
        PUT_ORDER,
        code=message.code,
        owner=owner,
        supplier=message.supplier,
        state="open" if known is None or off else known[3],
        due=due,
        version=message.version or stored or 0,
    )
    kept = _write_lines(tx, message, lines)
    tx.tell("receipts")
    became = "known" if known is None else "expected again" if off else "changed"
    return applied(f"{name} is {became}.{kept}", is_new=known is None)


def _write_lines(tx: Tx, message: PurchaseOrderUpsert, lines: dict[str, tuple[str, int, int]]) -> str:
    """Make the lines so, except where goods were counted; what was kept, in words."""
    tx.run(DROP_UNTOUCHED, key=message.code)
    wanted = {asked.line: asked for asked in message.lines}
    tx.many(
        ADD_LINE,
        [
            {"po": message.code, "line": a.line, "item": a.item, "quantity": a.quantity, "received": 0, "state": "open"}
            for a in message.lines
            if not lines.get(a.line, ("", 0, 0))[2]
        ],
    )
    kept = []
    for line, (item_, quantity, received) in lines.items():
        if not received:
            continue
        left = wanted.get(line)
        target = max(left.quantity, received) if left else quantity
        state = "open" if left and received < target else "closed"
        tx.run(SET_LINE, key=message.code, number=line, quantity=target, state=state)
        if not left or left.quantity < received:
            kept.append(f"line {line}: {received} × {item_}")
    return f" Already received and kept: {', '.join(kept)}." if kept else ""


def cancel_purchase(tx: Tx, message: PurchaseOrderCancel, by: By) -> Outcome:
    name = f"Purchase order {message.code}"
    known = tx.row(ORDER, key=message.code)
    if known is None:
        return dead(f"{name} is not known yet.", missing=f"purchase_order {message.code}")
    settled = judge_cancel(message, name, known[3], int(known[5]))
    if settled is not None:
        return settled
    received = [(line, got, item_) for line, item_, _, got, _ in tx.rows(LINES, key=message.code) if got]
    tx.run(CLOSE_LINES, key=message.code)
    state = "receiving" if received else "cancelled"
    tx.run(SET_STATE, key=message.code, new_state=state, new_version=message.version or known[5])
    tx.tell("receipts")
    if received:
        told = ", ".join(f"line {line}: {got} × {item_}" for line, got, item_ in received)
        return applied(f"{name} takes no more. Already received and kept: {told}.")
    return applied(f"{name} is cancelled.")
