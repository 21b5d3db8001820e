"""Every override: who went past which limit or rule, who let it pass, when, where and why. Both names, always.

They are read from the journal, where nobody can take one out. The headline says how many there were in the last week and
who released them, because a supervisor whose badge releases everything is no limit at all.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import bindparam, or_, select, text

from app import clock
from app.db import Tx
from app.desk.paging import Page, page_of, window
from app.desk.words import Piece, many, said, spelled
from app.schema.people import worker
from app.schema.stock import journal
from app.stock.events import decode
from app.stock.events.decided import Overridden
from app.work import limits, reasons

MOST_READ = 5_000  # the newest; older ones stand in the ledger
WEEK = 7 * clock.DAY


class OverrideFilter(msgspec.Struct, frozen=True, kw_only=True):
    worker: str = ""
    supervisor: str = ""
    rule: str = ""
    document: str = ""
    page: int = 1


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """One row."""

    seq: int
    at: int
    device: str
    document: str
    worker: str
    worker_name: str
    supervisor: str
    supervisor_name: str
    rule: str
    what: str
    limit: str  # in words; empty where it was no limit
    amount: str
    reason: str


class Overrides(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    told: tuple[Piece, ...]
    page: Page[Override]
    rules: tuple[str, ...]
    supervisors: tuple[tuple[str, str], ...]  # code, name
    workers: tuple[tuple[str, str], ...]
    cut: bool  # there are older ones


# The kind stands in the statement itself, so that both engines use the partial index journal_overridden.
LIST = (
    select(journal.c.seq, journal.c.at, journal.c.device, journal.c.document, journal.c.body)
    .where(
        text("journal.kind = 'overridden'"),
        or_(bindparam("p_document") == "", journal.c.document == bindparam("p_document")),
    )
    .order_by(journal.c.seq.desc())
    .limit(bindparam("most"))
)
NAMES = select(worker.c.code, worker.c.name)


def listing(tx: Tx, wanted: OverrideFilter, *, export: bool = False) -> Overrides:
    """The newest first. One snapshot, one reading."""
    names = {str(code): str(name) for code, name in tx.rows(NAMES)}
    told = {one.code: one.words for one in reasons.of_kind(tx, "override")}
    read = tx.rows(LIST, p_document=wanted.document.strip(), most=MOST_READ + 1)
    everything = [_row(row, names, told) for row in read[:MOST_READ]]
    found = [
        one
        for one in everything
        if wanted.worker in ("", one.worker)
        and wanted.supervisor in ("", one.supervisor)
        and wanted.rule in ("", one.rule)
    ]
    seen = window(wanted.page, export=export)
    lately = [one for one in everything if one.at > clock.now() - WEEK]
    return Overrides(
        headline=headline(lately),
        told=_told(lately),
        page=page_of(found[seen["skip"] : seen["skip"] + seen["most"]], wanted.page, export=export),
        rules=tuple(sorted({one.rule for one in everything})),
        supervisors=_people((one.supervisor, one.supervisor_name) for one in everything),
        workers=_people((one.worker, one.worker_name) for one in everything),
        cut=len(read) > MOST_READ,
    )


def headline(lately: Sequence[Override]) -> str:
    """`Fourteen overrides in the last seven days, released by two people.`"""
    if not lately:
        return "No override in the last seven days."
    people = len({one.supervisor for one in lately})
    number = f"{spelled(len(lately))} override{'' if len(lately) == 1 else 's'}"
    return said(
        f"{number} in the last seven days, released by {spelled(people)} {'person' if people == 1 else 'people'}."
    )


def _told(lately: Sequence[Override]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    by = Counter((one.supervisor, one.supervisor_name) for one in lately)
    for (code, name), number in by.most_common(6):
        pieces += [Piece(text=" · ")] * bool(pieces)
        pieces.append(Piece(text=f"{name} {many(number, 'time')}", href=f"/desk/overrides?supervisor={code}"))
    return tuple(pieces)


def _row(row: tuple[int, int, str, str, bytes], names: dict[str, str], told: dict[str, str]) -> Override:
    seq, at, device, document, body = row
    event = decode(bytes(body))
    assert isinstance(event, Overridden), "a row of that kind is that event"
    limited = bool(event.kind)
    return Override(
        seq=seq,
        at=at,
        device=device,
        document=document,
        worker=event.worker,
        worker_name=names.get(event.worker, event.worker),
        supervisor=event.supervisor,
        supervisor_name=names.get(event.supervisor, event.supervisor),
        rule=event.rule,
        what=event.what,
        limit=limits.say(event.kind, event.limit) if limited else "",
        amount=limits.say(event.kind, event.amount) if limited else "",
        reason=told.get(event.reason, event.reason),
    )


def _people(found: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(set(found), key=lambda one: one[1]))
