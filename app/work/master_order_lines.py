"""An order's head and lines: as the ERP sends them, as we have them, and how the one is written over the other."""

from typing import Annotated

import msgspec
from msgspec import Meta
from sqlalchemy import bindparam, delete, insert, select

from app.db import Tx
from app.schema.documents import order_line, sales_order
from app.work import owners
from app.work.carriers.services import is_open
from app.work.master_terms import (
    MOST_LINES,
    DocumentLine,
    Message,
    Moment,
    OptionalCode,
    Outcome,
    Text,
    dead,
    judge_lines,
    moment,
    put,
    row_of,
)

UNPACKED = ("pool", "waved", "picking", "picked")  # nothing of it is in a carton, so nobody has chosen a carrier yet

PUT_ORDER = put(sales_order)
ORDER = select(sales_order).where(sales_order.c.code == bindparam("key"))
LINES = select(order_line).where(order_line.c.order_code == bindparam("key")).order_by(order_line.c.id)
DROP_LINES = delete(order_line).where(order_line.c.order_code == bindparam("key"))
ADD_LINE = insert(order_line).values(
    {name: bindparam(name) for name in ("id", "order_code", "line", "item", "quantity")}
)


class AskedLine(DocumentLine, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class OrderRelease(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="order.release"):
    """An order to ship: its whole head and all its lines, each time."""

    owner: OptionalCode = ""
    customer: OptionalCode = ""
    name: Text = ""
    address: Text = ""
    carrier: OptionalCode = ""
    service: OptionalCode = ""
    cutoff: Moment | None = None
    promised: Moment | None = None  # with the customer by the end of that day
    priority: Annotated[int, Meta(ge=1, le=9)] = 5
    ship_complete: bool = False
    lines: Annotated[tuple[AskedLine, ...], Meta(min_length=1, max_length=MOST_LINES)]


class OrderChange(OrderRelease, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="order.change"):
    """The order as it should be now. A held order stays held."""


class KnownOrder(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    owner: str
    customer: str
    name: str
    address: str
    carrier: str
    service: str
    cutoff: int
    promised: int
    priority: int
    ship_complete: int
    state: str
    wave: str
    lane: str
    version: int

    def says(self, message: OrderRelease) -> bool:
        """Is the head already as the message has it? What it leaves to us may have been chosen since."""
        row = _head(message) | {"owner": message.owner or self.owner}
        if self.state not in UNPACKED and is_open(message.carrier):
            row |= {"carrier": self.carrier, "service": self.service}
        elif self.state not in UNPACKED and is_open(message.service):
            row |= {"service": self.service}
        return all(getattr(self, name) == value for name, value in row.items() if name != "version")


class KnownLine(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    order_code: str
    line: str
    item: str
    quantity: int
    allocated: int
    picked: int
    packed: int
    shipped: int
    short: int
    cancelled: int


def lines_of(tx: Tx, code: str) -> list[KnownLine]:
    return tx.all(LINES, KnownLine, key=code)


def same_lines(message: OrderRelease, lines: list[KnownLine]) -> bool:
    have = {line.line: (line.item, line.quantity - line.cancelled) for line in lines if line.quantity > line.cancelled}
    return have == {asked.line: (asked.item, asked.quantity) for asked in message.lines}


def refuse_lines(tx: Tx, message: OrderRelease, name: str) -> Outcome | None:
    """What is wrong with the lines asked for, or with whose goods they are."""
    if (refused := judge_lines(tx, name, message.lines)) is not None:
        return refused
    _, wrong = owners.settle(tx, message.owner, [asked.item for asked in message.lines])
    return dead(f"{name} {wrong}") if wrong else None


def write_head(tx: Tx, message: OrderRelease, known: KnownOrder | None, state: str, wave: str | None = None) -> None:
    kept = known.version if known else 0
    owner, _ = owners.settle(tx, message.owner, [asked.item for asked in message.lines])
    tx.run(
        PUT_ORDER,
        **_head(message) | {"version": message.version or kept, "owner": owner},
        state=state,
        wave=wave if wave is not None else known.wave if known else "",
        lane=known.lane if known else "",
    )


def rewrite_lines(tx: Tx, message: OrderRelease) -> None:
    """The lines anew, with nothing done on them."""
    tx.run(DROP_LINES, key=message.code)
    tx.many(
        ADD_LINE,
        [
            {
                "id": f"{message.code}/{asked.line}",
                "order_code": message.code,
                "line": asked.line,
                "item": asked.item,
                "quantity": asked.quantity,
            }
            for asked in message.lines
        ],
    )


def _head(message: OrderRelease) -> dict[str, object]:
    return row_of(message, "lines", cutoff=moment(message.cutoff), promised=moment(message.promised))
