"""What left the demo last week and comes back today: two orders, three RMAs, one of them of a lot that is recalled since.

The orders are the ERP's; that they were picked, packed and loaded is told in short, for no message can say it: the goods
stood in their lane, and the truck took them. So a serial is known to be the one shipped, and a recall finds its customers.
"""

from datetime import timedelta

from sqlalchemy import bindparam, update

from app import clock
from app.db import Tx
from app.demo_telling import BY, tell
from app.schema.documents import order_line, sales_order
from app.stock import ledger
from app.stock.events import Allocated, Shipped
from app.stock.slots import CUSTOMER, Claim, Movement, Slot
from app.work import master, master_opening, progress

KETTLE, RECALLED = "22K90001", "L25040"
Line = tuple[str, int, str, str]
SENT: tuple[tuple[str, str, tuple[Line, ...]], ...] = (  # order, customer, its lines: (item, pieces, lot, serial)
    ("100101", "Noor Haddad", (("KETTLE-TEMP", 1, "", KETTLE), ("TEE-M", 2, "", ""))),
    ("100102", "Ola Berg", (("SOAP-LAVENDER", 3, "", ""), ("BISCUIT-OAT", 6, RECALLED, ""))),
)
BACK: tuple[tuple[str, str, str, tuple[Line, ...]], ...] = (  # RMA, order, number on its label, (item, pieces, why, wish)
    (
        "20931", "100101", "JD014600003828",
        (("KETTLE-TEMP", 1, "unwanted", "refund"), ("TEE-M", 1, "not_as_described", "exchange")),
    ),
    ("20932", "100102", "JD014600003835", (("SOAP-LAVENDER", 2, "unwanted", "refund"),)),
    ("20933", "100102", "JD014600003842", (("BISCUIT-OAT", 2, "defect", "refund"),)),
)  # fmt: skip
LANE, CARRIER, LOAD = "LANE-DPD", "DPD", "LAST-WEEK"

LINES_GONE = (
    update(order_line)
    .where(order_line.c.order_code == bindparam("which"))
    .values(picked=order_line.c.quantity, packed=order_line.c.quantity)
)
GONE = update(sales_order).where(sales_order.c.code == bindparam("which")).values(state="shipped")


def send_back(tx: Tx) -> None:
    for number, (order, customer, lines) in enumerate(SENT):
        _ship(tx, order, customer, f"C{2000 + number}", lines)
    lasts = (clock.today() + timedelta(days=90)).isoformat()
    here = {"location": "A-04-06-3", "quantity": 18, "lot": RECALLED, "expiry": lasts}
    tell(tx, master_opening.OpeningRow, code="BISCUIT-OAT", **here)
    tell(
        tx,
        master.StockRecall,
        code="RC-2025-04",
        item="BISCUIT-OAT",
        lot=RECALLED,
        reason="Metal found by the supplier",
    )
    for code, order, tracking, lines in BACK:
        tell(
            tx,
            master.RmaAuthorised,
            code=code,
            version=1,
            order=order,
            tracking=tracking,
            expires=(clock.as_datetime(clock.now()) + timedelta(days=14)).isoformat(),
            lines=[
                {"line": str(n), "item": item, "quantity": many, "reason": why, "wish": wish}
                for n, (item, many, why, wish) in enumerate(lines, 1)
            ],
        )


def _ship(tx: Tx, order: str, name: str, customer: str, lines: tuple[Line, ...]) -> None:
    asked = [{"line": str(n), "item": item, "quantity": many} for n, (item, many, _, _) in enumerate(lines, 1)]
    facts = {"customer": customer, "name": name, "carrier": CARRIER, "lines": asked}
    tell(tx, master.OrderRelease, code=order, version=1, address=f"{name}\nLong Lane 7\n28195 Bremen", **facts)
    lasts = (clock.today() + timedelta(days=90)).isoformat()
    moves, claims = [], []
    for n, (item, many, lot, serial) in enumerate(lines, 1):
        tracked = {"lot": lot, "expiry": lasts} if lot else {}
        serials = {"serials": [serial]} if serial else {}
        tell(tx, master_opening.OpeningRow, code=item, location=LANE, quantity=many, **tracked, **serials)
        source, target = Slot(location=LANE, lot=lot), Slot(location=CUSTOMER, lot=lot)
        line = f"{order}/{n}"
        claims.append(Claim(line=line, item=item, quantity=many, slot=source))
        moves.append(Movement(item=item, quantity=many, source=source, target=target, serial=serial, line=line))
    tx.run(LINES_GONE, which=order)
    for event in (
        Allocated(order=order, claimed=tuple(claims)),
        Shipped(order=order, load=LOAD, cartons=(), contents=tuple(moves), carrier=CARRIER),
    ):
        ledger.post(tx, event, BY)
        progress.apply(tx, event)
    tx.run(GONE, which=order)
