"""Arrival: a truck comes to a door, before anything of it is received.

1. Scan its delivery: the ASN, the PO, a tracking number or any pallet's SSCC.
2. Scan the door it stands at. A door with another truck at it is refused.
3. Who brought it, and its seal: scan or type them, or say there is none. The door scanned again: it is as announced.
4. Answer what the house asks of each delivery; the door scanned again is a Yes. A No is written down for a supervisor,
   and the truck is unloaded or not.
5. Unload it: that is receiving. When nothing is left on it: Truck empty. Closing the delivery says so, too.
"""

from msgspec.structs import replace

from app import clock
from app.db import Tx
from app.errors import Malformed, Wrong, WrongKind
from app.floor.floor import Floor
from app.floor.flows import Flow, register
from app.floor.prompt import Fact, Key, Prompt
from app.floor.readings import DocumentReading, ItemReading, LocationReading, LpnReading, SerialReading
from app.floor.screens import Screen, build
from app.stock.events import TruckArrived, TruckUnloaded
from app.stock.quantity import BadMeasure, lies_within
from app.work import arrivals_expected as expected
from app.work import asns, exceptions, reasons, receiving_rules, shelf_life
from app.work.arrivals_expected import AtDoor

QUESTIONS = "arrival"  # kind of reason_code: each row is a question answered by yes or no, or by a number
LONGEST = 40  # characters of a carrier's name or a seal
NONE = "none"


class OtherDoor(Wrong):
    code, title = "other_door", "Another door"
    todo = "Scan {expected} if all is well, or answer."


class Start(Screen, frozen=True, kw_only=True, tag="arrival.start"):
    """Which delivery came?"""

    def prompt(self, floor: Floor) -> Prompt:
        return Prompt(
            job="Arrivals",
            headline="Scan the delivery",
            hint=waiting(floor.tx) or "its ASN, PO, or a pallet of it",
            speech="A truck came. Scan its delivery.",
        )

    def on_document(self, floor: Floor, read: DocumentReading) -> Screen:
        if read.of not in ("asn", "po"):
            raise WrongKind(expected="a delivery or a PO", scanned=read.label, kind=f"the number of a {read.of}")
        return begin(floor, f"{read.of} {read.document}")

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        return begin(floor, f"asn {asns.pallet(floor.tx, read.lpn).asn}")


def begin(floor: Floor, document: str) -> Screen:
    expected.window_of(floor.tx, document)
    there = expected.at_door(floor.tx, document)
    return Door(document=document) if there is None else AtTheDoor(document=document)


class _Coming(Screen, frozen=True, kw_only=True):
    """What is known so far of the truck."""

    document: str
    door: str = ""
    carrier: str = ""
    seal: str = ""
    answers: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def job(self) -> str:
        return expected.named(self.document)

    @property
    def done(self) -> tuple[str, ...]:
        told = (
            self.door,
            self.carrier if self.carrier != NONE else "",
            "no seal" if self.seal == NONE else self.seal and f"seal {self.seal}",
        )
        return tuple(one for one in told if one)

    def tap_back(self, floor: Floor) -> Screen:
        return Start()

    def known(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in _Coming.__struct_fields__}


class Door(_Coming, frozen=True, kw_only=True, tag="arrival.door"):
    """Where does it stand?"""

    def prompt(self, floor: Floor) -> Prompt:
        supplier, _, due, until = expected.window_of(floor.tx, self.document)
        return Prompt(
            job=self.job,
            headline="Scan the door",
            subject=supplier,
            hint=_window(floor.tx, due, until),
            speech="At which door does it stand?",
        )

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        expected.check_door(floor.tx, read.location)
        return Carrier(**{**self.known(), "door": read.location})  # type: ignore[arg-type]


class _Asked(_Coming, frozen=True, kw_only=True):
    """A question about the truck; its door scanned once more says: as it should be."""

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        if read.location != self.door:
            raise OtherDoor(expected=self.door, scanned=read.location)
        return self._as_usual(floor)

    def _as_usual(self, floor: Floor) -> Screen:
        raise TypeError(f"{type(self).__name__} has no usual answer")


class Carrier(_Asked, frozen=True, kw_only=True, tag="arrival.carrier"):
    """Who brought it?"""

    def prompt(self, floor: Floor) -> Prompt:
        announced = expected.window_of(floor.tx, self.document)[1]
        keys = (Key(name="announced", label=announced[:20], note="as announced"),) if announced else ()
        return Prompt(
            job=self.job, headline="Type the carrier", ask="text", done=self.done,
            hint=f"{announced}? Scan {self.door} again" if announced else f"not known? Scan {self.door} again",
            keys=(*keys, Key(name="none", label="Not known")),
            speech="Who brought it?",
        )  # fmt: skip

    def on_text(self, floor: Floor, text: str) -> Screen:
        return self._by(_short(text))

    def tap_announced(self, floor: Floor) -> Screen:
        return self._by(expected.window_of(floor.tx, self.document)[1] or NONE)

    def tap_none(self, floor: Floor) -> Screen:
        return self._by(NONE)

    def _as_usual(self, floor: Floor) -> Screen:
        return self.tap_announced(floor)

    def _by(self, name: str) -> Screen:
        return Seal(**{**self.known(), "carrier": name})  # type: ignore[arg-type]


class Seal(_Asked, frozen=True, kw_only=True, tag="arrival.seal"):
    """The number of its seal."""

    def prompt(self, floor: Floor) -> Prompt:
        return Prompt(
            job=self.job, headline="Scan or type the seal", ask="text", done=self.done,
            hint=f"none on it? Scan {self.door} again", keys=(Key(name="none", label="No seal"),),
            speech="Which seal is on it?",
        )  # fmt: skip

    def on_text(self, floor: Floor, text: str) -> Screen:
        return self._sealed(floor, _short(text))

    def on_serial(self, floor: Floor, read: SerialReading) -> Screen:
        """The seal's own barcode."""
        return self._sealed(floor, _short(read.serial))

    def tap_none(self, floor: Floor) -> Screen:
        return self._sealed(floor, NONE)

    def _as_usual(self, floor: Floor) -> Screen:
        return self.tap_none(floor)

    def _sealed(self, floor: Floor, seal: str) -> Screen:
        return ask_next(floor, Audit(**{**self.known(), "seal": seal}))  # type: ignore[arg-type]


class Audit(_Asked, frozen=True, kw_only=True, tag="arrival.audit"):
    """A question of the house."""

    def prompt(self, floor: Floor) -> Prompt:
        question = self._question(floor.tx)
        measured = question is not None and question.is_measured
        return Prompt(
            job=self.job,
            headline=question.words if question else "Is all well?",
            ask="measure" if measured else "choice",
            hint=f"good is {question.limits}" if question and measured else f"yes? Scan {self.door} again",
            unit=question.unit if question and measured else "",
            done=self.done,
            choices=() if measured else (Key(name="yes", label="Yes"), Key(name="no", label="No")),
            speech=question.words if question else "Is all well?",
        )

    def _question(self, tx: Tx) -> reasons.Reason | None:
        asked = reasons.of_kind(tx, QUESTIONS)
        return asked[len(self.answers)] if len(self.answers) < len(asked) else None

    def tap_yes(self, floor: Floor) -> Screen:
        return self._answered(floor, yes=True)

    def tap_no(self, floor: Floor) -> Screen:
        return self._answered(floor, yes=False)

    def _as_usual(self, floor: Floor) -> Screen:
        return self._answered(floor, yes=True)

    def _answered(self, floor: Floor, *, yes: bool) -> Screen:
        question = self._question(floor.tx)
        if question is None:
            return ask_next(floor, self)
        if question.is_measured:
            raise BadMeasure(amount="Yes" if yes else "No", reason="this is answered with a number")
        return self._told(floor, f"{question.words} {'Yes' if yes else 'No'}.", well=yes)

    def on_measure(self, floor: Floor, measured: str) -> Screen:
        question = self._question(floor.tx)
        if question is None:
            return ask_next(floor, self)
        if not question.is_measured:
            raise BadMeasure(amount=measured, reason="answer yes or no", scanned=measured)
        told = f"{question.words} {measured} {question.unit}".strip() + "."
        return self._told(floor, told, well=lies_within(measured, question.low, question.high))

    def _told(self, floor: Floor, told: str, *, well: bool) -> Screen:
        doubts = self.doubts if well else (*self.doubts, told)
        return ask_next(floor, replace(self, answers=(*self.answers, told), doubts=doubts))


def ask_next(floor: Floor, known: Audit) -> Screen:
    """The next question; after the last one the truck is here."""
    tx = floor.tx
    if len(known.answers) < len(reasons.of_kind(tx, QUESTIONS)):
        return known
    expected.check_door(tx, known.door)
    supplier, _, due, until = expected.window_of(tx, known.document)
    event = TruckArrived(
        arrival=clock.new_id(),
        door=known.door,
        lane=known.document,
        supplier=supplier,
        carrier="" if known.carrier == NONE else known.carrier,
        seal="" if known.seal == NONE else known.seal,
        answers=" ".join(known.answers),
        due=due,
        until=until,
    )
    floor.post(event, undoable=not known.doubts)
    if known.doubts:
        sentence = f"{known.job} at {known.door}: {' '.join(known.doubts)}"
        exceptions.add(
            tx, "arrival_audit", sentence, document=known.document, location=known.door, worker=floor.worker, by=floor.by
        )  # fmt: skip
        floor.warn(f"{known.job} is at {known.door}; a supervisor is told.")
    else:
        late = expected.off_by(due, until, floor.at)
        floor.step(f"{known.job} is at {known.door}{_lateness(late)}.")
    return AtTheDoor(document=known.document)


class AtTheDoor(Screen, frozen=True, kw_only=True, tag="arrival.here"):
    """It stands here: unload it, or say that it is empty."""

    document: str

    def prompt(self, floor: Floor) -> Prompt:
        there = self._truck(floor.tx)
        here = next((one for one in expected.deliveries(floor.tx, now=floor.at) if one.document == self.document), None)
        kind, _, code = self.document.partition(" ")
        pos = {line.po for line in asns.lines(floor.tx, code)} if kind == "asn" else {code}
        blind = any(receiving_rules.is_blind(floor.tx, po) for po in pos)
        told = (("Door", there.door), ("Carrier", there.carrier), ("Seal", there.seal)) if there else ()
        return Prompt(
            job=expected.named(self.document),
            headline="Unload it",
            ask="press",
            hint="scan what comes off it",
            progress=(here.done, here.all) if here and here.all and not blind else None,
            progress_of="pallets" if kind == "asn" else "lines",
            facts=tuple(Fact(label=label, value=value) for label, value in told if value),
            keys=(Key(name="empty", label="Truck empty"), Key(name="next", label="Next truck")),
            main=Key(name="unload", label="Unload"),
            speech="Unload it.",
        )

    def tap_unload(self, floor: Floor) -> Screen:
        there, (kind, _, code) = self._truck(floor.tx), self.document.partition(" ")
        door = there.door if there else ""
        return (
            build("receiving.asn", asn=code, location=door)
            if kind == "asn"
            else build("receiving.item", po=code, location=door)
        )

    def tap_empty(self, floor: Floor) -> Screen:
        there = self._truck(floor.tx)
        if there is not None:
            floor.post(TruckUnloaded(arrival=there.id, door=there.door, lane=there.document))
            floor.step(f"{expected.named(self.document)} is unloaded, {there.door} is free.")
        return Start()

    def tap_next(self, floor: Floor) -> Screen:
        return Start()

    def tap_back(self, floor: Floor) -> Screen:
        return Start()

    def on_document(self, floor: Floor, read: DocumentReading) -> Screen:
        return Start().on_document(floor, read)

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        return self._off_it("on_lpn", floor, read)

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        return self._off_it("on_item", floor, read)

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        """Its door again: unload it. Or where its goods are set down."""
        following = self.tap_unload(floor)
        there = self._truck(floor.tx)
        if there is not None and read.location == there.door:
            return following
        return self._off_it("on_location", floor, read)

    def _off_it(self, method: str, floor: Floor, read: LpnReading | ItemReading | LocationReading) -> Screen:
        """What is scanned comes off this truck: that is receiving."""
        following = getattr(self.tap_unload(floor), method)(floor, read)
        assert isinstance(following, Screen)
        return following

    def _truck(self, tx: Tx) -> AtDoor | None:
        return expected.at_door(tx, self.document)


def _short(text: str) -> str:
    told = " ".join(text.split())
    if not told or len(told) > LONGEST or not told.isprintable():
        raise Malformed(scanned=told[:LONGEST] or "nothing", reason=f"1 to {LONGEST} characters are needed.")
    return told


def _window(tx: Tx, due: int, until: int) -> str:
    if not due:
        return "no time was announced"
    zone = shelf_life.zone_of(tx)
    begin = clock.as_datetime(due).astimezone(zone)
    if not until:
        return f"expected {begin.day} {begin:%b}"
    return f"expected {begin.day} {begin:%b %H:%M} to {clock.as_datetime(until).astimezone(zone):%H:%M}"


def _lateness(off: int) -> str:
    if not off:
        return ""
    minutes = abs(off) // clock.MINUTE
    told = f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
    return f", {told} {'late' if off > 0 else 'early'}"


def waiting(tx: Tx) -> str:
    now = clock.now()
    late = sum(1 for one in expected.deliveries(tx, now=now) if one.state(now) in ("late", "no-show"))
    return f"{late} late" if late else ""


register(
    Flow(name="arrivals", title="Arrivals", icon="receive", roles=("worker",), start=Start, waiting=waiting, order=11)
)
