"""Two returns in a real browser at a real house: one with a photo back to stock, one scrapped; then the desk's pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect
from sqlalchemy import insert, select

from app import schema
from app.schema.returns import returned
from app.stock import balances
from app.work import photos
from tests.browser.axe import violations
from tests.browser.desk_server import OpenHouse
from tests.browser.hand import Hand
from tests.desk import house

pytestmark = pytest.mark.xdist_group("browser-returns")
ROWS = (
    (schema.places.location, {"code": "RET-1", "site": "MAIN", "kind": "staging", "zone": "RETURNS"}),
    (schema.places.station, {"code": "RET", "name": "Returns 1", "location": "RET-1"}),
    (
        schema.people.worker,
        {"code": "kim", "badge": "B-kim", "name": "Kim Ode", "roles": "worker", "pin_hash": house.PIN_HASH},
    ),
    (
        schema.returns.return_check,
        {
            "category": "cup",
            "code": "cold",
            "words": "Temperature",
            "kind": "measure",
            "low": 2,
            "high": 8,
            "unit": "°C",
            "worst": "D",
        },
    ),
    (schema.returns.rma, {"code": "20931", "order_code": "100490", "customer": "C-77", "tracking": "JD20931"}),
    (schema.returns.rma_line, {"rma": "20931", "line": "1", "item": "MUG-BLU", "quantity": 2, "reason": "unwanted"}),
    (schema.returns.rma_line, {"rma": "20931", "line": "2", "item": "CAN-12", "quantity": 1, "reason": "damaged"}),
)

BOUNCE_MS = 450  # the same key again sooner than this is a finger that bounced


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHouse]:
    opened = OpenHouse(tmp_path_factory.mktemp("returns"))
    for table, row in ROWS:
        opened.db.do(lambda tx, table=table, row=row: tx.run(insert(table).values(**row)))  # type: ignore[misc]
    price = schema.items.item.update().values(standard_cost=8_00)
    opened.db.do(lambda tx: tx.run(price))
    cup = schema.items.item.update().where(schema.items.item.c.code == "MUG-BLU").values(category="cup")
    opened.db.do(lambda tx: tx.run(cup))
    yield opened
    opened.stop()


@pytest.fixture(scope="module")
def kim(chromium: Browser, opened: OpenHouse) -> Iterator[Hand]:
    hand = Hand(chromium, opened.url)
    hand.open()
    hand.sign_in("B-kim", house.PIN, "RET")
    yield hand
    hand.close()


def take_photo(kim: Hand, picture: Path) -> None:
    before = kim.step
    with kim.page.expect_file_chooser() as chooser:
        kim.page.locator("#screen [data-photo]").first.click()
    chooser.value.set_files(picture)
    kim.answered(before, "photo")


def press(kim: Hand, *names: str) -> None:
    for name in names:
        before = kim.step
        kim.page.locator(f'#screen [data-tap="{name}"]').first.click()
        kim.answered(before, name)


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pictures") / "scratch.jpg"
    Image.effect_noise((900, 600), 60).convert("RGB").save(path)
    return path


def _goes_back_to_stock(kim: Hand, opened: OpenHouse, picture: Path) -> None:
    press(kim, "start:returning")
    kim.scan("JD20931")
    kim.sees("RMA 20931", "Scan item")
    kim.scan("ITM/MUG-BLU")
    kim.sees("Grade it", "Unopened")
    take_photo(kim, picture)
    kim.sees("1 photo is kept.")
    press(kim, "measure:cold")
    kim.sees("good is 2 to 8 °C")
    for digit in "-4.5-":
        kim.page.locator(f"#screen [data-digit='{digit}']").click()
    kim.sees("4.5")
    before = kim.step
    kim.page.locator("#screen [data-submit]").click()
    kim.answered(before, "4.5")
    kim.sees("Temperature 4.5 °C.")
    kim.scan("CMD/GRADE:A")
    kim.sees("Restock", "as new")
    kim.scan("LPN-000777")
    kim.sees("Restock: 1 × MUG-BLU on LPN-000777.")
    with opened.db.reading() as tx:
        [row] = balances.in_lpn(tx, "LPN-000777")
        assert (row.item, row.quantity, row.status) == ("MUG-BLU", 1, "available")
        assert len(photos.of(tx, "return R-00001/1")) == 1


def _is_scrapped(kim: Hand, opened: OpenHouse, picture: Path) -> None:
    kim.scan("ITM/CAN-12")
    press(kim, "no:complete", "no:sealed", "no:sound", "grade:D")
    kim.sees("Photo, then scrap", "beyond use")
    assert kim.page.locator('#screen [data-tap="confirm"]').count() == 0, "the photo comes first"
    take_photo(kim, picture)
    kim.page.wait_for_timeout(BOUNCE_MS)
    press(kim, "confirm")
    kim.sees("Scrap: 1 × CAN-12 out of the books.")
    with opened.db.reading() as tx:
        rows = tx.rows(select(returned.c.disposition, returned.c.location).where(returned.c.item == "CAN-12"))
    assert [tuple(row) for row in rows] == [("scrap", "~scrap")]


def test_one_goes_back_to_stock_one_is_scrapped_and_the_desk_sees_both(
    chromium: Browser, kim: Hand, opened: OpenHouse, picture: Path
) -> None:
    _goes_back_to_stock(kim, opened, picture)
    _is_scrapped(kim, opened, picture)
    window = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = window.new_page()
    page.goto(f"{opened.url}/desk/returns?stage=all")
    page.fill("[name=badge]", "B-ada")
    page.fill("[name=pin]", house.PIN)
    page.click("button")
    page.wait_for_selector("table caption")
    page.goto(f"{opened.url}/desk/returns?stage=all")
    page.keyboard.press("j")
    expect(page.locator("tr.more:not([hidden]) .photos img").first).to_be_visible()
    page.wait_for_function("() => document.querySelector('tr.more:not([hidden]) .photos img').naturalWidth > 0")
    for path in ("returns?stage=all", "recovery", "returns/rules"):
        page.goto(f"{opened.url}/desk/{path}")
        page.wait_for_selector("h1")
        if path == "returns/rules":
            page.keyboard.press("j")
        assert violations(page) == [], path
    window.close()
