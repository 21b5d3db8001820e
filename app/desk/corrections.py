"""Corrections asked for on the floor: what each would change, what it is worth, what speaks for it, and the decision.

Waiting ones stand first, the greatest value on top. Who asked may not decide; who decides needs a limit that reaches so
far. Approving posts the event in the same transaction, and is refused where the goods are no longer there.
"""

import msgspec
from sqlalchemy import bindparam, case, func, or_, select

from app import clock
from app.db import Tx
from app.desk.paging import Page, page_of, window
from app.desk.words import said, spelled
from app.errors import Refusal
from app.schema.items import item
from app.schema.people import worker
from app.schema.storage import adjustment
from app.stock import ledger
from app.stock.ledger import By
from app.work import corrections, people, photos, progress, reasons

DAYS_BACK = 90  # of earlier corrections of the same item, shown as evidence


class CorrectionFilter(msgspec.Struct, frozen=True, kw_only=True):
    state: str = "waiting"  # waiting, posted, rejected, undone, all
    kind: str = ""
    q: str = ""  # an item, a place, an LPN or a worker
    page: int = 1


class Row(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    kind: str
    item: str
    name: str
    location: str
    lpn: str
    lot: str
    status: str
    serial: str
    change: int
    booked: int
    value: int
    reason: str
    words: str
    asked_by: str
    asker: str
    asked: int
    state: str
    decided_by: str
    decided: int
    decision: str
    earlier: int  # corrections of this item before, posted
    now: int = 0  # what the books have there now
    photos: tuple[str, ...] = ()
    why_not: str = ""  # why this person may not decide


class Corrections(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    page: Page[Row]


_OWN = ("id", "kind", "item", "location", "lpn", "lot", "status", "serial", "change", "booked", "value", "reason",
        "asked_by", "asked", "state", "decided_by", "decided", "decision")  # fmt: skip
_BEFORE = adjustment.alias()
_EARLIER = (
    select(func.count())
    .select_from(_BEFORE)
    .where(
        _BEFORE.c.item == adjustment.c.item,
        _BEFORE.c.state == "posted",
        _BEFORE.c.id != adjustment.c.id,
        _BEFORE.c.asked > bindparam("since"),
    )
    .correlate(adjustment)
    .scalar_subquery()
)
LIST = (
    select(
        *(adjustment.c[name] for name in _OWN), func.coalesce(item.c.name, "").label("name"),
        func.coalesce(worker.c.name, adjustment.c.asked_by).label("asker"), _EARLIER.label("earlier"),
        adjustment.c.reason.label("words"),
    )
    .select_from(
        adjustment.outerjoin(item, item.c.code == adjustment.c.item).outerjoin(
            worker, worker.c.code == adjustment.c.asked_by
        )
    )
    .where(
        or_(bindparam("p_state") == "all", adjustment.c.state == bindparam("p_state")),
        or_(bindparam("p_kind") == "", adjustment.c.kind == bindparam("p_kind")),
        or_(
            bindparam("p_q") == "", adjustment.c.item == bindparam("p_q"), adjustment.c.location == bindparam("p_q"),
            adjustment.c.lpn == bindparam("p_q"), adjustment.c.asked_by == bindparam("p_q"),
        ),
    )
    .order_by(case((adjustment.c.state == "waiting", 0), else_=1), adjustment.c.value.desc(), adjustment.c.id.desc())
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)  # fmt: skip
COUNT = select(func.count()).where(adjustment.c.state == "waiting")


def listing(tx: Tx, wanted: CorrectionFilter, *, who: str = "", export: bool = False) -> Corrections:
    seen = window(wanted.page, export=export)
    since = clock.now() - DAYS_BACK * clock.DAY
    found = tx.all(
        LIST, Row, p_state=wanted.state, p_kind=wanted.kind, p_q=wanted.q.strip(), since=since, **seen
    )  # fmt: skip
    shown = page_of(found, wanted.page, export=export)
    rows = tuple(_with_facts(tx, row, who) for row in shown.rows)
    return Corrections(
        headline=headline(int(tx.value(COUNT) or 0), wanted.state), page=msgspec.structs.replace(shown, rows=rows)
    )


def headline(waiting: int, state: str) -> str:
    if state not in ("waiting", "all"):
        return f"Corrections: {state}."
    if not waiting:
        return "No correction waits for a decision."
    return said(f"{spelled(waiting)} correction{' waits' if waiting == 1 else 's wait'} for a decision.")


def approve(tx: Tx, key: str, *, who: str, device: str) -> str:
    """Raises NoSuchCorrection, AlreadyDecided, SamePerson, AboveLimit, NoPrice, MoreThanFree."""
    by = By(worker=who, device=device, cause="desk")
    kept, event = corrections.approved(tx, key, by)
    seq = ledger.post(tx, event, by)
    corrections.decide(tx, kept, "posted", by, seq=seq)
    progress.apply(tx, event)
    people.note(tx, "correction_approved", who, device, kept.ask.what)
    return f"Posted: {kept.ask.what}."


def reject(tx: Tx, key: str, *, reason: str, who: str, device: str) -> str:
    """Raises NoSuchCorrection, AlreadyDecided, SamePerson, NoReasonGiven."""
    kept = corrections.find(tx, key)
    corrections.decide(tx, kept, "rejected", By(worker=who, device=device, cause="desk"), why=reason)
    people.note(tx, "correction_rejected", who, device, f"{kept.ask.what}: {reason}")
    return f"Rejected: {kept.ask.what}. The books stay as they are."


def _with_facts(tx: Tx, row: Row, who: str) -> Row:
    kept = corrections.find(tx, row.id)
    held = corrections.held_at(tx, row.item, kept.ask.slot)
    words = {one.code: one.words for one in reasons.of_kind(tx, row.kind)}
    return msgspec.structs.replace(
        row,
        now=held.quantity if held is not None else 0,
        photos=tuple(photo.hash for photo in photos.of(tx, kept.subject)),
        words=words.get(row.reason, row.reason),
        why_not=_why_not(tx, kept, who) if row.state == "waiting" and who else "",
    )


def _why_not(tx: Tx, kept: corrections.Correction, who: str) -> str:
    if kept.asked_by == who:
        return "You asked for it: somebody else decides."
    try:
        corrections.approved(tx, kept.id, By(worker=who))
    except Refusal as refusal:
        return refusal.sentence
    return ""
