"""The floor and Tryton over a bad line, both killed again and again: every event is in Tryton's books once, to the piece.

A morning's events wait when the follower starts. Then Tryton and the follower are killed (−9) by turns, while each
connection between them fails in its own way; at the end the line is good again, and both books are compared. So it is with
our module in Tryton, and with a Tryton where it never was: a follower finds that out over the bad line.
"""

import random
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import func, select

from app.config import ConnectorSettings
from app.schema.documents import order_line, po_line
from app.schema.items import item as items
from app.schema.sync import connector as connectors
from app.stock.events import Adjusted, ReceiptClosed, Received, Shipped, StatusChanged
from app.stock.events.inbound import ReceivedLine
from app.stock.slots import CUSTOMER, Movement, Slot
from sync.connectors.tryton.pull import A_PAGE
from tests.faults.bad_line import FAULTS, BadLine
from tests.sync.sink import until
from tests.sync.tryton_books import Erp
from tests.sync.tryton_floor import NAME, Floor, floor_beside, live_tryton
from tests.tryton import company
from tests.tryton.server import ERP, PASSWORD, PLAIN, Tryton
from tests.workflows.picked import happened

KILLS = 10  # of each side
BETWEEN_KILLS_S = (0.5, 2.5)
PURCHASES, LINES, SALES = 6, 5, 8
DRAINED_WITHIN_S = 400.0
PARTNERS = 20
DOCK, BIN = Slot(location="DOCK-1"), Slot(location="A-01")
SEED = 20261121


def morning(floor: Floor, erp: Erp) -> int:
    """Purchases come in, one of them short; goods are held, counted, and leave; how many events there are."""
    world = floor.world
    items = [company.item(number) for number in range(11, 11 + LINES) if number % company.LOTTED]
    pos = [company.purchase(erp.books, "ACME", *[(item, 10) for item in items]) for _ in range(PURCHASES)]
    company.make_products(erp.books, company.PRODUCTS + 1, company.MANY_PRODUCTS)
    sales = [company.sale(erp.books, "NORD", (items[n % len(items)], 3)) for n in range(SALES)]
    floor.pull()
    for code, kind in (("DOCK-1", "dock"), ("A-01", "bin")):
        world.location(code, kind=kind)
    for at, po in enumerate(pos):
        rows = world.rows(select(po_line.c.line, po_line.c.item).where(po_line.c.po == po).order_by(po_line.c.line))
        came = 7 if at == 0 else 10
        for line, item in rows:
            happened(world, Received(po=po, line=line, item=item, quantity=came - 4, target=BIN))
            happened(world, Received(po=po, line=line, item=item, quantity=4, target=BIN))
        ends = tuple(ReceivedLine(line=line, item=item, ordered=10, received=came) for line, item in rows)
        happened(world, ReceiptClosed(po=po, lines=ends))
        item, held = items[at % len(items)], Slot(location="A-01", status="quarantine")
        happened(world, StatusChanged(item=item, quantity=2, source=BIN, target=held, reason="wet"))
        happened(world, Adjusted(item=item, slot=BIN, change=-1, reason="confirmed", approver="ruth"))
    for sale in sales:
        [shipment] = company.shipments(erp.books, sale)
        code = shipment["number"]
        [row] = world.rows(select(order_line.c.item).where(order_line.c.order_code == code))
        gone = Movement(item=row[0], quantity=2, source=BIN, target=Slot(location=CUSTOMER))
        happened(world, Shipped(order=code, load="LD-1", cartons=(), contents=(gone,)))
    with world.db.reading() as tx:
        return int(floor.switchboard.states(tx)[0].last_seq)


@pytest.mark.faults
@pytest.mark.timeout(900)
@pytest.mark.parametrize("database", [ERP, PLAIN])
def test_killed_and_cut_off_both_books_end_equal(tmp_path: Path, database: str) -> None:
    chance = random.Random(SEED)
    with live_tryton(tmp_path, database) as tryton, floor_beside(tryton, tmp_path) as floor:
        erp = Erp(tryton)
        assert erp.has_module == (database == ERP)
        floor.switchboard.pause(NAME, "test")
        last = morning(floor, erp)
        floor.switchboard.resume(NAME, "test")
        floor.switchboard.stop()
        line = BadLine(tryton.port, SEED)
        try:
            begun = time.monotonic()
            follower = start(floor, tryton, line)
            kills = 0
            for number in range(2 * KILLS):
                time.sleep(chance.uniform(*BETWEEN_KILLS_S))
                kills += 1
                if number % 2:
                    follower.kill()
                    follower.wait()
                    follower = start(floor, tryton, line)
                else:
                    tryton.kill()
                    tryton.start()
            line.honest = True
            until(lambda: cursor(floor) == last, "Tryton has heard of everything", DRAINED_WITHIN_S)
            print(f"{last} events, {kills} kills, {dict(line.happened)} on the line, {time.monotonic() - begun:.0f} s")
        finally:
            follower.kill()
            follower.wait()
            line.close()
        floor.start()
        floor.told()
        floor.check()
        assert set(line.happened) <= set(FAULTS)
        assert sum(line.happened.values()) > 0
        once(erp, floor.settings.site)


def once(erp: Erp, site: str) -> None:
    """Each event has exactly its own moves in Tryton: none is there twice, none without its event."""
    arrived: dict[str, float] = {}
    for key, source, quantity in erp.events(site):
        if source == "SUP":
            arrived[key] = arrived.get(key, 0.0) + quantity
    assert set(arrived.values()) <= {3.0, 4.0, 6.0}


def start(floor: Floor, tryton: Tryton, line: BadLine) -> subprocess.Popen[bytes]:
    address = tryton.address.replace(f":{tryton.port}/", f":{line.port}/")
    erp = ConnectorSettings(name=NAME, kind="tryton", address=address, secret=PASSWORD, batch=10)
    told = msgspec.json.encode(erp).decode()
    return subprocess.Popen(
        [sys.executable, "-m", "tests.sync.contract.follower", floor.url, floor.settings.site, told]
    )


def cursor(floor: Floor) -> int:
    return int(floor.world.rows(select(connectors.c.cursor).where(connectors.c.name == NAME))[0][0])


@pytest.mark.faults
def test_a_fresh_tryton_comes_to_the_floor_page_by_page(tmp_path: Path) -> None:
    """2,000 products, suppliers and customers; the place on the walk is written down after each page."""
    with live_tryton(tmp_path) as tryton, floor_beside(tryton, tmp_path) as floor:
        erp = Erp(tryton)
        company.make_products(erp.books, company.PRODUCTS + 1, company.MANY_PRODUCTS)
        for number in range(PARTNERS):
            for code in (f"S-{number}", f"C-{number}"):
                address = {"street": f"Street {number}", "city": "Bremen"}
                erp.books.create("party.party", name=f"Company {code}", code=code, addresses=[["create", [address]]])
            company.purchase(erp.books, f"S-{number}", (company.item(number + 1), 5))
            company.sale(erp.books, f"C-{number}", (company.item(number + 1), 2))
        first = floor.connector.pull("")
        second = floor.connector.pull(first.next)
        assert first.more
        assert len(first.events) == len(second.events) == A_PAGE
        assert not set(first.events) & set(second.events)
        begun = time.monotonic()
        taken = floor.pull()
        took = time.monotonic() - begun
        print(f"{taken} messages of {company.MANY_PRODUCTS} products in {took:.1f} s, {taken / took:.0f}/s")
        [(known,)] = floor.world.rows(select(func.count()).select_from(items))
        assert known == company.MANY_PRODUCTS
        assert taken >= company.MANY_PRODUCTS + 4 * PARTNERS
        floor.restart()
        begun = time.monotonic()
        assert floor.pull() == 0
        print(f"asked again after a restart: {time.monotonic() - begun:.2f} s")
