"""`pickface check`: derive the balances again from the movements, walk the hash chain, and name the first bad number.

What it proves: the journal has no gap, no row was altered after it was written (header, body or movements), and
balances, promises, serials and LPNs are what the events make of them (see books.py).
"""

from collections import defaultdict
from collections.abc import Iterator

import msgspec
from sqlalchemy import bindparam, func, select

from app.db import Tx
from app.schema.stock import journal_head, movement
from app.stock import journal, ledger
from app.stock.books import Books, Finding

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
_NAMES = tuple(column.name for column in _COLUMNS)


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
    books = Books()
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
            books.enter(entry, own)
    findings += _head_findings(tx, expected - 1, hash_before)
    findings += books.differences(tx)
    return Report(events=events, movements=moved, findings=tuple(findings))


def _pages(tx: Tx) -> Iterator[tuple[list[journal.Entry], dict[int, list[dict[str, object]]]]]:
    seq = 0
    while entries := journal.after(tx, seq, PAGE):
        rows: dict[int, list[dict[str, object]]] = defaultdict(list)
        for number, *values in tx.rows(MOVEMENTS, first=entries[0].seq, last=entries[-1].seq):
            rows[number].append(dict(zip(_NAMES, values, strict=True)))
        yield entries, rows
        seq = entries[-1].seq


def _head_findings(tx: Tx, last: int, link: bytes) -> Iterator[Finding]:
    seq, kept = tx.row(HEAD) or (0, b"")
    if seq != last:
        first = min(seq, last) + 1
        yield Finding(code="head", seq=first, sentence=f"The journal ends at {last}, but its head says {seq}.")
    elif bytes(kept) != link:
        yield Finding(code="head", seq=last, sentence=f"The journal's head does not carry the hash of event {last}.")
    if stray := tx.value(STRAY, last=last):
        yield Finding(code="stray", seq=last + 1, sentence=f"{stray} movements have no event.")


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
    return next(_head_findings(tx, entries[-1].seq if entries else first, link), None)
