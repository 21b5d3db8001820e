"""What can go wrong, as rows: who decides it, by when, to whom it goes when nobody does, and what follows by itself.

A code nobody made a row for still works: a supervisor has four hours. The rows below are what a house begins with; an
admin changes them, and a job that needs a code of its own adds it to USUAL.
"""

import msgspec
from sqlalchemy import bindparam, select

from app.db import Tx
from app.schema.work import exception_code
from app.work.master_terms import put

HOUR, DAY = 60, 24 * 60
FOLLOW_UPS = ("reallocate", "count", "replenish", "hold", "tell_erp")


class ExceptionCode(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    title: str
    owner: str = "supervisor"  # the role that decides
    due_min: int = 4 * HOUR
    escalate_min: int = 4 * HOUR  # after it is due; 0: never
    escalate_to: str = "admin"
    follow_ups: str = ""  # of FOLLOW_UPS, space-separated
    approval: int = 0  # closing it takes somebody else than who raised it
    photo: int = 0  # a photo is asked for
    active: int = 1


def _usual(code: str, title: str, **facts: str | int) -> ExceptionCode:
    return ExceptionCode(code=code, title=title, **facts)  # type: ignore[arg-type]


USUAL = (
    # A short pick plans anew and has its bin counted by its own rule (shorts.py), in the pick's own event.
    _usual("short_pick", "Short pick", due_min=2 * HOUR, follow_ups="replenish"),
    _usual("ship_complete_short", "Order cannot ship whole", due_min=HOUR, escalate_min=HOUR, follow_ups="replenish"),
    _usual("pack_short", "Short at packing", due_min=2 * HOUR),
    _usual("weight_off", "Weight off", due_min=2 * HOUR),
    _usual("left_behind", "Left behind", due_min=2 * HOUR),
    _usual("no_destination", "No bin has room", due_min=8 * HOUR),
    _usual("wrong_item", "Wrong item in bin", follow_ups="count"),
    _usual("wrong_place", "Not where the books say", follow_ups="count"),
    _usual("damaged", "Damaged goods", follow_ups="hold count", photo=1),
    _usual("expired", "Expired in the bin", follow_ups="hold"),
    _usual("lot_mismatch", "Another lot than booked", follow_ups="count"),
    _usual("unreadable", "Label cannot be read", due_min=8 * HOUR),
    _usual("bin_blocked", "Bin cannot be reached", follow_ups="reallocate count"),
    _usual("zero_check_failed", "Bin not empty", follow_ups="count"),
    _usual("source_short", "Replenishment source short", due_min=HOUR, follow_ups="count replenish"),
    _usual("receiving_discrepancy", "Receipt differs", due_min=DAY, follow_ups="tell_erp", approval=1),
    _usual("unplanned_receipt", "Goods nobody ordered", due_min=DAY, follow_ups="hold tell_erp", approval=1),
    _usual("wrong_delivered", "Wrong goods delivered", due_min=DAY, follow_ups="tell_erp", photo=1),
    _usual("held_goods", "Picked goods on hold", due_min=HOUR, escalate_min=HOUR),
    _usual("hold_short", "Backordered by a hold", due_min=4 * HOUR),
    _usual("short_shelf_life", "Shelf life too short", due_min=DAY, follow_ups="tell_erp"),
    _usual("transfer_short", "Transfer short", due_min=DAY, follow_ups="tell_erp", approval=1),
    _usual("transfer_over", "Transfer over", due_min=DAY, follow_ups="tell_erp"),
    _usual("inspection_failed", "Inspection failed", due_min=DAY, follow_ups="tell_erp", approval=1),
    _usual("unknown_counted", "Unknown goods counted", due_min=DAY),
    _usual("count_variance", "Count differs", due_min=DAY, approval=1),
    _usual("adjustment", "Adjustment to approve", due_min=DAY, approval=1),
    _usual("write_off", "Write-off to approve", due_min=DAY, approval=1, photo=1),
    _usual("serial_mismatch", "Another serial than shipped", due_min=8 * HOUR, approval=1, photo=1),
    _usual("unknown_return", "Return nobody knows", due_min=DAY, photo=1),
    _usual("unknown_barcode", "Barcode to be linked", due_min=8 * HOUR, approval=1),
    _usual("trigger_alert", "A rule fired", due_min=8 * HOUR),
    _usual("trigger_hold", "A rule set goods aside", due_min=4 * HOUR, follow_ups="tell_erp"),
    _usual("trigger_approval", "A rule asks for approval", due_min=DAY, approval=1),
    _usual("unusual", "Unusual figures", due_min=3 * DAY, escalate_min=0, approval=1),
    _usual("transfer_difference", "Transfer differs", due_min=DAY, follow_ups="tell_erp", approval=1),
)
DEFAULTS = tuple(msgspec.structs.asdict(code) for code in USUAL)

CODE = select(exception_code).where(exception_code.c.code == bindparam("which"))
ALL = select(exception_code).order_by(exception_code.c.code)
PUT = put(exception_code)


def of(tx: Tx, code: str) -> ExceptionCode:
    """The row of a code; one that has none, or was switched off, goes to a supervisor and nothing follows by itself."""
    found = tx.one(CODE, ExceptionCode, which=code)
    if found is None or not found.active:
        return ExceptionCode(code=code, title=code.replace("_", " ").capitalize())
    return found


def everything(tx: Tx) -> list[ExceptionCode]:
    return tx.all(ALL, ExceptionCode)


def change(tx: Tx, row: ExceptionCode) -> None:
    """Make a code so, or add it."""
    tx.run(PUT, **msgspec.structs.asdict(row))
