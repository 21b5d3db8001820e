"""Deliveries of the day: what is expected when, what is late, which truck stands at which door and how far it is.

Below, how punctual and how complete each supplier was of late: on time, in full, and both, each over what was unloaded.
"""

from collections.abc import Sequence

import msgspec

from app import clock
from app.db import Tx
from app.desk.paging import PAGE, Page, page_of
from app.desk.words import many, said, spelled
from app.work import arrivals_expected
from app.work.arrivals_expected import Delivery, Punctual

STATES = ("expected", "late", "no-show", "at door", "unloading", "unloaded")


class ArrivalFilter(msgspec.Struct, frozen=True, kw_only=True):
    state: str = ""
    supplier: str = ""
    door: str = ""
    q: str = ""  # the number of a notice or PO
    page: int = 1


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery as it stands now."""

    delivery: Delivery
    state: str

    @property
    def document(self) -> str:
        return self.delivery.document

    @property
    def named(self) -> str:
        return arrivals_expected.named(self.delivery.document)

    @property
    def percent(self) -> int:
        return 100 * self.delivery.done // self.delivery.all if self.delivery.all else 0

    @property
    def off_min(self) -> int:
        return self.delivery.off // clock.MINUTE


class Arrivals(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    page: Page[Row]
    suppliers: tuple[str, ...]
    doors: tuple[str, ...]
    punctual: tuple[Punctual, ...]


def look(tx: Tx, asked: ArrivalFilter, *, export: bool = False) -> Arrivals:
    """Expected by their window first, unloaded ones of the last day at the end."""
    now = clock.now()
    every = [Row(delivery=one, state=one.state(now)) for one in arrivals_expected.deliveries(tx, now=now)]
    found = [row for row in every if _fits(row, asked)]
    skip = 0 if export else (max(asked.page, 1) - 1) * PAGE
    return Arrivals(
        headline=headline(every),
        page=page_of(found[skip:], asked.page, export=export),
        suppliers=tuple(sorted({row.delivery.supplier for row in every if row.delivery.supplier})),
        doors=tuple(sorted({row.delivery.door for row in every if row.delivery.door})),
        punctual=tuple(arrivals_expected.punctuality(tx, now=now)),
    )


def _fits(row: Row, asked: ArrivalFilter) -> bool:
    one = row.delivery
    return (
        asked.state in ("", row.state)
        and asked.supplier in ("", one.supplier)
        and asked.door in ("", one.door)
        and asked.q in ("", one.document, one.document.partition(" ")[2])
    )


def headline(rows: Sequence[Row]) -> str:
    """`Two trucks are late, one stands at a door.`"""
    late = sum(1 for row in rows if row.state in ("late", "no-show"))
    here = sum(1 for row in rows if row.delivery.arrived and not row.delivery.unloaded)
    coming = sum(1 for row in rows if row.state == "expected")
    told = []
    if late:
        told.append(f"{spelled(late)} {'delivery is' if late == 1 else 'deliveries are'} late")
    if here:
        told.append(
            f"{many(here, 'truck')} at the doors"
            if told
            else f"{spelled(here)} truck{'s' if here > 1 else ''} at the doors"
        )
    if coming:
        told.append(f"{spelled(coming)} to come")
    return said(", ".join(told) + ".") if told else "Nothing is expected."
