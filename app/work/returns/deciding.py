"""What the desk decides of a piece: held ones, and those somebody wants to go another way than the rows say.

The goods are on the floor and the supervisor is not, so a decision moves nothing. It is what the screen proposes from
then on, with name and reason, and a piece that was sent its way already waits for somebody to carry it out. Whoever
inspected the piece decides nothing about it, and each decides up to their own limit.
"""

from sqlalchemy import bindparam, update

from app.db import Tx
from app.errors import State
from app.schema.returns import returned
from app.work import duties, limits, people
from app.work.returns import counted, disposing, judging, known, ways
from app.work.returns.disposing import NotGraded, NotReceived

DECIDED = "decided"  # the step a task names
LONGEST_REASON = 200

DECIDE = (
    update(returned)
    .where(returned.c.piece == bindparam("of_piece"))
    .values(decided=bindparam("way"), decided_by=bindparam("who"), decided_because=bindparam("told"))
)


class WhyThat(State):
    code, title = "no_reason", "Say why"
    says = "A decision needs a reason of at most {limit} letters."
    todo = "Write it in a few words."


class AlreadySo(State):
    code, title = "already_so", "Already so"
    says = "{scanned} is {expected} already."
    todo = "Choose another way."


def decide(tx: Tx, code: str, to: str, because: str, worker: str, device: str) -> str:
    """From now on this is what becomes of it. Raises NotReceived, NotGraded, AlreadySo, WhyThat, SamePerson, AboveLimit …"""
    piece, way, because = known.find_piece(tx, code), ways.way(tx, to), because.strip()
    if piece is None or not piece.quantity or piece.state == "left":
        raise NotReceived(scanned=code)
    if not piece.grade:
        raise NotGraded(scanned=piece.item)
    if not because or len(because) > LONGEST_REASON or not because.isprintable():
        raise WhyThat(limit=LONGEST_REASON, scanned=because[:20])
    at = disposing.is_here(tx, piece)
    if way.code == (piece.disposition if piece.state == "disposed" else piece.decided):
        raise AlreadySo(scanned=piece.item, expected=way.words)
    judging.refuse_way(tx, piece, judging.answers_of(piece), way, at_desk=True)
    duties.refuse_same(tx, "inspect_return", piece.inspected_by, "override_disposition", worker)
    what = f"{way.words} for {piece.quantity} × {piece.item}"
    limits.refuse_value_above(tx, worker, "disposition_value", piece.item, piece.quantity, what=what)
    tx.run(DECIDE, of_piece=piece.piece, way=way.code, who=worker, told=because)
    if piece.state == "disposed":
        counted.end_waiting(tx, piece.piece, done=False)
        counted.wait_for(tx, piece.piece, piece.item, at.lpn or at.location, DECIDED)
    people.note(tx, "return_decided", worker, device, f"{piece.piece} {piece.item}: {way.words}, {because}")
    tx.tell("returns")
    return f"{piece.piece}: {way.words}. The floor is told."
