"""Hold a lot: whoever sees that something is wrong stops it, and from that moment it leaves by no path.

1. Scan the lot: its own label, the goods, or the LPN or place they lie in.
2. Say why: that makes it so. Orders that were promised it are served from elsewhere at once. A recall is a supervisor's.
3. Where the reason wants one, take a photo. Goods in a tote or carton are named at the desk, to be taken out.
4. A lot that is on hold is cleared here too, by a supervisor who is not the one who held it.
"""

from msgspec.structs import replace

from app.db import Tx
from app.errors import Ambiguous, Forbidden, Unknown
from app.floor.floor import Floor
from app.floor.flows import Flow, register
from app.floor.prompt import Fact, Goods, Key, Prompt
from app.floor.readings import ItemReading, LocationReading, LotReading, LpnReading
from app.floor.screens import Screen
from app.stock import balances
from app.work import holds, holds_promises, people, photos, picking, reasons
from app.work.happened import words

SHOWN = 5
SUPERVISORS = ("supervisor", "admin")


class NoLotHere(Unknown):
    code, title = "no_lot_here", "No lot"
    says = "{scanned} has no lot that could be held."
    todo = "Scan the goods' own label, or change their status."


class WhichLot(Ambiguous):
    code, title = "which_lot", "Which lot?"
    says = "{scanned} stands for {meanings}."
    todo = "Scan the label on the goods."


class Begin(Screen, frozen=True, kw_only=True, tag="holding"):
    """Which lot?"""

    item: str = ""

    def prompt(self, floor: Floor) -> Prompt:
        open_now = holds.everything_open(floor.tx, most=SHOWN)
        return Prompt(
            job="Hold a lot",
            headline="Scan the lot",
            hint=f"which lot of {self.item}?" if self.item else "its label, the goods, their LPN or place",
            choices=tuple(
                Key(name="see", value=one.id, label=f"{one.item} lot {one.lot}", note=f"{one.did}: {one.reason}")
                for one in open_now
            ),
            speech="Scan the lot.",
        )

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        if read.lot:
            return _show(floor, read.item, read.lot)
        lots = _lots(floor, read.item)
        if len(lots) != 1:
            floor.ok(f"{read.item} has {len(lots) or 'no'} lots here: scan the lot.")
            return replace(self, item=read.item)
        return _show(floor, read.item, lots[0])

    def on_lot(self, floor: Floor, read: LotReading) -> Screen:
        items = [self.item] if self.item else holds.items_with(floor.tx, read.lot)
        if not items:
            raise NoLotHere(scanned=read.lot)
        if len(items) > 1:
            raise WhichLot(scanned=read.lot, meanings=" and ".join(f"a lot of {code}" for code in items[:SHOWN]))
        return _show(floor, items[0], read.lot)

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        return self._lying_in(floor, read.label, balances.in_lpn(floor.tx, read.lpn))

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        return self._lying_in(floor, read.location, balances.at_location(floor.tx, read.location))

    def tap_see(self, floor: Floor, key: str) -> Screen:
        found = holds.find(floor.tx, key)
        return OfLot(item=found.item, lot=found.lot)

    def _lying_in(self, floor: Floor, scanned: str, inside: list[balances.Balance]) -> Screen:
        lots = sorted({(each.item, each.lot) for each in inside if each.lot and self.item in ("", each.item)})
        if not lots:
            raise NoLotHere(scanned=scanned)
        if len(lots) > 1:
            meanings = " and ".join(f"lot {lot} of {item}" for item, lot in lots[:SHOWN])
            raise WhichLot(scanned=scanned, meanings=meanings)
        return _show(floor, *lots[0])


class OfLot(Begin, frozen=True, kw_only=True, tag="holding.lot"):
    """Why? The answer stops the lot, or sets it free. Another scan asks for another lot."""

    lot: str
    kind: holds.Kind = "hold"
    why: str = ""  # chosen, and its photo is still to be taken

    def prompt(self, floor: Floor) -> Prompt:
        tx = floor.tx
        open_now = holds.of_lot(tx, self.item, self.lot)
        goods = picking.item_of(tx, self.item)
        asked = Prompt(
            job="Hold a lot",
            headline="Why hold it?",
            ask="choice",
            big="item",
            item=Goods(code=goods.code, name=goods.name, note=f"lot {self.lot}"),
            facts=(
                Fact(label="Here", value=f"{holds.in_house(tx, self.item, self.lot)} {goods.unit}"),
                Fact(label="With customers", value=str(holds.gone(tx, self.item, self.lot))),
            ),
            choices=tuple(
                Key(name="reason", value=one.code, label=one.words, note="photo" if one.photo else "")
                for one in reasons.of_kind(tx, "hold")
            ),
            keys=(Key(name="back", label="Back"),),
            speech="Why is it held?",
        )
        if self.why:
            return replace(asked, headline="Take a photo", ask="photo", photo=True, choices=())
        mine = [one for one in open_now if holds.may_clear(tx, one, floor.worker)]
        recall = _may_recall(floor) and all(one.kind != "recall" for one in open_now)
        if open_now:
            told = tuple(f"{one.did}: {words(one.reason, _who(tx, one))}" for one in open_now)
            clear = tuple(Key(name="clear", value=one.id, label=f"Clear the {one.kind}") for one in mine)
            more = (Key(name="recall", label="Recall it"),) if recall and self.kind == "hold" else ()
            if self.kind == "hold":
                return replace(
                    asked, headline="On hold", ask="choice" if clear else "scan", hint="nothing of it may leave",
                    choices=clear, why=told, why_title="Why", keys=(*more, *asked.keys),
                )  # fmt: skip
        if self.kind == "recall":
            return replace(asked, headline="Why recall it?", hint="the ERP hears of it at once")
        return replace(asked, keys=((Key(name="recall", label="Recall it"),) if recall else ()) + asked.keys)

    def tap_recall(self, floor: Floor) -> Screen:
        if not _may_recall(floor):
            raise Forbidden(worker=floor.worker)
        return replace(self, kind="recall")

    def tap_reason(self, floor: Floor, code: str) -> Screen:
        reason = reasons.check(floor.tx, "hold", code)
        if self.kind == "recall" and not _may_recall(floor):
            raise Forbidden(worker=floor.worker)
        if reason.photo:
            return replace(self, why=code)
        return _stop(floor, self, reason.words)

    def on_photo(self, floor: Floor, name: str) -> Screen:
        return _stop(floor, self, reasons.check(floor.tx, "hold", self.why).words, photo=name)

    def tap_clear(self, floor: Floor, key: str) -> Screen:
        holds.find(floor.tx, key)
        return WhyFree(hold=key)

    def tap_back(self, floor: Floor) -> Screen:
        return replace(self, why="") if self.why else Begin()


class WhyFree(Screen, frozen=True, kw_only=True, tag="holding.clear"):
    """Why may it leave again?"""

    hold: str

    def prompt(self, floor: Floor) -> Prompt:
        found = holds.known(floor.tx, self.hold)
        return Prompt(
            job="Hold a lot",
            headline="Why is it good?",
            ask="choice",
            subject=f"{found.item} lot {found.lot}" if found else "",
            hint=f"{found.did}: {found.reason}" if found else "",
            choices=tuple(
                Key(name="reason", value=one.code, label=one.words) for one in reasons.of_kind(floor.tx, "clear_hold")
            ),
            keys=(Key(name="back", label="Back"),),
            speech="Why may it leave again?",
        )

    def tap_reason(self, floor: Floor, code: str) -> Screen:
        why = reasons.check(floor.tx, "clear_hold", code).words
        floor.undoable = False
        floor.step(holds.clear(floor.tx, self.hold, why, floor.by))
        return Begin()

    def tap_back(self, floor: Floor) -> Screen:
        return Begin()


def _stop(floor: Floor, screen: OfLot, why: str, photo: str = "") -> Screen:
    """Hold it, take its promises back, and say what became of them. It is cleared by another, not undone."""
    found, given = holds_promises.stop(floor.tx, screen.item, screen.lot, screen.kind, why, floor.by)
    if photo:
        photos.link(floor.tx, photo, found.subject, floor.worker)
    floor.undoable = False
    floor.step(f"Lot {found.lot} of {found.item} is {found.did}. {given.in_words()}")
    return Begin()


def _show(floor: Floor, item: str, lot: str) -> Screen:
    return OfLot(item=item, lot=lot)


def _lots(floor: Floor, item: str) -> list[str]:
    return sorted({each.lot for each in balances.of_item(floor.tx, item) if each.lot})


def _may_recall(floor: Floor) -> bool:
    return floor.seat.is_a(*SUPERVISORS)


def _who(tx: Tx, found: holds.Hold) -> str:
    who = people.by_code(tx, found.held_by) if found.held_by else None
    return found.source or (who.short_name if who else found.held_by)


def _waiting(tx: Tx) -> str:
    n = len(holds.everything_open(tx))
    return f"{n} on hold" if n else ""


register(
    Flow(name="holding", title="Hold a lot", icon="look", roles=("worker",), start=Begin, waiting=_waiting, order=82)
)
