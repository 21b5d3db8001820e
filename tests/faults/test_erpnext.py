"""The floor and ERPNext over a bad line: every event is one document there, in order, and both books are equal.

The line fails in its own ways and ERPNext in its own, deadlocks and dying after the commit among them, while the
follower is killed (−9) again and again, each time in the middle of its work. What is told is a morning: purchases in,
goods held and counted, orders out, one of them undone.
"""

import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from app.config import ConnectorSettings
from app.schema.documents import order_line, po_line
from app.stock.events import Adjusted, Received, Shipped, StatusChanged, Undone
from app.stock.slots import CUSTOMER, Movement, Slot
from sync.connectors.erpnext.fields import DOCUMENTS, KEY
from tests.faults.bad_line import FAULTS, BadLine
from tests.sync.erp_floor import ErpFloor, floor_beside
from tests.sync.erpnext_company import items, purchase, sale
from tests.sync.erpnext_fake import Fake, Faults, running_fake
from tests.sync.sink import until
from tests.workflows.picked import happened

SEED, SHARE = 20261122, 0.12
TROUBLES = (
    Faults(dies_after=True),
    Faults(half=True),
    Faults(status=503, html=True),
    Faults(status=508, kind="QueryDeadlockError"),
    Faults(status=429, kind="RateLimitExceededError", retry_after="0.2"),
)
BATCH = 10  # a batch that fails at its last call has been in vain but for what `lookup` finds
# A question to ERPNext is several calls: on a line that breaks within three each time, none would come to its end.
LINE_FAULTS = ("late", "late", "late", "late", *FAULTS)
ORDERS, KILLS = 8, 4
BETWEEN_KILLS = 18  # papers
PROGRESS_WITHIN_S = 120.0
BIN = Slot(location="A-01")


@pytest.mark.faults
def test_over_a_bad_line_each_event_is_one_document_and_both_books_end_equal(tmp_path: Path) -> None:
    with running_fake() as fake:
        items(fake)
        line = BadLine(fake.port, SEED, LINE_FAULTS)
        settings = msgspec.structs.replace(fake.settings(), address=f"http://127.0.0.1:{line.port}", batch=BATCH)
        line.honest = True
        with floor_beside(settings, tmp_path) as floor:
            floor.switchboard.pause("ERP", "test")
            morning(fake, floor)
            line.honest = False
            fake.fail_now_and_then(SEED, SHARE, *TROUBLES)
            begun = time.monotonic()
            floor.switchboard.resume("ERP", "test")
            floor.switchboard.stop()
            for number in range(1, KILLS + 1):
                work_until(floor, settings, fake, number * BETWEEN_KILLS)
            line.honest = True
            fake.fail_now_and_then(SEED, 0.0)
            floor.start()
            floor.told()
            print(f"{fake.failed} of ERPNext's, {dict(line.happened)} on the line, {time.monotonic() - begun:.0f} s")
            floor.check()
        line.close()
        assert fake.failed > 1
        assert sum(line.happened.values()) > 1
        told_in_order(fake)


def work_until(floor: ErpFloor, settings: ConnectorSettings, fake: Fake, told: int) -> None:
    """A follower works until so many papers are there, and is killed."""
    command = [sys.executable, "-m", "tests.sync.contract.follower", floor.url, floor.settings.site]
    follower = subprocess.Popen([*command, msgspec.json.encode(settings).decode()])
    try:
        until(lambda: papers(fake) >= told, "the follower makes progress", PROGRESS_WITHIN_S)
    finally:
        follower.kill()
        follower.wait()


def papers(fake: Fake) -> int:
    return sum(len(fake.books.tables[document]) for document in DOCUMENTS)


def told_in_order(fake: Fake) -> None:
    """One document a key; within one document type in the order of the journal, for it is one worker that tells."""
    for document in DOCUMENTS:
        keys = [row[KEY] for row in fake.books.tables[document].values()]
        assert len(keys) == len(set(keys))
        seqs = [int(key.rpartition(".")[2]) for key in keys]
        assert seqs == sorted(seqs)


def morning(fake: Fake, floor: ErpFloor) -> None:
    world = floor.world
    names = [f"P-{n:04d}" for n in range(1, 6)]
    pos = [purchase(fake, *[(name, 10) for name in names])["name"] for _ in range(ORDERS)]
    sales = [sale(fake, (names[n % 5], 3))["name"] for n in range(ORDERS)]
    floor.pull()
    for code, kind in (("DOCK-1", "dock"), ("A-01", "bin")):
        world.location(code, kind=kind)
    for at, po in enumerate(pos):
        for number, item in world.rows(select(po_line.c.line, po_line.c.item).where(po_line.c.po == po)):
            happened(world, Received(po=po, line=number, item=item, quantity=6, target=BIN))
            happened(world, Received(po=po, line=number, item=item, quantity=3, target=BIN))
        held = Slot(location="A-01", status="quarantine")
        happened(world, StatusChanged(item=names[at % 5], quantity=2, source=BIN, target=held, reason="wet"))
        happened(world, Adjusted(item=names[at % 5], slot=BIN, change=-1, reason="confirmed", approver="ruth"))
    for order in sales:
        [row] = world.rows(select(order_line.c.item).where(order_line.c.order_code == order))
        gone = Movement(item=row[0], quantity=2, source=BIN, target=Slot(location=CUSTOMER))
        happened(world, Shipped(order=order, load="LD-1", cartons=(), contents=(gone,)))
    last = Received(po=pos[0], line="", item=names[0], quantity=1, target=BIN)
    happened(world, last)
    with world.db.reading() as tx:
        seq = int(floor.switchboard.states(tx)[0].last_seq)
    moved = tuple(one.back() for one in last.movements())
    happened(world, Undone(seq=seq, kind="received", lane=last.document, moved=moved))
