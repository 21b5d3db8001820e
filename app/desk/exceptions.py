"""What somebody must decide: exceptions raised on the floor, and receipts that differ from their order.

Each has an owner and a due time; what waits is ranked by what it costs if it waits longer, and says why
(`app/work/impact.py`). Somebody takes it, and closes it with a reason and their name.
"""

import msgspec
from sqlalchemy import Integer, and_, bindparam, cast, func, literal, or_, select, union_all

from app import clock
from app.db import Tx
from app.desk.paging import Page, page_of, window
from app.desk.words import said, spelled
from app.schema.documents import order_line, sales_order
from app.schema.items import item
from app.schema.work import discrepancy, exception
from app.stock.ledger import By
from app.work import discrepancies_settling, exception_codes, exceptions, impact, missing, people, photos
from app.work.exceptions import LONGEST_REASON, NoReason

MOST_RANKED = 500  # open cases ranked at once: those due first


class ExceptionFilter(msgspec.Struct, frozen=True, kw_only=True):
    state: str = "open"  # open, closed, all
    code: str = ""
    owner: str = ""
    taken: str = ""  # a worker; nobody: not taken yet
    document: str = ""
    id: str = ""  # one case
    page: int = 1


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """One row, of either table, with what it costs if it waits."""

    id: str
    source: str  # exception, discrepancy
    code: str
    sentence: str
    document: str
    item: str
    location: str
    owner: str
    due: int
    state: str
    worker: str
    created: int
    expected: int
    found: int
    quantity: int
    followed: str
    taken_by: str
    decided: str
    decided_by: str
    escalated: int
    cutoff: int
    priority: int
    cost: int
    waiting: int
    score: int = 0
    why: str = ""
    photos: tuple[str, ...] = ()
    title: str = ""
    wants_approval: bool = False
    wants_photo: bool = False

    @property
    def value(self) -> int:
        return self.cost * (self.quantity or abs(self.expected - self.found))


class Exceptions(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    page: Page[Open]
    codes: tuple[str, ...]


_RAISED = select(
    exception.c.id, literal("exception").label("source"), exception.c.code, exception.c.sentence,
    exception.c.document, exception.c.item, exception.c.location, exception.c.owner, exception.c.due,
    exception.c.state, exception.c.worker, exception.c.created, literal(0).label("expected"), literal(0).label("found"),
    exception.c.quantity, exception.c.followed, exception.c.taken_by, exception.c.decided, exception.c.decided_by,
    exception.c.escalated,
)  # fmt: skip
_DIFFERS = select(
    discrepancy.c.id, literal("discrepancy"), discrepancy.c.kind, discrepancy.c.reason, discrepancy.c.document,
    discrepancy.c.item, discrepancy.c.location, discrepancy.c.owner, discrepancy.c.due, discrepancy.c.state,
    discrepancy.c.worker, discrepancy.c.created, discrepancy.c.expected, discrepancy.c.found, discrepancy.c.quantity,
    literal(""), discrepancy.c.taken_by,
    discrepancy.c.decided, discrepancy.c.decided_by, discrepancy.c.escalated,
)  # fmt: skip
_ROWS = union_all(_RAISED, _DIFFERS).subquery("rows")
_WANTING = (
    select(order_line.c.order_code)
    .join(sales_order, sales_order.c.code == order_line.c.order_code)
    .where(
        order_line.c.item == _ROWS.c.item,
        _ROWS.c.item != "",
        order_line.c.picked + order_line.c.short + order_line.c.cancelled < order_line.c.quantity,
        sales_order.c.state != "shipped",
        sales_order.c.state != "cancelled",
    )
    .correlate(_ROWS)
)
_EARLIEST = _WANTING.with_only_columns(func.min(sales_order.c.cutoff)).where(sales_order.c.cutoff > 0)
_WAITING = _WANTING.with_only_columns(func.count(order_line.c.order_code.distinct()))
_MOST_URGENT = _WANTING.with_only_columns(func.min(sales_order.c.priority))
_OWN = sales_order.alias("own")
_JUDGED = (
    select(
        *_ROWS.c,
        func.coalesce(func.nullif(_OWN.c.cutoff, 0), _EARLIEST.scalar_subquery(), 0).label("cutoff"),
        func.coalesce(_OWN.c.priority, _MOST_URGENT.scalar_subquery(), 0).label("priority"),
        func.coalesce(item.c.standard_cost, 0).label("cost"),
        cast(_WAITING.scalar_subquery(), Integer).label("waiting"),
    )
    .select_from(
        _ROWS.outerjoin(
            _OWN,
            and_(
                literal("order ") + _OWN.c.code == _ROWS.c.document,
                _OWN.c.state != "shipped",
                _OWN.c.state != "cancelled",
            ),
        ).outerjoin(item, item.c.code == _ROWS.c.item)
    )
    .where(
        or_(bindparam("p_state") == "all", _ROWS.c.state == bindparam("p_state")),
        or_(bindparam("p_code") == "", _ROWS.c.code == bindparam("p_code")),
        or_(bindparam("p_owner") == "", _ROWS.c.owner == bindparam("p_owner")),
        or_(bindparam("p_id") == "", _ROWS.c.id == bindparam("p_id")),
        or_(bindparam("p_document") == "", _ROWS.c.document == bindparam("p_document")),
        or_(
            bindparam("p_taken") == "",
            and_(bindparam("p_taken") == "nobody", _ROWS.c.taken_by == ""),
            _ROWS.c.taken_by == bindparam("p_taken"),
        ),
    )
)
DUE_FIRST = _JUDGED.order_by(_ROWS.c.due, _ROWS.c.id).limit(bindparam("most")).offset(bindparam("skip"))
NEWEST_FIRST = _JUDGED.order_by(_ROWS.c.created.desc(), _ROWS.c.id).limit(bindparam("most")).offset(bindparam("skip"))
CODES = select(_ROWS.c.code).distinct().order_by(_ROWS.c.code).limit(50)
OVERDUE = select(_ROWS.c.id).where(_ROWS.c.state == "open", _ROWS.c.due < bindparam("now")).limit(bindparam("most"))


def listing(tx: Tx, wanted: ExceptionFilter, *, export: bool = False) -> Exceptions:
    """Open cases by what they cost if they wait, with the reason; closed ones newest first."""
    asked = {
        "p_state": wanted.state, "p_code": wanted.code, "p_owner": wanted.owner, "p_document": wanted.document,
        "p_taken": wanted.taken, "p_id": wanted.id,
    }  # fmt: skip
    now, seen = clock.now(), window(wanted.page, export=export)
    if wanted.state == "open":
        waiting = tx.all(DUE_FIRST, Open, **asked, most=MOST_RANKED, skip=0)
        ranked = sorted((_judged(one, now) for one in waiting), key=lambda one: (-one.score, one.due, one.id))
        found = ranked[seen["skip"] : seen["skip"] + seen["most"]]
    else:
        found = [_judged(one, now) for one in tx.all(NEWEST_FIRST, Open, **asked, **seen)]
    late = len(tx.rows(OVERDUE, now=now, most=1000))
    shown = page_of(found, wanted.page, export=export)
    codes = {code.code: code for code in exception_codes.everything(tx)}
    rows = tuple(_with_evidence(tx, one, codes) for one in shown.rows)
    return Exceptions(
        headline=headline(len(found), late, wanted.state),
        page=msgspec.structs.replace(shown, rows=rows),
        codes=tuple(row[0] for row in tx.rows(CODES)),
    )


def _judged(one: Open, now: int) -> Open:
    facts = impact.Facts(
        document=one.document,
        cutoff=one.cutoff,
        priority=one.priority,
        value=one.value,
        item=one.item,
        waiting=one.waiting,
        due=one.due,
    )
    found = impact.judge(facts, now)
    return msgspec.structs.replace(one, score=found.score, why=found.why)


def _with_evidence(tx: Tx, one: Open, codes: dict[str, exception_codes.ExceptionCode]) -> Open:
    row = codes.get(one.code)
    return msgspec.structs.replace(
        one,
        photos=tuple(photo.hash for photo in photos.of(tx, f"{one.source} {one.id}")),
        title=row.title if row is not None else said(one.code.replace("_", " ")),
        wants_approval=bool(row and row.approval and one.source == "exception"),
        wants_photo=bool(row and row.photo),
    )


def headline(shown: int, late: int, state: str) -> str:
    if state != "open":
        return "Exceptions and differences, closed ones too." if state == "all" else "What was decided."
    if not shown:
        return "Nothing waits for a decision."
    if late:
        return said(f"{spelled(late)} decision{'' if late == 1 else 's'} {'is' if late == 1 else 'are'} overdue.")
    return said(f"{spelled(shown)} decision{' waits' if shown == 1 else 's wait'}, none overdue.")


def take(tx: Tx, source: str, key: str, *, worker: str, device: str) -> str:
    """From now on somebody looks into it. Raises AlreadyClosed."""
    if source == "exception":
        return exceptions.take(tx, key, worker)
    return discrepancies_settling.take(tx, key, worker)


def close(tx: Tx, source: str, key: str, *, reason: str, worker: str, device: str) -> str:
    """Settle one, with the reason kept beside it and in the security log.

    Raises AlreadyClosed, NoReason, SamePerson, OnHoldForIt.
    """
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise NoReason(limit=LONGEST_REASON, scanned=reason[:20])
    by = By(worker=worker, device=device, cause="desk")
    if source == "exception":
        exceptions.settle(tx, key, reason, by)
    else:
        discrepancies_settling.settle(tx, key, "accepted", reason, by)
    people.note(tx, "closed", worker, device, f"{source} {key}: {reason}")
    tx.tell("exceptions")
    tx.tell("discrepancies")
    return "Closed."


def decide_missing(tx: Tx, key: str, *, give_up: bool, worker: str, device: str) -> str:
    """Goods not found at packing: the order goes without them, or packing goes on. Raises NotReported, OrderOff."""
    by = By(worker=worker, device=device, cause="desk")
    told = missing.give_up(tx, key, by) if give_up else missing.found(tx, key, by)
    people.note(tx, "missing_decided", worker, device, f"exception {key}: {told}")
    return told
