"""What whoever decides on a returned piece has before them: photos, the checklist's No's, what is proposed and why.

And what they may do: none but somebody else than its inspector decides otherwise, and only goods that may go leave.
"""

import msgspec

from app.db import Tx
from app.desk.returned_pieces import Row
from app.errors import Refusal
from app.work import duties, photos
from app.work.returns import judging, known, leaving, ways
from app.work.returns.known import Piece


def _is_no(asked: dict[str, ways.Check], code: str, answer: str) -> bool:
    return asked[code].is_no(answer) if code in asked else answer == "no"


def _wrong(check: ways.Check | None, code: str, answer: str) -> str:
    """`works`, or what it should measure: `temperature 2 to 8 °C (it was 12)`."""
    if check is None or check.kind != "measure":
        return (check.words if check else code).lower()
    return f"{check.words.lower()} {check.limits} (it was {answer})"


def with_evidence(tx: Tx, row: Row, step: str, worker: str) -> Row:
    piece = known.find_piece(tx, row.piece)
    assert piece is not None, "it was just read"
    asked = {check.code: check for check in ways.checks_of(tx, known.item_of(tx, piece.item).category)}
    answers = judging.answers_of(piece)
    proposed, because = _proposed(tx, piece)
    why_not = _why_not(tx, piece, worker) if worker else ""
    here = row.stage in ("desk", "table", "floor") or (row.stage == "done" and piece.location[:1] != "~")
    ask = bool(worker and piece.grade and here and piece.status != "available" and not why_not)
    return msgspec.structs.replace(
        row,
        step=step,
        held=judging.why_held(piece),
        proposed=proposed,
        because=because,
        no=tuple(
            _wrong(asked.get(code), code, answer) for code, answer in answers.items() if _is_no(asked, code, answer)
        ),
        photos=tuple(photo.hash for photo in photos.of(tx, piece.subject)),
        allowed=tuple(judging.allowed(tx, piece, answers, at_desk=True)) if ask else (),
        why_not=why_not if piece.grade and here else "",
        may_leave=bool(worker) and piece.state == "disposed" and here and _leaves(tx, piece),
    )


def _proposed(tx: Tx, piece: Piece) -> tuple[str, str]:
    if not piece.grade or piece.state not in ("inspected", "received"):
        return "", ""
    found = judging.propose(tx, piece, piece.grade, judging.answers_of(piece))
    return found.way.words, "; ".join(found.why)


def _why_not(tx: Tx, piece: Piece, worker: str) -> str:
    try:
        duties.refuse_same(tx, "inspect_return", piece.inspected_by, "override_disposition", worker)
    except Refusal as refusal:
        return refusal.sentence
    return ""


def _leaves(tx: Tx, piece: Piece) -> bool:
    try:
        leaving.leave(tx, piece)
    except Refusal:
        return False
    return True
