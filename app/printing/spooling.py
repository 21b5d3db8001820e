"""The spooler's side of a print job: the next one of a printer is claimed, sent, and its end written down.

Each step is one job of the writer. What was `sending` when its server died is `unknown` from then on, for no machine can
tell whether it is on paper; what a server that lives is sending is left alone.
"""

from sqlalchemy import bindparam, or_, select, update

from app import clock
from app.db import Database, Tx
from app.schema.printing import print_job
from printers.printer import State as Outcome
from printers.spooler import BACK_OFF_S, Job

NEXT = (
    select(print_job.c.id, print_job.c.payload, print_job.c.attempts)
    .where(
        print_job.c.printer == bindparam("printer"),
        or_(print_job.c.state == "queued", print_job.c.state == "failed"),
    )
    .order_by(print_job.c.created, print_job.c.id)
    .limit(1)
)
CLAIM = (
    update(print_job)
    .where(print_job.c.id == bindparam("which"), or_(print_job.c.state == "queued", print_job.c.state == "failed"))
    .values(state="sending", attempts=print_job.c.attempts + 1, node=bindparam("claimed_by"))
)
FINISH = (
    update(print_job)
    .where(print_job.c.id == bindparam("which"), print_job.c.state == "sending")
    .values(
        state=bindparam("new_state"), sentence=bindparam("said"), ended=bindparam("now"), next_at=bindparam("again_at")
    )
)
AT_WORK = select(print_job.c.node).where(print_job.c.state == "sending").distinct()
RECOVER = (
    update(print_job)
    .where(print_job.c.state == "sending", print_job.c.node == bindparam("claimed_by"))
    .values(state="unknown", sentence="The server stopped while it was printing.", ended=bindparam("now"))
)


class PrintQueue:
    """The JobStore the spooler works from: each step is one job of the writer."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def claim(self, printer_name: str) -> Job | None:
        with self._db.reading() as tx:
            if tx.row(NEXT, printer=printer_name) is None:
                return None
        self._db.node.hold()  # before our name stands at a job
        return self._db.do(lambda tx: self._claim(tx, printer_name))

    def _claim(self, tx: Tx, printer_name: str) -> Job | None:
        row = tx.row(NEXT, printer=printer_name)
        if row is None or tx.run(CLAIM, which=row[0], claimed_by=self._db.node.name) != 1:
            return None
        return Job(id=row[0], printer=printer_name, payload=bytes(row[1]), attempts=row[2])

    def finish(self, job_id: str, outcome: Outcome, sentence: str) -> None:
        now = clock.now()
        again = now + int(BACK_OFF_S[0] * clock.SECOND)

        def work(tx: Tx) -> None:
            tx.run(FINISH, which=job_id, new_state=str(outcome), said=sentence, now=now, again_at=again)
            tx.tell("print")

        self._db.do(work)

    def recover(self, *, own: bool = True) -> int:
        """At the start: what we or a server that is no more left behind. Later only theirs: ours is under way."""
        return self._db.do(lambda tx: self._recover(tx, own))

    def _recover(self, tx: Tx, own: bool) -> int:
        now, gone = clock.now(), self._db.node.left_behind([str(name) for (name,) in tx.rows(AT_WORK)], own=own)
        found = sum(tx.run(RECOVER, claimed_by=name, now=now) for name in gone)
        if found:
            tx.tell("print")
        return found
