"""Figures that chance does not explain, each with the sentence that says why, its rows, and what somebody decided.

Figures per worker are for supervisors; whoever may only look sees items and places, and no names in the rows.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, select

from app import clock
from app.db import Tx
from app.desk.paging import MOST_CSV, Page, page_of
from app.desk.words import said, spelled
from app.schema.people import worker
from app.work import unusual_facts, unusual_notes, unusual_sums
from app.work.unusual import TITLES, Judged
from app.work.unusual_facts import Case
from app.work.unusual_notes import Note

MOST_ROWS = 200  # of one list on the glass, the least likely first


class UnusualFilter(msgspec.Struct, frozen=True, kw_only=True):
    measure: str = ""
    kind: str = ""
    subject: str = ""  # with measure and kind: the rows behind the figure
    state: str = "open"  # open, decided, all
    page: int = 1


class Row(msgspec.Struct, frozen=True, kw_only=True):
    figure: Judged
    name: str
    note: Note | None
    decided: bool
    own: bool  # it is about whoever looks

    @property
    def key(self) -> str:
        return f"{self.figure.measure}/{self.figure.kind}/{self.figure.subject}"

    @property
    def title(self) -> str:
        return TITLES[self.figure.measure]


class Unusual(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    page: Page[Row]
    cases: tuple[Case, ...]  # behind one figure
    days: int
    lists: int


NAME = select(worker.c.name).where(worker.c.code == bindparam("code"))


def listing(tx: Tx, wanted: UnusualFilter, *, names: bool, me: str, export: bool = False) -> Unusual:
    """`names`: may this login see figures per worker?"""
    figures, cases = unusual_facts.look(tx, clock.now())
    notes = unusual_notes.latest(tx)
    rows = [_row(tx, one, notes, me) for one in figures if names or one.kind != "worker"]
    open_now = sum(1 for row in rows if row.figure.unusual and not row.decided)
    shown = sorted((row for row in rows if _fits(row, wanted)), key=lambda row: (row.figure.chance, row.key))
    of_one = _cases(cases, wanted, names) if wanted.subject else ()
    return Unusual(
        headline=headline(open_now),
        page=page_of(shown[: MOST_CSV if export else MOST_ROWS], wanted.page if export else 1, export=export)
        if export
        else Page(rows=tuple(shown[:MOST_ROWS]), number=1, more=False),
        cases=tuple(of_one),
        days=unusual_sums.WINDOW // clock.DAY,
        lists=len({(one.measure, one.kind) for one in figures}),
    )


def headline(n: int) -> str:
    if not n:
        return "Nothing is unusual that nobody looked at."
    return said(f"{spelled(n)} figure{'' if n == 1 else 's'} chance does not explain.")


def _row(tx: Tx, one: Judged, notes: dict[tuple[str, str, str], Note], me: str) -> Row:
    note = notes.get((one.measure, one.kind, one.subject))
    name = str(tx.value(NAME, code=one.subject) or one.subject) if one.kind == "worker" else one.subject
    own = one.kind == "worker" and one.subject == me
    return Row(figure=one, name=name, note=note, decided=unusual_notes.holds(note, one), own=own)


def _fits(row: Row, wanted: UnusualFilter) -> bool:
    one = row.figure
    if (wanted.measure and one.measure != wanted.measure) or (wanted.kind and one.kind != wanted.kind):
        return False
    if wanted.subject:
        return one.subject == wanted.subject
    if wanted.state == "all":
        return one.cases > 0
    return row.decided if wanted.state == "decided" else one.unusual and not row.decided


def _cases(cases: Sequence[Case], wanted: UnusualFilter, names: bool) -> list[Case]:
    if wanted.kind not in unusual_sums.KINDS or (wanted.kind == "worker" and not names):
        return []
    found = [one for one in cases if one.measure == wanted.measure and getattr(one, wanted.kind) == wanted.subject]
    found.sort(key=lambda one: -one.at)
    return found if names else [msgspec.structs.replace(one, worker="") for one in found]


def decide(
    tx: Tx, measure: str, kind: str, subject: str, *, decision: str, reason: str, worker: str, device: str
) -> str:
    """Raises NotUnusual, NoReasonGiven, OwnFigure."""
    figures, _ = unusual_facts.look(tx, clock.now())
    found = next(
        (one for one in figures if (one.measure, one.kind, one.subject) == (measure, kind, subject) and one.unusual),
        None,
    )
    return unusual_notes.decide(tx, found, decision, reason, worker=worker, device=device)
