"""What the house decides once, as rows: what can go wrong and what follows, and the reasons people may choose from.

Everybody at the desk may read them; an admin changes them, with a note in the security log. A row that contradicts
itself or another one is refused where it is saved (`app/work/exception_codes.py`, `app/work/reasons.py`).
"""

import msgspec
from sqlalchemy import func, select

from app.db import Tx
from app.desk.words import many
from app.schema.work import exception
from app.work import exception_codes, limits, people, reasons
from app.work.exception_codes import ExceptionCode
from app.work.reasons import Reason

FOLLOWS = {
    "reallocate": "serve its orders from elsewhere",
    "count": "count the bin",
    "replenish": "fill the pick face",
    "hold": "set the goods aside",
    "tell_erp": "tell the ERP",
}


class RulesFilter(msgspec.Struct, frozen=True, kw_only=True):
    q: str = ""
    kind: str = ""  # of the reasons
    state: str = "active"  # active, off, all
    part: str = "codes"  # of the CSV: codes, reasons


class Code(msgspec.Struct, frozen=True, kw_only=True):
    row: ExceptionCode
    open: int  # cases of it now

    @property
    def follows(self) -> str:
        return ", ".join(FOLLOWS.get(name, name) for name in self.row.follow_ups.split())


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    codes: tuple[Code, ...]
    reasons: tuple[Reason, ...]
    kinds: tuple[str, ...]


OPEN = select(exception.c.code, func.count()).where(exception.c.state == "open").group_by(exception.c.code)


def listing(tx: Tx, wanted: RulesFilter) -> Rules:
    waiting = {row[0]: int(row[1]) for row in tx.rows(OPEN)}
    q = wanted.q.strip().lower()

    def fits(active: int, *words: str) -> bool:
        shown = wanted.state == "all" or bool(active) == (wanted.state != "off")
        return shown and (not q or any(q in word.lower() for word in words))

    known = exception_codes.everything(tx)
    every = reasons.everything(tx)
    return Rules(
        headline=f"{many(sum(one.active for one in known), 'exception code')}, "
        f"{many(sum(one.active for one in every), 'reason')} to choose from.",
        codes=tuple(
            Code(row=one, open=waiting.get(one.code, 0)) for one in known if fits(one.active, one.code, one.title)
        ),
        reasons=tuple(
            one for one in every if wanted.kind in ("", one.kind) and fits(one.active, one.kind, one.code, one.words)
        ),
        kinds=tuple(dict.fromkeys(one.kind for one in every)),
    )


def save_code(tx: Tx, row: ExceptionCode, *, new: bool, worker: str, device: str) -> str:
    """Raises BadCode, CodeContradicts."""
    before = None if new else exception_codes.of(tx, row.code)
    kept = exception_codes.save(tx, row, new=new)
    people.note(
        tx, "code_added" if new else "code_changed", worker, device, f"exception code {row.code}: {_told(before, kept)}"
    )
    tx.tell("exceptions")
    return f"{kept.title} is {'added' if new else 'changed'}; the next case follows it."


def save_reason(tx: Tx, row: Reason, *, new: bool, worker: str, device: str) -> str:
    """Raises BadReason, ReasonContradicts."""
    known = {(one.kind, one.code): one for one in reasons.everything(tx)}
    kept = reasons.save(tx, row, new=new, limit_kinds=tuple(limits.KINDS))
    told = _told(known.get((row.kind, row.code)), kept)
    people.note(
        tx, "reason_added" if new else "reason_changed", worker, device, f"reason {row.kind} {row.code}: {told}"
    )
    tx.tell("exceptions")
    return f"{kept.words} is {'added' if new else 'changed'}."


def _told(before: msgspec.Struct | None, now: msgspec.Struct) -> str:
    """`due_min 240 → 30, follow_ups count → count hold`."""
    after = msgspec.structs.asdict(now)
    old = msgspec.structs.asdict(before) if before is not None else {}
    changed = [f"{name} {old[name]} → {value}" for name, value in after.items() if name in old and old[name] != value]
    return ", ".join(changed) if before is not None else "new"
