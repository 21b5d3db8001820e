"""Counting: at the place. Scan every piece; nothing on this screen was ever read from the books.

What is shown is what this worker said so far. The look-up is closed while somebody counts: it would tell.
"""

from app import clock
from app.errors import Ambiguous, ScanAgain, Wrong
from app.floor.floor import Floor
from app.floor.prompt import Key, Prompt, Verdict
from app.floor.readings import ItemReading, LocationReading, LpnReading, SerialReading
from app.floor.screens import Screen, build
from app.stock.events import AnyEvent
from app.work import exceptions, photos, tasks
from app.work.counting import book, closing, counts, tallies
from app.work.counting.book import Key as Counted
from app.workflows.counting_saying import mine, rows, tell

DOUBLE_READ = 7 * clock.SECOND // 10  # a trigger that bounces does not close a count
LONGEST_SHOWN = 24
MOST_NAMED = 3


class StillCounting(Wrong):
    code, title = "still_counting", "Finish here first"
    says = "You count {expected}, scanned {scanned}."
    todo = "Say Nothing else when all is counted here."


class WhichItem(Ambiguous):
    code, title = "which_item", "Which item?"
    says = "Serial {scanned} exists for several items."
    todo = "Scan the item, then its serial."


class LpnElsewhere(ScanAgain):
    code, title = "lpn_elsewhere", "Booked elsewhere"
    says = "The books have {scanned} at {where}, not here."
    todo = "Scan it again to tell a supervisor; it is not counted here."


class At(Screen, frozen=True, kw_only=True, tag="counting.at"):
    """Before the place. Scan every piece."""

    repeats = True

    count: str
    lpn: str = ""
    moved: bool = False  # told that something is to be counted anew, at "nothing else"
    asked: int = 0  # when the place was scanned again: "nothing else?"

    def prompt(self, floor: Floor) -> Prompt:
        count = counts.any_state(floor.tx, self.count)
        if count is None or count.state != "counting":
            return Prompt(job="Count", headline="This count is over", keys=(Key(name="back", label="Menu"),))
        said = tallies.standing(floor.tx, count.id)
        return Prompt(
            job=f"Count {count.item}" if count.item else "Count",
            subject=f"on {self.lpn}" if self.lpn else "",
            headline="Scan every piece" if not self.asked else f"Scan {count.place} again: nothing else",
            hint=f"{'all of it' if said else 'empty'}? Scan {count.place} twice",
            big="lines",
            place=count.place,
            rows=rows(floor, said),
            keys=(
                *((Key(name="many", label="Quantity"),) if said and not said[-1].serial else ()),
                Key(name="nothing", label="Nothing else"),
            ),
            can_undo=bool(said),
            photo=True,
            speech="Scan every piece.",
        )

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        count = mine(floor, self.count)
        key = tallies.key_for(floor.tx, count, read.item, self.lpn, read.lot, read.serial)
        about = tallies.item_of(floor.tx, read.item)
        if about.lot_tracked and not key.lot:
            return build(
                "counting.lot", count=self.count, lpn=self.lpn, item=read.item, quantity=read.quantity,
                serial=read.serial, expiry=read.expiry, label=floor.label, since=book.position(floor.tx),
            )  # fmt: skip
        if about.serial_tracked and not read.serial:
            return build("counting.serial", count=self.count, lpn=self.lpn, item=read.item, lot=key.lot)
        tell(floor, count, key, read.quantity, floor.label, serial=read.serial, expiry=read.expiry)
        return At(count=self.count, lpn=self.lpn)

    def on_serial(self, floor: Floor, read: SerialReading) -> Screen:
        count = mine(floor, self.count)
        if not read.item:
            if tallies.serial_known(floor.tx, read.serial):
                raise WhichItem(scanned=read.serial)
            return self.on_unknown(floor, read.serial)
        key = tallies.key_for(floor.tx, count, read.item, self.lpn, "", read.serial)
        if tallies.item_of(floor.tx, read.item).lot_tracked and not key.lot:
            key = Counted(item=key.item, lpn=key.lpn, lot=tallies.lot_of_serial(floor.tx, read.item, read.serial))
        tell(floor, count, key, 1, floor.label, serial=read.serial)
        return At(count=self.count, lpn=self.lpn)

    def on_unknown(self, floor: Floor, label: str) -> Screen:
        """Unexpected goods are welcome, also those nobody knows."""
        count = mine(floor, self.count)
        if count.item:
            raise tallies.NotThisItem(expected=count.item, scanned=label[:40])
        tallies.add(floor.tx, count, Counted(item="", lpn=self.lpn), 1, label)
        floor.warn(f"+ 1 {label[:LONGEST_SHOWN]}: nobody knows this code. A supervisor links it.")
        return At(count=self.count, lpn=self.lpn)

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        """What is scanned next is on this LPN. One that the books have elsewhere is not counted but told."""
        count = mine(floor, self.count)
        where = tallies.lpn_place(floor.tx, read.lpn)
        if where == count.place:
            return At(count=self.count, lpn=read.lpn)
        if not where:
            floor.warn(f"{read.lpn} is not in the books: count what is on it as loose.")
            return At(count=self.count)
        floor.confirm(LpnElsewhere(scanned=read.lpn, expected=count.place, where=where))
        exceptions.add(
            floor.tx,
            "wrong_place",
            f"{read.lpn} stands at {count.place}; the books have it at {where}.",
            document=f"lpn {read.lpn}",
            location=where,
            worker=floor.worker,
            by=floor.by,
        )
        floor.warn(f"A supervisor is told of {read.lpn}. Do not count what is on it.")
        return At(count=self.count)

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        """The place again: back to loose goods; twice more, slowly: nothing else."""
        count = mine(floor, self.count)
        if read.location != count.place:
            raise StillCounting(expected=count.place, scanned=read.location)
        if self.lpn:
            floor.ok("Loose goods now.")
            return At(count=self.count)
        if self.moved:
            return self.tap_nothing(floor)
        if self.asked and floor.at - self.asked >= DOUBLE_READ:
            return self.tap_nothing(floor)
        floor.warn(f"Nothing else at {count.place}? Scan it once more.")
        return At(count=self.count, asked=self.asked or floor.at)

    def on_photo(self, floor: Floor, name: str) -> Screen:
        photos.link(floor.tx, name, f"count {self.count}", floor.worker)
        floor.ok("Photo kept with this count.")
        return self

    def tap_many(self, floor: Floor) -> Screen:
        mine(floor, self.count)
        return build("counting.many", count=self.count, lpn=self.lpn)

    def tap_undo(self, floor: Floor) -> Screen:
        last = tallies.take_back(floor.tx, mine(floor, self.count))
        floor.step(f"Undone: {last.quantity} {last.item or last.label}.")
        return At(count=self.count, lpn=self.lpn)

    def tap_nothing(self, floor: Floor) -> Screen:
        """What was not scanned is counted as none; what moved meanwhile is asked for once more."""
        count = mine(floor, self.count)
        moved = closing.unsettled(floor.tx, count)
        if moved and not self.moved:
            what = ", ".join(sorted({key.item for key in moved})[:MOST_NAMED])
            sentence = f"{what} moved here while you counted: count all of it again. Nothing else leaves it uncounted."
            floor.verdict = Verdict(kind="warning", sentence=sentence, code="moved_meanwhile")
            return At(count=self.count, moved=True)

        def post(event: AnyEvent) -> int:
            return floor.post(event, undoable=False)

        closing.finish(floor.tx, count, post)
        floor.step(f"{count.place} is counted.")
        following = counts.next_task(floor.tx, floor.worker)
        if following is None:
            return build("counting.start")
        tasks.take(floor.tx, following.id, floor.worker, floor.device, floor.confirm)
        return build("counting.go", task=following.id)

    def tap_look_up(self, floor: Floor) -> Screen:
        raise counts.Blind()
