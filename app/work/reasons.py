"""Why: the reasons a worker or supervisor chooses from, as rows per kind of decision.

A reason is a code for reports, words for the key on the glass, whether a photo must show it, and where it is stricter
(or freer) than its kind, the limit it is held to. What the house does not use is switched off, not deleted.
"""

import re

import msgspec
from sqlalchemy import bindparam, select

from app.db import Tx
from app.errors import BadAmount, State, Unknown
from app.schema.work import reason_code
from app.work.master_terms import put

MOST_WORDS = 30  # on a key at 360 pixels
QUESTIONS = ("arrival",)  # kinds that are asked, not chosen from
STEP = 10  # between positions, so that one may be put between two


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    code: str
    words: str
    position: int = 0
    photo: int = 0
    limit_kind: str = ""  # a kind of app/work/limits.py
    active: int = 1
    low: int = 0
    high: int = 0
    unit: str = ""

    @property
    def is_measured(self) -> bool:
        """A question that is answered with a number, not with yes or no."""
        return self.low < self.high

    @property
    def limits(self) -> str:
        return f"{self.low} to {self.high} {self.unit}".strip()


class NoSuchReason(Unknown):
    code, title = "no_such_reason", "No such reason"
    says = "{scanned} is no reason for this."
    todo = "Choose one of the reasons shown."


class BadReason(BadAmount):
    code, title = "bad_reason", "Not a reason"
    says = "Reason {scanned} cannot be: {reason}"
    todo = "Correct it and save again."


class ReasonContradicts(State):
    code, title = "reason_contradicts", "Contradicts another reason"
    says = "Reason {scanned} contradicts: {reason}"
    todo = "Change one of the two."


# kind: (code, words, photo needed); the first is the most usual.
_USUAL: dict[str, tuple[tuple[str, str, int], ...]] = {
    "adjust": (
        ("found", "Found", 0), ("lost", "Lost", 0), ("miscounted", "Counted wrong before", 0),
        ("mixed_up", "Mixed up with another", 0), ("pack_size", "Pack size was wrong", 0),
    ),
    "write_off": (
        ("damaged", "Damaged", 1), ("expired", "Expired", 0), ("lost", "Lost", 0), ("stolen", "Stolen", 0),
        ("sample", "Sample", 0), ("own_use", "Own use", 0),
    ),
    "status": (
        ("quality", "Quality in doubt", 0), ("damaged", "Damaged", 1), ("supplier", "Supplier asks", 0),
        ("recall", "Recall", 0), ("cleared", "Cleared", 0),
    ),
    "hold": (
        ("quality", "Quality in doubt", 0), ("complaint", "Customer complains", 0), ("supplier", "Supplier asks", 0),
        ("damaged", "Damaged", 1), ("authority", "Authority asks", 0),
    ),
    "clear_hold": (("tested", "Tested: good", 0), ("false_alarm", "False alarm", 0), ("agreed", "Agreed with the office", 0)),
    "count": (
        ("confirmed", "Count confirmed", 0), ("recount_agrees", "Recount agrees", 0), ("not_plausible", "Not plausible", 0),
        ("moved_meanwhile", "Moved meanwhile", 0), ("cause_known", "Cause known", 0),
    ),
    "cause": (  # of a difference: why the books were wrong
        ("unknown", "Not known", 0), ("mis_pick", "Wrong one picked", 0), ("mis_put", "Put in a wrong place", 0),
        ("damage_unrecorded", "Damage not recorded", 0), ("theft_suspected", "Theft suspected", 0),
        ("unit_error", "Wrong unit or pack", 0), ("label_error", "Wrong label", 0), ("received_wrong", "Received wrong", 0),
    ),
    "unplanned": (
        ("no_po", "No order known", 0), ("extra", "Supplier sent more", 0), ("wrong_goods", "Wrong goods sent", 1),
        ("sample", "Sample", 0), ("free_goods", "Free goods", 0),
    ),
    "arrival": (  # questions asked of each delivery at the door
        ("seal", "Is the seal whole?", 0), ("load", "Is the load whole and dry?", 0),
        ("temperature", "Is the temperature right?", 0),
    ),
    "discrepancy": (
        ("short", "Not delivered", 0), ("over", "Too many", 0), ("wrong_item", "Wrong item", 1), ("damaged", "Damaged", 1),
        ("unlabelled", "No label", 1), ("short_shelf_life", "Shelf life short", 0), ("no_lot", "No lot on it", 0),
    ),
    "disposition": (
        ("better", "Better than graded", 1), ("worse", "Worse than graded", 1), ("parts_missing", "Parts missing", 0),
        ("customer_wish", "Agreed with customer", 0), ("no_room", "No room for it", 0),
    ),
    "return": (
        ("unwanted", "Not wanted any more", 0), ("too_late", "Came too late", 0), ("wrong_item", "Wrong item sent", 0),
        ("damaged", "Arrived damaged", 1), ("defect", "Does not work", 0), ("not_as_described", "Not as described", 0),
        ("refused", "Not accepted", 0), ("undeliverable", "Could not be delivered", 0),
    ),
    "short": (
        ("bin_empty", "Bin empty", 0), ("damaged", "Damaged", 0), ("wrong_item", "Wrong item in bin", 0),
        ("bin_blocked", "Bin blocked", 0),
    ),
    "move": (("space", "Makes room", 0), ("damaged_place", "Place damaged", 0), ("misplaced", "Lay wrong", 0)),
    "postpone": (
        ("blocked", "Aisle is blocked", 0), ("two_people", "Takes two people", 0), ("equipment", "Equipment missing", 0),
        ("break", "My break", 0), ("asked_away", "Asked to do other work", 0),
    ),
    "cancel_task": (
        ("not_needed", "Not needed any more", 0), ("done_otherwise", "Done otherwise", 0), ("mistake", "Made by mistake", 0),
    ),
    "reprint": (  # of a label that came out before
        ("not_out", "Did not come out", 0), ("damaged", "Damaged", 0), ("unreadable", "Cannot be read", 0),
        ("lost", "Lost", 0), ("changed", "Says what is no more", 0),
    ),
    "override": (
        ("agreed", "Agreed with the office", 0), ("checked", "Looked at it", 0), ("customer_waits", "Customer waits", 0),
        ("supplier_agreed", "Supplier agreed", 0),
    ),
}  # fmt: skip
DEFAULTS = tuple(
    {
        "kind": kind, "code": code, "words": words, "position": STEP * at, "photo": photo, "limit_kind": "", "active": 1,
        "low": 0, "high": 0, "unit": "",
    }
    for kind, rows in _USUAL.items()
    for at, (code, words, photo) in enumerate(rows, 1)
)  # fmt: skip

OF_KIND = (
    select(reason_code)
    .where(reason_code.c.kind == bindparam("of_kind"), reason_code.c.active == 1)
    .order_by(reason_code.c.position, reason_code.c.code)
)
ONE = select(reason_code).where(
    reason_code.c.kind == bindparam("of_kind"), reason_code.c.code == bindparam("which"), reason_code.c.active == 1
)
ALL = select(reason_code).order_by(reason_code.c.kind, reason_code.c.position, reason_code.c.code)
PUT = put(reason_code)


def of_kind(tx: Tx, kind: str) -> list[Reason]:
    """The reasons to choose from, the most usual first."""
    return tx.all(OF_KIND, Reason, of_kind=kind)


def check(tx: Tx, kind: str, code: str) -> Reason:
    """The reason chosen. Raises NoSuchReason."""
    found = tx.one(ONE, Reason, of_kind=kind, which=code)
    if found is None:
        raise NoSuchReason(scanned=code or "Nothing")
    return found


def everything(tx: Tx) -> list[Reason]:
    return tx.all(ALL, Reason)


def change(tx: Tx, row: Reason) -> None:
    """Make a reason so, or add it."""
    tx.run(PUT, **msgspec.structs.asdict(row))


def save(tx: Tx, row: Reason, *, new: bool, limit_kinds: tuple[str, ...] = ()) -> Reason:
    """The same, once it makes sense beside the others of its kind. Raises BadReason, ReasonContradicts."""
    row = msgspec.structs.replace(row, words=" ".join(row.words.split()))
    mates = [one for one in everything(tx) if one.kind == row.kind]
    known = any(one.code == row.code for one in mates)
    odd = _odd(row, mates, limit_kinds) or (
        "it is there already." if new and known else "" if new or known else "there is no such reason."
    )
    if odd:
        raise BadReason(scanned=row.code or "without a name", reason=odd)
    others = [one for one in mates if one.active and one.code != row.code]
    alike = next((one.code for one in others if one.words == row.words), "")
    if row.active and alike:
        raise ReasonContradicts(scanned=row.code, reason=f"{alike} has the same words on its key.")
    if not row.active and not others:
        raise ReasonContradicts(
            scanned=row.code, reason=f"it is the last one of {row.kind}, and without a reason nothing goes on there."
        )
    change(tx, row)
    return row


def _odd(row: Reason, mates: list[Reason], limit_kinds: tuple[str, ...]) -> str:
    if not mates:
        return f"no job asks for a reason of the kind {row.kind or 'without a name'}."
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,39}", row.code):
        return "its code is small letters, digits and _, 2 to 40 of them."
    if not row.words or len(row.words) > MOST_WORDS:
        return f"a key has room for 1 to {MOST_WORDS} characters."
    if not 0 <= row.position <= 10_000:
        return "its position is 0 to 10000."
    if (row.low or row.high) and (row.kind not in QUESTIONS or not row.is_measured):
        return f"only a question is measured, and nothing lies between {row.low} and {row.high}."
    if row.limit_kind and row.limit_kind not in limit_kinds:
        return f"{row.limit_kind} is no limit."
    return ""
