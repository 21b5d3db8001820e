"""A worker of the crew at work: says what it scans, makes its share of mistakes, and never trusts an answer blindly.

A meant scan must be taken; a mistake must be refused, and nothing may have moved. Whatever else happens is written down
as an oddity, the worker goes back to the menu, and the day goes on: an oddity is a finding, not a crash.
"""

import io
import random
import time
from collections.abc import Sequence
from typing import NamedTuple

from PIL import Image

from app.crew.client import Answer, Handheld, Log, Prompt
from app.crew.goods import Bench, Cart
from app.crew.papers import Papers
from app.crew.truth import Badge, Truth
from app.crew.warehouse import Warehouse

UNDONE = 0.05  # of the scans one may have second thoughts about
UNDO_LATE = ("undo_too_late",)  # somebody else has moved it on
WANTS_RELEASE = "Supervisor: scan badge"


class Slip(NamedTuple):
    """A mistake a worker could make now, and the refusals it may get."""

    wrong: str  # item, place, lot, tote, double, …
    raw: str
    refusals: tuple[str, ...]
    kind: str = "scan"


class Odd(Exception):
    """The house did not do what a sound house would; the sentence says what."""


class Worker:
    def __init__(
        self,
        url: str,
        who: Badge,
        house: Warehouse,
        log: Log,
        papers: Papers | None,
        *,
        seed: int,
        wrong: float,
        pause_s: float = 0.0,
    ) -> None:
        self.dice = random.Random(f"{seed} {who.badge}")
        self.house = house
        self.papers = papers
        self.reprints = 0
        self.cart: Cart | None = None  # a walk, and
        self.bench: Bench | None = None  # a packing, that were interrupted and go on
        self.led_to = ""  # the job of the task the house has just handed out
        self.handheld = Handheld(url, who, log.note, self.dice)
        self._wrong = wrong
        self._pause_s = pause_s
        self._due = 0

    @property
    def truth(self) -> Truth:
        return self.house.truth

    @property
    def prompt(self) -> Prompt:
        return self.handheld.answer.prompt

    @property
    def asks(self) -> str:
        return self.prompt.headline

    # ── what is meant ────────────────────────────────────────────────────────────────────────────────────────────
    def scan(self, raw: str, *slips: Slip, confirm: Sequence[str] = (), may: Sequence[str] = ()) -> Answer:
        """Scan it; after a warning in `confirm` scan it again. Raises Odd when it is not taken."""
        return self._meant(raw, "scan", slips, confirm, may)

    def type(self, text: str, *slips: Slip, confirm: Sequence[str] = (), may: Sequence[str] = ()) -> Answer:
        return self._meant(text, "type", slips, confirm, may)

    def tap(
        self, name: str, value: str = "", *slips: Slip, may: Sequence[str] = (), confirm: Sequence[str] = ()
    ) -> Answer:
        """Press a button; a refusal in `may` is an answer too."""
        return self._meant(f"{name}:{value}" if value else name, "tap", slips, confirm, may)

    def second_thoughts(self, raw: str) -> None:
        """Now and then what was scanned last is undone and scanned again; nothing may be different afterwards."""
        if self.truth.mixed and self.prompt.can_undo and self.dice.random() < UNDONE:
            self.tap("undo", may=UNDO_LATE)
            if not self.handheld.answer.refusal:
                self.scan(raw)

    def photo(self) -> Answer:
        """Take a photo of what is on the table: one colour, and no two alike."""
        colour = tuple(self.dice.randrange(256) for _ in range(3))
        file = io.BytesIO()
        Image.new("RGB", (64, 48), colour).save(file, "JPEG")
        return self._meant(self.handheld.upload(file.getvalue()), "photo", ())

    def menu(self, job: str) -> Answer:
        """From wherever it stands to the first screen of a job; it stays where the house has led it to a task of it."""
        if self.led_to == job:
            self.led_to = ""
            return self.handheld.answer
        self.tap("menu")
        return self.tap("start", job)

    def offers(self, name: str) -> bool:
        """Is there a key of this name on the screen?"""
        main = (self.prompt.main,) if self.prompt.main else ()
        return any(key.name == name for key in (*self.prompt.keys, *self.prompt.choices, *main))

    def expect(self, *headlines: str) -> str:
        if not any(self.asks.startswith(headline) for headline in headlines):
            raise Odd(f"The screen asks “{self.asks}”, not “{' or '.join(headlines)}”.")
        return self.asks

    def _meant(
        self,
        raw: str,
        kind: str,
        slips: Sequence[Slip],
        confirm: Sequence[str] = (),
        may: Sequence[str] = (),
    ) -> Answer:
        if self._pause_s:
            time.sleep(self.dice.uniform(0.5, 1.5) * self._pause_s)  # a person walks, reaches, looks
        self._due += self.dice.random() < self._wrong
        if self._due and slips:
            self._err(self.dice.choice(slips))
        asked = self.asks
        answer = self.handheld.send(raw, kind)
        if answer.refusal and answer.refusal in confirm:
            answer = self.handheld.send(raw, kind)
        if answer.refusal and answer.refusal not in may:
            said = answer.verdict.sentence if answer.verdict else ""
            raise Odd(f"At “{asked}” the {kind} {raw} was refused ({answer.refusal}): {said}")
        return answer

    # ── what is not ──────────────────────────────────────────────────────────────────────────────────────────────
    def _err(self, slip: Slip) -> None:
        asked = self.prompt
        self._due -= 1
        answer = self.handheld.send(slip.raw, slip.kind, wrong=slip.wrong, expected=slip.refusals)
        if answer.refusal not in slip.refusals or answer.seq:
            raise Odd(
                f"At “{asked.headline}” the wrong {slip.wrong} {slip.raw} got {answer.outcome!r}, "
                f"not {' or '.join(slip.refusals)}."
            )
        if self.asks == WANTS_RELEASE:
            self.handheld.send("back", "tap")  # nobody is called for a slip: it goes on without
        if self.asks != asked.headline:
            raise Odd(f"A refused {slip.wrong} turned “{asked.headline}” into “{self.asks}”.")
