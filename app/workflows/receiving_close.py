"""Receiving, the end: nothing more comes. What is short or over is named before it is confirmed.

1. Read the lines: every line that is not as ordered says so, also the ones of which nothing came.
2. Close the PO, or scan its number again; each difference becomes a discrepancy with an owner and a due time.
3. Or leave it open: the rest comes later. One more item may still be scanned.
"""

from app.floor.floor import Floor
from app.floor.prompt import Key, Prompt
from app.floor.readings import DocumentReading, ItemReading, LpnReading
from app.floor.screens import Screen, build
from app.stock.events import ReceiptClosed, TruckUnloaded
from app.work import arrivals_expected, discrepancies, discrepancies_hold, receipts, receiving_rules
from app.workflows import receiving_goods, receiving_pallet
from app.workflows.receiving_goods import progress, rows


def close(floor: Floor, po: str, lines: list[receipts.Line]) -> int:
    """Post the end of a PO, write down each difference, and hold what is too much. Returns how many differ."""
    aside = discrepancies_hold.too_much(floor.tx, po)
    floor.post(ReceiptClosed(po=po, lines=receipts.received_lines(lines)), undoable=False)
    off = discrepancies.note_discrepancies(floor.tx, po, lines, floor.worker)
    for one in aside:
        for event in one.events(floor.tx):
            floor.post(event, undoable=False)
        discrepancies_hold.note(floor.tx, po, one)
    unloaded(floor, f"po {po}")
    return off


def unloaded(floor: Floor, document: str) -> None:
    """Nothing more comes of it, so its truck is empty, if one stands at a door."""
    there = arrivals_expected.at_door(floor.tx, document)
    if there is not None:
        floor.post(TruckUnloaded(arrival=there.id, door=there.door, lane=document), undoable=False)


class Review(Screen, frozen=True, kw_only=True, tag="receiving.review"):
    """Close this PO?"""

    po: str
    location: str

    def prompt(self, floor: Floor) -> Prompt:
        lines = receipts.lines(floor.tx, self.po)
        shown = rows(floor, self.po, off_first=True)
        if receiving_rules.is_blind(floor.tx, self.po):
            return Prompt(
                job=f"PO {self.po}",
                headline="Close this PO?",
                ask="press",
                hint="This is what was counted." if shown else "Nothing was counted.",
                big="lines",
                rows=shown,
                keys=(Key(name="later", label="Rest comes later"),),
                main=Key(name="confirm", label="Close PO"),
                speech="Close the purchase order?",
            )
        off = [line for line in lines if discrepancies.is_off(line)]
        return Prompt(
            job=f"PO {self.po}",
            headline="Close this PO?",
            ask="press",
            hint="All came as ordered." if not off else f"{len(off)} of {len(lines)} lines differ.",
            progress=progress(floor, self.po),
            progress_of="lines",
            big="lines",
            rows=shown,
            keys=(Key(name="later", label="Rest comes later"),),
            main=Key(name="confirm", label="Close PO", note=f"{len(off)} discrepancies" if off else ""),
            speech=f"Close the purchase order? {len(off)} lines differ.",
        )

    def tap_confirm(self, floor: Floor) -> Screen:
        receipts.open_po(floor.tx, self.po)
        lines = receipts.lines(floor.tx, self.po)
        off = close(floor, self.po, lines)
        if receiving_rules.is_blind(floor.tx, self.po):
            floor.step(f"PO {self.po} is closed.")
            return build("receiving.start")
        told = "all as ordered" if not off else "1 discrepancy" if off == 1 else f"{off} discrepancies"
        floor.step(f"PO {self.po} is closed: {told}.")
        return build("receiving.start")

    def on_document(self, floor: Floor, read: DocumentReading) -> Screen:
        """The same number again closes it; another one is the next delivery, and this stays open."""
        if read.of == "po" and read.document == self.po:
            return self.tap_confirm(floor)
        start = build("receiving.start")
        following = start.on_document(floor, read)  # type: ignore[attr-defined]
        assert isinstance(following, Screen)
        return following

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        return receiving_pallet.take(floor, read.lpn, self.location)

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        return receiving_goods.begin(floor, self.po, self.location, read)

    def tap_later(self, floor: Floor) -> Screen:
        floor.ok(f"PO {self.po} stays open.")
        return build("receiving.start")

    def tap_back(self, floor: Floor) -> Screen:
        return build("receiving.item", po=self.po, location=self.location)
