"""The task board: everything that waits or is under way, who has it, and in words why something does not move.

What a supervisor does to a task is in `app/work/directing_acts.py`; the board only reads. Its rows are in task_rows.py,
what is said of each in task_words.py.
"""

from collections.abc import Sequence

import msgspec

from app import clock
from app.db import Tx
from app.desk.filters import letters
from app.desk.paging import Page, page_of, window
from app.desk.task_rows import COUNTED, NEWEST_FIRST, URGENT_FIRST, ZONES, TaskFilter, TaskRow
from app.desk.task_words import Shown, crew_of, in_words
from app.desk.words import Piece, many, said, spelled
from app.floor.flows import flows
from app.work import directing_queue, directing_weights, reasons, task_kinds
from app.work.reasons import Reason

MOST_EXPLAINED = 200  # rows of an export that are asked why they do not move


class Board(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    told: tuple[Piece, ...]
    page: Page[Shown]
    kinds: tuple[tuple[str, str], ...]  # name, title
    zones: tuple[str, ...]
    people: tuple[tuple[str, str, bool], ...]  # code, name, signed in
    reasons: tuple[Reason, ...]
    weights: tuple[tuple[str, str, int], ...]  # name, words, metres
    needs: tuple[tuple[str, str, str], ...]  # kind, zone, skills and equipment
    needing: dict[str, str]  # what may need any: kinds of task, and jobs that have none


def board(tx: Tx, wanted: TaskFilter, *, export: bool = False) -> Board:
    """The whole page from one snapshot."""
    now, q = clock.now(), wanted.q.strip()
    alive = wanted.state in ("alive", "waiting", "started")
    found = tx.all(
        URGENT_FIRST if alive else NEWEST_FIRST, TaskRow, p_state=wanted.state, p_kind=wanted.kind, p_zone=wanted.zone,
        p_worker=wanted.worker, p_late=wanted.late, p_q=q, p_ends=f"% {letters(q)}", now=now,
        **window(wanted.page, export=export),
    )  # fmt: skip
    shown = page_of(found, wanted.page, export=export)
    crew = crew_of(tx, now)
    jobs = {kind: job for job in flows() for kind in job.kinds}
    rows = tuple(
        in_words(tx, row, crew, jobs, now, explain=not export or n < MOST_EXPLAINED) for n, row in enumerate(shown.rows)
    )
    counted = tx.rows(COUNTED, now=now)
    return Board(
        headline=headline(counted),
        told=_told(counted),
        page=Page(rows=rows, number=shown.number, more=shown.more),
        kinds=_kinds(counted, wanted.kind),
        zones=tuple(row[0] for row in tx.rows(ZONES)),
        people=tuple((who.code, who.name, who.code in crew.here) for who in crew.workers),
        reasons=tuple(reasons.of_kind(tx, "cancel_task")),
        weights=_weights(tx),
        needs=tuple(directing_queue.every_need(tx)),
        needing=dict(_kinds(counted, "")) | {job.name: job.title for job in flows() if not job.kinds},
    )


def headline(counted: Sequence[tuple[str, int, int, int]]) -> str:
    """`Twelve tasks wait, four are under way, one is late.`"""
    begun = sum(row[2] or 0 for row in counted)
    waiting = sum(row[1] for row in counted) - begun
    late = sum(row[3] or 0 for row in counted)
    if not waiting and not begun:
        return "Nothing waits to be done."
    parts = [f"{spelled(waiting)} task{' waits' if waiting == 1 else 's wait'}"]
    parts += [f"{spelled(begun)} {'is' if begun == 1 else 'are'} under way"] * bool(begun)
    parts += [f"{spelled(late)} {'is' if late == 1 else 'are'} late"] * bool(late)
    return said(", ".join(parts)) + "."


def _told(counted: Sequence[tuple[str, int, int, int]]) -> tuple[Piece, ...]:
    """`Pick 8 · Replenish 2 · 1 late`, each a link to its rows."""
    pieces: list[Piece] = []
    for kind, number, *_ in counted:
        pieces += [Piece(text=" · ")] * bool(pieces)
        pieces.append(Piece(text=f"{task_kinds.of(kind).title} {number}", href=f"/desk/tasks?kind={kind}"))
    late = sum(row[3] or 0 for row in counted)
    if late:
        pieces += [Piece(text=" · "), Piece(text=many(late, "late task"), href="/desk/tasks?late=yes")]
    return tuple(pieces)


def _kinds(counted: Sequence[tuple[str, int, int, int]], chosen: str) -> tuple[tuple[str, str], ...]:
    names = {row[0] for row in counted} | {kind.name for kind in task_kinds.everything()} | ({chosen} - {""})
    return tuple(sorted(((name, task_kinds.of(name).title) for name in names), key=lambda each: each[1]))


def _weights(tx: Tx) -> tuple[tuple[str, str, int], ...]:
    now = directing_weights.of(tx)
    return tuple((name, told, getattr(now, name)) for name, told in directing_weights.WORDS.items())
