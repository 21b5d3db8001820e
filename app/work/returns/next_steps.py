"""What returned goods wait for after they were sent their way, and how each of these steps ends.

    repair, refurbish   somebody works on it, then it is looked at and graded anew
    relabel, liquidate  its label is stuck on and the plate goes to the place where such goods are kept
    ship_back           it is packed, addressed and sent to the customer again
    claim, donate       somebody else takes it, under a number of their own
    decided             the desk decided otherwise: it is sent that way
    decide              the desk's to decide: nothing for the floor

A house may name steps of its own in its rows; such a step ends like a repair.
"""

from typing import Literal

import msgspec
from sqlalchemy import or_, select

from app.db import Tx
from app.schema.work import task
from app.work import tasks
from app.work.returns import known
from app.work.returns.counted import TASK
from app.work.returns.known import Piece

MOST = 200  # tasks looked at
ALIVE = (
    select(task.c.id, task.c.reason, task.c.document)
    .where(task.c.kind == TASK, or_(task.c.state == "open", task.c.state == "started"))
    .order_by(task.c.priority, task.c.due, task.c.created, task.c.id)
    .limit(MOST)
)
End = Literal["grade", "place", "send", "hand_over", "way"]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """How a step is said on the glass, and how it ends."""

    words: str
    end: End
    todo: str


STEPS = {
    "repair": Step(words="Repair", end="grade", todo="then scan the item: grade it anew"),
    "refurbish": Step(words="Refurbish", end="grade", todo="then scan the item: grade it anew"),
    "relabel": Step(words="Stick label on", end="place", todo="then scan the place it is sold from"),
    "liquidate": Step(words="Set aside", end="place", todo="scan the place it waits at"),
    "ship_back": Step(words="Pack it", end="send", todo="stick the label on and scan it"),
    "claim": Step(words="To the supplier", end="hand_over", todo="scan the delivery note when it is taken"),
    "donate": Step(words="Give away", end="hand_over", todo="scan their note, or the plate, when it is taken"),
    "decided": Step(words="Desk decided", end="way", todo=""),
}


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A piece and the step it waits for."""

    task: str
    step: str
    piece: Piece

    @property
    def how(self) -> Step:
        return step_of(self.step)


def step_of(name: str) -> Step:
    said = name.replace("_", " ").capitalize()
    return STEPS.get(name) or Step(words=said, end="grade", todo="then scan the item: grade it anew")


def waiting(tx: Tx) -> list[Waiting]:
    """What the floor can do now, the most urgent first; what somebody has begun, too."""
    found = []
    for key, step, document in tx.rows(ALIVE):
        piece = known.find_piece(tx, document.removeprefix("return "))
        if piece is not None and piece.quantity:
            found.append(Waiting(task=key, step=step, piece=piece))
    return found


def on(tx: Tx, code: str) -> list[Waiting]:
    """What waits on a plate, or loose at a place."""
    return [one for one in waiting(tx) if (one.piece.lpn or one.piece.location) == code]


def of_piece(tx: Tx, piece: str) -> Waiting | None:
    """The step a piece waits for; None when it was done meanwhile."""
    found = known.find_piece(tx, piece)
    for one in tasks.of_document(tx, TASK, f"return {piece}"):
        if found is not None and found.quantity:
            return Waiting(task=one.id, step=one.reason, piece=found)
    return None


def said(tx: Tx) -> str:
    """For the menu: `3 wait`"""
    count = len(tx.rows(ALIVE))
    return f"{count} wait{'s' if count == 1 else ''}" if count else ""
