"""Returns, a question of the checklist that is answered with a number: the temperature of what came back, its weight.

1. Press the question. 2. Type the number; what is good stands beside it.
"""

from app.floor.floor import Floor
from app.floor.prompt import Goods, Key, Prompt
from app.floor.screens import Screen, build
from app.work.returns import known, ways
from app.work.returns.judging import AnswerFirst
from app.work.returns.known import Parcel
from app.work.returns.ways import Check


class Measure(Screen, frozen=True, kw_only=True, tag="returning.measure"):
    """How much is it?"""

    parcel: Parcel
    piece: str
    answers: dict[str, str]
    code: str

    def prompt(self, floor: Floor) -> Prompt:
        check, of = self._check(floor), known.item_of(floor.tx, self._item(floor))
        return Prompt(
            job=self.parcel.named,
            subject=self.parcel.code,
            headline=check.words,
            hint=f"good is {check.limits}",
            ask="measure",
            big="item",
            item=Goods(code=of.code, name=of.name),
            unit=check.unit,
            keys=(Key(name="back", label="Later"),),
            speech=f"{check.words}?",
        )

    def on_measure(self, floor: Floor, measured: str) -> Screen:
        check = self._check(floor)
        if check.is_no(measured):
            floor.warn(f"{check.words} {measured} {check.unit}: good is {check.limits}.")
        else:
            floor.ok(f"{check.words} {measured} {check.unit}".strip() + ".")
        return self._back({**self.answers, check.code: measured})

    def tap_back(self, floor: Floor) -> Screen:
        return self._back(self.answers)

    def _back(self, answers: dict[str, str]) -> Screen:
        return build("returning.inspect", parcel=self.parcel, piece=self.piece, answers=answers)

    def _item(self, floor: Floor) -> str:
        piece = known.find_piece(floor.tx, self.piece)
        return piece.item if piece is not None else ""

    def _check(self, floor: Floor) -> Check:
        """Raises AnswerFirst where nothing is measured under this name."""
        for check in ways.checks_of(floor.tx, known.item_of(floor.tx, self._item(floor)).category):
            if check.code == self.code and check.kind == "measure":
                return check
        raise AnswerFirst(what="Nothing is measured there", scanned=self.code)
