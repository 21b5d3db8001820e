"""Look-up: where is it, and what happened to it?

1. From the menu, or in the middle of any job: Look up.
2. Scan anything: an item, a lot, a serial, an LPN, a place, an order, a purchase order.
3. Read where it is and its last events, page by page; scan the next thing, or go back to exactly where you were.
"""

from collections.abc import Callable

from msgspec.structs import replace

from app.db import Tx
from app.errors import Unknown
from app.floor.floor import Floor
from app.floor.flows import Flow, register
from app.floor.prompt import Fact, Goods, Key, Prompt, Row
from app.floor.readings import DocumentReading, ItemReading, LocationReading, LotReading, LpnReading, SerialReading
from app.floor.screens import Screen
from app.work import lookup, lookup_documents
from app.work.arrivals import short
from app.work.counting import counts
from app.work.happened import Found
from app.workflows.lookup_pages import paged

_READS: dict[str, Callable[[Tx, str, str], Found | None]] = {
    "item": lambda tx, code, of: lookup.of_item(tx, code),
    "lot": lookup.of_lot,
    "serial": lookup.of_serial,
    "LPN": lambda tx, code, of: lookup.of_lpn(tx, code),
    "location": lambda tx, code, of: lookup.of_location(tx, code),
    "order": lambda tx, code, of: lookup_documents.of_order(tx, code),
    "PO": lambda tx, code, of: lookup_documents.of_po(tx, code),
}


class _Looking(Screen, frozen=True, kw_only=True):
    """Takes any label."""

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        if read.serial:
            return _show(floor, "serial", read.serial, read.item)
        return _show(floor, "lot", read.lot, read.item) if read.lot else _show(floor, "item", read.item)

    def on_lot(self, floor: Floor, read: LotReading) -> Screen:
        return _show(floor, "lot", read.lot)

    def on_serial(self, floor: Floor, read: SerialReading) -> Screen:
        return _show(floor, "serial", read.serial, read.item)

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        return _show(floor, "LPN", read.lpn)

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        return _show(floor, "location", read.location)

    def on_document(self, floor: Floor, read: DocumentReading) -> Screen:
        return _show(floor, {"po": "PO", "order": "order"}.get(read.of, read.of), read.document)


class Lookup(_Looking, frozen=True, kw_only=True, tag="lookup"):
    """Scan what you want to know of."""

    def prompt(self, floor: Floor) -> Prompt:
        return Prompt(
            job="Look up",
            headline="Scan anything",
            hint="item, lot, serial, LPN, place, order, PO",
            keys=_back(floor),
            speech="Scan what you want to look up.",
        )


class Shown(_Looking, frozen=True, kw_only=True, tag="lookup.shown"):
    """Where it is, what happened; scan the next, or go back."""

    kind: str
    code: str
    of: str = ""  # the item of a lot or serial
    page: int = 0

    def prompt(self, floor: Floor) -> Prompt:
        found = _read(floor.tx, self.kind, self.code, self.of)
        if found is None:  # it was there a moment ago
            found = Found(code=self.code, name="not there any more")
        rows = [Row(name=line.name, left=line.left, detail=line.detail, right=line.right) for line in found.where]
        rows += [Row(name=f"and {found.more} more places")] if found.more else []
        rows += [Row(name=line.name, detail=line.detail, right=line.right, state="seen") for line in found.happened]
        kind = self.kind[0].upper() + self.kind[1:]
        facts = [Fact(label=label, value=value) for label, value in found.facts]
        pages = paged(found.name, facts, rows, summed=found.total is not None)
        number = self.page % len(pages)
        first = number == 0
        return Prompt(
            job="Look up",
            subject=f"{kind} {short(self.code)}",
            headline="Scan the next",
            hint="" if found.where else "nothing of it is here now",
            big="lines",
            item=Goods(code=found.code, name=found.name),
            quantity=found.total if first else None,
            unit=found.unit if first else "",
            quantity_is="on hand" if first and found.total is not None else "",
            facts=pages[number].facts,
            rows=pages[number].rows,
            keys=_pages(number, len(pages)) + _back(floor),
            speech=_spoken(found, self.kind),
        )

    def tap_page(self, floor: Floor) -> Screen:
        """The next page, and after the last the first."""
        return replace(self, page=self.page + 1)


def _show(floor: Floor, kind: str, code: str, of: str = "") -> Screen:
    counts.refuse_peeking(floor.tx, floor.worker)
    found = _read(floor.tx, kind, code, of)
    if found is None:
        raise Unknown(scanned=code)
    floor.ok(_spoken(found, kind))
    return Shown(kind=kind, code=code, of=of)


def _read(tx: Tx, kind: str, code: str, of: str) -> Found | None:
    read = _READS.get(kind)
    return read(tx, code, of) if read is not None else None


def _spoken(found: Found, kind: str) -> str:
    """`HONEY: 48 at DOCK-1 and 1 more`; of a place or a document, what is in it."""
    if not found.where:
        return f"{found.code}: nothing here."
    first = found.where[0]
    places = len(found.where) + found.more
    at = "at" if first.left and kind not in ("location", "order", "PO") else ""
    told = " ".join(part for part in (first.left, at, first.name) if part)
    return f"{found.code}: {told}" + (f" and {places - 1} more" if places > 1 else "")


def _pages(number: int, count: int) -> tuple[Key, ...]:
    return (Key(name="page", label=f"Page {(number + 1) % count + 1} of {count}"),) if count > 1 else ()


def _back(floor: Floor) -> tuple[Key, ...]:
    return (Key(name="back", label="Back to work" if floor.on_detour else "Back"),)


register(
    Flow(
        name="lookup",
        title="Look up",
        icon="look",
        roles=("worker", "packer", "loader", "viewer"),
        start=Lookup,
        order=90,
    )
)
