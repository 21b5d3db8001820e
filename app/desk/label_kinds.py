"""What there is to print from the desk: for each kind of label, which ones a range means, and what stands on them."""

from collections.abc import Callable
from datetime import date

import msgspec
from sqlalchemy import bindparam, or_, select

from app.db import Tx
from app.desk.codes import COMMANDS
from app.desk.label_ranges import MOST, NotAnOwnNumber, Ready, Wanted, numbers
from app.desk.words import many
from app.schema.items import item, lot
from app.schema.people import worker
from app.schema.places import location
from app.schema.returns import returned
from app.work import receiving_labels
from app.work.numbers import OWN_NUMBER
from devices.trade_numbers import is_gtin
from printers.labels import (
    MAX_COMMANDS,
    BadgeLabel,
    CartLabel,
    Command,
    CommandSheet,
    ItemLabel,
    LocationLabel,
    LotLabel,
    ReturnLabel,
    SerialLabel,
    ToteLabel,
)

NOT_LABELLED = ("virtual", "hand", "cart")  # kinds of location; a cart has a label of its own


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    find: Callable[[Tx, Wanted, str], list[Ready]]
    needs: tuple[str, ...] = ("first", "last")  # of the form
    roles: tuple[str, ...] = ("supervisor", "admin")

    @property
    def names_one(self) -> bool:
        """Each stands for one thing, so a second one is a copy; the goods of an item or lot are many alike."""
        return "copies" not in self.needs


_BETWEEN_PLACES = (
    location.c.code >= bindparam("first"),
    location.c.code <= bindparam("last"),
    or_(bindparam("of_zone") == "", location.c.zone == bindparam("of_zone")),
)
PLACES = (
    select(location.c.code, location.c.check_digits, location.c.zone, location.c.barcode)
    .where(*_BETWEEN_PLACES, *(location.c.kind != kind for kind in NOT_LABELLED))
    .order_by(location.c.code)
    .limit(MOST + 1)
)
CARTS = (
    select(location.c.code, location.c.capacity_lpns, location.c.barcode)
    .where(*_BETWEEN_PLACES, location.c.kind == "cart")
    .order_by(location.c.code)
    .limit(MOST + 1)
)
PEOPLE = (
    select(worker.c.badge, worker.c.name, worker.c.roles)
    .where(worker.c.active == 1, worker.c.code >= bindparam("first"), worker.c.code <= bindparam("last"))
    .order_by(worker.c.code)
    .limit(MOST + 1)
)
ITEMS = (
    select(item.c.code, item.c.name, item.c.unit)
    .where(item.c.code >= bindparam("first"), item.c.code <= bindparam("last"))
    .order_by(item.c.code)
    .limit(MOST + 1)
)
LOTS = (
    select(lot.c.lot, lot.c.expiry)
    .where(lot.c.item == bindparam("of_item"), lot.c.lot >= bindparam("first"), lot.c.lot <= bindparam("last"))
    .order_by(lot.c.lot)
    .limit(MOST + 1)
)
PIECES = (
    select(
        returned.c.piece, returned.c.rma, returned.c.item, item.c.name, returned.c.quantity, item.c.unit,
        returned.c.grade, returned.c.disposition, returned.c.reason, returned.c.received_at, returned.c.lpn,
    )
    .join(item, item.c.code == returned.c.item)
    .where(or_(returned.c.parcel == bindparam("first"), returned.c.piece == bindparam("first")), returned.c.quantity > 0)
    .order_by(returned.c.piece)
    .limit(MOST + 1)
)  # fmt: skip


def _places(tx: Tx, wanted: Wanted, site: str) -> list[Ready]:
    rows = tx.rows(PLACES, first=wanted.first, last=wanted.last or wanted.first, of_zone=wanted.zone)
    return [
        Ready(
            subject=code,
            label=LocationLabel(code=code, check_digit=digits, zone=zone, barcode=barcode or f"LOC/{code}"),
        )
        for code, digits, zone, barcode in rows
    ]


def _carts(tx: Tx, wanted: Wanted, site: str) -> list[Ready]:
    rows = tx.rows(CARTS, first=wanted.first, last=wanted.last, of_zone=wanted.zone)
    return [
        Ready(
            subject=code,
            label=CartLabel(code=code, stands=many(room, "tote") if room else "", barcode=barcode or f"LOC/{code}"),
        )
        for code, room, barcode in rows
    ]


def _totes(tx: Tx, wanted: Wanted, site: str) -> list[Ready]:
    codes = numbers(wanted.first, wanted.last)
    for code in (codes[0], codes[-1]):
        if OWN_NUMBER.fullmatch(code) is None or not code.startswith("T-"):
            raise NotAnOwnNumber(scanned=code)
    return [Ready(subject=code, label=ToteLabel(code=code)) for code in codes]


def _badges(tx: Tx, wanted: Wanted, site: str) -> list[Ready]:
    return [
        Ready(
            subject=badge,
            label=BadgeLabel(badge=f"BDG/{badge}", worker=name, role=roles.split()[-1] if roles else "", site=site),
        )
        for badge, name, roles in tx.rows(PEOPLE, first=wanted.first, last=wanted.last)
    ]


def _items(tx: Tx, wanted: Wanted, site: str) -> list[Ready]:
    found = []
    for code, name, unit in tx.rows(ITEMS, first=wanted.first, last=wanted.last):
        gtin, barcode = _barcode(tx, code)
        symbol = "gs1_datamatrix" if gtin else "code128"
        label = ItemLabel(item=code, name=name, barcode=gtin or barcode, unit=unit, symbol=symbol)  # type: ignore[arg-type]
        found.append(Ready(subject=code, label=label))
    return found


def _lots(tx: Tx, wanted: Wanted, site: str) -> list[Ready]:
    of = tx.row(ITEMS, first=wanted.item, last=wanted.item)
    if of is None:
        return []
    gtin, barcode = _barcode(tx, wanted.item)
    return [
        Ready(
            subject=receiving_labels.subject_of(wanted.item, number),
            label=LotLabel(
                item=wanted.item, name=of[1], unit=of[2], lot=number, gtin=gtin, barcode=barcode,
                expiry=date.fromisoformat(expiry) if expiry else None,
            ),
        )
        for number, expiry in tx.rows(LOTS, of_item=wanted.item, first=wanted.first, last=wanted.last)
    ]  # fmt: skip


def _serials(tx: Tx, wanted: Wanted, site: str) -> list[Ready]:
    of = tx.row(ITEMS, first=wanted.item, last=wanted.item)
    if of is None:
        return []
    gtin, _ = _barcode(tx, wanted.item)
    return [
        Ready(
            subject=serial,
            label=SerialLabel(item=wanted.item, name=of[1], serial=serial, gtin=gtin),
            document=f"item {wanted.item}",
        )
        for serial in numbers(wanted.first, wanted.last)
    ]


def _returns(tx: Tx, wanted: Wanted, site: str) -> list[Ready]:
    found = []
    for piece, rma, code, name, quantity, unit, grade, way, reason, at, lpn in tx.rows(PIECES, first=wanted.first):
        label = ReturnLabel(
            code=lpn or piece, rma=rma, item=code, name=name, quantity=quantity, unit=unit, grade=grade,
            disposition=way.replace("_", " "), reason=reason.replace("_", " "),
            came_on=date.fromtimestamp(at / 1_000_000) if at else None,
        )  # fmt: skip
        found.append(Ready(subject=lpn or piece, label=label))
    return found


def _sheet(tx: Tx, wanted: Wanted, site: str) -> list[Ready]:
    commands = [Command(caption=words, barcode=code) for code, words in COMMANDS]
    return [
        Ready(
            subject="commands",
            label=CommandSheet(title=f"Commands of {site}", commands=tuple(commands[at : at + MAX_COMMANDS])),
        )
        for at in range(0, len(commands), MAX_COMMANDS)
    ]


def _barcode(tx: Tx, code: str) -> tuple[str, str]:
    """(its GTIN of 14 digits, what else it is scanned by)."""
    known = receiving_labels.barcodes_of(tx, code)
    gtin = next((one for one in known if is_gtin(one)), "")
    return gtin.zfill(14) if gtin else "", next((one for one in known if not is_gtin(one)), f"ITM/{code}")


KINDS = {
    "location": Kind(title="Locations", find=_places, needs=("first", "last", "zone")),
    "tote": Kind(title="Totes", find=_totes),
    "cart": Kind(title="Carts", find=_carts),
    "badge": Kind(title="Badges", find=_badges, roles=("admin",)),
    "item": Kind(title="Items", find=_items, needs=("first", "last", "copies")),
    "lot": Kind(title="Lots", find=_lots, needs=("item", "first", "last", "copies")),
    "serial": Kind(title="Serials", find=_serials, needs=("item", "first", "last")),
    "return": Kind(title="Returns", find=_returns, needs=("first",)),
    "command_sheet": Kind(title="Command sheets", find=_sheet, needs=("copies",)),
}
