"""What waits inside the demo house: pallets for their bins, faces to be filled, counts, a lot on hold, goods to send on.

One pallet goes where only a reach truck gets to, one carries two things at once. What the house finds by itself (faces
below their minimum, places due to be counted) it finds here at once, so that nobody waits for its next round.
"""

from datetime import timedelta

from sqlalchemy import bindparam, select

from app import clock, demo_house
from app.config import Settings
from app.db import Tx
from app.demo_telling import BY, tell
from app.schema.places import location
from app.schema.stock import balance
from app.work import exceptions, master, master_opening, numbers, replenishing
from app.work.counting import classes, rules, schedule

DOCK, OTHER_SITE = "DOCK-1", "HARBOUR"
TO_PUT_AWAY = (("TIN-100", 24), ("STRAINER-FINE", 20), (demo_house.HIGH_ITEM, 30))
TOGETHER = (("TOWEL-LINEN", 12), ("SPOON-TEA", 20))  # on one LPN
FACES = (("FILTER-PAPER", 60, 120), ("TEE-L", 60, 120))  # item, least, most
COUNTS_AT_A_TIME = 8
BIN_OF = (
    select(balance.c.location)
    .join(location, location.c.code == balance.c.location)
    .where(balance.c.item == bindparam("of_item"), location.c.kind == "bin")
    .limit(1)
)


def leave_work(tx: Tx, settings: Settings) -> None:
    demo_house.high_bay(tx)
    for item, many in TO_PUT_AWAY:
        tell(tx, master_opening.OpeningRow, code=item, location=DOCK, quantity=many, lpn=numbers.sscc(tx))
    mixed = numbers.sscc(tx)
    for item, many in TOGETHER:
        tell(tx, master_opening.OpeningRow, code=item, location=DOCK, quantity=many, lpn=mixed)
    for item, least, most in FACES:
        replenishing.keep_filled(tx, str(tx.value(BIN_OF, of_item=item)), item, least, most)
    replenishing.look(tx)
    _hold(tx)
    _send_on(tx, settings.site)
    _count(tx)
    place = str(tx.value(BIN_OF, of_item="MUG-FOX"))
    sentence = f"The label of {place} cannot be read."
    exceptions.add(tx, "unreadable", sentence, location=place, worker="tomek", by=BY)


def _hold(tx: Tx) -> None:
    lasts = (clock.today() + timedelta(days=200)).isoformat()
    here = {"location": "A-04-05-3", "quantity": 20, "lot": "L25011", "expiry": lasts}
    tell(tx, master_opening.OpeningRow, code="HONEY-FOREST", **here)
    tell(tx, master.StockHold, code="H-1", item="HONEY-FOREST", lot="L25011", reason="Laboratory result is awaited")


def _send_on(tx: Tx, site: str) -> None:
    """Goods for another site, and some of theirs that are on the way here."""
    due = clock.as_datetime(clock.now() // clock.HOUR * clock.HOUR) + timedelta(hours=6)
    away = [{"line": "1", "item": "TOWEL-LINEN", "quantity": 6}, {"line": "2", "item": "TIN-500", "quantity": 4}]
    here = [{"line": "1", "item": "SAUCER-WHITE", "quantity": 12, "shipped": 12}]
    for code, source, target, lines in (("TR-501", site, OTHER_SITE, away), ("TR-502", OTHER_SITE, site, here)):
        tell(
            tx,
            master.TransferRelease,
            code=code,
            version=1,
            source=source,
            target=target,
            due=due.isoformat(),
            lines=lines,
        )


def _count(tx: Tx) -> None:
    rules.change(tx, "open_at_most", COUNTS_AT_A_TIME)
    classes.write(tx, classes.look(tx) or [])
    schedule.write(tx, schedule.look(tx))
    place = str(tx.value(BIN_OF, of_item="SAUCER-WHITE"))
    tell(tx, master.CountRequest, code="CR-1", place=place, reason="asked for by the accountant")
