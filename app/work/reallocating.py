"""A bin that cannot be reached, or holds the wrong goods: what it was to give is promised from other bins instead.

The orders' promises at that place are given back and served from elsewhere by the same hand that serves those of a lot
on hold; their picks join the walk again where they cost the fewest steps. A case of one order moves only that order's.
"""

from sqlalchemy import bindparam, or_, select

from app.db import Tx
from app.schema.documents import order_line
from app.schema.places import location
from app.schema.stock import allocation
from app.stock.ledger import By
from app.stock.slots import Claim, Slot
from app.work import exceptions, holds_promises
from app.work.exceptions import Raised

MOST_ORDERS = 20  # served anew within one case; a case with more says so

PROMISED_AT = (
    select(
        order_line.c.order_code, allocation.c.line, allocation.c.item, allocation.c.lpn, allocation.c.lot,
        allocation.c.quantity,
    )
    .join(order_line, order_line.c.id == allocation.c.line)
    .join(location, location.c.code == allocation.c.location)
    .where(
        allocation.c.location == bindparam("place"),
        allocation.c.quantity > 0,
        or_(location.c.kind == "bin", location.c.kind == "reserve"),
        or_(bindparam("of_item") == "", allocation.c.item == bindparam("of_item")),
        or_(bindparam("of_order") == "", order_line.c.order_code == bindparam("of_order")),
    )
    .order_by(order_line.c.order_code, allocation.c.line)
)  # fmt: skip


@exceptions.follow("reallocate")
def reallocate(tx: Tx, raised: Raised, by: By) -> str:
    if not raised.location:
        return ""
    order = raised.document.removeprefix("order ") if raised.document.startswith("order ") else ""
    claims: dict[str, list[Claim]] = {}
    for code, line, item, lpn, lot, quantity in tx.rows(
        PROMISED_AT, place=raised.location, of_item=raised.item, of_order=order
    ):
        slot = Slot(location=raised.location, lpn=lpn, lot=lot)
        claims.setdefault(code, []).append(Claim(line=line, item=item, quantity=quantity, slot=slot))
    served = lost = 0
    for code in list(claims)[:MOST_ORDERS]:
        why = f"{raised.location}: {raised.code.replace('_', ' ')}"
        got, missed = holds_promises.serve_anew(tx, code, claims[code], why, by, not_at=raised.location)
        served, lost = served + got, lost + missed
    if not claims:
        return ""
    orders = "1 order is" if len(claims) == 1 else f"{len(claims)} orders are"
    told = f"{orders} no longer served from {raised.location}: {served} promised from elsewhere, {lost} backordered"
    return f"{told}; {len(claims) - MOST_ORDERS} orders are left" if len(claims) > MOST_ORDERS else told
