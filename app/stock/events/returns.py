"""Goods coming back from a customer: received, inspected, disposed of, and what the ERP decided about the money.

The source is the customer by construction. What comes back is `returned` (or held) until a disposition says what it may
be used for. All events of one return go in one lane: its RMA, else the order it was sold on, else the parcel itself.
"""

import msgspec

from app.stock.events.base import Event
from app.stock.slots import CUSTOMER, Carry, Movement, Slot


class _OfReturn(Event, frozen=True, kw_only=True, omit_defaults=True):
    parcel: str = ""  # R-00012
    rma: str = ""
    order: str = ""

    @property
    def document(self) -> str:
        return f"rma {self.rma}" if self.rma else f"order {self.order}" if self.order else f"return {self.parcel}"


class ReturnReceived(_OfReturn, frozen=True, kw_only=True, omit_defaults=True, tag="return_received"):
    """A piece was taken out of a customer's parcel. Nobody has judged it yet."""

    piece: str  # R-00012/1
    item: str
    quantity: int
    target: Slot
    serial: str = ""
    rma_line: str = ""
    customer: str = ""
    label: str = ""  # what was scanned on the parcel
    reason: str = ""  # why it comes back
    wish: str = ""  # refund, exchange
    flags: tuple[str, ...] = ()  # serial_mismatch, not_on_rma, unknown, recalled

    def movements(self) -> list[Movement]:
        source = Slot(location=CUSTOMER, lot=self.target.lot)
        return [Movement(item=self.item, quantity=self.quantity, source=source, target=self.target, serial=self.serial)]

    def in_words(self) -> str:
        odd = f" ({', '.join(flag.replace('_', ' ') for flag in self.flags)})" if self.flags else ""
        named = f" serial {self.serial}" if self.serial else ""
        return f"{self.quantity} × {self.item}{named} came back in {self.parcel}{odd}"


class ReturnInspected(_OfReturn, frozen=True, kw_only=True, omit_defaults=True, tag="return_inspected"):
    """Somebody looked at it and graded it. A later one of the same piece takes this one's place."""

    piece: str
    item: str
    quantity: int
    grade: str
    serial: str = ""
    answers: tuple[str, ...] = ()  # sealed=no
    photos: tuple[str, ...] = ()  # hashes

    def in_words(self) -> str:
        no = [answer.removesuffix("=no").replace("_", " ") for answer in self.answers if answer.endswith("=no")]
        return f"{self.quantity} × {self.item} of {self.parcel} graded {self.grade}" + (
            f"; not: {', '.join(no)}" if no else ""
        )


class ReturnDisposed(_OfReturn, frozen=True, kw_only=True, omit_defaults=True, tag="return_disposed"):
    """What becomes of it, and where it is now. `message` is what the ERP is told; the ERP decides about the money."""

    leaves_hold = True

    piece: str
    item: str
    quantity: int
    source: Slot
    target: Slot  # ~scrap: out of the books
    disposition: str
    grade: str
    reason: str  # why: the rule's words, or the reason of an override
    serial: str = ""
    message: str = ""
    wish: str = ""
    proposed: str = ""  # what the rule said, where somebody decided otherwise
    approver: str = ""  # the supervisor who released it
    next_task: str = ""
    new_lpn: str = ""  # pallet, tote: the plate begins with these goods

    def movements(self) -> list[Movement]:
        return [
            Movement(item=self.item, quantity=self.quantity, source=self.source, target=self.target, serial=self.serial)
        ]

    def carries(self) -> list[Carry]:
        if not self.new_lpn:
            return []
        kind = "tote" if self.new_lpn == "tote" else "pallet"
        document = f"returns {self.disposition}"
        return [Carry(lpn=self.target.lpn, location=self.target.location, kind=kind, document=document)]  # type: ignore[arg-type]

    def in_words(self) -> str:
        instead = f" instead of {self.proposed.replace('_', ' ')}" if self.proposed else ""
        by = f", released by {self.approver}" if self.approver else ""
        done = self.disposition.replace("_", " ")
        return f"{self.quantity} × {self.item} graded {self.grade}: {done}{instead} ({self.reason}{by})"


class ReturnLeft(_OfReturn, frozen=True, kw_only=True, omit_defaults=True, tag="return_left"):
    """It left the house: back to the customer, to the supplier who answers for it, sold off, given away."""

    leaves_hold = True

    piece: str
    item: str
    quantity: int
    source: Slot
    target: Slot  # ~customer, ~supplier, ~scrap
    disposition: str
    serial: str = ""
    to: str = ""  # who took it
    reference: str = ""  # the parcel, the delivery note, the claim
    approver: str = ""  # the supervisor who released it
    next_task: str = ""  # what it waited for
    emptied: str = ""  # the plate nothing is left on
    carrier: str = ""  # who took the parcel back to the customer
    service: str = ""

    def movements(self) -> list[Movement]:
        return [
            Movement(item=self.item, quantity=self.quantity, source=self.source, target=self.target, serial=self.serial)
        ]

    def carries(self) -> list[Carry]:
        return [Carry(lpn=self.emptied, location=self.source.location, state="gone")] if self.emptied else []

    def in_words(self) -> str:
        to = f" to {self.to}" if self.to else ""
        under = f", {self.reference}" if self.reference else ""
        under += f" with {self.carrier}" if self.carrier else ""
        by = f", released by {self.approver}" if self.approver else ""
        why = f"{self.disposition.replace('_', ' ')}{under}{by}"
        return f"{self.quantity} × {self.item} of {self.parcel} left the house{to} ({why})"


class ReturnIdentified(_OfReturn, frozen=True, kw_only=True, omit_defaults=True, tag="return_identified"):
    """A piece of a parcel nobody knew: the desk found out whose it is. Nothing moves; its RMA counts it from now on."""

    piece: str
    item: str
    quantity: int
    serial: str = ""
    rma_line: str = ""
    customer: str = ""
    wish: str = ""
    flags: tuple[str, ...] = ()  # what still does not fit

    def in_words(self) -> str:
        to = f"RMA {self.rma}" if self.rma else f"order {self.order}"
        odd = f" ({', '.join(flag.replace('_', ' ') for flag in self.flags)})" if self.flags else ""
        return f"{self.quantity} × {self.item} of {self.parcel} belongs to {to}{odd}"


class ReturnLine(msgspec.Struct, frozen=True, kw_only=True):
    line: str
    item: str
    authorised: int
    returned: int  # of all parcels so far


class ReturnClosed(_OfReturn, frozen=True, kw_only=True, omit_defaults=True, tag="return_closed"):
    """The parcel is empty. `complete` says that all that was authorised has come."""

    parcel: str
    lines: tuple[ReturnLine, ...] = ()
    complete: bool = False

    def in_words(self) -> str:
        off = [
            f"{line.item} {line.returned} of {line.authorised}"
            for line in self.lines
            if line.returned != line.authorised
        ]
        return f"parcel {self.parcel} is done" + (f": {', '.join(off)}" if off else "")


class ReturnDecided(_OfReturn, frozen=True, kw_only=True, omit_defaults=True, tag="return_decided"):
    """The ERP's own decision on an RMA: refund, replacement or no. It stands on the trail; nothing moves."""

    decision: str
    sentence: str = ""
    replacement: str = ""  # the order made for it

    def in_words(self) -> str:
        by = f", order {self.replacement}" if self.replacement else ""
        return f"the ERP decided on RMA {self.rma}: {self.decision}{by}" + (
            f". {self.sentence}" if self.sentence else ""
        )
