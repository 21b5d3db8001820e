"""What a message of the ERP waits for, and whether that is there by now.

A letter that waits names one thing: `item TEA`, `put_back 100482`. Mostly a later message brings it, and whoever took that
in replays what waited. This is for what comes by another way (an import, goods put back by a worker): a condition for
the query that looks for such letters. Were it asked name by name, behind a limit, names nobody will ever know would hide
the others for ever.
"""

from collections.abc import Callable

from sqlalchemy import Column, ColumnElement, Text, and_, func, literal, or_, select

from app.schema.documents import order_line, purchase_order, sales_order
from app.schema.inbound import asn
from app.schema.items import item
from app.schema.quality import lot_hold
from app.schema.returns import rma
from app.schema.storage import transfer
from app.schema.work import task
from app.work.master_take_back import PUTTING_BACK

Key = ColumnElement[str]


def is_there(name: Key) -> ColumnElement[bool]:
    """What the name stands for has arrived, or is done."""
    return or_(
        *(
            and_(
                func.substr(name, 1, len(kind) + 1) == f"{kind} ",
                known(func.substr(name, len(kind) + 2, type_=Text)),
            )
            for kind, known in _KNOWN.items()
        )
    )


def _row_of(code: Column[str]) -> Callable[[Key], ColumnElement[bool]]:
    return lambda key: select(code).where(code == key).exists()


def _is_back(key: Key) -> ColumnElement[bool]:
    """By the rules that made it wait: a cancelled order opens with nothing picked and nothing on its way back to the
    shelf; a held one goes on where either is so.
    """
    off = select(sales_order.c.code).where(sales_order.c.code == key, sales_order.c.state == "cancelled").exists()
    picked = select(order_line.c.id).where(order_line.c.order_code == key, order_line.c.picked > 0).exists()
    going = select(task.c.id).where(PUTTING_BACK, task.c.document == literal("order ").concat(key)).exists()
    return and_(~and_(picked, going), or_(~off, ~or_(picked, going)))


_KNOWN: dict[str, Callable[[Key], ColumnElement[bool]]] = {
    "item": _row_of(item.c.code),
    "order": _row_of(sales_order.c.code),
    "purchase_order": _row_of(purchase_order.c.code),
    "asn": _row_of(asn.c.code),
    "hold": _row_of(lot_hold.c.id),
    "rma": _row_of(rma.c.code),
    "transfer": _row_of(transfer.c.code),
    "put_back": _is_back,
}
