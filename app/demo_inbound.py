"""What is on its way to the demo: pallets with a notice, a delivery counted blind, goods to be inspected, a truck today.

Suppliers are as they are: one of the notices is wrong. The pallet …0 0011 holds 22 of the 24 it names, and half of
this supplier's pallets are counted, that one among them; README says so to whoever tries it, the screens do not.
"""

from datetime import datetime, timedelta

from app import clock
from app.db import Tx
from app.demo_telling import LASTS, tell
from app.work import master, master_opening, master_setup
from app.work.numbers import check_digit

SPOT_CHECKED = 50  # per cent of a supplier's pallets
DOCK = "DOCK-2"
SUPPLIERS = (("CHAIHOUSE", "Chai House"), ("QUAYPOT", "Quay Potters"), ("WAXWORKS", "Wax Works"))


def sscc(number: int) -> str:
    """A supplier's own pallet number."""
    body = f"34098765{number:09d}"
    return body + check_digit(body)


def announce(tx: Tx) -> None:
    for code, name in SUPPLIERS:
        tell(tx, master.PartyUpsert, code=code, version=1, kind="supplier", name=name)
    _order(tx, "4500201", "CHAIHOUSE", {"TEA-CHAI-250": 24, "TEA-OOLONG-50": 24})
    _order(tx, "4500202", "QUAYPOT", {"CUP-ESPRESSO": 36, "SAUCER-WHITE": 24})
    _order(tx, "4500203", "WAXWORKS", {"CANDLE-BEES": 24})
    tell(tx, master_setup.RuleSetup, supplier="CHAIHOUSE", spot_check_percent=SPOT_CHECKED)
    tell(tx, master_setup.RuleSetup, po="4500202", blind=True)
    _notice(
        tx, "770001", "CHAIHOUSE", "4500201", "1Z999AA10123456784",
        (1, "TEA-CHAI-250", 24, "C2611"), (2, "TEA-OOLONG-50", 24, "O2611"),
    )  # fmt: skip
    _notice(tx, "770002", "QUAYPOT", "4500202", "", (3, "CUP-ESPRESSO", 36, ""), (4, "SAUCER-WHITE", 24, ""))
    tell(tx, master.InspectionRule, item="CANDLE-BEES", aql="6.5")
    tell(tx, master.InspectionRule, item="JAM-PLUM-200", level="I", aql="6.5")
    tell(tx, master.InspectionCheck, category="honey", code="lid", position=30, words="Tightly closed")
    expiry = (clock.today() + LASTS).isoformat()
    here = {"location": DOCK, "quantity": 24, "lot": "J2611", "expiry": expiry, "lpn": sscc(5)}
    tell(tx, master_opening.OpeningRow, code="JAM-PLUM-200", status="inspection", **here)


def _order(tx: Tx, code: str, supplier: str, wanted: dict[str, int]) -> None:
    lines = [{"line": str(n * 10), "item": item, "quantity": many} for n, (item, many) in enumerate(wanted.items(), 1)]
    due = _hour() + timedelta(hours=1)
    tell(tx, master.PurchaseOrderUpsert, code=code, version=1, supplier=supplier, due=due.isoformat(), lines=lines)


def _notice(tx: Tx, code: str, supplier: str, po: str, tracking: str, *pallets: tuple[int, str, int, str]) -> None:
    """It comes in one to two hours; each pallet as (number, item, pieces, lot)."""
    expiry = (clock.today() + LASTS).isoformat()
    lines = [
        {"line": str(n), "sscc": sscc(number), "po": po, "item": item, "quantity": many}
        | ({"lot": lot, "expiry": expiry} if lot else {})
        for n, (number, item, many, lot) in enumerate(pallets, 1)
    ]
    window = {"due": (_hour() + timedelta(hours=1)).isoformat(), "until": (_hour() + timedelta(hours=2)).isoformat()}
    facts = {"supplier": supplier, "carrier": "Quay Freight", "tracking": tracking, **window}
    tell(tx, master.AsnUpsert, code=code, version=1, lines=lines, **facts)


def _hour() -> datetime:
    return clock.as_datetime(clock.now() // clock.HOUR * clock.HOUR)
