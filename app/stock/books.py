"""The books kept a second time, from nothing but the events: what balances, promises, serials and LPNs must say.

`pickface check` enters every event here and then compares with the tables. The ledger changes the tables by guarded
UPDATEs; this adds up plain sums, so that a mistake in one is not repeated in the other.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from sqlalchemy import select

from app.db import Tx
from app.schema.stock import allocation, balance, lpn, serial
from app.stock.journal import Entry
from app.stock.slots import ENDLESS

BALANCES = select(
    balance.c.item, balance.c.location, balance.c.lpn, balance.c.lot, balance.c.status,
    balance.c.quantity, balance.c.grams, balance.c.allocated,
)  # fmt: skip
PROMISES = select(
    allocation.c.line, allocation.c.item, allocation.c.location, allocation.c.lpn, allocation.c.lot,
    allocation.c.quantity,
)  # fmt: skip
SERIALS = select(serial.c.item, serial.c.serial, serial.c.location, serial.c.lpn, serial.c.lot, serial.c.status)
CARRIERS = select(lpn.c.code, lpn.c.location, lpn.c.parent, lpn.c.state)

Row = dict[str, Any]
SlotKey = tuple[str, str, str, str, str]  # item, location, LPN, lot, status
PromiseKey = tuple[str, str, str, str, str]  # line, item, location, LPN, lot


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not as it should be. `seq` is the first bad event, 0 when no event is to blame."""

    code: str
    sentence: str
    seq: int = 0


class Books:
    def __init__(self) -> None:
        self._quantities: dict[SlotKey, int] = defaultdict(int)
        self._grams: dict[SlotKey, int] = defaultdict(int)
        self._promises: dict[PromiseKey, int] = defaultdict(int)
        self._serials: dict[tuple[str, str], tuple[str, str, str, str]] = {}
        self._carriers: dict[str, tuple[str, str, str]] = {}

    def enter(self, entry: Entry, movements: Iterable[Row]) -> None:
        """Count one event: its movement rows as they are kept, its claims and carries as its body tells them."""
        for row in movements:
            self._move(row)
        try:
            event = entry.event
        except (msgspec.DecodeError, ValueError):
            return  # altered: the chain names it
        for claim in event.claims():
            slot = claim.slot
            self._promises[(claim.line, claim.item, slot.location, slot.lpn, slot.lot)] += claim.quantity
        for carried in event.carries():
            if carried.kind or carried.lpn in self._carriers:
                self._carriers[carried.lpn] = (carried.location, carried.parent, carried.state)

    def _move(self, row: Row) -> None:
        item, lot = row["item"], row["lot"]
        for end, sign in (("source", -1), ("target", 1)):
            location, inside, status = row[end], row[f"{end}_lpn"], row[f"{end}_status"]
            if row["serial"] and sign > 0:
                self._serials[(item, row["serial"])] = (location, inside, lot, status)
            if location in ENDLESS:
                continue
            self._quantities[(item, location, inside, lot, status)] += sign * row["quantity"]
            self._grams[(item, location, inside, lot, status)] += sign * row["grams"]
            if row["line"]:
                self._promises[(row["line"], item, location, inside, lot)] += sign * row["quantity"]

    # ── what the tables say otherwise ────────────────────────────────────────────────────────────────────────────
    def differences(self, tx: Tx) -> Iterator[Finding]:
        yield from self._of_balances(tx)
        yield from self._of_promises(tx)
        yield from self._of_serials(tx)
        yield from self._of_carriers(tx)

    def _of_balances(self, tx: Tx) -> Iterator[Finding]:
        promised: dict[SlotKey, int] = defaultdict(int)
        for (_, item, location, inside, lot), quantity in self._promises.items():
            promised[(item, location, inside, lot, "available")] += quantity
        pieces: dict[SlotKey, int] = defaultdict(int)
        for (item, _), (location, inside, lot, status) in self._serials.items():
            pieces[(item, location, inside, lot, status)] += 1
        seen: set[SlotKey] = set()
        for *key, quantity, grams, allocated in tx.rows(BALANCES):
            slot = _slot(key)
            seen.add(slot)
            place, derived = _place(slot), self._quantities.get(slot, 0)
            if derived != quantity:
                yield _wrong("balance", f"{place}: the balance says {quantity}, the movements {derived}.")
            if self._grams.get(slot, 0) != grams:
                yield _wrong("weight", f"{place}: the balance says {grams} g, the movements {self._grams[slot]} g.")
            if promised.get(slot, 0) != allocated:
                yield _wrong("allocation", f"{place}: {allocated} allocated, the lines hold {promised[slot]}.")
            if pieces.get(slot, 0) > quantity:
                yield _wrong("serial", f"{place}: {pieces[slot]} serials are registered, {quantity} lie there.")
        for slot, quantity in self._quantities.items():
            if quantity and slot not in seen:
                yield _wrong("balance", f"{_place(slot)}: the movements say {quantity}, there is no balance.")
        for slot, quantity in promised.items():
            if quantity and slot not in seen:
                yield _wrong("allocation", f"{_place(slot)}: {quantity} promised, there is no balance.")

    def _of_promises(self, tx: Tx) -> Iterator[Finding]:
        left = dict(self._promises)
        for line, item, location, inside, lot, quantity in tx.rows(PROMISES):
            derived = left.pop((line, item, location, inside, lot), 0)
            if derived != quantity:
                yield _wrong(
                    "promise",
                    f"{item} at {inside or location} for {line}: {quantity} promised, the events say {derived}.",
                )
        for (line, item, location, inside, _), quantity in left.items():
            if quantity:
                yield _wrong(
                    "promise",
                    f"{item} at {inside or location} for {line}: nothing promised, the events say {quantity}.",
                )

    def _of_serials(self, tx: Tx) -> Iterator[Finding]:
        left = dict(self._serials)
        for item, number, location, inside, lot, status in tx.rows(SERIALS):
            derived = left.pop((item, number), None)
            if derived != (location, inside, lot, status):
                told = "nowhere" if derived is None else _place((item, *derived))
                said = _place((item, location, inside, lot, status))
                yield _wrong("serial", f"Serial {number}: the register says {said}, the movements {told}.")
        for (item, number), place in left.items():
            yield _wrong(
                "serial", f"Serial {number}: the movements say {_place((item, *place))}, the register nothing."
            )

    def _of_carriers(self, tx: Tx) -> Iterator[Finding]:
        left = dict(self._carriers)
        filled: dict[str, SlotKey] = {
            slot[2]: slot for *key, quantity, _, _ in tx.rows(BALANCES) if quantity and (slot := _slot(key))[2]
        }
        for code, location, parent, state in tx.rows(CARRIERS):
            on_it = filled.pop(code, None)
            if on_it is not None and state in ("void", "gone"):
                yield _wrong("lpn", f"{_place(on_it)}: goods are booked on it, but it is {state}.")
            derived = left.pop(code, None)
            if derived is not None and derived != (location, parent, state):
                yield _wrong(
                    "lpn",
                    f"{code}: {_where(location, parent, state)} in the register, {_where(*derived)} by the events.",
                )
        for code, derived in left.items():
            yield _wrong("lpn", f"{code}: not in the register, {_where(*derived)} by the events.")
        for on_it in filled.values():
            yield _wrong("lpn", f"{_place(on_it)}: goods are booked on it, but no such LPN was ever known.")


def _wrong(code: str, sentence: str) -> Finding:
    return Finding(code=code, sentence=sentence)


def _slot(key: list[Any]) -> SlotKey:
    item, location, inside, lot, status = key
    return item, location, inside, lot, status


def _place(slot: SlotKey) -> str:
    item, location, inside, lot, status = slot
    return f"{item} at {inside or location}" + (f" lot {lot}" if lot else "") + f" ({status})"


def _where(location: str, parent: str, state: str) -> str:
    return f"{state} at {location}" + (f" in {parent}" if parent else "")
