"""`pickface check`: derive the balances again from the movements, walk the hash chain, and name the first bad number.

What it proves: the journal has no gap, no row was altered after it was written (header, body or movements), each
balance is the sum of its movements, no balance is promised more than it holds, promises add up, and every serial and
LPN stands where its last movement left it.
"""

from collections import defaultdict
from collections.abc import Iterator

import msgspec
from sqlalchemy import bindparam, func, select

from app.db import Tx
from app.schema.stock import allocation, balance, journal_head, movement, serial
from app.stock import journal, ledger
from app.stock.slots import ENDLESS

PAGE = 5_000

_COLUMNS = [
    movement.c.item, movement.c.lot, movement.c.serial, movement.c.quantity, movement.c.grams,
    movement.c.source, movement.c.source_lpn, movement.c.source_status,
    movement.c.target, movement.c.target_lpn, movement.c.target_status, movement.c.line,
]  # fmt: skip
MOVEMENTS = (
    select(movement.c.seq, *_COLUMNS)
    .where(movement.c.seq >= bindparam("first"), movement.c.seq <= bindparam("last"))
    .order_by(movement.c.seq, movement.c.n)
)
STRAY = select(func.count()).select_from(movement).where(movement.c.seq > bindparam("last"))
HEAD = select(journal_head.c.seq, journal_head.c.hash)
BALANCES = select(
    balance.c.item, balance.c.location, balance.c.lpn, balance.c.lot, balance.c.status,
    balance.c.quantity, balance.c.allocated,
)  # fmt: skip
PROMISES = select(
    allocation.c.item, allocation.c.location, allocation.c.lpn, allocation.c.lot, func.sum(allocation.c.quantity)
).group_by(allocation.c.item, allocation.c.location, allocation.c.lpn, allocation.c.lot)
SERIALS = select(serial.c.item, serial.c.serial, serial.c.location, serial.c.lpn)

_NAMES = tuple(column.name for column in _COLUMNS)


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not as it should be. `seq` is the first bad event, 0 when no event is to blame."""

    code: str
    sentence: str
    seq: int = 0


class Report(msgspec.Struct, frozen=True, kw_only=True):
    events: int
    movements: int
    findings: tuple[Finding, ...]

    @property
    def clean(self) -> bool:
        return not self.findings


def check(tx: Tx) -> Report:
    """Prove the whole database; reads every event once (about 40,000 a second)."""
    findings: list[Finding] = []
    sums: dict[tuple[str, ...], int] = defaultdict(int)
    places: dict[tuple[str, str], tuple[str, str]] = {}
    events = moved = 0
    broken = False
    hash_before, expected = b"\0" * 32, 1
    for entries, rows in _pages(tx):
        for entry in entries:
            events += 1
            own = rows.get(entry.seq, [])
            moved += len(own)
            if not broken and entry.seq != expected:
                findings.append(
                    Finding(code="gap", seq=expected, sentence=f"Event {expected} is missing from the journal.")
                )
                broken = True
            if not broken:
                link = ledger.chain(hash_before, entry.seq, entry.header, bytes(entry.body), own)
                if link != bytes(entry.hash):
                    findings.append(
                        Finding(
                            code="altered",
                            seq=entry.seq,
                            sentence=f"Event {entry.seq} ({entry.kind}) or its movements were altered.",
                        )
                    )
                    broken = True
            hash_before, expected = bytes(entry.hash), entry.seq + 1
            for row in own:
                _add(sums, places, row)
    findings += _head_findings(tx, expected - 1, hash_before)
    findings += _balance_findings(tx, sums)
    findings += _serial_findings(tx, places)
    return Report(events=events, movements=moved, findings=tuple(findings))


def _pages(tx: Tx) -> Iterator[tuple[list[journal.Entry], dict[int, list[dict[str, object]]]]]:
    seq = 0
    while entries := journal.after(tx, seq, PAGE):
        rows: dict[int, list[dict[str, object]]] = defaultdict(list)
        for number, *values in tx.rows(MOVEMENTS, first=entries[0].seq, last=entries[-1].seq):
            rows[number].append(dict(zip(_NAMES, values, strict=True)))
        yield entries, rows
        seq = entries[-1].seq


def _add(
    sums: dict[tuple[str, ...], int], places: dict[tuple[str, str], tuple[str, str]], row: dict[str, object]
) -> None:
    item, lot, quantity = str(row["item"]), str(row["lot"]), int(str(row["quantity"]))
    for end, sign in (("source", -1), ("target", 1)):
        location, lpn, status = str(row[end]), str(row[f"{end}_lpn"]), str(row[f"{end}_status"])
        if location not in ENDLESS:
            sums[(item, location, lpn, lot, status)] += sign * quantity
        if row["serial"] and sign > 0:
            places[(item, str(row["serial"]))] = (location, lpn)


def _head_findings(tx: Tx, last: int, link: bytes) -> Iterator[Finding]:
    seq, kept = tx.row(HEAD) or (0, b"")
    if seq != last or bytes(kept) != link:
        yield Finding(code="head", seq=last, sentence=f"The journal ends at {last}, but its head says {seq}.")
    if stray := tx.value(STRAY, last=last):
        yield Finding(code="stray", seq=last + 1, sentence=f"{stray} movements have no event.")


def _balance_findings(tx: Tx, sums: dict[tuple[str, ...], int]) -> Iterator[Finding]:
    promised = {tuple(row[:4]): int(row[4]) for row in tx.rows(PROMISES)}
    for item, location, lpn, lot, status, quantity, allocated in tx.rows(BALANCES):
        place = f"{item} at {lpn or location}" + (f" lot {lot}" if lot else "") + f" ({status})"
        derived = sums.pop((item, location, lpn, lot, status), 0)
        if derived != quantity:
            yield Finding(code="balance", sentence=f"{place}: the balance says {quantity}, the movements {derived}.")
        held = promised.pop((item, location, lpn, lot), 0) if status == "available" else 0
        if held != allocated:
            yield Finding(code="allocation", sentence=f"{place}: {allocated} allocated, lines hold {held}.")
    for (item, location, lpn, lot, status), quantity in sums.items():
        if quantity:
            yield Finding(
                code="balance",
                sentence=f"{item} at {lpn or location} lot {lot!r} ({status}): movements say {quantity}, no balance.",
            )
    for (item, location, *_), quantity in promised.items():
        if quantity:
            yield Finding(code="allocation", sentence=f"{item} at {location}: {quantity} promised, no balance.")


def _serial_findings(tx: Tx, places: dict[tuple[str, str], tuple[str, str]]) -> Iterator[Finding]:
    for item, number, location, lpn in tx.rows(SERIALS):
        derived = places.get((item, number))
        if derived != (location, lpn):
            where = "nowhere" if derived is None else (derived[1] or derived[0])
            yield Finding(
                code="serial",
                sentence=f"Serial {number} of {item}: the register says {lpn or location}, the movements {where}.",
            )


def check_last(tx: Tx, most: int) -> Finding | None:
    """Prove only the last links of the chain: quick enough before each start."""
    seq, _ = tx.row(HEAD) or (0, b"")
    first = max(0, seq - most)
    before = journal.entry(tx, first) if first else None
    link = bytes(before.hash) if before is not None else b"\0" * 32
    entries = journal.after(tx, first, most)
    rows: dict[int, list[dict[str, object]]] = defaultdict(list)
    for number, *values in tx.rows(MOVEMENTS, first=first + 1, last=seq):
        rows[number].append(dict(zip(_NAMES, values, strict=True)))
    for expected, entry in enumerate(entries, start=first + 1):
        if entry.seq != expected:
            return Finding(code="gap", seq=expected, sentence=f"Event {expected} is missing from the journal.")
        derived = ledger.chain(link, entry.seq, entry.header, bytes(entry.body), rows.get(entry.seq, []))
        if derived != bytes(entry.hash):
            return Finding(code="altered", seq=entry.seq, sentence=f"Event {entry.seq} or its movements were altered.")
        link = bytes(entry.hash)
    return next(_head_findings(tx, seq if entries or not seq else first, link), None)
