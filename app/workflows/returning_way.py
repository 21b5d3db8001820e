"""Returns, the way on: what the rows propose, why, and where the piece goes now.

1. Read what becomes of it and why. Scan the plate or tote it goes on, or take a new label with the big key.
2. Other: choose another way and say why. Above your limit a supervisor scans their badge.
3. What is held or recalled goes to quarantine and nowhere else; what is scrapped leaves the books.
"""

from app import clock
from app.errors import NeedsRelease, State
from app.floor.floor import Floor
from app.floor.prompt import Fact, Key, Prompt
from app.floor.prompt import Goods as Shown
from app.floor.readings import LocationReading, LpnReading
from app.floor.screens import Screen, build
from app.printing.queueing import queue_label
from app.printing.station_printers import has_printer
from app.work import limits, numbers, photos, reasons, shelf_life
from app.work.returns import disposing, judging, known, taking_in, ways
from app.work.returns.disposing import Target
from app.work.returns.judging import Proposal
from app.work.returns.known import Parcel, Piece
from app.work.returns.ways import Disposition
from app.workflows.returning_inspect import link_photo, piece_of
from printers.labels import HoldLabel, ReturnLabel

REASONS = "disposition"  # kind of reason_code


class NothingElse(State):
    code, title = "nothing_else", "No other way"
    says = "Nothing else is allowed: {reason}."
    todo = "Go on with what is proposed."


class Way(Screen, frozen=True, kw_only=True, tag="returning.way"):
    """What becomes of it: scan where it goes."""

    parcel: Parcel
    piece: str
    chosen: str = ""  # another way than proposed
    because: str = ""
    approver: str = ""

    def prompt(self, floor: Floor) -> Prompt:
        piece = piece_of(floor, self.piece)
        of, proposal = known.item_of(floor.tx, piece.item), propose(floor, piece)
        way = ways.way(floor.tx, self.chosen) if self.chosen else proposal.way
        taken = len(photos.of(floor.tx, piece.subject))
        wanted = judging.wants_photo(floor.tx, piece.grade, way) and not taken
        facts = [
            Fact(label="Grade", value=piece.grade),
            Fact(label="Photos", value=str(taken), note="one is wanted" * wanted),
        ]
        return Prompt(
            job=self.parcel.named,
            subject=self.parcel.code,
            headline=f"Photo, then {way.words.lower()}" if wanted else way.words,
            ask="photo" if wanted else "scan",
            item=Shown(code=piece.item, name=of.name, note=f"serial {piece.serial}" if piece.serial else ""),
            facts=tuple(facts),
            hint="" if way.place == "scrap" else "scan the plate or tote it goes on",
            why=_why(floor, self, proposal),
            why_title=f"{way.words}, because",
            keys=(Key(name="other", label="Other"), Key(name="again", label="Grade")),
            main=None if wanted else _main(floor, way),
            photo=True,
            speech=f"{way.words}. Take a photo first." if wanted else f"{way.words}. Scan where it goes.",
        )

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        piece, way = piece_of(floor, self.piece), self._way(floor)
        at = disposing.is_here(floor.tx, piece).location
        return self._dispose(floor, piece, way, disposing.onto_plate(floor.tx, way, read.lpn, read.of, at))

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        piece, way = piece_of(floor, self.piece), self._way(floor)
        return self._dispose(floor, piece, way, disposing.at_place(floor.tx, way, read.location))

    def tap_confirm(self, floor: Floor) -> Screen:
        """A new plate with its label; scrap needs none."""
        piece, way = piece_of(floor, self.piece), self._way(floor)
        at = disposing.is_here(floor.tx, piece).location
        if way.place == "scrap":
            return self._dispose(floor, piece, way, Target(location=at))
        target = Target(location=at, lpn=numbers.lpn(floor.tx), begins="pallet")
        return self._dispose(floor, piece, way, target, label=True)

    def tap_other(self, floor: Floor) -> Screen:
        piece = piece_of(floor, self.piece)
        proposal = propose(floor, piece)
        if proposal.forced:
            raise NothingElse(reason=proposal.words, scanned=proposal.way.words)
        return Other(parcel=self.parcel, piece=self.piece)

    def tap_again(self, floor: Floor) -> Screen:
        return build("returning.inspect", parcel=self.parcel, piece=self.piece)

    def on_photo(self, floor: Floor, name: str) -> Screen:
        link_photo(floor, self.piece, name)
        return self

    def tap_back(self, floor: Floor) -> Screen:
        return build("returning.item", parcel=self.parcel)

    def _way(self, floor: Floor) -> Disposition:
        return ways.way(floor.tx, self.chosen) if self.chosen else propose(floor, piece_of(floor, self.piece)).way

    def _dispose(self, floor: Floor, piece: Piece, way: Disposition, target: Target, *, label: bool = False) -> Screen:
        approver = self.approver
        if way.place == "scrap" and not (approver or piece.decided):
            approver = within_limit(floor, piece, f"{way.words} for {piece.quantity} × {piece.item}")
        event = disposing.dispose(
            floor.tx, piece, way, target, propose(floor, piece), because=self.because, approver=approver
        )
        floor.post(event)
        taking_in.sign(floor.tx, piece.piece, "disposed_by", floor.worker)
        there = (
            f"on {target.lpn}"
            if target.lpn
            else "out of the books"
            if way.place == "scrap"
            else f"at {target.location}"
        )
        floor.step(f"{way.words}: {piece.quantity} × {piece.item} {there}.")
        if way.label != "none" and target.lpn and (label or way.label == "hold"):
            _print(floor, piece, way, target, event.reason)
        if floor.tx.value(known.PARCEL_STATE, which=piece.parcel) == "closed":  # it was looked at once more
            return build("returning.start")
        return build("returning.item", parcel=self.parcel)


class Other(Screen, frozen=True, kw_only=True, tag="returning.other"):
    """Another way than proposed."""

    parcel: Parcel
    piece: str

    def prompt(self, floor: Floor) -> Prompt:
        piece = piece_of(floor, self.piece)
        now = propose(floor, piece).way.code
        allowed = [way for way in judging.allowed(floor.tx, piece, judging.answers_of(piece)) if way.code != now]
        return _choice(floor, self, piece, "What instead?", tuple(
            Key(name="way", value=way.code, label=way.words) for way in allowed
        ))  # fmt: skip

    def tap_way(self, floor: Floor, code: str) -> Screen:
        piece, way = piece_of(floor, self.piece), ways.way(floor.tx, code.lower())
        judging.refuse_way(floor.tx, piece, judging.answers_of(piece), way)
        return WhyOther(parcel=self.parcel, piece=self.piece, way=way.code)

    def tap_back(self, floor: Floor) -> Screen:
        return Way(parcel=self.parcel, piece=self.piece)


class WhyOther(Screen, frozen=True, kw_only=True, tag="returning.why"):
    """Why not as proposed? Within your limit it is yours to say."""

    parcel: Parcel
    piece: str
    way: str

    def prompt(self, floor: Floor) -> Prompt:
        piece, given = piece_of(floor, self.piece), reasons.of_kind(floor.tx, REASONS)
        keys = tuple(Key(name="reason", value=one.code, label=one.words) for one in given)
        return _choice(floor, self, piece, "Why?", keys)

    def tap_reason(self, floor: Floor, code: str) -> Screen:
        piece, reason = piece_of(floor, self.piece), reasons.check(floor.tx, REASONS, code)
        if reason.photo and not photos.of(floor.tx, piece.subject):
            raise photos.PhotoWanted()
        way = ways.way(floor.tx, self.way)
        kind, what = reason.limit_kind or "disposition_value", f"{way.words} for {piece.quantity} × {piece.item}"
        approver = within_limit(floor, piece, what, kind)
        return Way(parcel=self.parcel, piece=self.piece, chosen=self.way, because=reason.words, approver=approver)

    def on_photo(self, floor: Floor, name: str) -> Screen:
        link_photo(floor, self.piece, name)
        return self

    def tap_back(self, floor: Floor) -> Screen:
        return Way(parcel=self.parcel, piece=self.piece)


class Again(Screen, frozen=True, kw_only=True, tag="returning.again"):
    """A plate of returned goods is back: repaired, relabelled, or decided. Which piece is looked at once more?"""

    lpn: str

    def prompt(self, floor: Floor) -> Prompt:
        waiting = disposing.in_plate(floor.tx, self.lpn)
        return Prompt(
            job=f"Plate {self.lpn[-5:]}",
            headline="Which piece?",
            ask="choice",
            hint="looked at once more",
            choices=tuple(
                Key(
                    name="piece",
                    value=one.piece,
                    label=one.item,
                    note=f"{one.piece} · {one.disposition.replace('_', ' ')}",
                )
                for one in waiting
            ),
            speech="Which piece is looked at once more?",
        )

    def tap_piece(self, floor: Floor, code: str) -> Screen:
        piece = piece_of(floor, code.upper())
        parcel = Parcel(
            code=piece.parcel, rma=piece.rma, order_code=piece.order_code, customer=piece.customer,
            location=disposing.is_here(floor.tx, piece).location,
        )  # fmt: skip
        return build("returning.inspect", parcel=parcel, piece=piece.piece)


def within_limit(floor: Floor, piece: Piece, what: str, kind: str = "scrap_value") -> str:
    """What is given up costs what it costs: who released it, or the empty text. Raises AboveLimit, NoPrice."""
    released_by = floor.grant.supervisor if floor.grant else ""
    try:
        limits.refuse_value_above(floor.tx, floor.worker, kind, piece.item, piece.quantity, what=what)
    except NeedsRelease as needed:
        floor.release(needed, document=f"rma {piece.rma}" if piece.rma else f"return {piece.parcel}")
        return released_by
    return ""


def propose(floor: Floor, piece: Piece) -> Proposal:
    return judging.propose(floor.tx, piece, piece.grade, judging.answers_of(piece))


def _why(floor: Floor, screen: Way, proposal: Proposal) -> tuple[str, ...]:
    if not screen.chosen:
        return (*proposal.why, *([f"✕ {proposal.rule.replace('_', ' ')} by the rows"] if proposal.rule else []))
    by = f", released by {screen.approver}" if screen.approver else ""
    return (f"{screen.because}{by}", f"✕ {proposal.way.words} was proposed")


def _main(floor: Floor, way: Disposition) -> Key:
    if way.place == "scrap":
        return Key(name="confirm", label=way.words, note="out of the books")
    prints = "label prints" if has_printer(floor) else "write the number on it"
    return Key(name="confirm", label=f"{way.words}, new label", note=prints)


def _choice(floor: Floor, screen: Other | WhyOther, piece: Piece, headline: str, keys: tuple[Key, ...]) -> Prompt:
    return Prompt(
        job=screen.parcel.named,
        subject=screen.parcel.code,
        headline=headline,
        ask="choice",
        big="item",
        item=Shown(code=piece.item, name=known.item_of(floor.tx, piece.item).name, note=f"grade {piece.grade}"),
        choices=keys,
        photo=isinstance(screen, WhyOther),
        speech=headline,
    )


def _print(floor: Floor, piece: Piece, way: Disposition, target: Target, reason: str) -> None:
    if not has_printer(floor):
        floor.warn(f"No label printer is set: write {target.lpn} on it.")
        return
    of = known.item_of(floor.tx, piece.item)
    label: HoldLabel | ReturnLabel = return_label(floor, piece, way, target.lpn, piece.quantity)
    if way.label == "hold":
        label = HoldLabel(
            lpn=target.lpn, item=piece.item, name=of.name, reason=f"{way.words}: {reason}"[:80], status=way.status,
            quantity=piece.quantity, unit=of.unit, lot=piece.lot, held_by=floor.seat.short_name,
            held_on=shelf_life.today(floor.tx),
        )  # fmt: skip
    queue_label(floor, label, subject=target.lpn, document=f"return {piece.piece}")


def return_label(floor: Floor, piece: Piece, way: Disposition, lpn: str, quantity: int) -> ReturnLabel:
    """Graded goods on their plate: where they go and why they came."""
    of = known.item_of(floor.tx, piece.item)
    words = {reason.code: reason.words for reason in reasons.of_kind(floor.tx, "return")}
    return ReturnLabel(
        code=lpn,
        rma=piece.rma or piece.order_code or piece.parcel,
        item=piece.item,
        name=of.name or piece.item,
        quantity=quantity,
        unit=of.unit,
        grade=piece.grade,
        disposition=way.words,
        reason=words.get(piece.reason, piece.reason.replace("_", " ")),
        lot=piece.lot,
        came_on=clock.as_datetime(piece.received_at).astimezone(shelf_life.zone_of(floor.tx)).date(),
    )
