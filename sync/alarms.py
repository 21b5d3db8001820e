"""What is wrong on the way to the ERP and back, in words, each with a page in the runbook.

An alarm never stops the floor: the journal keeps everything, however long the ERP is away. It is shown as soon as it is
so; a grave one is a case with an owner as well, opened once and closed by itself when the cause is gone.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec
from sqlalchemy import bindparam, func, select

from app import clock
from app.db import Tx
from app.schema.sync import inbox, reconciliation, turned_away
from app.schema.work import exception
from app.stock.ledger import By
from app.work import exceptions
from sync.connector_settings import Setting
from sync.doors import BAD_FILE
from sync.failing import Failing
from sync.standing import ConnectorState

Code = Literal[
    "stopped", "very_late", "late", "circuit", "unasked", "dead_letter", "warning", "paused", "drift", "not_compared",
    "night_missed", "inbox_folder", "shop_feed", "work_fails", "disk", "brimful", "inbox", "turned_away",
]  # fmt: skip
FULL, BRIMFUL = 80, 95  # per cent of the disk
KNOCKED_WITHIN = clock.HOUR
WAITS_LONG = clock.HOUR  # what is missing mostly comes with the same push
FAILED_WITHIN = clock.DAY  # a file comes once a night, and nobody sends it again by himself
CASES = {"very_late": "erp_very_late", "stopped": "erp_stopped", "brimful": "disk_brimful"}

INBOX_DEAD = select(func.count()).where(inbox.c.state == "dead", inbox.c.missing == "")
INBOX_WAITS = select(func.count()).where(
    inbox.c.state == "dead", inbox.c.missing != "", inbox.c.at <= bindparam("since")
)
KNOCKED = select(func.sum(turned_away.c.times)).where(
    turned_away.c.at > bindparam("since"), turned_away.c.code != BAD_FILE
)
FAILED_FILES = select(func.count(turned_away.c.source.distinct())).where(
    turned_away.c.at > bindparam("since"), turned_away.c.code == BAD_FILE
)
LAST_RUN = (
    select(reconciliation.c.outcome, reconciliation.c.sentence)
    .where(reconciliation.c.connector == bindparam("c"))
    .order_by(reconciliation.c.id.desc())
    .limit(1)
)
OPEN_CASES = select(exception.c.id).where(
    exception.c.code == bindparam("kind"), exception.c.document == bindparam("about"), exception.c.state == "open"
)


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """`code` is its page in the runbook; `connector` is empty for the house as a whole."""

    code: Code
    sentence: str
    connector: str = ""
    grave: bool = False

    @property
    def about(self) -> str:
        return f"connector {self.connector}" if self.connector else "house"


def of_connector(
    tx: Tx, state: ConnectorState, settings: dict[str, Setting], unasked: Failing | None = None, missed: str = ""
) -> list[Alarm]:
    """What is wrong with one connector, the gravest first. `missed`: why the night passed without a reconciliation."""
    found: list[Alarm] = []

    def ring(code: Code, sentence: str, *, grave: bool = False) -> None:
        found.append(Alarm(code=code, sentence=sentence, connector=state.name, grave=grave))

    age = state.oldest_unsent_s // 60
    if state.state == "stopped":
        ring("stopped", f"Nobody tells {state.name} anything any more. {state.sentence}", grave=True)
    if age >= settings["very_late_min"].value:
        ring("very_late", f"{state.name} has not accepted an event for {age} minutes.", grave=True)
    elif age >= settings["late_min"].value:
        ring("late", f"{state.name} is {age} minutes behind.")
    if state.circuit in ("open", "half-open"):
        ring("circuit", f"{state.name} did not answer {state.failed} times in a row. {state.last_error}")
    silent = unasked.minutes if unasked else 0
    if unasked is not None and silent >= settings["late_min"].value:
        ring(
            "unasked",
            f"Nobody could ask {state.name} what it wants for {silent} minutes. {unasked.sentence}",
            grave=silent >= settings["very_late_min"].value,
        )
    if state.dead:
        ring("dead_letter", f"{state.name} refused {state.dead:,} event{'s' if state.dead > 1 else ''}.")
    if state.asks:
        ring(
            "warning", f"{state.name} warns of {state.asks:,} event{'s' if state.asks > 1 else ''}: accept or decline."
        )
    if state.state == "paused":
        ring("paused", state.sentence)
    last = tx.row(LAST_RUN, c=state.name)
    if last is not None and last[0] in ("drifts", "many"):
        ring("drift", str(last[1]), grave=True)
    if missed:
        ring("night_missed", missed, grave=True)
    elif last is not None and last[0] == "failed":
        ring("not_compared", f"The last reconciliation with {state.name} came to nothing: {last[1]}")
    return sorted(found, key=lambda one: not one.grave)


def of_house(tx: Tx, disk_percent: int) -> list[Alarm]:
    """What is wrong with the doors and the disk."""
    found = []
    if disk_percent >= FULL:
        code: Code = "brimful" if disk_percent >= BRIMFUL else "disk"
        told = f"The disk of the database is {disk_percent} % full."
        found.append(Alarm(code=code, sentence=told, grave=disk_percent >= BRIMFUL))
    dead = int(tx.value(INBOX_DEAD) or 0)
    if dead:
        found.append(Alarm(code="inbox", sentence=f"{dead:,} of the ERP's messages could not be taken in."))
    waits = int(tx.value(INBOX_WAITS, since=clock.now() - WAITS_LONG) or 0)
    if waits:
        told = f"{waits:,} of the ERP's messages {'waits' if waits == 1 else 'wait'} longer than an hour for something else."
        found.append(Alarm(code="inbox", sentence=told))
    knocked = int(tx.value(KNOCKED, since=clock.now() - KNOCKED_WITHIN) or 0)
    if knocked:
        found.append(Alarm(code="turned_away", sentence=f"{knocked:,} turned away at the ERP's door within the hour."))
    files = int(tx.value(FAILED_FILES, since=clock.now() - FAILED_WITHIN) or 0)
    if files:
        told = f"{files:,} file{'' if files == 1 else 's'} of the ERP could not be read whole since yesterday."
        found.append(Alarm(code="turned_away", sentence=told))
    return found


def keep_cases(tx: Tx, ringing: Sequence[Alarm], abouts: Sequence[str]) -> None:
    """Open a case for each grave alarm that has none, close those whose cause is gone."""
    wanted = {(CASES[one.code], one.about): one for one in ringing if one.code in CASES}
    by = By(worker="", device="monitor")
    for kind in sorted(CASES.values()):
        for about in abouts:
            open_ = [str(row[0]) for row in tx.rows(OPEN_CASES, kind=kind, about=about)]
            alarm = wanted.get((kind, about))
            if alarm is not None and not open_:
                exceptions.add(tx, kind, alarm.sentence, document=about, by=by)
            elif alarm is None:
                for case in open_:
                    exceptions.settle(tx, case, "The cause is gone.", by)
