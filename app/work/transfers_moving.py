"""Goods of a transfer leaving and arriving: what may be taken for it, the events at the door, and those at the other site."""

from collections.abc import Sequence

from msgspec.structs import replace

from app.db import Tx
from app.errors import ScanAgain
from app.stock import balances
from app.stock.balances import Balance
from app.stock.events import TransferReceived, TransferShipped
from app.stock.refusals import OnHold
from app.stock.slots import Slot
from app.work import arrivals, holds, transfers
from app.work.inspections import arrives_from
from app.work.moves import Thing
from app.work.transfers import MoreThanWanted, NotOnTransfer, Transfer
from app.work.transfers_ways import Way


class MoreThanShipped(ScanAgain):
    code, title = "more_than_shipped", "More than shipped"
    says = "{quantity} × {item} more than {site} shipped."
    todo = "Really here? Do the same again."


# ── leaving ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def refuse_take(tx: Tx, one: Transfer, rows: Sequence[Balance], carried: Sequence[Thing], quantity: int = 0) -> None:
    """May these go on it, with what is carried already? Raises NotOnTransfer, OnHold, MoreThanWanted."""
    for code in sorted({row.item for row in rows}):
        mine = [row for row in rows if row.item == code]
        if not any(line.item == code for line in transfers.lines(tx, one.code)):
            raise NotOnTransfer(scanned=code, transfer=one.code)
        for row in mine:
            _refuse_hold(tx, row)
        more = quantity or sum(row.quantity for row in mine)
        have = sum(row.quantity for thing in carried for row in thing.rows if row.item == code)
        left = transfers.wanted(tx, one.code, code) - have
        if more > left:
            raise MoreThanWanted(
                transfer=one.code, expected=max(left, 0), item=code, scanned=str(more), field="quantity"
            )


def ship(tx: Tx, one: Transfer, carried: Sequence[Thing], door: str) -> list[TransferShipped]:
    """The events that send what a worker carries for it on the way, line by line; other things stay in the hand.

    Raises OnHold.
    """
    left = {line.line: line.left for line in transfers.lines(tx, one.code)}
    events: list[TransferShipped] = []
    for thing in carried:
        shares = [(row, _shares(tx, one, row, left)) for row in thing.rows]
        whole = bool(thing.lpn) and all(sum(n for _, n in parts) == row.quantity for row, parts in shares)
        for row, parts in shares:
            if thing.lpn and not whole:
                continue  # only whole LPNs leave
            _refuse_hold(tx, row)
            serials = balances.serials_of(tx, row)
            for line, quantity in parts:
                left[line] -= quantity
                events.append(
                    TransferShipped(
                        transfer=one.code,
                        line=line,
                        item=row.item,
                        quantity=quantity,
                        source=row.slot,
                        door=door,
                        to_site=one.target,
                        serials=tuple(serials[:quantity]),
                        lpn=row.lpn,
                        expiry=transfers.expiry_of(tx, row.item, row.lot),
                        to_go=sum(left.values()),
                    )
                )
                serials = serials[quantity:]
    return events


def _shares(tx: Tx, one: Transfer, row: Balance, left: dict[str, int]) -> list[tuple[str, int]]:
    """Which lines a balance goes to, and how much to each."""
    rest, parts = row.quantity, []
    for line in transfers.lines(tx, one.code):
        if line.item == row.item and (n := min(left[line.line], rest)) > 0:
            parts.append((line.line, n))
            rest -= n
    return parts


def _refuse_hold(tx: Tx, row: Balance) -> None:
    if row.status != "available":
        raise OnHold(item=row.item, detail=f" at {row.lpn or row.location}", status=row.status)
    for hold in holds.of_lot(tx, row.item, row.lot) if row.lot else []:
        raise OnHold(item=row.item, detail=f" lot {row.lot}", status=hold.reason)


# ── arriving ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def arrive_lpn(tx: Tx, one: Transfer, lpn: str, place: str) -> list[TransferReceived]:
    """An LPN arrives as it was shipped: one event a line. Empty where it is not on this transfer. Raises LpnTaken."""
    events: list[TransferReceived] = []
    ours = transfers.is_ours(tx, one.source)
    for way in _together([way for way in transfers.under_way(tx, one) if way.lpn == lpn]):
        first, serials = way
        for line, quantity in _lines_for(tx, one, first.item, first.quantity, events):
            events.append(
                TransferReceived(
                    transfer=one.code,
                    line=line,
                    item=first.item,
                    quantity=quantity,
                    target=Slot(
                        location=place, lpn=lpn, lot=first.lot, status=arrives_from(tx, first.item, one.source)
                    ),
                    from_site=one.source,
                    local=ours,
                    expiry=first.expiry,
                    serials=tuple(serials[:quantity]),
                    from_lpn=lpn,
                    keep_lpn=ours or bool(events),
                    begins=not ours and not events and begins_plate(tx, one, lpn, place),
                )
            )
            serials = serials[quantity:]
    return events


def arrive(
    tx: Tx,
    one: Transfer,
    item: str,
    lot: str,
    quantity: int,
    place: str,
    *,
    serial: str = "",
    expiry: str = "",
    lpn: str = "",
) -> tuple[list[TransferReceived], int]:
    """Goods arrive that are counted here, loose or onto an LPN: the events, and how many are more than was shipped.

    Raises NotOnTransfer, LpnTaken.
    """
    known = [line for line in transfers.lines(tx, one.code) if line.item == item]
    if not known:
        raise NotOnTransfer(scanned=item, transfer=one.code)
    ours, ways = transfers.is_ours(tx, one.source), transfers.under_way(tx, one)
    target = Slot(location=place, lpn=lpn, lot=lot, status=arrives_from(tx, item, one.source))
    begins, serials = begins_plate(tx, one, lpn, place), (serial,) if serial else ()
    events: list[TransferReceived] = []

    def add(line: str, count: int, **more: object) -> None:
        events.append(
            TransferReceived(
                transfer=one.code, line=line, item=item, quantity=count, target=target, from_site=one.source,
                serials=serials, begins=begins and not events, **more,  # type: ignore[arg-type]
            )
        )  # fmt: skip

    rest = quantity
    for way in ways:
        if rest and (way.item, way.lot) == (item, lot) and way.serial == serial:
            taken = min(way.quantity, rest)
            for line, count in _lines_for(tx, one, item, taken, events):
                add(line, count, local=ours, from_lpn=way.lpn, expiry=expiry or way.expiry)
            rest -= taken
    if rest and not ours:  # the other site, or the ERP, has told how many, but not of what lot
        told = sum(way.quantity for way in ways if way.item == item)
        expected = min(max(sum(line.missing for line in known) - told, 0), rest)
        for line, count in _lines_for(tx, one, item, expected, events):
            add(line, count, expiry=expiry)
        rest -= expected
    if rest:
        add(known[-1].line, rest, over=rest, expiry=expiry)
    return events, rest


def begins_plate(tx: Tx, one: Transfer, lpn: str, place: str) -> bool:
    """Do the next goods begin this LPN? Raises LpnTaken where it carries others."""
    return bool(lpn) and arrivals.check_plate(tx, lpn, "pallet", one.lane, place)


def lots_under_way(tx: Tx, one: Transfer, item: str) -> list[str]:
    return sorted({way.lot for way in transfers.under_way(tx, one) if way.item == item})


def _lines_for(
    tx: Tx, one: Transfer, item: str, quantity: int, begun: Sequence[TransferReceived]
) -> list[tuple[str, int]]:
    """Which lines goods that were shipped are counted to: each up to what it shipped, the rest to its last."""
    parts: list[tuple[str, int]] = []
    known = [line for line in transfers.lines(tx, one.code) if line.item == item]
    for line in known:
        taken = sum(event.quantity for event in begun if event.line == line.line)
        if (n := min(line.missing - taken, quantity)) > 0:
            parts.append((line.line, n))
            quantity -= n
    if quantity and known:
        parts.append((known[-1].line, quantity))
    return parts


def _together(ways: Sequence[Way]) -> list[tuple[Way, list[str]]]:
    """Serial numbers of one item and lot as one quantity with its serials."""
    found: dict[tuple[str, str], list[Way]] = {}
    for way in ways:
        found.setdefault((way.item, way.lot), []).append(way)
    return [
        (
            replace(group[0], serial="", quantity=sum(way.quantity for way in group)),
            [way.serial for way in group if way.serial],
        )
        for (code, lot), group in found.items()
    ]
