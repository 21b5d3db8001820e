"""The desk in a real browser: readable for everyone, from our own server only, live, and worked by keyboard."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from app import clock
from app.stock import ledger
from app.stock.events import Counted
from app.stock.ledger import By
from app.stock.slots import Slot
from app.web.desk_pages import SEEN_BY, TABS
from app.work import waves
from devices.calibration import ELEMENTS
from devices.keyboards import typed
from tests.browser.axe import violations
from tests.browser.desk_server import OpenHouse
from tests.desk import house

pytestmark = pytest.mark.xdist_group("browser-desk")

SIZES = ((1440, 900), (900, 700), (420, 800))
PAGES = (
    "codes", "counts", "transfers?state=all", "strategies?q=LPN-0001", "corrections?state=all",
    "waves", "tasks", "overrides", "orders?state=pool", "lines?state=open", "order?code=100471", "prints", "devices",
    "device?name=P-1", "printers", "ledger",
    "exceptions", "triggers", "trigger?code=receipt-off&run=1", "unusual?state=all", "rules",
    "own-numbers?number=2112345012340&pattern=21IIIIIWWWWWC",
    "connector", "delivery?connector=books&seq=11", "runbook",
    "inbox?state=dead", "print-labels?kind=serial", "inspections", "inspections/plans", "owners",
    "variances?state=all", "trace?q=L2408-A", "wall", "sign-in",
)  # fmt: skip
WATCH = """
window.forbidden = [];
document.addEventListener("securitypolicyviolation", event => window.forbidden.push(event.violatedDirective));
"""


@pytest.fixture(scope="module")
def open_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHouse]:
    opened = OpenHouse(tmp_path_factory.mktemp("desk"))
    house.kill_delivery(opened.db, 11, "po 4500187")
    yield opened
    opened.stop()


@pytest.fixture
def browser_window(chromium: Browser) -> Iterator[BrowserContext]:
    window = chromium.new_context(viewport={"width": 1440, "height": 900})
    window.set_default_timeout(8000)
    window.add_init_script(WATCH)
    yield window
    window.close()


@pytest.fixture
def desk(browser_window: BrowserContext, open_house: OpenHouse) -> Page:
    """Ruth at her desk, signed in by the form, at the wave board."""
    page = browser_window.new_page()
    page.goto(f"{open_house.url}/desk/waves")
    page.fill("[name=badge]", "B-ruth")
    page.fill("[name=pin]", house.PIN)
    page.click("button")
    page.wait_for_selector("table caption")
    return page


def live(page: Page) -> None:
    page.wait_for_function("() => document.querySelector('#pulse').textContent.startsWith('live')")
    page.wait_for_timeout(1100)  # the first news of a fresh line have been fetched


def test_every_page_is_accessible_in_every_size_and_asks_nobody_else(desk: Page, open_house: OpenHouse) -> None:
    asked: list[str] = []
    trouble: list[str] = []
    desk.on("request", lambda request: asked.append(request.url))
    desk.on("pageerror", lambda problem: trouble.append(str(problem)))
    for number, path in enumerate(PAGES):
        desk.goto(f"{open_house.url}/desk/{path}")
        sizes = SIZES if number % 3 == 0 else SIZES[number % 3 :][:1]  # every third in all of them, the others in turn
        for width, height in sizes:
            desk.set_viewport_size({"width": width, "height": height})
            assert violations(desk) == [], f"{path} at {width}"
            if path != "wall":
                assert desk.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), f"{path} at {width}"
        assert desk.evaluate("() => window.forbidden") == [], path
    assert not trouble
    assert all(url.startswith((open_house.url, "data:")) for url in asked), asked


def test_every_page_and_the_way_out_are_on_the_glass_and_reached_by_keyboard(desk: Page, open_house: OpenHouse) -> None:
    for width in (1280, 1024):
        desk.set_viewport_size({"width": width, "height": 800})
        for path in ("waves", "exceptions"):
            desk.goto(f"{open_house.url}/desk/{path}")
            way_out = desk.locator(".out button").bounding_box()
            assert way_out is not None
            assert way_out["x"] + way_out["width"] <= width, f"{path} at {width}"
            assert desk.locator(".bar nav [aria-current=page]").is_visible()
    reached = set()
    for _ in range(60):
        desk.keyboard.press("Tab")
        here = desk.evaluate(
            "() => [document.activeElement.checkVisibility({visibilityProperty: true}), document.activeElement.href]"
        )
        if here[0] and here[1]:
            reached.add(here[1].partition("/desk/")[2].partition("?")[0])
    assert {tab[2].partition("/desk/")[2].partition("?")[0] for tab in TABS if tab[0] not in SEEN_BY} <= reached
    assert "overrides" in reached


def test_a_change_on_the_floor_appears_by_itself(desk: Page, open_house: OpenHouse) -> None:
    desk.goto(f"{open_house.url}/desk/ledger")
    live(desk)
    counted = Counted(task="C-77", item="TEE-M-WHT", slot=Slot(location="A-01-01"), quantity=77)
    open_house.db.do(lambda tx: ledger.post(tx, counted, By(worker="mara", device="HH-01")))
    desk.wait_for_function("() => document.querySelector('#board').innerText.includes('77 × TEE-M-WHT counted')")


def test_the_row_under_the_pointer_stays_there_while_new_ones_come_above(desk: Page, open_house: OpenHouse) -> None:
    desk.goto(f"{open_house.url}/desk/ledger")
    live(desk)
    row = desk.locator("tr[data-row='3']")
    row.scroll_into_view_if_needed()
    box = row.bounding_box()
    assert box is not None
    desk.mouse.move(box["x"] + 200, box["y"] + box["height"] / 2)
    desk.mouse.move(box["x"] + 210, box["y"] + box["height"] / 2)
    for n in range(3):
        counted = Counted(task=f"C-8{n}", item="MUG-BLU", slot=Slot(location="A-01-02"), quantity=880 + n)
        open_house.db.do(lambda tx, counted=counted: ledger.post(tx, counted, By(worker="mara")))  # type: ignore[misc]
    desk.wait_for_function("() => document.querySelector('#board').innerText.includes('882 × MUG-BLU counted')")
    after = row.bounding_box()
    assert after is not None
    assert abs(after["y"] - box["y"]) < 2


def test_a_wave_is_released_by_keyboard_alone(desk: Page, open_house: OpenHouse) -> None:
    code = open_house.db.do(lambda tx: waves.create(tx, ["100480"], cutoff=clock.now() + clock.DAY, worker="ruth"))
    desk.goto(f"{open_house.url}/desk/waves")
    live(desk)
    for _ in range(10):
        if desk.locator(f"tr[data-row='{code}'][aria-current]").count():
            break
        desk.keyboard.press("j")
    assert desk.locator(f"tr.more[data-of='{code}']").is_visible()
    desk.keyboard.press("r")
    desk.wait_for_function(
        "code => document.querySelector('#said').innerText.includes(`Wave ${code} is on the floor`)", arg=code
    )
    desk.wait_for_function(
        "code => document.querySelector(`tr[data-row='${code}']`).innerText.includes('On plan')", arg=code
    )
    assert desk.locator(f"tr[data-row='{code}'][aria-current]").count() == 1  # still chosen after the page was morphed
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**/desk/orders?wave={code}")


def test_what_is_typed_is_not_taken_away_by_a_change(desk: Page, open_house: OpenHouse) -> None:
    desk.goto(f"{open_house.url}/desk/prints")
    live(desk)
    reason = desk.locator("tr.more:visible input[name=reason]").first
    reason.fill("label was tor")
    reason.focus()
    open_house.db.do(lambda tx: tx.tell("print"))
    desk.wait_for_timeout(1800)
    assert reason.input_value() == "label was tor"
    assert desk.locator("#pulse").inner_text() == "waits for you to finish"
    desk.keyboard.press("Escape")
    desk.wait_for_function("() => document.querySelector('#pulse').textContent.startsWith('live')")


def test_a_refusal_is_said_where_it_is_seen_and_stays(desk: Page, open_house: OpenHouse) -> None:
    desk.goto(f"{open_house.url}/desk/devices")
    live(desk)
    desk.evaluate(
        """() => {
          const field = document.querySelector("form [name=device]");
          field.value = "ghost";
          field.form.querySelector("button").click();
        }"""
    )  # somebody took the printer out of the settings meanwhile; the page renews itself, so at once
    desk.wait_for_selector("#said[role=alert]")
    assert "There is no device ghost here." in desk.locator("#said").inner_text()


def test_signing_out_elsewhere_asks_for_the_badge_again(desk: Page, browser_window: BrowserContext) -> None:
    live(desk)
    browser_window.clear_cookies()
    desk.evaluate("() => htmx.trigger(document.querySelector('#live'), 'waves')")
    desk.wait_for_selector("form.signin")


WEDGE = """async keys => { for (const key of keys) {
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
} }"""


def test_a_scan_at_the_set_up_page_is_told_in_words(browser_window: BrowserContext, open_house: OpenHouse) -> None:
    page = browser_window.new_page()
    page.goto(f"{open_house.url}/desk/waves")
    page.fill("[name=badge]", "B-ada")
    page.fill("[name=pin]", house.PIN)
    page.click("button")
    page.wait_for_selector("table caption")
    page.goto(f"{open_house.url}/desk/scanner")
    garbled = typed(ELEMENTS.replace("\x1d", ""), ("QWERTZ", False))
    page.evaluate(WEDGE, [*garbled, "Enter"])
    page.wait_for_selector(".bytes")
    told = page.inner_text("#heard")
    assert "GS1-128 arrives garbled" in told
    assert "The keyboard of this computer is QWERTZ" in told
    assert "The terminator arrives: Enter (CR)." in told
    for width, height in SIZES[2:]:
        page.set_viewport_size({"width": width, "height": height})
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    stood_in = [*("##" + ELEMENTS.replace("\x1d", "~")), "Enter"]
    page.evaluate(WEDGE, stood_in)
    page.click("text=so from now on")
    page.wait_for_selector("text=is read so now")
    page.wait_for_selector("#heard >> text=Nothing has arrived yet")
    page.evaluate(WEDGE, stood_in)
    page.wait_for_selector("text=this scan arrives as it should")
    page.wait_for_timeout(1200)  # as long as the page may wait before it fetches itself anew
    assert "is read so." in page.inner_text("#heard"), "it stays to be read"
    assert page.evaluate("window.forbidden") == []
