"""Where the goods of an order or a purchase order are, for the look-up: its lines, its cartons, what happened."""

from sqlalchemy import bindparam, select

from app.db import Tx
from app.schema.documents import order_line, purchase_order, sales_order
from app.schema.stock import allocation, journal
from app.schema.work import carton
from app.work import discrepancies, receipts, receiving_rules
from app.work.happened import LAST_EVENTS, Found, Line, seqs, told, words

MOST_LINES = 12

ORDER = select(sales_order.c.name, sales_order.c.state, sales_order.c.carrier, sales_order.c.wave, sales_order.c.lane)
ORDER = ORDER.where(sales_order.c.code == bindparam("code"))
ORDER_LINES = (
    select(
        order_line.c.item, order_line.c.quantity, order_line.c.allocated, order_line.c.picked, order_line.c.packed,
        order_line.c.shipped, order_line.c.short,
    )
    .where(order_line.c.order_code == bindparam("code"))
    .order_by(order_line.c.id)
    .limit(MOST_LINES)
)  # fmt: skip
CARTONS = select(carton.c.lpn, carton.c.state, carton.c.lane, carton.c.truck).where(
    carton.c.order_code == bindparam("code")
)
PROMISED = (
    select(allocation.c.item, allocation.c.location, allocation.c.lpn, allocation.c.quantity)
    .join(order_line, order_line.c.id == allocation.c.line)
    .where(order_line.c.order_code == bindparam("code"), allocation.c.quantity > 0)
    .limit(MOST_LINES)
)
PO = select(purchase_order.c.supplier, purchase_order.c.state).where(purchase_order.c.code == bindparam("code"))
OF_DOCUMENT = (
    select(journal.c.seq)
    .where(journal.c.document == bindparam("document"))
    .order_by(journal.c.seq.desc())
    .limit(LAST_EVENTS)
)
# On a blind receipt the words of its end would tell what was expected.
COUNTED_OF_DOCUMENT = OF_DOCUMENT.where(journal.c.kind != "receipt_closed", journal.c.kind != "overridden")


def of_order(tx: Tx, code: str) -> Found | None:
    row = tx.row(ORDER, code=code)
    if row is None:
        return None
    labels = ("State", "Carrier", "Wave", "Lane")
    facts = tuple((label, value) for label, value in zip(labels, row[1:], strict=True) if value)
    where = [
        Line(
            name=entry[0],
            left=str(entry[1]),
            detail=words(
                *(f"{count} {said}" for count, said in zip(
                    entry[2:], ("promised", "picked", "packed", "shipped", "short"), strict=True) if count)
            ),
        )
        for entry in tx.rows(ORDER_LINES, code=code)
    ]  # fmt: skip
    where += [
        Line(name=lpn or place, left=str(quantity), detail=f"{one}, promised", right=place if lpn else "")
        for one, place, lpn, quantity in tx.rows(PROMISED, code=code)
    ]
    where += [
        Line(name=lpn, detail=state, right=truck or lane) for lpn, state, lane, truck in tx.rows(CARTONS, code=code)
    ]
    numbers = seqs(tx, (OF_DOCUMENT, {"document": f"order {code}"}))
    return Found(code=code, name=row[0] or "Order", facts=facts, where=tuple(where), happened=told(tx, numbers))


def of_po(tx: Tx, code: str) -> Found | None:
    row = tx.row(PO, code=code)
    if row is None:
        return None
    blind = receiving_rules.is_blind(tx, code)
    where = tuple(
        Line(
            name=line.item,
            left=str(line.received) if blind else f"{line.received} / {line.quantity}",
            detail=line.name,
            right="" if blind else discrepancies.so_far(line, open=receipts.is_open(tx, code)),
        )
        for line in receipts.lines(tx, code)[:MOST_LINES]
        if line.received or not blind
    )
    facts = tuple((label, value) for label, value in zip(("Supplier", "State"), row, strict=True) if value)
    happened = COUNTED_OF_DOCUMENT if blind else OF_DOCUMENT
    numbers = seqs(tx, (happened, {"document": f"po {code}"}))
    return Found(code=code, name="PO", facts=facts, where=where, happened=told(tx, numbers))
