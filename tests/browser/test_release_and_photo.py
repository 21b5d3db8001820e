"""A supervisor's release and a photo, in a real browser at a real house: badge and PIN by the keys, the camera's file."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect
from sqlalchemy import insert, select, update

from app import schema
from app.floor import screens
from app.floor.floor import Floor
from app.floor.prompt import Prompt
from app.floor.screens import Screen
from app.schema.floor import scan as scan_log
from app.schema.floor import session
from app.work import exceptions, photos
from tests.browser.axe import violations
from tests.browser.desk_server import OpenHouse
from tests.browser.hand import Hand
from tests.desk import house

pytestmark = pytest.mark.xdist_group("browser-release")


class TakePhoto(Screen, frozen=True, kw_only=True, tag="test.browser_photo"):
    """Photograph the damage."""

    case: str

    def prompt(self, floor: Floor) -> Prompt:
        kept = len(photos.of(floor.tx, f"exception {self.case}"))
        return Prompt(
            job="Damage", headline="Take a photo", ask="photo", photo=True, hint=f"{kept} taken", speech="Take a photo."
        )

    def on_photo(self, floor: Floor, name: str) -> Screen:
        photos.link(floor.tx, name, f"exception {self.case}", floor.worker)
        floor.ok("Photo kept.")
        return self


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHouse]:
    opened = OpenHouse(tmp_path_factory.mktemp("release"))
    rows = (
        (schema.places.location, {"code": "DOCK-9", "site": "MAIN", "kind": "staging"}),
        (schema.places.station, {"code": "RCV-9", "name": "Dock 9", "location": "DOCK-9"}),
        (
            schema.people.worker,
            {"code": "kim", "badge": "B-kim", "name": "Kim Ode", "roles": "worker", "pin_hash": house.PIN_HASH},
        ),
        (schema.documents.purchase_order, {"code": "4500999", "supplier": "S"}),
        (schema.documents.po_line, {"po": "4500999", "line": "10", "item": "MUG-BLU", "quantity": 20}),
        (schema.documents.purchase_order, {"code": "4500998", "supplier": "S"}),
        (schema.documents.po_line, {"po": "4500998", "line": "10", "item": "MUG-BLU", "quantity": 5}),
    )
    for table, row in rows:
        opened.db.do(lambda tx, table=table, row=row: tx.run(insert(table).values(**row)))  # type: ignore[misc]
    yield opened
    opened.stop()


@pytest.fixture(scope="module")
def kim(chromium: Browser, opened: OpenHouse) -> Iterator[Hand]:
    hand = Hand(chromium, opened.url)
    hand.open()
    hand.sign_in("B-kim", house.PIN, "RCV-9")
    yield hand
    hand.close()


def test_a_supervisor_releases_more_than_the_tolerance_with_badge_and_pin(kim: Hand, opened: OpenHouse) -> None:
    kim.scan("CMD/MENU")
    kim.scan("DOC/4500999")
    kim.scan("ITM/MUG-BLU")
    kim.types("23")
    kim.sees("Supervisor: scan badge", "at most 20 may come in")
    kim.scan("BDG/B-ruth")
    kim.sees("Why?", "Agreed with the office")
    before = kim.step
    kim.page.get_by_role("button", name="Agreed with the office").click()
    kim.answered(before, "why")
    kim.sees("PIN of Ruth V.")
    before = kim.step
    kim.problems.clear()
    kim.page.keyboard.type("9999", delay=60)
    kim.page.keyboard.press("Enter")
    kim.sees("Badge and PIN do not fit.")
    kim.problems.clear()  # the browser's own note of a 403
    kim.page.keyboard.type(house.PIN, delay=60)
    kim.page.keyboard.press("Enter")
    kim.answered(before, "PIN")
    kim.sees("23")
    kim.scan("LPN-900001")  # the scan after it follows the release's step
    kim.sees("LPN-900001")
    with opened.db.reading() as tx:
        raws = [row[0] for row in tx.rows(select(scan_log.c.raw))]
    assert house.PIN not in raws
    assert "9999" not in raws


def test_going_on_without_is_one_key(kim: Hand) -> None:
    kim.scan("CMD/MENU")
    kim.scan("DOC/4500998")
    kim.scan("ITM/MUG-BLU")
    kim.types("8")
    kim.sees("Supervisor: scan badge")
    before = kim.step
    kim.page.get_by_role("button", name="Go on without").click()
    kim.answered(before, "without")
    kim.sees("Scan next, or the LPN")


def test_a_photo_is_made_small_kept_and_shown_with_its_case(
    chromium: Browser, kim: Hand, opened: OpenHouse, tmp_path: Path
) -> None:
    case = opened.db.do(lambda tx: exceptions.add(tx, "damaged", "3 × MUG-BLU damaged.", item="MUG-BLU", worker="kim"))
    screen = TakePhoto(case=case)
    stand = update(session).where(session.c.worker == "kim")
    opened.db.do(
        lambda tx: tx.run(stand.values(screen=screens.tag_of(type(screen)), state=screens.encode(screen)))
    )  # fmt: skip
    kim.page.reload()
    kim.ready()
    kim.look()
    big = tmp_path / "damage.png"
    Image.effect_noise((4000, 3000), 80).convert("RGB").save(big)
    assert big.stat().st_size > 12_000_000
    before = kim.step
    with kim.page.expect_file_chooser() as chooser:
        kim.page.get_by_role("button", name="Take a photo").click()
    chooser.value.set_files(big)
    kim.answered(before, "photo")
    kim.sees("Photo kept.", "1 taken")
    with opened.db.reading() as tx:
        [kept] = photos.of(tx, f"exception {case}")
    assert max(kept.width, kept.height) == 1600
    assert kept.bytes < 2_000_000
    assert Image.open(io.BytesIO(opened.app.state.house.photos.read(kept.hash))).format == "JPEG"

    no_photo = tmp_path / "words.jpg"
    no_photo.write_text("<script>alert(1)</script>")
    with kim.page.expect_file_chooser() as chooser:
        kim.page.get_by_role("button", name="Take a photo").click()
    chooser.value.set_files(no_photo)
    kim.sees("That is no photo. Take it again.")

    _is_seen_and_accessible(chromium, opened, case)


def _is_seen_and_accessible(chromium: Browser, opened: OpenHouse, case: str) -> None:
    """At the desk: the queue with the photo opened by keyboard, people and service, all readable for everyone."""
    window = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = window.new_page()
    page.goto(f"{opened.url}/desk/exceptions")
    page.fill("[name=badge]", "B-ada")
    page.fill("[name=pin]", house.PIN)
    page.click("button")
    page.wait_for_selector("table caption")
    for path in ("exceptions", "people", "service?q=100471"):
        page.goto(f"{opened.url}/desk/{path}")
        page.wait_for_selector("h1")
        if path == "exceptions":
            page.locator(f'tr[data-row="{case}"] th').click()
            expect(page.locator(".photos img").first).to_be_visible()
            page.wait_for_function("() => document.querySelector('.photos img').naturalWidth > 0")
        if path == "people":
            page.keyboard.press("j")
            expect(page.locator("tr.more:not([hidden]) [name=roles]").first).to_be_visible()
        assert violations(page) == [], path
    window.close()
