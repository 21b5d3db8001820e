"""A supervisor releases at the worker's own device what is more than the worker may decide.

1. A rule raises a `NeedsRelease`; the screen offers it with `floor.release(refusal)`. All the step did is taken back.
2. The device asks: "Supervisor: scan badge". Anything else scanned or pressed goes on without the step.
3. The supervisor's badge, a reason, and their PIN, typed at the door `POST /floor/release`: a badge only names, and a
   PIN is never a scan, so it is in no queue and no log.
4. The very same scan is taken once more. Where it comes to `floor.release` again with the same refusal it may pass, and
   an `Overridden` with both names stands in the journal before whatever it allowed. Any other refusal is a refusal.

A workflow adds one line. Receiving (`app/workflows/receiving_goods.py`):

    try:
        warning = tolerance.check_amount(of, lines, count)   # raises OverTolerance, a NeedsRelease
    except NeedsRelease as needed:
        floor.release(needed, document=f"po {po}")           # raises it again, or returns: it is released
        goods = replace(goods, released=count)               # remember it, if a later step asks the rule once more
"""

import msgspec
from sqlalchemy import bindparam, update

from app.db import Tx
from app.errors import Forbidden, NeedsRelease, State
from app.floor import meanings, screens
from app.floor.floor import FIRST_SCREEN, Floor
from app.floor.prompt import Fact, Key, Prompt
from app.floor.readings import WorkerReading
from app.floor.screens import Screen
from app.floor.seats import Seat
from app.schema.floor import session
from app.work import duties, limits, people, reasons
from app.work.people import Worker
from devices.symbology import GS

SUPERVISORS = ("supervisor", "admin")
REASONS = "override"  # kind of reason_code
PAGE = "floor/release.html"
OWN_TAPS = ("back", "reason", "undo", "log_out", "menu")
STAND = (
    update(session)
    .where(session.c.worker == bindparam("who"))
    .values(**{name: bindparam(name) for name in ("screen", "state", "step", "warned")})
)


class NotASupervisor(Forbidden):
    code, title = "not_a_supervisor", "No supervisor"
    says = "{name} may not release this."
    todo = "Let a supervisor scan their badge."


class AboveTheirs(Forbidden):
    code, title = "above_their_limit", "Above their limit"
    says = "{name} may release up to {most}; this is {said}."
    todo = "Ask somebody with a higher limit."


class NothingToRelease(State):
    code, title = "nothing_to_release", "Nothing to release"
    says = "Nothing waits for a supervisor here."
    todo = "Look at the screen."


class Ask(Screen, frozen=True, kw_only=True, tag="release"):
    """A supervisor is wanted. Keeps the step that needs them, and the screen it was made at."""

    tag: str  # the screen behind, as it is stored
    state: str
    kind: str  # the scan itself
    raw: str
    symbology: str = ""
    gs: str = GS  # what stood for the separator in it
    warned: str = ""
    key: str  # of the refusal
    sentence: str
    limit_kind: str = ""
    amount: int = 0
    badge: str = ""
    reason: str = ""

    def prompt(self, floor: Floor) -> Prompt:
        job = self.behind().prompt(floor).job
        if not self.badge:
            return Prompt(
                job=job,
                headline="Supervisor: scan badge",
                why=(f"✕ {self.sentence}",),
                why_title="What it is about",
                keys=(Key(name="back", label="Go on without"),),
                speech="This takes a supervisor. Scan their badge.",
            )
        who = people.by_badge(floor.tx, self.badge)
        name = who.short_name if who is not None else self.badge
        if not self.reason:
            return Prompt(
                job=job,
                headline="Why?",
                subject=name,
                ask="choice",
                hint=self.sentence,
                choices=tuple(
                    Key(name="reason", value=one.code, label=one.words) for one in reasons.of_kind(floor.tx, REASONS)
                ),
                speech="Why is it released?",
            )
        return Prompt(
            job=job,
            headline=f"PIN of {name}",
            subject=name,
            ask="pin",
            hint=self.sentence,
            facts=(Fact(label="Why", value=reasons.check(floor.tx, REASONS, self.reason).words),),
            template=PAGE,
            speech="The supervisor types their PIN.",
        )

    def on_worker(self, floor: Floor, read: WorkerReading) -> Screen:
        who = people.by_badge(floor.tx, read.badge)
        check(floor.tx, self, floor.worker, who)
        return msgspec.structs.replace(self, badge=read.badge, reason=self.reason if self._fits(floor.tx) else "")

    def tap_reason(self, floor: Floor, code: str) -> Screen:
        if not self.badge:
            raise NothingToRelease(scanned=code)
        return msgspec.structs.replace(self, reason=reasons.check(floor.tx, REASONS, code).code)

    def tap_back(self, floor: Floor) -> Screen:
        return self.behind()

    def behind(self) -> Screen:
        return screens.decode(self.tag, self.state.encode()) or screens.build(FIRST_SCREEN)

    def _fits(self, tx: Tx) -> bool:
        return any(one.code == self.reason for one in reasons.of_kind(tx, REASONS))


def asked(needed: NeedsRelease, seat: Seat, screen: Screen, *, kind: str, raw: str, symbology: str, gs: str) -> Ask:
    """The question to a supervisor about a step that was just refused at `screen`."""
    return Ask(
        tag=screens.tag_of(type(screen)),
        state=screens.encode(screen).decode(),
        kind=kind,
        raw=raw,
        symbology=symbology,
        gs=gs,
        warned=seat.warned,
        key=needed.key,
        sentence=needed.sentence,
        limit_kind=needed.kind,
        amount=needed.amount,
    )


def check(tx: Tx, ask: Ask, worker: str, supervisor: Worker | None) -> Worker:
    """May this person release it? Raises NotASupervisor, SamePerson, AboveTheirs."""
    if supervisor is None or not supervisor.active or not supervisor.is_a(*SUPERVISORS):
        raise NotASupervisor(name=supervisor.short_name if supervisor else "Nobody known")
    duties.refuse_same(tx, "ask_release", worker, "release", supervisor.code)
    most = limits.of(tx, supervisor.code, ask.limit_kind) if ask.limit_kind else None
    if most is not None and ask.amount > most:
        raise AboveTheirs(
            name=supervisor.short_name,
            most=limits.say(ask.limit_kind, most),
            said=limits.say(ask.limit_kind, ask.amount),
        )
    return supervisor


def passes_by(tx: Tx, kind: str, raw: str) -> bool:
    """Is this no answer to "Supervisor: scan badge"? Then it is meant for the screen behind."""
    if kind == "tap":
        return raw.partition(":")[0].lower() not in OWN_TAPS
    if kind == "type":
        return False  # whoever types here means the badge: a number must not become a quantity behind
    text = raw.strip()
    if text[:4].upper() in ("BDG/", "CMD/"):
        return False
    return tx.value(meanings.BADGE, code=text) is None


def seat_behind(seat: Seat, ask: Ask, *, warned: str = "") -> Seat:
    """The same worker, standing at the screen behind."""
    return msgspec.structs.replace(seat, screen=ask.tag, state=ask.state.encode(), warned=warned)
