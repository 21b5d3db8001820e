"""Order lines, filtered by address: where the numbers of the wave board that count lines lead."""

import msgspec
from sqlalchemy import and_, bindparam, or_, select

from app.db import Tx
from app.desk.filters import any_or
from app.desk.paging import Page, page_of, window
from app.desk.words import many
from app.schema.documents import order_line, sales_order


class LineFilter(msgspec.Struct, frozen=True, kw_only=True):
    wave: str = ""
    order: str = ""
    item: str = ""
    state: str = ""  # open, picked, short
    page: int = 1


class LineRow(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    order: str
    line: str
    item: str
    state: str
    wave: str
    cutoff: int
    quantity: int
    allocated: int
    picked: int
    packed: int
    shipped: int
    short: int
    cancelled: int


_ORDER, _LINE = sales_order.c, order_line.c
_ROW = select(
    _LINE.id, _LINE.order_code.label("order"), _LINE.line, _LINE.item, _ORDER.state, _ORDER.wave, _ORDER.cutoff,
    _LINE.quantity, _LINE.allocated, _LINE.picked, _LINE.packed, _LINE.shipped, _LINE.short, _LINE.cancelled,
).join(sales_order, _ORDER.code == _LINE.order_code)  # fmt: skip
_LEFT = _LINE.picked + _LINE.short + _LINE.cancelled < _LINE.quantity
LINES = (
    _ROW.where(
        any_or("p_wave", _ORDER.wave),
        any_or("p_order", _LINE.order_code),
        any_or("p_item", _LINE.item),
        or_(
            bindparam("p_state") == "",
            and_(bindparam("p_state") == "open", _LEFT, _ORDER.wave != ""),
            and_(bindparam("p_state") == "picked", _LINE.picked > 0),
            and_(bindparam("p_state") == "short", _LINE.short > 0),
        ),
        or_(_ORDER.state != "cancelled", bindparam("p_order") != ""),  # on its own page, so that one sees what it was
    )
    .order_by(_ORDER.cutoff, _LINE.order_code, _LINE.id)
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)


def lines(tx: Tx, wanted: LineFilter, *, export: bool = False) -> Page[LineRow]:
    found = tx.all(
        LINES,
        LineRow,
        p_wave=wanted.wave,
        p_order=wanted.order,
        p_item=wanted.item,
        p_state=wanted.state,
        **window(wanted.page, export=export),
    )
    return page_of(found, wanted.page, export=export)


def told_lines(wanted: LineFilter, page: Page[LineRow]) -> str:
    parts = [f"{'More than ' if page.more else ''}{many(len(page.rows), 'line')}"]
    parts += [{"open": "to go", "picked": "picked", "short": "with a short"}.get(wanted.state, "")]
    parts += [f"in wave {wanted.wave}"] if wanted.wave else []
    parts += [f"of order {wanted.order}"] if wanted.order else []
    parts += [f"of {wanted.item}"] if wanted.item else []
    return f"{' '.join(part for part in parts if part)}."
