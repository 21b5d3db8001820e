"""A count in a real browser: two people on two handhelds count blind, a third approves at the desk by keys alone.

No byte that reaches a handheld tells what the books expect: every answer is searched for an uncommon quantity.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route
from sqlalchemy import Table, insert, select, update

from app import schema
from app.schema.counting import count_line
from app.schema.items import item
from app.schema.stock import balance
from app.stock import ledger
from app.stock.events import OpeningStock
from app.stock.ledger import By
from app.stock.slots import Slot
from tests.browser.desk_server import OpenHouse
from tests.browser.hand import Hand
from tests.desk import house
from tests.figures import tells

pytestmark = pytest.mark.xdist_group("browser-counting")

UNCOMMON = 7919


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHouse]:
    opened = OpenHouse(tmp_path_factory.mktemp("counting"))
    rows: tuple[tuple[Table, dict[str, str]], ...] = (
        (schema.places.location, {"code": "Z-01-01", "site": "MAIN", "kind": "bin"}),
        *(
            (
                schema.people.worker,
                {"code": code, "badge": f"B-{code}", "name": name, "roles": "worker", "pin_hash": house.PIN_HASH},
            )
            for code, name in (("olga", "Olga Weiss"), ("piet", "Piet Bos"))
        ),
    )
    for table, row in rows:
        opened.db.do(lambda tx, table=table, row=row: tx.run(insert(table).values(**row)))  # type: ignore[misc]
    opened.db.do(lambda tx: tx.run(update(item).where(item.c.code == "CAN-12").values(standard_cost=2)))
    stock = OpeningStock(item="CAN-12", quantity=UNCOMMON, target=Slot(location="Z-01-01"))
    opened.db.do(lambda tx: ledger.post(tx, stock, By(worker="setup")))
    yield opened
    opened.stop()


def counts(chromium: Browser, opened: OpenHouse, badge: str, how_many: int) -> list[bytes]:
    """One person's blind count of Z-01-01; everything their device was sent."""
    hand = Hand(chromium, opened.url)
    told: list[bytes] = []

    def keep(route: Route) -> None:
        answer = route.fetch()
        told.append(answer.body())
        route.fulfill(response=answer)

    hand.context.route(re.compile(r"/floor(/(?!live)|$)"), keep)
    hand.open()
    hand.sign_in(badge, house.PIN, "PACK-1")
    hand.page.get_by_role("button", name="More").click()
    before = hand.step
    hand.page.locator("button[data-tap='start:counting']:visible").first.click()
    hand.answered(before, "Count")
    hand.scan("Z-01-01")
    hand.sees("at Z-01-01", "Scan every piece", "Nothing else")
    hand.scan("ITM/CAN-12")
    before = hand.step
    hand.page.get_by_role("button", name="Quantity").click()
    hand.answered(before, "Quantity")
    hand.sees("How many?")
    hand.tell(str(how_many))
    hand.sees(str(how_many))
    before = hand.step
    hand.page.get_by_role("button", name="Nothing else").click()
    hand.answered(before, "Nothing else")
    hand.sees("Z-01-01 is counted.")
    assert len(told) > 6
    hand.close()
    return told


def desk_of(chromium: Browser, opened: OpenHouse, badge: str) -> Page:
    page = chromium.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.set_default_timeout(8000)
    page.goto(f"{opened.url}/desk/variances")
    page.fill("[name=badge]", badge)
    page.fill("[name=pin]", house.PIN)
    page.click("button")
    page.wait_for_selector("table caption")
    return page


def test_two_people_count_blind_and_a_third_approves_by_keys(
    chromium: Browser, opened: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub, news = opened.app.state.house.hub, []
    publish = hub.publish

    def hear(*message: str) -> None:
        news.append(repr(message).encode())
        publish(*message)

    monkeypatch.setattr(hub, "publish", hear)
    ruth = desk_of(chromium, opened, "B-ruth")
    assert "No variance waits" in ruth.inner_text("h1")
    told = counts(chromium, opened, "B-olga", 7900)
    told += counts(chromium, opened, "B-piet", 7900)
    with opened.db.reading() as tx:
        printed = [bytes(row[0]) for row in tx.rows(select(schema.printing.print_job.c.payload))]
    assert news
    assert printed
    assert not tells(b"".join([*told, *news, *printed]), UNCOMMON), "the counter is told nothing of the books"
    ruth.wait_for_function("() => document.querySelector('h1').innerText.includes('One variance waits.')")  # by itself
    ruth.keyboard.press("j")
    evidence = ruth.locator(".evidence:visible")
    assert "blind, by 2 people, same difference" in evidence.inner_text()
    ruth.keyboard.press("x")  # rejecting wants a reason first: the list of them is chosen, nothing is sent
    assert ruth.evaluate("() => document.activeElement.name") == "reason"
    ruth.keyboard.press("Escape")
    ruth.keyboard.press("c")  # not "not known", but the next cause
    ruth.keyboard.press("a")
    ruth.wait_for_function("() => document.querySelector('#said').innerText.includes('19 × CAN-12 less at Z-01-01')")
    ruth.wait_for_function("() => document.querySelector('h1').innerText.includes('No variance waits')")
    with opened.db.reading() as tx:
        assert tx.value(select(count_line.c.cause).where(count_line.c.state == "approved")) == "mis_pick"
    assert booked(opened) == 7900
    ruth.keyboard.press("u")  # her own decision, taken back in time
    ruth.wait_for_function("() => document.querySelector('h1').innerText.includes('One variance waits.')")
    assert booked(opened) == UNCOMMON


def booked(opened: OpenHouse) -> int:
    with opened.db.reading() as tx:
        where = (balance.c.location == "Z-01-01", balance.c.item == "CAN-12")
        return int(tx.value(select(balance.c.quantity).where(*where)))
