"""The codes of Tryton's locations, one for each class of place; a connector's `options` name others."""

from typing import get_args

from app.stock.slots import CUSTOMER, LOST, SCRAP, SUPPLIER, Status

PLACES: dict[str, str] = {
    SUPPLIER: "SUP",
    CUSTOMER: "CUS",
    LOST: "LOST",
    SCRAP: "SCRAP",
    "available": "STO",
    **{status: status.upper() for status in get_args(Status) if status != "available"},
}
