"""The columns of each table, and how the text in a cell becomes what it means.

Cells left empty mean "not told". Whole numbers have no points or commas, days are written 2027-05-01 (or 01.05.2027),
moments 2026-11-21 16:00 in the site's own time. A cell that cannot be understood is named with its row and column.
"""

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Any

import msgspec

from app import clock
from app.importing_tables import Row, Trouble

YES = frozenset({"1", "yes", "y", "true", "x", "ja"})
NO = frozenset({"0", "no", "n", "false", "nein"})


class Column(msgspec.Struct, frozen=True):
    """A column's name, what its cells mean, and whether a cell may be empty."""

    name: str
    kind: str = "text"  # text, whole, yes, day, moment, words, packs
    required: bool = False


def _c(names: str, kind: str = "text") -> tuple[Column, ...]:
    """`code* name` as columns; the star marks what must be told."""
    return tuple(Column(name.rstrip("*"), kind, name.endswith("*")) for name in names.split())


COLUMNS: dict[str, tuple[Column, ...]] = {
    "site": (
        *_c("code* name timezone gs1_company_prefix"),
        *_c("aisles blocks aisle_pitch_mm block_length_mm cross_aisle_mm", "whole"),
    ),
    "parties": (*_c("code* kind name address"), *_c("version", "whole")),
    "items": (
        *_c("code* name category unit velocity zone owner barcode hazard_class temperature"),
        *_c("lot_tracked serial_tracked expiry_tracked active", "yes"),
        *_c("weight_g length_mm width_mm height_mm standard_cost min_shelf_days", "whole"),
        *_c("over_receipt_percent over_receipt_quantity version", "whole"),
        *_c("catch_weight", "yes"),
        *_c("min_weight_g max_weight_g", "whole"),
        *_c("packs", "packs"),
    ),
    "barcodes": (*_c("barcode* item* unit supplier"), *_c("quantity", "whole"), *_c("valid_from valid_to", "day")),
    "locations": (
        *_c(
            "code pattern zone kind side sides barcode check_digits mix fixed_item blocked carrier hazards temperature"
        ),
        *_c("aisles bays levels"),
        *_c("block aisle position_mm level sequence bay_pitch_mm", "whole"),
        *_c("capacity_quantity capacity_volume_ml capacity_weight_g capacity_lpns min_quantity max_quantity", "whole"),
    ),
    "restricted_numbers": (*_c("pattern*"), *_c("decimals", "whole"), *_c("active", "yes")),
    "stations": _c("code* name location zone label_printer slip_printer scale scanner"),
    "carton_types": (
        *_c("code* name"),
        *_c("length_mm* width_mm* height_mm* weight_g max_weight_g", "whole"),
    ),
    "putaway_strategies": (
        *_c("position*", "whole"),
        *_c("rule* zone kind hazard_class temperature velocity"),
        *_c("active", "yes"),
    ),
    "workers": (*_c("code* badge* name roles pin language size skills equipment shift"), *_c("active", "yes")),
    "purchase_orders": (*_c("code* supplier owner"), *_c("due", "moment"), *_c("version", "whole")),
    "purchase_order_lines": (*_c("purchase_order* line* item*"), *_c("quantity*", "whole")),
    "asns": (*_c("code* supplier carrier tracking owner"), *_c("due until", "moment"), *_c("version", "whole")),
    "asn_lines": (
        *_c("asn* line* sscc inside po* po_line item* lot"),
        *_c("quantity*", "whole"),
        *_c("expiry", "day"),
        *_c("grams", "whole"),
        *_c("serials", "words"),
    ),
    "receiving_rules": (
        *_c("po supplier item"),
        *_c("blind cross_dock cross_dock_parts measure", "yes"),
        *_c("over_percent over_quantity min_shelf_days spot_check_percent", "whole"),
    ),
    "sample_letters": (*_c("level* letter*"), *_c("lot_from*", "whole"), *_c("lot_to", "whole")),
    "sample_plans": (*_c("severity* letter* aql*"), *_c("size* accept* reject*", "whole")),
    "inspection_checks": (
        *_c("category code* words* kind unit"),
        *_c("position low high", "whole"),
        *_c("active", "yes"),
    ),
    "inspection_rules": (*_c("item supplier category level aql"), *_c("every", "whole"), *_c("active", "yes")),
    "orders": (
        *_c("code* customer name address carrier service owner"),
        *_c("cutoff promised", "moment"),
        *_c("priority version", "whole"),
        *_c("ship_complete", "yes"),
    ),
    "order_lines": (*_c("order* line* item*"), *_c("quantity*", "whole")),
    "rmas": (*_c("code* order customer tracking owner"), *_c("expires", "moment"), *_c("version", "whole")),
    "rma_lines": (*_c("rma* line* item* reason wish"), *_c("quantity*", "whole"), *_c("serials", "words")),
    "opening_stock": (
        *_c("item* location* lpn lot status"),
        *_c("quantity*", "whole"),
        *_c("expiry", "day"),
        *_c("serials", "words"),
    ),
}


def check_heading(name: str, row: Row) -> None:
    """Raises Trouble for a column nobody knows or one that is needed and not there."""
    columns = COLUMNS[name]
    known = {column.name for column in columns}
    odd = next((cell for cell in row.cells if cell not in known), "")
    if odd:
        raise Trouble(f"There is no column {odd}. Known are {', '.join(column.name for column in columns)}.", 1, odd)
    lost = next((column.name for column in columns if column.required and column.name not in row.cells), "")
    if lost:
        raise Trouble(f"The column {lost} is missing.", 1, lost)


def facts_of(name: str, row: Row, zone: tzinfo) -> tuple[dict[str, Any], list[Trouble]]:
    """What a row tells, empty cells left out, and everything in it that cannot be understood."""
    facts: dict[str, Any] = {}
    troubles: list[Trouble] = []
    for column in COLUMNS[name]:
        cell = row.cells.get(column.name, "")
        if not cell:
            if column.required:
                troubles.append(Trouble(f"{column.name} is empty.", row.number, column.name))
            continue
        try:
            facts[column.name] = _READ[column.kind](cell, zone)
        except ValueError as problem:
            troubles.append(Trouble(f"{cell[:60]!r} {problem}.", row.number, column.name))
    return facts, troubles


def _whole(cell: str, zone: tzinfo) -> int:
    if not (cell.isascii() and cell.removeprefix("-").isdigit()) or len(cell) > 18:
        raise ValueError("is not a whole number; write it without points, commas or units")
    return int(cell)


def _yes(cell: str, zone: tzinfo) -> bool:
    if cell.lower() not in YES | NO:
        raise ValueError("is neither yes nor no")
    return cell.lower() in YES


def _day(cell: str, zone: tzinfo) -> str:
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            found = datetime.strptime(cell, form).date()
        except ValueError:
            continue
        clock.check_day(found)
        return found.isoformat()
    raise ValueError("is not a day; write it as 2027-05-01")


def _moment(cell: str, zone: tzinfo) -> str:
    try:
        found = datetime.fromisoformat(cell)
    except ValueError:
        raise ValueError("is not a moment; write it as 2026-11-21 16:00") from None
    clock.check_day(found)
    return (found if found.tzinfo else found.replace(tzinfo=zone)).isoformat()


def _words(cell: str, zone: tzinfo) -> list[str]:
    return cell.replace("|", " ").split()


def _packs(cell: str, zone: tzinfo) -> list[dict[str, Any]]:
    """`inner=6 case=24`"""
    found = []
    for word in cell.replace("|", " ").split():
        unit, equals, quantity = word.partition("=")
        if not (unit and equals and quantity.isascii() and quantity.isdigit() and len(quantity) < 8):
            raise ValueError("is not a list of packs; write it as: inner=6 case=24")
        found.append({"unit": unit, "quantity": int(quantity)})
    return found


_READ: dict[str, Callable[[str, tzinfo], Any]] = {
    "text": lambda cell, zone: cell,
    "whole": _whole,
    "yes": _yes,
    "day": _day,
    "moment": _moment,
    "words": _words,
    "packs": _packs,
}


def in_words(problem: msgspec.ValidationError) -> tuple[str, str]:
    """What a message's own rules say against a row: (column, sentence)."""
    words, _, path = str(problem).partition(" - at `$.")
    column = path.rstrip("`").split("[")[0].split(".")[0]
    for told, meant in (
        ("Expected `int` >= ", "must be at least {}"),
        ("Expected `int` <= ", "must be at most {}"),
        ("Expected `str` of length <= ", "may have at most {} characters"),
        ("Expected `str` of length >= ", "must have at least {} characters"),
        ("Expected `str` matching regex", "has characters that are not allowed there"),
        ("Invalid enum value ", "cannot be {}"),
    ):
        if words.startswith(told):
            return column, f"{column or 'The value'} {meant.format(words.removeprefix(told))}."
    return column, f"{column or 'The row'}: {words}."
