"""Transfers at the desk: what goes where, how much of it left, is on the way and arrived; ordered, cancelled and closed here."""

import msgspec
from sqlalchemy import BigInteger, bindparam, case, cast, func, or_, select

from app import clock
from app.db import Tx
from app.desk.paging import Page, page_of, window
from app.desk.words import said, spelled
from app.schema.storage import transfer, transfer_line
from app.stock import ledger
from app.stock.balances import Promise
from app.stock.events import AnyEvent
from app.stock.ledger import By
from app.work import people, progress, transfers, transfers_promised, transfers_serving
from app.work.transfers import BadTransfer, Line
from app.work.transfers_ways import Way

LATE_AFTER = 3 * clock.DAY  # on the way without a due time


class TransferFilter(msgspec.Struct, frozen=True, kw_only=True):
    state: str = "open"  # open, closed, cancelled, all
    q: str = ""  # a transfer, a site or an item
    page: int = 1


class Row(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    source: str
    target: str
    state: str
    asked_by: str
    carrier: str
    due: int
    created: int
    ordered: int
    shipped: int
    received: int
    on_the_way: int = 0
    late: bool = False
    may_close: bool = False
    may_cancel: bool = False
    lines: tuple[Line, ...] = ()
    promised: tuple[Promise, ...] = ()  # on its shelves, waiting to be taken
    ways: tuple[Way, ...] = ()


class Between(msgspec.Struct, frozen=True, kw_only=True):
    """What is in transit from one site to another."""

    source: str
    target: str
    transfers: int
    quantity: int


class Transfers(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    between: tuple[Between, ...]
    page: Page[Row]
    sites: tuple[str, ...]


def _sum(name: str) -> object:
    return cast(func.coalesce(func.sum(transfer_line.c[name]), 0), BigInteger)


_MISSING = transfer_line.c.shipped - transfer_line.c.received
_OWN = ("code", "source", "target", "state", "asked_by", "carrier", "due", "created")
_HAS_ITEM = (
    select(transfer_line.c.transfer)
    .where(transfer_line.c.item == bindparam("p_q"), transfer_line.c.transfer == transfer.c.code)
    .correlate(transfer)
    .exists()
)
LIST = (
    select(
        *(transfer.c[name] for name in _OWN), _sum("quantity").label("ordered"),  # type: ignore[attr-defined]
        _sum("shipped").label("shipped"), _sum("received").label("received"),  # type: ignore[attr-defined]
    )
    .select_from(transfer.outerjoin(transfer_line, transfer_line.c.transfer == transfer.c.code))
    .where(
        or_(bindparam("p_state") == "all", transfer.c.state == bindparam("p_state")),
        or_(
            bindparam("p_q") == "", transfer.c.code == bindparam("p_q"), transfer.c.source == bindparam("p_q"),
            transfer.c.target == bindparam("p_q"), _HAS_ITEM,
        ),
    )
    .group_by(*(transfer.c[name] for name in _OWN))
    .order_by(case((transfer.c.state == "open", 0), else_=1), transfer.c.created.desc(), transfer.c.code)
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)  # fmt: skip
IN_TRANSIT = (
    select(
        transfer.c.source, transfer.c.target, func.count(transfer.c.code.distinct()).label("transfers"),
        cast(func.sum(_MISSING), BigInteger).label("quantity"),
    )
    .select_from(transfer.join(transfer_line, transfer_line.c.transfer == transfer.c.code))
    .where(transfer.c.state == "open", _MISSING > 0)
    .group_by(transfer.c.source, transfer.c.target)
    .order_by(transfer.c.source, transfer.c.target)
)  # fmt: skip
COUNT = select(func.count()).where(transfer.c.state == "open")


def listing(tx: Tx, wanted: TransferFilter, *, export: bool = False) -> Transfers:
    seen = window(wanted.page, export=export)
    found = tx.all(LIST, Row, p_state=wanted.state, p_q=wanted.q.strip(), **seen)
    shown = page_of(found, wanted.page, export=export)
    now = clock.now()
    rows = tuple(_with_facts(tx, row, now) for row in shown.rows)
    return Transfers(
        between=tuple(tx.all(IN_TRANSIT, Between)),
        headline=headline(int(tx.value(COUNT) or 0), wanted.state),
        page=msgspec.structs.replace(shown, rows=rows),
        sites=tuple(transfers.own_sites(tx)),
    )


def headline(open_now: int, state: str) -> str:
    if state not in ("open", "all"):
        return f"Transfers: {state}."
    if not open_now:
        return "No transfer is open."
    return said(f"{spelled(open_now)} transfer{' is' if open_now == 1 else 's are'} open between sites.")


def order(tx: Tx, source: str, target: str, wanted: str, *, who: str, device: str) -> str:
    """`wanted` is `MUG 12, TEE 5`. Raises BadTransfer."""
    asked = [_asked(part) for part in wanted.replace("\n", ",").split(",") if part.strip()]
    if not transfers.is_ours(tx, source.strip()):
        raise BadTransfer(scanned=source or "Nowhere", reason="that is no site of this house.")
    one = transfers.order(tx, source.strip(), target.strip(), asked, worker=who)
    served = transfers_serving.serve(tx, one, By(worker=who, device=device, cause="desk"))
    people.note(tx, "transfer_ordered", who, device, f"{one.code}: {one.source} to {one.target}, {wanted}")
    lacks = sum(quantity for _, quantity in asked) - served
    rest = f" {lacks} are not free here now." if lacks else ""
    return f"Transfer {one.code} is ordered: {one.source} to {one.target}.{rest}"


def cancel(tx: Tx, code: str, *, who: str, device: str) -> str:
    """Raises NoSuchTransfer, TransferOver."""
    transfers.cancel(tx, transfers.find(tx, code), _poster(tx, who, device))
    people.note(tx, "transfer_cancelled", who, device, code)
    return f"Transfer {code} is cancelled."


def close(tx: Tx, code: str, *, who: str, device: str) -> str:
    """Nothing more comes. Raises NoSuchTransfer, TransferOver."""
    missing, over = transfers.close(tx, transfers.find(tx, code), who, _poster(tx, who, device))
    people.note(tx, "transfer_closed", who, device, f"{code}: {missing} missing, {over} over")
    if missing:
        return f"Transfer {code} is closed. {missing} missing: their write-off waits for somebody else at Corrections."
    return f"Transfer {code} is closed."


def _poster(tx: Tx, who: str, device: str) -> transfers.Post:
    by = By(worker=who, device=device, cause="desk")

    def post(event: AnyEvent) -> int:
        seq = ledger.post(tx, event, by)
        progress.apply(tx, event)
        return seq

    return post


def _asked(part: str) -> tuple[str, int]:
    code, _, number = part.strip().rpartition(" ")
    if not (code and number.isascii() and number.isdigit() and len(number) <= 7):
        raise BadTransfer(scanned=part.strip()[:60], reason="write the item, a blank, and how many.")
    return code.strip(), int(number)


def _with_facts(tx: Tx, row: Row, now: int) -> Row:
    one, lines = transfers.find(tx, row.code), transfers.lines(tx, row.code)
    on_the_way = sum(line.missing for line in lines)
    late = row.state == "open" and bool(on_the_way) and now > (row.due or row.created + LATE_AFTER)
    return msgspec.structs.replace(
        row,
        on_the_way=on_the_way,
        late=late,
        lines=tuple(lines),
        promised=tuple(transfers_promised.of(tx, row.code)),
        ways=tuple(transfers.under_way(tx, one)),
        may_cancel=row.state == "open" and not row.shipped,
        may_close=row.state == "open" and row.shipped > 0,
    )
