"""Lots on hold: which, why, since when and by whom; how much of each is here, promised and with customers.

A hold begins here or on the floor or with the ERP, and ends here or there by somebody else. Each lot leads to its own
page (recall.py): where it is, who got it, where it came from.
"""

import msgspec
from sqlalchemy import Integer, bindparam, case, cast, func, or_, select

from app.db import Tx
from app.desk.paging import Page, page_of, window
from app.desk.words import said, spelled
from app.errors import Ambiguous
from app.schema.items import item
from app.schema.quality import lot_hold
from app.schema.stock import balance
from app.stock.ledger import By
from app.work import holds, holds_promises, people, photos, reasons
from app.work.holds import Hold, Kind, NoSuchLot


class HoldFilter(msgspec.Struct, frozen=True, kw_only=True):
    state: str = "open"  # open, cleared, all
    kind: str = ""
    owner: str = ""
    q: str = ""  # a lot or an item
    page: int = 1


class Row(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    item: str
    name: str
    lot: str
    kind: str
    reason: str
    source: str
    state: str
    held_by: str
    held_at: int
    cleared_by: str
    cleared_at: int
    cleared_why: str
    here: int
    promised: int
    gone: int = 0
    photos: tuple[str, ...] = ()
    may_clear: bool = False
    why_not: str = ""  # why this person may not clear it


class Holds(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    page: Page[Row]
    reasons: tuple[str, ...]
    clearings: tuple[str, ...]


_OF_LOT = (balance.c.item == lot_hold.c.item, balance.c.lot == lot_hold.c.lot)
_OWN = ("id", "item", "lot", "kind", "reason", "source", "state", "held_by", "held_at", "cleared_by", "cleared_at",
        "cleared_why")  # fmt: skip
_HERE = select(cast(func.sum(balance.c.quantity), Integer)).where(*_OF_LOT).correlate(lot_hold).scalar_subquery()
_PROMISED = select(cast(func.sum(balance.c.allocated), Integer)).where(*_OF_LOT).correlate(lot_hold).scalar_subquery()
LIST = (
    select(
        *(lot_hold.c[name] for name in _OWN), func.coalesce(item.c.name, "").label("name"),
        func.coalesce(_HERE, 0).label("here"), func.coalesce(_PROMISED, 0).label("promised"),
    )
    .select_from(lot_hold.outerjoin(item, item.c.code == lot_hold.c.item))
    .where(
        or_(bindparam("p_state") == "all", lot_hold.c.state == bindparam("p_state")),
        or_(bindparam("p_kind") == "", lot_hold.c.kind == bindparam("p_kind")),
        or_(bindparam("p_owner") == "", item.c.owner == bindparam("p_owner")),
        or_(bindparam("p_q") == "", lot_hold.c.lot == bindparam("p_q"), lot_hold.c.item == bindparam("p_q")),
    )
    .order_by(case((lot_hold.c.state == "open", 0), else_=1), lot_hold.c.held_at.desc(), lot_hold.c.id)
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)  # fmt: skip
COUNT = select(func.count()).where(lot_hold.c.state == "open")


def listing(tx: Tx, wanted: HoldFilter, *, worker: str = "", export: bool = False) -> Holds:
    """Open holds, the newest first; cleared ones below."""
    seen = window(wanted.page, export=export)
    found = tx.all(
        LIST, Row, p_state=wanted.state, p_kind=wanted.kind, p_owner=wanted.owner, p_q=wanted.q.strip(), **seen
    )
    shown = page_of(found, wanted.page, export=export)
    rows = tuple(_with_facts(tx, row, worker) for row in shown.rows)
    return Holds(
        headline=headline(int(tx.value(COUNT) or 0), wanted.state),
        page=msgspec.structs.replace(shown, rows=rows),
        reasons=tuple(one.words for one in reasons.of_kind(tx, "hold")),
        clearings=tuple(one.words for one in reasons.of_kind(tx, "clear_hold")),
    )


def _with_facts(tx: Tx, row: Row, worker: str) -> Row:
    hold = holds.known(tx, row.id)
    may = bool(hold and worker and row.state == "open" and holds.may_clear(tx, hold, worker))
    return msgspec.structs.replace(
        row,
        gone=holds.gone(tx, row.item, row.lot),
        photos=tuple(photo.hash for photo in photos.of(tx, f"hold {row.id}")),
        may_clear=may,
        why_not=_why_not(row, worker),
    )


def _why_not(row: Row, worker: str) -> str:
    if row.source:
        return f"Held by {row.source}: cleared there, or by an admin."
    return "You held it: somebody else clears it." if row.held_by == worker else ""


def headline(open_now: int, state: str) -> str:
    if state == "cleared":
        return "Holds that are over."
    if not open_now:
        return "No lot is on hold."
    return said(f"{spelled(open_now)} hold{' stops' if open_now == 1 else 's stop'} goods from leaving.")


def stop(tx: Tx, *, item: str, lot: str, kind: Kind, reason: str, worker: str, device: str) -> str:
    """Hold or recall from the desk, said in a sentence. The item may be left out where only one has such a lot.

    Raises NoSuchLot, Ambiguous, AlreadyHeld, NoReason.
    """
    code, number = item.strip(), lot.strip()
    if not code:
        known = holds.items_with(tx, number)
        if not known:
            raise NoSuchLot(scanned=number or "Nothing")
        if len(known) > 1:
            raise Ambiguous(scanned=number, meanings=" or ".join(f"a lot of {one}" for one in known))
        code = known[0]
    by = By(worker=worker, device=device, cause="desk")
    found, given = holds_promises.stop(tx, code, number, kind, reason, by)
    people.note(tx, found.kind, worker, device, f"lot {number} of {code}: {reason}")
    return f"Lot {number} of {code} is {found.did}. {given.in_words()}"


def clear(tx: Tx, key: str, *, reason: str, worker: str, device: str) -> str:
    """Raises NotHeld, NoReason, Forbidden, SamePerson, HeldByErp."""
    found: Hold = holds.find(tx, key)
    told = holds.clear(tx, key, reason, By(worker=worker, device=device, cause="desk"))
    people.note(tx, "hold_cleared", worker, device, f"lot {found.lot} of {found.item}: {reason}")
    return told
