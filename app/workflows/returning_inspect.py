"""Returns, the inspection: the checklist of its category, photos, and the grade.

1. Answer what is asked, yes or no, or with a number; scan the same item again for one more alike, or type how many there are.
2. Take a photo where something is wrong: below a grade the house wants one.
3. Give the grade, A to D. A alone says yes to everything; a No sets the best grade there is.
"""

from typing import Any

import msgspec
from msgspec.structs import replace

from app.errors import BadAmount
from app.floor.floor import Floor
from app.floor.prompt import Fact, Key, Prompt
from app.floor.prompt import Goods as Shown
from app.floor.readings import ItemReading
from app.floor.screens import Screen, build
from app.stock.events import ReturnInspected
from app.work import photos
from app.work.returns import disposing, judging, known, taking_in, ways
from app.work.returns.known import Parcel, Piece
from app.work.returns.ways import GRADES, Check
from app.workflows import returning_piece

PAGE = "floor/return.html"
MOST_ASKED = 3  # questions on the glass at once


class NoSuchGrade(BadAmount):
    code, title = "no_such_grade", "No such grade"
    says = "{scanned} is no grade; there are A, B, C and D."
    todo = "Choose one of them."


class OnePieceEach(BadAmount):
    code, title = "one_piece_each", "One by one"
    says = "{scanned} has serials: each piece is judged by itself."
    todo = "Finish this one first."


class Inspect(Screen, frozen=True, kw_only=True, tag="returning.inspect"):
    """What is it like?"""

    repeats = True

    parcel: Parcel
    piece: str
    answers: dict[str, str] = msgspec.field(default_factory=dict)

    def prompt(self, floor: Floor) -> Prompt:
        piece = piece_of(floor, self.piece)
        of = known.item_of(floor.tx, piece.item)
        checks = ways.checks_of(floor.tx, of.category)
        answers = {**self.answers, **judging.known_before(floor.tx, piece)}
        shown = asked(checks, answers)
        judged = [check for check in checks if check.kind != "measure"]
        taken = len(photos.of(floor.tx, piece.subject))
        best, why = judging.best_grade(checks, answers)
        keys = [key for check in shown for key in _keys_of(check, answers.get(check.code, ""))]
        keys += [Key(name="grade", value=grade, label=grade, note="too good" * (grade < best)) for grade in GRADES]
        return Prompt(
            job=self.parcel.named,
            subject=self.parcel.code,
            headline="Grade it",
            hint=why or ("A: yes to all" if any(one.code not in answers for one in judged) else ""),
            item=Shown(code=piece.item, name=of.name, note=_note(piece)),
            quantity=piece.quantity if piece.quantity > 1 else None,
            unit=of.unit,
            choices=tuple(keys),
            facts=(Fact(label="Photos", value=str(taken)),),
            photo=True,
            template=PAGE,
            speech="What is it like? Answer, then give the grade.",
        )

    def tap_yes(self, floor: Floor, code: str = "") -> Screen:
        return self._with(floor, code, "yes")

    def tap_no(self, floor: Floor, code: str = "") -> Screen:
        return self._with(floor, code, "no")

    def tap_measure(self, floor: Floor, code: str) -> Screen:
        """Raises AnswerFirst where nothing is measured under this name."""
        return build("returning.measure", parcel=self.parcel, piece=self.piece, answers=self.answers, code=code.lower())

    def tap_grade(self, floor: Floor, grade: str) -> Screen:
        grade = grade.strip().upper()
        if grade not in GRADES:
            raise NoSuchGrade(scanned=grade[:10])
        piece = piece_of(floor, self.piece)
        checks = ways.checks_of(floor.tx, known.item_of(floor.tx, piece.item).category)
        answers = judging.check_grade(checks, {**self.answers, **judging.known_before(floor.tx, piece)}, grade)
        event = ReturnInspected(
            parcel=piece.parcel,
            rma=piece.rma,
            order=piece.order_code,
            piece=piece.piece,
            item=piece.item,
            quantity=piece.quantity,
            serial=piece.serial,
            grade=grade,
            answers=tuple(f"{code}={answer}" for code, answer in answers.items()),
            photos=tuple(photo.hash for photo in photos.of(floor.tx, piece.subject)),
        )
        floor.post(event)
        taking_in.sign(floor.tx, piece.piece, "inspected_by", floor.worker)
        floor.ok(f"Grade {grade}")
        return build("returning.way", parcel=self.parcel, piece=self.piece)

    def on_photo(self, floor: Floor, name: str) -> Screen:
        link_photo(floor, self.piece, name)
        return self

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        """The same item again is one more alike."""
        piece = piece_of(floor, self.piece)
        if read.item != piece.item or (read.lot and piece.lot and read.lot != piece.lot):
            raise returning_piece.FinishPiece(expected=piece.item, scanned=read.item)
        return self._more(floor, piece, read.quantity)

    def on_quantity(self, floor: Floor, quantity: int) -> Screen:
        piece = piece_of(floor, self.piece)
        if quantity <= piece.quantity:
            raise BadAmount(
                amount=quantity, reason=f"{piece.quantity} are in already; undo takes one back", scanned=str(quantity)
            )
        return self._more(floor, piece, quantity - piece.quantity)

    def tap_back(self, floor: Floor) -> Screen:
        return build("returning.item", parcel=self.parcel)

    def _more(self, floor: Floor, piece: Piece, quantity: int) -> Screen:
        if piece.serial:
            raise OnePieceEach(scanned=piece.item, amount=quantity, reason="serials")
        if piece.disposition or piece.grade:
            raise returning_piece.FinishPiece(expected=piece.item, scanned=piece.item)
        disposing.is_here(floor.tx, piece)
        goods = returning_piece.Goods(
            parcel=replace(self.parcel, location=piece.location),
            item=piece.item,
            quantity=quantity,
            lot=piece.lot,
            reason=piece.reason,
            warned=tuple(piece.flags.split()),
        )
        returning_piece.take_more(floor, goods, piece)
        floor.ok(f"+ {quantity}, {piece.quantity + quantity} alike")
        return self

    def _with(self, floor: Floor, code: str, answer: str) -> Screen:
        """One answer; without a code, to the first question that has none: `CMD/YES` answers one after the other."""
        piece = piece_of(floor, self.piece)
        checks = ways.checks_of(floor.tx, known.item_of(floor.tx, piece.item).category)
        names = [check.code for check in checks]
        judged = [check.code for check in checks if check.kind != "measure"]
        code = code.lower() or next((name for name in judged if name not in self.answers), "")
        if code not in judged:
            raise judging.AnswerFirst(what="Nothing more is asked", scanned=code)
        if answer == "yes" and code in judging.known_before(floor.tx, piece):
            raise judging.OpenedBefore(scanned=piece.item)
        answers: dict[str, Any] = {**self.answers, code: answer}
        return replace(self, answers={name: answers[name] for name in names if name in answers})


def _keys_of(check: Check, answer: str) -> list[Key]:
    """Yes and No, or the one that leads to the number."""
    if check.kind == "measure":
        told = f"{answer} {check.unit}".strip() if answer else check.limits
        return [Key(name="measure", value=check.code, label=check.words, note=told, pressed=bool(answer))]
    return [Key(name=word, value=check.code, label=check.words, pressed=answer == word) for word in ("yes", "no")]


def piece_of(floor: Floor, code: str) -> Piece:
    """Raises NotReceived for one that was taken back meanwhile."""
    found = known.find_piece(floor.tx, code)
    if found is None or not found.quantity:
        raise disposing.NotReceived(scanned=code)
    return found


def link_photo(floor: Floor, piece: str, name: str) -> None:
    taken = piece_of(floor, piece)
    photos.link(floor.tx, name, taken.subject, floor.worker)
    kept = len(photos.of(floor.tx, taken.subject))
    floor.ok(f"{kept} photo{' is' if kept == 1 else 's are'} kept.")


def asked(checks: list[Check], answers: dict[str, str]) -> list[Check]:
    """The questions on the glass: what has no answer first, in their own order. Pure."""
    open_ = [check for check in checks if check.code not in answers]
    shown = {check.code for check in [*open_, *[c for c in reversed(checks) if c.code in answers]][:MOST_ASKED]}
    return [check for check in checks if check.code in shown]


def _note(piece: Piece) -> str:
    told = (
        [f"serial {piece.serial}" + ("" if "serial_mismatch" in piece.flags else ", as shipped")]
        if piece.serial
        else []
    )
    told += [f"lot {piece.lot}"] if piece.lot else []
    held = judging.why_held(piece)
    return " · ".join([*told, *([f"held: {held}"] if held else [])])
