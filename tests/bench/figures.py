"""What a bench brings home: figures, each beside what it is held against, as a table for people and JSON for machines.

Test boxes are noisy, so a figure is a ratio of two things measured in turns in one run, the median of several rounds.
"""

import json
import os
import platform
import statistics
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import msgspec
import pysqlite3.dbapi2 as sqlite

T = TypeVar("T")
U = TypeVar("U")


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table. `ratio` is ours to beside where there is something beside it, and then what the goal is about."""

    id: str
    what: str
    ours: float
    unit: str
    goal: str
    met: bool | None  # None: there is no goal for it
    beside: float | None = None
    ratio: float | None = None
    rounds: tuple[float, ...] = ()  # the ratio (or ours) of each round
    note: str = ""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """How long and how large to measure; `quick` and `tiny` are for a look and for the smoke test."""

    folder: Path  # this run's own databases
    cache: Path  # filled databases, kept for the next run
    rounds: int = 5
    seconds: float = 5.0  # of counted load in a round
    warm_s: float = 1.0
    workers: int = 32  # in a closed loop
    handhelds: int = 200  # at one scan a second
    shift_s: float = 20.0  # how long they scan
    stations: int = 20  # with a scanner of their own, at one scan a second
    postings: int = 6_400  # of one B2 round
    few: int = 10_000  # journal rows of a young floor
    many: int = 2_000_000  # and of an old one
    grown: int = 1_000_000  # movements before a start
    backlog: int = 100_000  # events the ERP has not heard of
    away: int = 576_000  # and when it was away for eight hours
    labels: int = 2_000  # read or drawn in a round


def quick(asked: Asked) -> Asked:
    return msgspec.structs.replace(
        asked,
        rounds=min(asked.rounds, 3),
        seconds=2.0,
        shift_s=8.0,
        many=100_000,
        grown=100_000,
        backlog=20_000,
        away=100_000,
    )


def tiny(asked: Asked) -> Asked:
    """Only to prove that every bench still works."""
    return msgspec.structs.replace(
        asked,
        rounds=1,
        seconds=1.0,
        warm_s=0.1,
        workers=4,
        handhelds=8,
        stations=4,
        shift_s=1.0,
        postings=64,
        few=1_000,
        many=1_200,
        grown=1_000,
        backlog=1_000,
        away=1_000,
        labels=20,
    )


def in_turns(rounds: int, ours: Callable[[], T], beside: Callable[[], U]) -> list[tuple[T, U]]:
    """Both, as often as asked; who goes first changes, so that neither always has the warmer machine."""
    pairs: list[tuple[T, U]] = []
    for n in range(rounds):
        if n % 2:
            mine = ours()
            pairs.append((mine, beside()))
        else:
            other = beside()
            pairs.append((ours(), other))
    return pairs


def held_against(
    id: str,
    what: str,
    pairs: Sequence[tuple[float, float]],
    *,
    unit: str,
    least: float | None = None,
    most: float | None = None,
    note: str = "",
) -> Figure:
    """The median of the rounds' ratios, with a goal of at least or at most so much."""
    ratios = [mine / other if other else 0.0 for mine, other in pairs]
    ratio = statistics.median(ratios)
    goal = f"≥ {least:g}" if least is not None else f"≤ {most:g} ×" if most is not None else ""
    met = ratio >= least if least is not None else ratio <= most if most is not None else None
    return Figure(
        id=id,
        what=what,
        ours=round(statistics.median(mine for mine, _ in pairs), 3),
        beside=round(statistics.median(other for _, other in pairs), 3),
        ratio=round(ratio, 3),
        rounds=tuple(round(one, 3) for one in ratios),
        unit=unit,
        goal=goal,
        met=met,
        note=note,
    )


def alone(
    id: str,
    what: str,
    found: Sequence[float],
    *,
    unit: str,
    least: float | None = None,
    most: float | None = None,
    note: str = "",
) -> Figure:
    """A figure that stands for itself: the median of the rounds."""
    ours = statistics.median(found)
    goal = f"≥ {least:,g} {unit}" if least is not None else f"≤ {most:g} {unit}" if most is not None else ""
    met = ours >= least if least is not None else ours <= most if most is not None else None
    rounds = tuple(round(one, 3) for one in found)
    return Figure(id=id, what=what, ours=round(ours, 3), rounds=rounds, unit=unit, goal=goal, met=met, note=note)


HEAD = ("id", "work", "ours", "beside", "ratio", "goal", "met")


def table(figures: Sequence[Figure]) -> str:
    rows = [HEAD, *(_row(figure) for figure in figures)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(HEAD))]
    right = {2, 3, 4}
    lines = []
    for row in rows:
        cells = [cell.rjust(widths[n]) if n in right else cell.ljust(widths[n]) for n, cell in enumerate(row)]
        lines.append("  ".join(cells).rstrip())
    lines.insert(1, "  ".join("─" * width for width in widths))
    notes = [f"{figure.id}: {figure.note}" for figure in figures if figure.note]
    return "\n".join([*lines, *(["", *notes] if notes else [])])


def _row(figure: Figure) -> tuple[str, ...]:
    met = "" if figure.met is None else "yes" if figure.met else "NO"
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    beside = "" if figure.beside is None else _told(figure.beside, figure.unit)
    return figure.id, figure.what, _told(figure.ours, figure.unit), beside, ratio, figure.goal, met


def _told(value: float, unit: str) -> str:
    """Three digits that matter."""
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"


def write(path: Path, figures: Sequence[Figure], asked: Asked, took_s: float) -> None:
    sizes = msgspec.structs.asdict(asked)
    told = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "took_s": round(took_s, 1),
        "machine": {
            "cpus": os.cpu_count(),
            "platform": platform.platform(),
            "python": platform.python_version(),
            "sqlite": sqlite.sqlite_version,
        },
        "sizes": {name: value for name, value in sizes.items() if not isinstance(value, Path)},
        "figures": [msgspec.to_builtins(figure) for figure in figures],
    }
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
