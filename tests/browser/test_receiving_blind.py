"""A blind delivery from its pallet's SSCC to what the desk decides of it, in two real browsers: a handheld and a desk."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import insert, select

from app import schema
from app.schema.work import discrepancy
from app.stock import balances
from app.stock.ledger import By
from app.work import master, receiving_rules
from tests.browser.axe import violations
from tests.browser.desk_server import OpenHouse
from tests.browser.hand import Hand
from tests.desk import house
from tests.workflows.inbound import sscc

pytestmark = pytest.mark.xdist_group("browser-blind")

PALLET = sscc(77)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHouse]:
    opened = OpenHouse(tmp_path_factory.mktemp("blind"))
    rows = (
        (schema.places.location, {"code": "DOCK-9", "site": "MAIN", "kind": "dock"}),
        (schema.places.station, {"code": "RCV-9", "name": "Dock 9", "location": "DOCK-9", "label_printer": "P-2"}),
        (
            schema.people.worker,
            {"code": "kim", "badge": "B-kim", "name": "Kim Ode", "roles": "worker", "pin_hash": house.PIN_HASH},
        ),
        (schema.documents.purchase_order, {"code": "4500777", "supplier": "Keramik Thun"}),
        (schema.documents.po_line, {"po": "4500777", "line": "10", "item": "MUG-BLU", "quantity": 48}),
    )
    for table, row in rows:
        opened.db.do(lambda tx, table=table, row=row: tx.run(insert(table).values(**row)))  # type: ignore[misc]
    line = {"line": "1", "sscc": PALLET, "po": "4500777", "item": "MUG-BLU", "quantity": 48}
    notice = master.decode("asn.upsert", {"code": "ASN-9", "supplier": "Keramik Thun", "lines": [line]})
    opened.db.do(lambda tx: master.apply(tx, notice, By(worker="erp")))
    opened.db.do(lambda tx: receiving_rules.change(tx, receiving_rules.ReceivingRule(supplier="Keramik Thun", blind=1)))
    yield opened
    opened.stop()


def test_a_blind_pallet_with_broken_goods_goes_to_its_decision(
    chromium: Browser, opened: OpenHouse, tmp_path: Path
) -> None:
    kim = Hand(chromium, opened.url)
    kim.open()
    kim.sign_in("B-kim", house.PIN, "RCV-9")
    kim.scan(f"00{PALLET}")
    kim.sees("Count this pallet: this delivery is counted.", "Scan item on it")
    kim.scan("ITM/MUG-BLU")
    assert "of 48" not in kim.text
    kim.types("40")
    kim.scan(PALLET)
    _tap(kim, "Problem")
    kim.sees("What is wrong?", "it comes in on hold")
    _tap(kim, "Damaged")
    broken = tmp_path / "broken.png"
    Image.effect_noise((800, 600), 60).convert("RGB").save(broken)
    before = kim.step
    with kim.page.expect_file_chooser() as chooser:
        kim.page.get_by_role("button", name="Take a photo").click()
    chooser.value.set_files(broken)
    kim.answered(before, "photo")
    kim.scan("ITM/MUG-BLU")
    kim.types("5")
    kim.scan("LPN-900077")
    kim.sees("5 each MUG-BLU on LPN LPN-900077, on hold: damaged.")
    kim.scan(PALLET)
    kim.sees("you counted what stands on it.")
    kim.page.wait_for_timeout(500)  # sooner it would be a bouncing trigger
    kim.scan(PALLET)
    _tap(kim, "Close")
    kim.scan("DOC/ASN-9")
    kim.sees("ASN ASN-9 is closed.")
    assert "48" not in kim.text
    kim.close()
    _decides(chromium, opened)
    with opened.db.reading() as tx:
        held = [(one.lpn, one.quantity, one.status) for one in balances.at_location(tx, "DOCK-9")]
        cases = tx.rows(
            select(discrepancy.c.kind, discrepancy.c.state, discrepancy.c.decided_by)
            .where(discrepancy.c.document == "po 4500777")
            .order_by(discrepancy.c.id)
        )
    assert held == [(PALLET, 40, "available"), ("LPN-900077", 2, "available")]
    assert cases == [("damaged", "closed", "ruth")]


def _tap(hand: Hand, name: str) -> None:
    before = hand.step
    hand.page.get_by_role("button", name=name, exact=True).click()
    hand.answered(before, name)


def _decides(chromium: Browser, opened: OpenHouse) -> None:
    """Ruth, by keyboard: two of the five are good, the rest goes back to the supplier."""
    window = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = window.new_page()
    page.goto(f"{opened.url}/desk/receipts")
    page.fill("[name=badge]", "B-ruth")
    page.fill("[name=pin]", house.PIN)
    page.click("button")
    page.wait_for_selector("table caption")
    expect(page.locator("h1")).to_contain_text("5 units wait on hold")
    page.keyboard.press("j")
    page.wait_for_function("() => document.querySelector('.photos img')?.naturalWidth > 0")
    assert violations(page) == []
    more = page.locator("tr.more:not([hidden])")
    more.locator("[name=quantity]").fill("2")
    _decide(page, "r", "two are only dusty", "Released: 2 × MUG-BLU; 3 still wait.")
    expect(more.locator("[name=quantity]")).to_have_attribute("placeholder", "all 3")
    _decide(page, "b", "supplier takes them back", "Sent back: 3 × MUG-BLU.")
    page.goto(f"{opened.url}/desk/receipts?document=po+4500777&state=all")
    expect(page.locator("table").first).to_contain_text("Decided")
    expect(page.locator("table").last).to_contain_text("3 to come")
    window.close()


def _decide(page: Page, key: str, reason: str, told: str) -> None:
    more = page.locator("tr.more:not([hidden])")
    more.locator("[name=reason]").fill(reason)
    more.locator("[name=reason]").press("Escape")
    page.keyboard.press(key)
    expect(page.locator("#said")).to_contain_text(told)
