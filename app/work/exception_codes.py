"""What can go wrong, as rows: who decides it, by when, to whom it goes when nobody does, and what follows by itself.

A code nobody made a row for still works: a supervisor has four hours. The rows below are what a house begins with; an
admin changes them, and a job that needs a code of its own adds it to USUAL. A row that contradicts itself, another row
or the people there are is refused: a case that goes higher to whom it already is with would lie there for ever.
"""

import re

import msgspec
from sqlalchemy import bindparam, select

from app.db import Tx
from app.errors import BadAmount, State
from app.schema.people import worker
from app.schema.work import exception_code
from app.work.master_terms import put

HOUR, DAY = 60, 24 * 60
LONGEST = 90 * DAY  # a due time beyond that is none
DECIDES = ("supervisor", "admin")  # the roles that decide at the desk, the higher one last
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


class BadCode(BadAmount):
    code, title = "bad_exception_code", "Not a code"
    says = "Code {scanned} cannot be: {reason}"
    todo = "Correct it and save again."


class CodeContradicts(State):
    code, title = "code_contradicts", "Contradicts itself or another"
    says = "Code {scanned} contradicts: {reason}"
    todo = "Change one of the two."


def _usual(code: str, title: str, **facts: str | int) -> ExceptionCode:
    return ExceptionCode(code=code, title=title, **facts)  # type: ignore[arg-type]


USUAL = (
    # A short pick plans anew and has its bin counted by its own rule (shorts.py), in the pick's own event.
    _usual("short_pick", "Short pick", due_min=2 * HOUR, follow_ups="replenish"),
    _usual("ship_complete_short", "Order cannot ship whole", due_min=HOUR, escalate_min=HOUR, follow_ups="replenish"),
    _usual("pack_short", "Short at packing", due_min=2 * HOUR),
    _usual("weight_off", "Weight off", due_min=2 * HOUR),
    _usual("address_refused", "Carrier refuses the address", due_min=HOUR, escalate_min=HOUR),
    _usual("label_refused", "Carrier refuses the parcel", due_min=HOUR, escalate_min=HOUR),
    _usual("label_waits", "Carrier does not answer", due_min=HOUR, escalate_min=HOUR),
    _usual("label_unusable", "Carrier label cannot be printed", due_min=HOUR, escalate_min=HOUR),
    _usual("label_not_voided", "Label not voided", due_min=DAY, escalate_min=0),
    _usual("manifest_refused", "Carrier refuses the manifest", due_min=2 * HOUR),
    _usual("labels_wait", "Labels wait for a printer", due_min=30, escalate_min=HOUR),
    _usual("labels_in_doubt", "Did the labels come out?", due_min=30, escalate_min=HOUR),
    _usual("scanner_gone", "Station without its scanner", due_min=30, escalate_min=HOUR),
    _usual("scale_gone", "Packing without its scale", due_min=30, escalate_min=HOUR),
    _usual("dimensioner_gone", "Station without its dimensioner", due_min=30, escalate_min=HOUR),
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
    _usual("arrival_audit", "Delivery in doubt", due_min=2 * HOUR, follow_ups="tell_erp", photo=1),
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
    _usual("erp_very_late", "ERP far behind", due_min=2 * HOUR),
    _usual("erp_stopped", "ERP is told nothing", due_min=HOUR, escalate_min=HOUR),
    _usual("numbers_run_out", "SSCCs run out", owner="admin", due_min=3 * DAY, escalate_min=0),
    _usual("disk_brimful", "Disk nearly full", due_min=HOUR, escalate_min=HOUR),
    _usual("ledger_drift", "Stock differs from the ERP's", due_min=8 * HOUR),
    _usual("transfer_difference", "Transfer differs", due_min=DAY, follow_ups="tell_erp", approval=1),
)
DEFAULTS = tuple(msgspec.structs.asdict(code) for code in USUAL)

CODE = select(exception_code).where(exception_code.c.code == bindparam("which"))
ALL = select(exception_code).order_by(exception_code.c.code)
PUT = put(exception_code)
DECIDERS = select(worker.c.roles).where(worker.c.active == 1)


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


def save(tx: Tx, row: ExceptionCode, *, new: bool) -> ExceptionCode:
    """The same, once it makes sense. Raises BadCode, CodeContradicts."""
    row = msgspec.structs.replace(
        row, title=" ".join(row.title.split()), follow_ups=" ".join(dict.fromkeys(row.follow_ups.split()))
    )
    known = tx.one(CODE, ExceptionCode, which=row.code)
    odd = _odd(row) or ("it is there already." if new and known else "" if new or known else "there is no such code.")
    if odd:
        raise BadCode(scanned=row.code or "without a name", reason=odd)
    against = _contradiction(tx, row) if row.active else ""
    if against:
        raise CodeContradicts(scanned=row.code, reason=against)
    change(tx, row)
    return row


def _odd(row: ExceptionCode) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,39}", row.code):
        return "it is small letters, digits and _, 2 to 40 of them."
    if not row.title or len(row.title) > 60:
        return "it needs a title of at most 60 characters."
    if not 1 <= row.due_min <= LONGEST or not 0 <= row.escalate_min <= LONGEST:
        return f"it is due after 1 to {LONGEST} minutes, and goes higher after 0 (never) to {LONGEST} more."
    for role in (row.owner, row.escalate_to):
        if role not in DECIDES:
            return f"{role or 'nobody'} does not decide at the desk: {' or '.join(DECIDES)} does."
    unknown = next((name for name in row.follow_ups.split() if name not in FOLLOW_UPS), "")
    return f"{unknown} is none of {', '.join(FOLLOW_UPS)}." if unknown else ""


def _contradiction(tx: Tx, row: ExceptionCode) -> str:
    if row.escalate_min and DECIDES.index(row.escalate_to) <= DECIDES.index(row.owner):
        return f"it goes higher from {row.owner} to {row.escalate_to}, which is not higher."
    alike = next(
        (one.code for one in everything(tx) if one.active and one.code != row.code and one.title == row.title), ""
    )
    if alike:
        return f"{alike} has the same title, and nobody could tell the two apart."
    higher = DECIDES[DECIDES.index(row.owner) :]
    deciders = sum(1 for (roles,) in tx.rows(DECIDERS) if set(roles.split()) & set(higher))
    if row.approval and deciders < 2:
        return f"closing it takes somebody else than who raised it, and only {deciders or 'nobody'} may decide."
    return ""
