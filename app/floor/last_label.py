"""The label a worker asked for last, while nobody knows yet that it is there: the line above their question.

A job prints and goes on; the label comes a second later, or the paper is out, or the cable was pulled in its middle. So the
session keeps the number of the print job, and as long as it has one the next answers look what became of it: that it
waits and for what, or, where only a person can know, whether it came out. Who has no open label is not looked up.
"""

from collections.abc import Callable

from msgspec.structs import replace
from sqlalchemy import bindparam, select, update

from app.db import Tx
from app.errors import State
from app.floor.floor import Floor
from app.floor.prompt import Key, LastLabel, Prompt
from app.schema.floor import session
from app.schema.printing import print_job

JOB = select(print_job.c.state, print_job.c.printer, print_job.c.sentence).where(print_job.c.id == bindparam("id"))
NOTE = update(session).where(session.c.worker == bindparam("who")).values(label=bindparam("job"))
KEYS = (Key(name="label_yes", label="It is there"), Key(name="label_no", label="Print again"))
OPEN = ("queued", "sending", "failed", "unknown")

answered: list[Callable[[Tx, str, bool, str], None]] = []
"""What is done when a worker says whether it came out: with the job, yes or no, and who looked."""


class NotAsked(State):
    code, title = "label_not_in_doubt", "Nothing to answer"
    says = "No label of yours is in doubt any more."
    todo = "Go on."


def sign(floor: Floor) -> LastLabel | None:
    """What is said of it; None where it is well, or has only just been asked for."""
    if not floor.label_job or floor.label_is_new:
        return None
    row = floor.tx.row(JOB, id=floor.label_job)
    if row is None or row[0] not in OPEN:
        floor.label_job = ""
        return None
    state, printer, sentence = (str(value) for value in row)
    if state == "unknown":
        return LastLabel(sentence=f"Did the label come out of {printer}?", asks=True)
    if state == "failed":
        return LastLabel(sentence=f"Label waits for {printer}: {sentence}")
    if printer in floor.ports.sick():
        return LastLabel(sentence=f"Label waits: {printer} needs a hand.")
    return None


def shown(prompt: Prompt, label: LastLabel | None) -> Prompt:
    """The question with the line above it; the keys that answer it come first."""
    if label is None:
        return prompt
    keys = (*KEYS, *prompt.keys) if label.asks else prompt.keys
    return replace(prompt, label=label, keys=keys)


def answer(floor: Floor, *, out: bool) -> None:
    """The worker looked. No: the same label again, once. Raises NotAsked."""
    row = floor.tx.row(JOB, id=floor.label_job) if floor.label_job else None
    if row is None or row[0] != "unknown":
        raise NotAsked()
    for told in answered:
        told(floor.tx, floor.label_job, out, floor.worker)
    floor.ok("Noted: the label is there." if out else f"It is printed again on {row[1]}: the same label, once.")


def note(floor: Floor) -> None:
    """Kept with the session where it changed."""
    if floor.label_job != floor.seat.label:
        floor.tx.run(NOTE, who=floor.worker, job=floor.label_job)
