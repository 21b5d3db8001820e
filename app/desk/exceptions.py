"""What somebody must decide: exceptions raised on the floor, and receipts that differ from their order.

Each has an owner and a due time; it is closed with a reason and the name of who closed it.
"""

import msgspec
from sqlalchemy import bindparam, literal, or_, select, union_all, update

from app import clock
from app.db import Tx
from app.desk.paging import Page, page_of, window
from app.desk.words import said, spelled
from app.errors import Malformed, State
from app.schema.work import discrepancy, exception
from app.stock.ledger import By
from app.work import missing, people

LONGEST_REASON = 200


class AlreadyClosed(State):
    code, title = "already_closed", "Already closed"
    says = "Somebody has closed this already."


class NoReason(Malformed):
    code, title = "no_reason", "Why?"
    says = "Closing needs a reason of at most {limit} characters."
    todo = "Write what was decided."


class ExceptionFilter(msgspec.Struct, frozen=True, kw_only=True):
    state: str = "open"  # open, closed, all
    code: str = ""
    owner: str = ""
    document: str = ""
    page: int = 1


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """One row, of either table."""

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


class Exceptions(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    page: Page[Open]
    codes: tuple[str, ...]


_RAISED = select(
    exception.c.id, literal("exception").label("source"), exception.c.code, exception.c.sentence,
    exception.c.document, exception.c.item, exception.c.location, exception.c.owner, exception.c.due,
    exception.c.state, exception.c.worker, exception.c.created, literal(0).label("expected"), literal(0).label("found"),
)  # fmt: skip
_DIFFERS = select(
    discrepancy.c.id, literal("discrepancy"), discrepancy.c.kind, discrepancy.c.reason, discrepancy.c.document,
    discrepancy.c.item, literal(""), discrepancy.c.owner, discrepancy.c.due, discrepancy.c.state, literal(""),
    discrepancy.c.created, discrepancy.c.expected, discrepancy.c.found,
)  # fmt: skip
_ROWS = union_all(_RAISED, _DIFFERS).subquery("rows")
LIST = (
    select(_ROWS)
    .where(
        or_(bindparam("p_state") == "all", _ROWS.c.state == bindparam("p_state")),
        or_(bindparam("p_code") == "", _ROWS.c.code == bindparam("p_code")),
        or_(bindparam("p_owner") == "", _ROWS.c.owner == bindparam("p_owner")),
        or_(bindparam("p_document") == "", _ROWS.c.document == bindparam("p_document")),
    )
    .order_by(_ROWS.c.due, _ROWS.c.id)
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
CODES = select(_ROWS.c.code).distinct().order_by(_ROWS.c.code).limit(50)
OVERDUE = select(_ROWS.c.id).where(_ROWS.c.state == "open", _ROWS.c.due < bindparam("now")).limit(bindparam("most"))
CLOSE_EXCEPTION = (
    update(exception)
    .where(exception.c.id == bindparam("which"), exception.c.state == "open")
    .values(state="closed", owner=bindparam("by"), sentence=exception.c.sentence + bindparam("decided"))
)
CLOSE_DISCREPANCY = (
    update(discrepancy)
    .where(discrepancy.c.id == bindparam("which"), discrepancy.c.state == "open")
    .values(state="closed", owner=bindparam("by"), reason=discrepancy.c.reason + bindparam("decided"))
)


def listing(tx: Tx, wanted: ExceptionFilter, *, export: bool = False) -> Exceptions:
    found = tx.all(
        LIST,
        Open,
        p_state=wanted.state,
        p_code=wanted.code,
        p_owner=wanted.owner,
        p_document=wanted.document,
        **window(wanted.page, export=export),
    )
    late = len(tx.rows(OVERDUE, now=clock.now(), most=1000))
    return Exceptions(
        headline=headline(len(found), late, wanted.state),
        page=page_of(found, wanted.page, export=export),
        codes=tuple(row[0] for row in tx.rows(CODES)),
    )


def headline(shown: int, late: int, state: str) -> str:
    if state != "open":
        return "Exceptions and differences, closed ones too." if state == "all" else "What was decided."
    if not shown:
        return "Nothing waits for a decision."
    if late:
        return said(f"{spelled(late)} decision{'' if late == 1 else 's'} {'is' if late == 1 else 'are'} overdue.")
    return said(f"{spelled(shown)} decision{' waits' if shown == 1 else 's wait'}, none overdue.")


def close(tx: Tx, source: str, key: str, *, reason: str, worker: str, device: str) -> str:
    """Settle one, with the reason kept beside it and in the security log. Raises AlreadyClosed or NoReason."""
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise NoReason(limit=LONGEST_REASON, scanned=reason[:20])
    statement = CLOSE_DISCREPANCY if source == "discrepancy" else CLOSE_EXCEPTION
    if tx.run(statement, which=key, by=worker, decided=f" — {reason}") != 1:
        raise AlreadyClosed()
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
