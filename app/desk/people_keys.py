"""What opens doors for somebody: their PIN and their badge.

A PIN is made here, shown once to whoever stands at the desk, and kept only as a hash. A badge that is printed again is
marked as a copy: two open the same doors.
"""

import secrets

from app.config import PrinterSettings
from app.db import Tx
from app.desk import labelling
from app.desk.label_ranges import Ready
from app.desk.people_changes import NoSuchWorker, sign_out
from app.work import people
from printers.labels import BadgeLabel

PIN_DIGITS = 6


def new_pin() -> str:
    """Six digits by chance; a sequence or one digit alone would be guessed first."""
    while True:
        pin = "".join(secrets.choice("0123456789") for _ in range(PIN_DIGITS))
        if len(set(pin)) > 2 and pin not in "01234567890" and pin not in "09876543210":
            return pin


def set_pin(tx: Tx, code: str, pin_hash: str, *, by: str, device: str) -> str:
    """The new PIN holds at once, old tries are forgotten, and whoever is signed in must sign in again."""
    who = people.by_code(tx, code)
    if who is None:
        raise NoSuchWorker(scanned=code)
    tx.run(people.SET_PIN, who=code, pin_hash=pin_hash)
    tx.run(people.FORGET_TRIES, subject=f"badge {who.badge}")
    sign_out(tx, code)
    people.note(tx, "pin_reset", by, device, f"worker {code}: a new PIN")
    tx.tell("people")
    return who.name


def print_badge(tx: Tx, code: str, printer: PrinterSettings, *, reason: str, site: str, by: str, device: str) -> str:
    """Their badge as a label; one that came out before is marked as a copy: two open the same doors.

    Raises NoSuchWorker, PrintedBefore, LabelNotPossible.
    """
    who = people.by_code(tx, code)
    if who is None:
        raise NoSuchWorker(scanned=code)
    role = next((role for role in ("admin", "supervisor") if who.is_a(role)), who.roles.split()[0])
    label = BadgeLabel(badge=f"BDG/{who.badge}", worker=who.name, role=role, site=site)
    badge = Ready(subject=who.badge, label=label)
    again = bool(labelling.printed_before(tx, [badge], reason))
    labelling.print_one(tx, badge, printer, reason=reason, worker=by)
    because = f" again: {reason.strip()}" if again else ""
    people.note(tx, "badge_printed", by, device, f"worker {code}: on {printer.name}{because}")
    return f"The badge of {who.name} comes out of {printer.name}{', marked as a copy' if again else ''}."
