"""What a person decided on an unusual figure: explained, watched, or a case for somebody else to look into.

Whoever the figure is about does not decide on it. A decision holds until so many more cases came than it was made with;
then the figure stands on the list again. Every decision stays, and is in the security log.
"""

import msgspec
from sqlalchemy import bindparam, insert, select

from app import clock
from app.db import Tx
from app.errors import Forbidden, Malformed, State
from app.schema.watching import unusual_note
from app.work import exceptions, people
from app.work.unusual import LEAST_CASES, TITLES, Judged

DECISIONS = {"explained": "explained", "watch": "to be watched", "case": "a case was opened"}
LONGEST = 300
MORE = LEAST_CASES  # cases more than at the decision bring it back


class Note(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    measure: str
    kind: str
    subject: str
    decision: str
    reason: str
    sentence: str
    cases: int
    at: int
    worker: str
    exception: str


class NotUnusual(State):
    code, title = "not_unusual", "Nothing to decide"
    says = "This figure is not on the list any more."
    todo = "Load the page again."


class NoReasonGiven(Malformed):
    code, title = "no_reason", "Why?"
    says = "A decision needs a reason of at most {limit} characters."
    todo = "Write what was found."


class OwnFigure(Forbidden):
    code, title = "own_figure", "Somebody else"
    says = "These figures are your own, so somebody else decides on them."
    todo = "Ask another supervisor."


ADD = insert(unusual_note).values(**{name: bindparam(name) for name in Note.__struct_fields__})
ALL = select(unusual_note).order_by(unusual_note.c.at, unusual_note.c.id)


def latest(tx: Tx) -> dict[tuple[str, str, str], Note]:
    """The last decision on each figure."""
    return {(one.measure, one.kind, one.subject): one for one in tx.all(ALL, Note)}


def holds(note: Note | None, found: Judged) -> bool:
    return note is not None and found.cases < note.cases + MORE


def decide(tx: Tx, found: Judged | None, decision: str, reason: str, *, worker: str, device: str) -> str:
    """Raises NotUnusual, NoReasonGiven, OwnFigure."""
    if found is None or decision not in DECISIONS:
        raise NotUnusual()
    why = " ".join(reason.split())
    if not why or len(why) > LONGEST:
        raise NoReasonGiven(limit=LONGEST, scanned=why[:20])
    if found.kind == "worker" and found.subject == worker:
        raise OwnFigure(worker=worker)
    title, case = TITLES[found.measure], ""
    if decision == "case":
        # The queue is read by many: a worker is not named there.
        about = "a worker" if found.kind == "worker" else f"{found.kind} {found.subject}"
        case = exceptions.add(
            tx,
            "unusual",
            f"{title} of {about}: {found.sentence} {why}",
            item=found.subject if found.kind == "item" else "",
            location=found.subject if found.kind == "location" else "",
            worker=worker,
        )
    note = Note(
        id=clock.new_id(), measure=found.measure, kind=found.kind, subject=found.subject, decision=decision, reason=why,
        sentence=found.sentence, cases=found.cases, at=clock.now(), worker=worker, exception=case,
    )  # fmt: skip
    tx.run(ADD, **msgspec.structs.asdict(note))
    people.note(
        tx, "unusual_decided", worker, device, f"{found.measure} {found.kind} {found.subject}: {decision}: {why}"
    )
    tx.tell("triggers")
    return f"{title} of {found.subject}: {DECISIONS[decision]}."
