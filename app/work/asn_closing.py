"""The end of a delivery with a notice: what was declared and did not come, and which POs are complete by it.

Notice and PO are matched by the PO line. Goods of a pallet that were counted against the PO without naming their pallet
are not missing: what the PO line received beyond its notices fills what its notices lack.
"""

from collections import defaultdict

import msgspec
from sqlalchemy import bindparam, func, select

from app.db import Tx
from app.schema.inbound import asn_line
from app.stock.events.inbound import AsnClosed, AsnLineEnd
from app.work import asns, receipts
from app.work.asns import Declared
from app.work.discrepancies import Difference

BY_NOTICES = select(func.sum(asn_line.c.received)).where(
    asn_line.c.po == bindparam("of_po"), asn_line.c.po_line == bindparam("of_line")
)


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the notice at its end; `lacks` is what neither pallet nor PO received."""

    line: Declared
    lacks: int
    over: int

    def so_far(self, *, open: bool) -> str:
        """As `difference`; while the notice is open, what did not come yet is none: `8 to come`."""
        return f"{self.lacks} to come" if open and self.lacks else self.difference

    @property
    def difference(self) -> str:
        if self.over:
            return f"{self.over} over"
        return (
            f"{self.lacks} short" if self.lacks and self.line.received else "nothing came" if self.lacks else "complete"
        )


def outcomes(tx: Tx, code: str) -> list[Outcome]:
    """Every line of the notice, in its order."""
    beside: dict[tuple[str, str], int] = {}
    found = []
    for line in asns.lines(tx, code):
        key = (line.po, line.po_line)
        if key not in beside:
            received = next((one.received for one in receipts.lines(tx, line.po) if one.line == line.po_line), 0)
            by_notices = int(tx.value(BY_NOTICES, of_po=line.po, of_line=line.po_line) or 0)
            beside[key] = max(0, received - by_notices)
        lacks = max(0, line.quantity - line.received)
        filled = min(lacks, beside[key])
        beside[key] -= filled
        found.append(Outcome(line=line, lacks=lacks - filled, over=max(0, line.received - line.quantity)))
    return found


def differences(found: list[Outcome]) -> list[Difference]:
    """What becomes a discrepancy."""
    return [
        Difference(
            line=one.line.line,
            item=one.line.item,
            kind="over" if one.over else "short",
            expected=one.line.quantity,
            found=one.line.received,
            reason=one.difference,
        )
        for one in found
        if one.over or one.lacks
    ]


def as_event(tx: Tx, code: str) -> AsnClosed:
    lines = tuple(
        AsnLineEnd(line=line.line, item=line.item, declared=line.quantity, received=line.received, sscc=line.sscc)
        for line in asns.lines(tx, code)
    )
    return AsnClosed(asn=code, lines=lines, missing=tuple(one.sscc for one in asns.missing(tx, code)))


def complete_pos(tx: Tx, code: str) -> dict[str, list[receipts.Line]]:
    """The POs of the notice whose every line is complete by now, with their lines."""
    found: dict[str, list[receipts.Line]] = defaultdict(list)
    for po in {line.po for line in asns.lines(tx, code)}:
        if receipts.is_open(tx, po):
            of_po = receipts.lines(tx, po)
            if not any(line.left for line in of_po):
                found[po] = of_po
    return found
