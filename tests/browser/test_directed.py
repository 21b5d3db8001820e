"""Directed work in a real browser, in the demo's own house: what is next, why, and what goes before everything else.

One worker, no finger on the glass: a putaway, then the inspection of what was put away (she stands there), and then the
replenishment that a pick began to wait for meanwhile; it was the least urgent task of the house before.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from app import demo, demo_data
from app.schema.work import task
from app.stock.ledger import By
from app.work import master, releasing, waves
from tests.browser.desk_server import OpenHouse
from tests.browser.hand import Hand

pytestmark = pytest.mark.xdist_group("browser-directed")
DESK = By(worker="lena")
BOUNCES_MS = 450


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHouse]:
    opened = OpenHouse(
        tmp_path_factory.mktemp("directed"), lambda db: demo_data.load(db, demo.settings(8080, "a secret"))
    )
    yield opened
    opened.stop()


def order(opened: OpenHouse, code: str, item: str, quantity: int) -> None:
    """A customer's order, on the floor at once."""
    lines = [{"line": "1", "item": item, "quantity": quantity}]
    told = {
        "code": code,
        "version": 1,
        "customer": "C1",
        "name": "Ada Byrne",
        "carrier": "DPD",
        "priority": 1,
        "lines": lines,
    }
    message = master.decode("order.release", told)
    opened.db.do(lambda tx: master.apply(tx, message, By(worker="erp")))
    wave = opened.db.do(lambda tx: waves.create(tx, [code], worker="lena"))
    releasing.release(opened.db, wave, DESK)


def again(hand: Hand, text: str) -> None:
    """The same code once more, later than a trigger that bounces."""
    hand.page.wait_for_timeout(BOUNCES_MS)
    hand.scan(text)


def test_tasks_of_three_kinds_come_one_after_the_other_and_what_a_pick_waits_for_jumps_the_queue(
    chromium: Browser, opened: OpenHouse
) -> None:
    ines = Hand(chromium, opened.url)
    ines.open()
    ines.sign_in("1003", station="RCV-1")
    ines.sees("Next:")
    ines.scan("CMD/NEXT")
    ines.sees("Put away", "A-03-04-1", "Why this bin")
    ines.scan("CMD/WHY")
    ines.sees("Why you, why this", "it is less urgent")
    ines.scan("CMD/BACK")
    ines.scan("A-03-04-1")
    ines.sees("24 × JAM-PLUM-200 in A-03-04-1", "Next task", "Inspect JAM-PLUM-200", "You stand there")
    again(ines, "A-03-04-1")
    ines.sees("Good? Scan it")
    before = select(task.c.priority).where(task.c.kind == "replenish", task.c.place == "A-04-05-1")
    with opened.db.reading() as tx:
        assert tx.value(before) == 6
    order(opened, "100900", "FILTER-PAPER", 58)
    ines.scan("ITM/JAM-PLUM-200")
    again(ines, "ITM/JAM-PLUM-200")
    ines.scan("A-03-04-1")
    ines.sees("Next task", "Fill A-04-05-1", "1 pick waits for 58")
    ines.scan("A-01-01-4")
    ines.sees("Scan LPN", "Tea filters")
    assert ines.touches == 0
    ines.close()
