"""Receiving what is not as it should be: damaged, unlabelled, short of life, the wrong thing, or ordered by nobody.

1. Tap Problem and say what it is; where the reason wants to be seen, take a photo.
2. Scan the item and count it like any other. No lot or too short a life is no refusal now.
3. Scan an LPN for it alone, or ask for a new one. It stands on hold there with a red label until the desk decides, and
   the ERP hears of it at once.
"""

from msgspec.structs import replace

from app.floor.floor import Floor
from app.floor.prompt import Key, Prompt
from app.floor.readings import ItemReading
from app.floor.screens import Screen
from app.work import asns, photos, reasons, receive_progress
from app.work.reasons import Reason
from app.workflows import receiving_goods
from app.workflows.receiving_goods import Goods, home

AT_THE_CLOSE = ("short", "over")  # found by comparing, not by looking


class _Aside(Screen, frozen=True, kw_only=True):
    """Where the goods were found: on a PO, a notice, one of its pallets, or by themselves."""

    location: str
    po: str = ""
    asn: str = ""
    sscc: str = ""
    goods: Goods | None = None  # in hand already

    @property
    def job(self) -> str:
        return f"ASN {self.asn}" if self.asn else f"PO {self.po}" if self.po else "Unplanned"

    def tap_back(self, floor: Floor) -> Screen:
        if self.goods is not None:
            return receiving_goods.next_question(floor, self.goods)
        return home(Goods(po=self.po, asn=self.asn, sscc=self.sscc, location=self.location, item=""))

    def because(self, floor: Floor, reason: Reason, *, problem: str = "", unplanned: str = "") -> Screen:
        asked = AsideItem(
            location=self.location, po=self.po, asn=self.asn, sscc=self.sscc, goods=self.goods, problem=problem,
            unplanned=unplanned, why=reason.words,
        )  # fmt: skip
        return AsidePhoto(then=asked) if reason.photo else asked.go_on(floor)


class Problem(_Aside, frozen=True, kw_only=True, tag="receiving.problem"):
    """What is wrong?"""

    def prompt(self, floor: Floor) -> Prompt:
        known = reasons.of_kind(floor.tx, "discrepancy")
        return Prompt(
            job=self.job,
            headline="What is wrong?",
            ask="choice",
            hint="it comes in on hold",
            choices=tuple(
                Key(name="reason", value=one.code, label=one.words)
                for one in known
                if one.code not in AT_THE_CLOSE and (self.goods is None or one.code != "wrong_item")
            ),
            keys=() if self.goods is not None else (Key(name="unplanned", label="Nobody ordered it"),),
            speech="What is wrong with it?",
        )

    def tap_reason(self, floor: Floor, code: str) -> Screen:
        reason = reasons.check(floor.tx, "discrepancy", code)
        if code in AT_THE_CLOSE or (code == "wrong_item" and self.goods is not None):
            raise reasons.NoSuchReason(scanned=code)
        if code == "wrong_item":
            return self.because(floor, reason, unplanned=receive_progress.WRONG_GOODS)
        return self.because(floor, reason, problem=code)

    def tap_unplanned(self, floor: Floor) -> Screen:
        return Unplanned(location=self.location, po=self.po, asn=self.asn, sscc=self.sscc)


class Unplanned(_Aside, frozen=True, kw_only=True, tag="receiving.unplanned"):
    """Why did it come?"""

    def prompt(self, floor: Floor) -> Prompt:
        return Prompt(
            job=self.job,
            headline="Why did it come?",
            ask="choice",
            hint="nobody ordered it: it comes in on hold",
            choices=tuple(
                Key(name="reason", value=one.code, label=one.words) for one in reasons.of_kind(floor.tx, "unplanned")
            ),
            speech="Nobody ordered it. Why did it come?",
        )

    def tap_reason(self, floor: Floor, code: str) -> Screen:
        return self.because(floor, reasons.check(floor.tx, "unplanned", code), unplanned=code)


class AsideItem(_Aside, frozen=True, kw_only=True, tag="receiving.aside"):
    """Which item is it?"""

    problem: str = ""
    unplanned: str = ""
    why: str  # in words
    photo: str = ""

    def prompt(self, floor: Floor) -> Prompt:
        return Prompt(
            job=self.job,
            headline="Scan item",
            subject="on hold",
            hint="or type its number",
            done=(f"{self.why}, photo taken" if self.photo else self.why,),
            speech="Scan the item that comes in on hold.",
        )

    def go_on(self, floor: Floor) -> Screen:
        """With the item in hand already, its own questions; else it is asked."""
        if self.goods is None:
            return self
        goods = replace(self.goods, problem=self.problem, unplanned=self.unplanned, photo=self.photo)
        return receiving_goods.next_question(floor, goods)

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        po = self.po
        if self.asn and not self.unplanned:
            asns.open_asn(floor.tx, self.asn)
            po = asns.po_of_item(floor.tx, self.asn, read.item, self.sscc)
        return receiving_goods.begin(
            floor, po, self.location, read, asn=self.asn, sscc=self.sscc, problem=self.problem,
            unplanned=self.unplanned, photo=self.photo,
        )  # fmt: skip


class AsidePhoto(Screen, frozen=True, kw_only=True, tag="receiving.aside_photo"):
    """This reason is believed when it is seen. Without a camera the desk asks for it."""

    then: AsideItem

    def prompt(self, floor: Floor) -> Prompt:
        return Prompt(
            job=self.then.job,
            headline="Take a photo",
            ask="photo",
            photo=True,
            subject="on hold",
            done=(self.then.why,),
            keys=(Key(name="later", label="No camera here"),),
            speech="Take a photo of it.",
        )

    def on_photo(self, floor: Floor, name: str) -> Screen:
        return replace(self.then, photo=name).go_on(floor)

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        """Went on without. Raises PhotoWanted where the goods are counted already."""
        if self.then.goods is not None:
            raise photos.PhotoWanted()
        return self.then.on_item(floor, read)

    def tap_later(self, floor: Floor) -> Screen:
        return self.then.go_on(floor)

    def tap_back(self, floor: Floor) -> Screen:
        return self.then.tap_back(floor)
