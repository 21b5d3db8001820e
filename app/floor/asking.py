"""What a worker is shown: the screen's question with what the engine knows of it, and a refusal in words.

Whoever opens or reloads the floor is asked the same again, with the step that the next scan must follow.
"""

import msgspec

from app import clock
from app.db import Tx
from app.errors import Refusal
from app.floor import barcodes, last_label, scans, screens
from app.floor.floor import FIRST_SCREEN, Floor, Ports
from app.floor.prompt import Answer, Prompt, Sound, Verdict
from app.floor.screens import Screen
from app.floor.seats import Seat

AWAY = 2 * clock.MINUTE
RESUMED = "You go on where you stopped."


def verdict_of(refusal: Refusal, raw: str = "") -> Verdict:
    """A refusal as the worker sees and hears it; `raw` stands in where the rule did not say what was scanned."""
    kind: Sound = "warning" if refusal.severity == "warning" else "error"
    return Verdict(
        kind=kind,
        sentence=refusal.sentence,
        code=refusal.code,
        title=refusal.title,
        expected=refusal.expected,
        scanned=refusal.scanned or scans.loggable(raw)[: barcodes.SHOWN],
        scanned_is="" if refusal.scanned_is == Refusal.scanned_is else refusal.scanned_is,
        todo=refusal.what_to_do,
    )


def ask(floor: Floor, screen: Screen, *, can_undo: bool = False) -> Prompt:
    """The screen's prompt with what the engine knows of it filled in."""
    prompt = screen.prompt(floor)
    expects = tuple(kind for kind in (*screens.KINDS, *screens.TYPED) if kind in screens.takes(type(screen)))
    undoable = prompt.can_undo if hasattr(screen, "tap_undo") else can_undo
    prompt = last_label.shown(prompt, last_label.sign(floor))
    return msgspec.structs.replace(prompt, expects=expects, can_undo=undoable, repeats=type(screen).repeats)


def current(tx: Tx, seat: Seat, ports: Ports | None = None) -> Answer:
    """What a device is shown that opens or reloads the floor: the same question, with the step to follow."""
    screen = screens.decode(seat.screen, bytes(seat.state)) or screens.build(FIRST_SCREEN)
    floor = Floor(tx, seat, ports=ports)
    prompt = ask(floor, screen, can_undo=seat.undo_seq != 0)
    verdict = Verdict(kind="ok", sentence=RESUMED) if _is_resumed(tx, seat, screen) else None
    return Answer(id="", step=seat.step, prompt=prompt, verdict=verdict, worker=seat.short_name)


def _is_resumed(tx: Tx, seat: Seat, screen: Screen) -> bool:
    """In the middle of a job, after a sign-in, or long enough after the last scan to have been away."""
    if screens.tag_of(type(screen)).partition(".")[0] == FIRST_SCREEN:
        return False
    last = tx.value(scans.LAST_AT, id=seat.step.lstrip("!"))
    return last is None or clock.now() - int(last) > AWAY
