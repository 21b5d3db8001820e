"""The wave board: which waves will miss their truck, and what the pool still holds.

A wave's lines are counted by how far they are: picked, packed, loaded. Its end is foreseen from its own pace since
release; the tick on its bar is where it would be now if it went evenly to its cut-off. What is said in words is decided
here, so that board, wall screen and CSV say the same.
"""

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Integer, and_, bindparam, case, cast, func, or_, select

from app import clock
from app.db import Tx
from app.desk import pool
from app.desk.pool import Due, Short
from app.desk.words import Piece, many, said, span, spelled
from app.schema.documents import order_line, sales_order
from app.schema.work import task, wave

MOST_WAVES = 100  # on one board
SETTLING = 10 * clock.MINUTE  # after its release a wave has no pace worth foreseeing from
UNBEGUN = 0.25  # of its time gone without a line picked: at risk

_OPEN_STATES = ("planned", "releasing", "released", "picking")


class WaveFilter(msgspec.Struct, frozen=True, kw_only=True):
    state: str = "open"  # open, all, or one of the wave's own
    carrier: str = ""


class WaveRow(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    state: str
    cutoff: int
    carrier: str
    created: int
    released: int
    created_by: str
    orders: int
    lines: int
    picked: int  # lines with nothing left to pick
    packed: int
    loaded: int
    short: int  # units given up
    touched: int  # units picked: from the first on it cannot be pulled back
    workers: int


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A wave with what is foreseen of it."""

    wave: WaveRow
    verdict: str  # late, risk, ok, waiting, done
    word: str
    expected: float  # 0–1 where the tick stands; negative: no tick
    behind: int  # lines behind the tick
    done_at: int  # µs, 0: not known
    slack: int  # µs between foreseen end and cut-off
    why: str

    @property
    def troubled(self) -> bool:
        return self.verdict in ("late", "risk")


class Board(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    told: tuple[Piece, ...]
    waves: tuple[Standing, ...]
    pool: tuple[Due, ...]
    pool_cut: bool
    shorts: tuple[Short, ...]
    carriers: tuple[str, ...]
    shipped: int
    to_ship: int


def _count(rule: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(case((rule, 1), else_=0)), 0), Integer)


def _sum(column: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(column), 0), Integer)


_LINE = order_line.c
_WANTED = and_(_LINE.id.is_not(None), _LINE.cancelled < _LINE.quantity)
_PICKED = and_(_WANTED, _LINE.picked + _LINE.short + _LINE.cancelled >= _LINE.quantity)
_PACKED = and_(_PICKED, _LINE.packed == _LINE.picked)
_ON_TRUCK = or_(sales_order.c.state == "loaded", sales_order.c.state == "shipped")
_LOADED = and_(_PACKED, _ON_TRUCK)
_WORKERS = (
    select(func.count(task.c.worker.distinct()))
    .where(task.c.wave == wave.c.code, task.c.state == "started", task.c.until > bindparam("now"))
    .scalar_subquery()
)
_WISH: ColumnElement[str] = bindparam("wish")
WAVES = (
    select(
        wave.c.code, wave.c.state, wave.c.cutoff, wave.c.carrier, wave.c.created, wave.c.released, wave.c.created_by,
        cast(func.count(sales_order.c.code.distinct()), Integer).label("orders"),
        _count(_WANTED).label("lines"), _count(_PICKED).label("picked"), _count(_PACKED).label("packed"),
        _count(_LOADED).label("loaded"), _sum(_LINE.short).label("short"), _sum(_LINE.picked).label("touched"),
        _WORKERS.label("workers"),
    )
    .select_from(
        wave.outerjoin(sales_order, sales_order.c.wave == wave.c.code)
        .outerjoin(order_line, order_line.c.order_code == sales_order.c.code)
    )
    .where(
        or_(
            _WISH == "all",
            wave.c.state == _WISH,
            and_(_WISH == "open", or_(*(wave.c.state == state for state in (*_OPEN_STATES, "done")))),
        ),
        or_(bindparam("by_carrier") == "", wave.c.carrier == bindparam("by_carrier")),
    )
    .group_by(wave.c.code)
    .having(or_(_WISH != "open", wave.c.state != "done", _count(_LOADED) < _count(_WANTED)))
    .order_by(case((wave.c.cutoff == 0, 1), else_=0), wave.c.cutoff, wave.c.code)
    .limit(bindparam("most"))
)  # fmt: skip
CARRIERS = select(sales_order.c.carrier).where(sales_order.c.carrier != "").distinct().order_by(sales_order.c.carrier)
SHIPPED = select(_count(sales_order.c.state == "shipped"), func.count()).where(
    sales_order.c.cutoff >= bindparam("since"), sales_order.c.cutoff < bindparam("until"),
    sales_order.c.state != "cancelled",
)  # fmt: skip


def board(tx: Tx, wanted: WaveFilter) -> Board:
    """Everything the wave board and the wall screen show, from one snapshot."""
    now = clock.now()
    found = tx.all(WAVES, WaveRow, now=now, wish=wanted.state, by_carrier=wanted.carrier, most=MOST_WAVES)
    standings = tuple(foresee(row, now) for row in found)
    waiting = pool.by_cutoff(tx)
    shorts = pool.shorts(tx)
    start = now - now % clock.DAY
    shipped, to_ship = tx.row(SHIPPED, since=start, until=start + clock.DAY) or (0, 0)
    return Board(
        headline=headline(standings, wanted),
        told=_told(standings, waiting, shorts),
        waves=standings,
        pool=waiting,
        pool_cut=sum(due.lines for due in waiting) >= pool.MOST_LINES,
        shorts=shorts,
        carriers=tuple(row[0] for row in tx.rows(CARRIERS)),
        shipped=shipped,
        to_ship=to_ship,
    )


def foresee(row: WaveRow, now: int) -> Standing:
    """Where a wave will end if it goes on as it did. Pure."""
    if row.state == "pulled_back":
        return _standing(row, "done", "Pulled back")
    if row.state == "releasing":
        return _standing(row, "waiting", "Releasing")
    if row.lines and row.loaded == row.lines:
        return _standing(row, "done", "Loaded")
    if row.cutoff and now > row.cutoff:
        left = row.lines - row.loaded
        return _standing(
            row, "late", "Late", why=f"Its truck was due {span(now - row.cutoff)} ago; {left} lines to go."
        )
    if row.state == "planned":
        return _standing(row, "waiting", "Not released")
    if row.picked == row.lines:
        return _standing(row, "ok", "Picked")
    gone = now - row.released
    expected = min(1.0, gone / (row.cutoff - row.released)) if row.cutoff > row.released else -1.0
    behind = max(0, round(expected * row.lines) - row.picked) if expected >= 0 else 0
    done_at = 0
    if row.picked and gone >= SETTLING:
        done_at = now + gone * (row.lines - row.picked) // row.picked
    slack = row.cutoff - done_at if row.cutoff and done_at else 0
    risk = slack < 0 or (not row.picked and expected > UNBEGUN)
    why = ""
    if risk:
        pace = f"At its pace it is done {span(done_at - row.cutoff)} too late." if slack < 0 else "Nobody has begun."
        why = f"{many(behind, 'line')} behind plan. {pace}"
    return Standing(
        wave=row, verdict="risk" if risk else "ok", word="At risk" if risk else "On plan", expected=expected,
        behind=behind, done_at=done_at, slack=slack, why=why,
    )  # fmt: skip


def _standing(row: WaveRow, verdict: str, word: str, why: str = "") -> Standing:
    behind = row.lines - row.picked if verdict == "late" else 0
    return Standing(wave=row, verdict=verdict, word=word, expected=-1.0, behind=behind, done_at=0, slack=0, why=why)


def headline(standings: tuple[Standing, ...], wanted: WaveFilter) -> str:
    """The state of the world in a sentence."""
    if not standings:
        return "No wave is open." if wanted.state == "open" else "No wave is like that."
    late = sum(one.verdict == "late" for one in standings)
    risk = sum(one.verdict == "risk" for one in standings)
    total, waves = spelled(len(standings)), "wave" if len(standings) == 1 else "waves"
    if late:
        more = f", {spelled(risk)} more may" if risk else ""
        verb = "has missed its cut-off" if late == 1 else "have missed their cut-off"
        return said(f"{spelled(late)} of {total} {waves} {verb}{more}.")
    if risk:
        return said(f"{spelled(risk)} of {total} {waves} may miss {'its' if risk == 1 else 'their'} cut-off.")
    if all(one.verdict == "waiting" for one in standings):
        return said(f"{total} {waves} {'waits' if len(standings) == 1 else 'wait'} to be released.")
    unbegun = sum(one.verdict == "waiting" for one in standings)
    rest = [one for one in standings if one.verdict != "waiting"]
    tail = f", {spelled(unbegun)} {'waits' if unbegun == 1 else 'wait'} to be released" if unbegun else ""
    if all(not one.wave.cutoff for one in rest):
        return said(
            f"{spelled(len(rest))} {'wave is' if len(rest) == 1 else 'waves are'} open, without a cut-off{tail}."
        )
    return said(f"{'the open wave' if len(rest) == 1 else 'every wave on the floor'} is on plan{tail}.")


def _told(standings: tuple[Standing, ...], waiting: tuple[Due, ...], shorts: tuple[Short, ...]) -> tuple[Piece, ...]:
    behind = sum(one.behind for one in standings)
    next_due = next((due for due in waiting if due.cutoff), None)
    pieces: list[Piece] = []
    if behind:
        pieces += [Piece(text=many(behind, "line"), href="/desk/lines?state=open"), Piece(text=" behind plan, ")]
    else:
        pieces.append(Piece(text="No line behind plan, "))
    if shorts:
        pieces += [
            Piece(text=many(sum(one.units for one in shorts), "unit"), href="/desk/lines?state=short"),
            Piece(text=" short, "),
        ]
    if next_due is not None:
        href = f"/desk/orders?state=pool&cutoff={next_due.cutoff}"
        pieces += [Piece(text=many(next_due.orders, "order"), href=href), Piece(text=" in the pool due next.")]
    else:
        pieces.append(Piece(text="nothing in the pool has a cut-off."))
    return tuple(pieces)
