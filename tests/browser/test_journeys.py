"""Whole journeys through the real house, as a worker walks them: from the dock to the truck by scanner alone, a packing
table with its own scanner and scale, a network that goes away, a server that is killed, a second handheld.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from app.config import DeviceSettings
from app.schema.documents import sales_order
from app.schema.floor import scan as scan_log
from app.schema.stock import serial
from app.schema.work import pick, task_tote
from devices.virtual import VirtualScanner
from devices.virtual_line import PtyLine
from devices.virtual_scale import VirtualScale
from tests.browser.conftest import scan, stored, until
from tests.browser.hand import Hand
from tests.browser.house import TeaHouse
from tests.browser.tea import CANDLE, KETTLE, MUG, MUG_CASE, SOAP, SPOON, TEA, TEA_CASE, TIN

pytestmark = pytest.mark.xdist_group("browser-journeys")

PICTURES = os.environ.get("PICKFACE_PICTURES", "")  # a folder: the main screens are photographed
PICKS = select(pick.c.order_code, pick.c.item, pick.c.location, pick.c.quantity).order_by(pick.c.task, pick.c.sequence)
SCANS = select(scan_log.c.worker, scan_log.c.raw).order_by(scan_log.c.received, scan_log.c.id)
BOX_G = 240  # the empty carton
BARCODES = {"TIN-100": TIN, "SOAP-OLIVE": SOAP, "SPOON-TEA": SPOON, "MUG-BLUE": MUG, "TEA-EARL": TEA, "KETTLE": KETTLE}


class Table:
    """Packing table 1: its scanner and its scale on serial lines."""

    def __init__(self, folder: Path) -> None:
        self.scanner = VirtualScanner(PtyLine(folder / "scanner"))
        self.scale = VirtualScale(PtyLine(folder / "scale"))
        self.devices = (
            DeviceSettings(name="SCAN-1", kind="scanner", station="PACK-1", address=self.scanner.address),
            DeviceSettings(name="SCALE-1", kind="scale", station="PACK-1", address=self.scale.address),
        )

    def clear(self) -> None:
        self.scale.stop()
        self.scanner.unplug()


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Table]:
    table = Table(tmp_path_factory.mktemp("dev"))
    yield table
    table.clear()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, table: Table) -> Iterator[TeaHouse]:
    with TeaHouse(tmp_path_factory.mktemp("house"), devices=table.devices) as house:
        yield house


@pytest.fixture
def hand(chromium: Browser, house: TeaHouse) -> Iterator[Hand]:
    house.wait_until_ready()
    hand = Hand(chromium, house.url)
    hand.open()
    yield hand
    hand.close()


def test_from_the_dock_to_the_truck_by_scanner_alone(chromium: Browser, house: TeaHouse, hand: Hand) -> None:
    hand.look()
    hand.sign_in("1001", station="RCV-1")

    # Receive: the case labels of the tea tell lot and expiry, nothing is typed.
    hand.scan("DOC/4500187")
    for _ in range(2):
        hand.scan(f"]d201{TEA_CASE}1728083110L2612A")
    hand.sees("24 of 24", "L2612A", "31 Aug 2028", "from label")
    hand.scan("LPN-700001")
    hand.scan(MUG_CASE)
    hand.scan("LPN-700002")
    hand.sees("All came as ordered.")
    hand.scan("DOC/4500187")
    hand.sees("PO 4500187 is closed: all as ordered.")

    # Put away: the bin on the screen is the bin that is scanned.
    hand.scan("CMD/MENU")
    for plate in ("LPN-700001", "LPN-700002"):
        hand.scan(plate)
        hand.sees("Why this bin")
        hand.scan(_place(hand))
    hand.scan("CMD/MENU")

    _release_at_the_desk(chromium, house)

    # Pick: a cart, a tote for each of the two orders, every line by location, item, tote.
    hand.scan("CART-4")
    for tote in ("T-0201", "T-0202"):
        hand.sees("Scan empty tote")
        hand.scan(tote)
    totes = _pick_walk(house, hand, ["100201", "100202"])
    hand.sees("Scan drop location")
    hand.scan("STN/PACK-2")

    # Pack: no scale here, so the weight is typed; the label is read from the paper.
    hand.scan("CMD/MENU")
    hand.scan("STN/PACK-2")
    cartons = []
    for number, (order, goods) in enumerate(
        {"100201": ((MUG, 2, 340), (KETTLE, 1, 1420)), "100202": ((MUG, 1, 340), (TEA, 3, 130))}.items(),
        len(house.labels.labels()) + 1,
    ):
        hand.scan(totes[order])
        for code, count, _ in goods:
            for _ in range(count):
                hand.scan(code)
                if code == KETTLE:
                    hand.scan(_serial_in(house, totes[order]))
        hand.tell(str(BOX_G + sum(count * grams for _, count, grams in goods)))
        label = house.carton_label(number)
        assert label.order == order
        hand.scan(label.carton)
        hand.sees(f"Order {order} is packed")
        cartons.append(label.carton)

    # Stage, load, ship.
    hand.scan("CMD/MENU")
    for carton in cartons:
        hand.scan(carton)
        hand.scan("LANE-DPD")
    hand.scan("TRUCK-DPD")
    for carton in cartons:
        hand.scan(carton)
    hand.scan("CMD/CLOSE")
    hand.scan("SEAL-4711")
    hand.sees("TRUCK-DPD left with 2 cartons of 2 orders.")

    assert hand.touches == 0
    states = dict(house.rows(select(sales_order.c.code, sales_order.c.state)))
    assert (states["100201"], states["100202"]) == ("shipped", "shipped")
    assert house.events("shipped") == ["shipped", "shipped"]
    stock = house.stock()
    assert (stock["TEA-EARL"], stock["MUG-BLUE"], stock["KETTLE"]) == (24 - 3, 24 - 3, 2 - 1)
    house.prove()
    print(f"{hand.seen} screens looked at, {hand.touches} taps")


def _place(hand: Hand) -> str:
    """The big place on the glass, without the small words under it."""
    told: str = hand.page.evaluate(
        """() => {
          const place = document.querySelector("#screen .loc").cloneNode(true);
          for (const small of place.querySelectorAll("rt")) small.remove();
          return place.textContent.trim();
        }"""
    )
    return told


def _release_at_the_desk(chromium: Browser, house: TeaHouse) -> None:
    """The supervisor makes a wave of what is due and releases it."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto(f"{house.url}/desk/waves")
    page.get_by_label("Badge").fill("1005")
    page.get_by_label("PIN").fill("1234")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="New wave").click()
    page.locator("tr[data-row]", has_text="Not released").click()
    _picture(page, "desk-waves")
    page.get_by_role("button", name="Release to the floor").click()
    page.get_by_text("is on the floor").wait_for()
    context.close()


def _pick_walk(house: TeaHouse, hand: Hand, orders: list[str]) -> dict[str, str]:
    """Every line of the walk these orders are on. Returns the tote of each order."""
    lines = [row for row in house.rows(PICKS) if row[0] in orders]
    totes = dict(house.rows(select(task_tote.c.order_code, task_tote.c.tote)))
    stands = ""
    for order, item, place, quantity in lines:
        if place != stands:
            assert _place(hand) == place
            hand.scan(f"LOC/{place}")
        stands = place
        for _ in range(quantity):
            hand.scan(BARCODES[item])
            if item == "KETTLE":
                hand.scan("K1001")
        hand.scan(totes[order])
    return totes


def _serial_in(house: TeaHouse, tote: str) -> str:
    found = house.rows(select(serial.c.serial).where(serial.c.lpn == tote))
    return str(found[0][0])


def _picture(page: Page, name: str) -> None:
    """A picture for the README, where somebody asked for pictures."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png")


def test_a_packing_table_with_its_own_scanner_and_scale(
    chromium: Browser, house: TeaHouse, table: Table, hand: Hand
) -> None:
    hand.sign_in("1002", station="PACK-1")
    tote = _pick_alone(house, hand, "100301", "T-0301")
    hand.scan("STN/PACK-1")
    hand.scan("CMD/MENU")
    hand.out()

    station = Hand(chromium, house.url, 1280, 800)
    station.open()
    station.sign_in("1002")
    _read(table, station, "STN/PACK-1")
    _read(table, station, tote)
    station.sees("3 of 3 still to scan", "Scanner", "Scale", "Printer", "Slips")
    assert "away" not in station.text

    table.scale.set_weight(BOX_G + 105)  # the carton stands on the scale while it is filled
    # The scanner reads, the server takes the turn, the page follows. The wrong piece is refused in words and aloud.
    _read(table, station, TIN, refused=True)
    station.sees("Wrong item", "SOAP-OLIVE", "TIN-100")
    assert station.sounds[-1] == "error"
    _read(table, station, SOAP)
    _picture(station.page, "pack-station")
    _read(table, station, SOAP)
    table.scale.set_weight(999)
    station.page.wait_for_timeout(500)  # it must stand still before it is believed
    _read(table, station, SPOON)
    right = BOX_G + 2 * 105 + 35
    station.sees("0.999 kg", "0.455", "0.515", "Too heavy")
    # The weight on the page follows the scale: nobody taps, nothing is loaded again, the question stays.
    step = station.step
    for grams, words in ((1200, "Too heavy"), (100, "Too light"), (999, "Too heavy")):
        table.scale.set_weight(grams)
        began = time.monotonic()
        station.sees(f"{grams / 1000:.3f} kg", words)
        print(f"{grams} g on the page after {time.monotonic() - began:.2f} s")
        station.look()
    assert station.step == step
    _read(table, station, "CMD/WEIGH", refused=True)
    station.sees("Weight is off", f"{right / 1000:.3f} kg", "0.999 kg")
    labels = house.labels.count
    station.page.keyboard.press("Enter")
    # The piece too much is taken out: nobody presses Weigh, it closes by itself as soon as the weight is right.
    # The printer has no paper: the page says so by itself, aloud, and says it too when the label came after all.
    house.labels.change(paper_out=True)
    before = station.step
    table.scale.set_weight(right)
    station.answered(before, "the right weight")
    station.sees("LABEL-1 failed:", "It is tried again.")
    station.page.wait_for_function("() => document.querySelector('.say.warn')?.innerText.includes('LABEL-1 failed:')")
    assert "Stick the label" not in station.page.locator(".say").inner_text(), "there is no label to stick on"
    station.look()
    _picture(station.page, "pack-label-failed")
    step = station.step
    assert station.sounds[-1] == "warning"
    house.labels.refill()
    station.sees("Printed on LABEL-1.")
    station.page.wait_for_function("() => document.querySelector('.say.ok')?.innerText.includes('Printed on LABEL-1.')")
    assert station.step == step
    label = house.carton_label(labels + 1)
    assert (label.order, label.weight_g) == ("100301", right)
    _read(table, station, label.carton)
    station.sees("Order 100301 is packed: 1 carton.")
    assert station.touches == 0

    # Nobody there: the scan is refused on the station's own page, and the scanner's next badge begins the sign-in.
    _read(table, station, "CMD/LOG-OUT")
    station.page.wait_for_selector("#screen[data-ask=badge]")
    station.ready()
    station.page.wait_for_selector("html[data-live]", state="attached")
    counted = house.events()
    table.scanner.send(SOAP)
    station.sees("Nobody is signed in at PACK-1", "was not counted")
    _picture(station.page, "station-nobody")
    assert station.sounds[-1] == "error"
    assert house.events() == counted
    table.scanner.send("BDG/1002")
    station.page.wait_for_selector("#screen[data-ask=pin]")
    station.type_pin("1234")
    station.sees("Station Packing 1")
    station.close()
    house.prove()


def test_a_bin_with_too_few_is_reported_by_taps_alone(house: TeaHouse, hand: Hand) -> None:
    """Three spoons were promised, one is there: what follows and why are on the glass, and the glass posts it."""
    hand.sign_in("1006", station="PACK-2")
    [line] = _begin_alone(house, hand, "100601", "T-0601")
    hand.scan(line.place)
    hand.tap("Short")
    hand.sees("missing, each", "3 of 3", "Then", f"{line.place} is counted today", "Bin empty", "Bin blocked")
    hand.tap("Found 0")
    hand.sees("2 of 3", "Confirm 2 short")
    hand.tap("Damaged")
    hand.sees("Confirm 2 short\ndamaged")
    _picture(hand.page, "pick-short")
    hand.tap("Confirm 2 short")
    hand.sees("2 short", "Scan item")
    hand.scan(SPOON)
    hand.scan("T-0601")
    hand.sees("Scan drop location")
    assert house.events("pick_short") == ["pick_short"]
    hand.scan("STN/PACK-2")
    house.prove()


def test_a_wrong_label_is_followed_by_the_right_one_without_a_tap(house: TeaHouse, hand: Hand) -> None:
    """What is right the server says: another order after an unknown code, the tote by its code, the item by its barcode."""
    hand.sign_in("1007", station="PACK-2")
    hand.scan("4099999999993", refused=True)
    [line] = _begin_alone(house, hand, "100701", "T-0701")
    hand.scan("01-01-01", refused=True)
    hand.sees(f"then scan {line.place}")
    hand.scan(f"LOC/{line.place}")
    hand.scan(TIN, refused=True)
    hand.sees("then scan SOAP-OLIVE")
    scan(hand.page, SPOON)  # another wrong one is no answer, and is not even sent
    hand.page.wait_for_timeout(200)
    assert [row[1] for row in house.rows(SCANS) if row[0] == "uwe"][-1] == TIN
    hand.scan(f"]d201{SOAP.zfill(14)}")
    hand.scan("T-0999", refused=True)
    hand.sees("then scan T-0701")
    hand.scan("LPN/T-0701")
    hand.scan("STN/PACK-2")
    assert hand.touches == 0
    house.prove()


def test_a_network_that_goes_away_in_the_middle_of_a_walk(house: TeaHouse, hand: Hand) -> None:
    hand.sign_in("1003", station="PACK-2")
    hand.page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    lines = _begin_alone(house, hand, "100401", "T-0401")
    hand.scan(lines[0].place)
    hand.outage = True
    hand.context.set_offline(True)
    made = [BARCODES[lines[0].item], "T-0401", lines[1].place]
    for label in made[:2]:
        scan(hand.page, label)
    hand.sees("Offline. Saved here, go on.", "2 unsent")
    hand.page.reload()
    hand.ready()
    hand.sees("2 unsent", lines[0].item)
    scan(hand.page, made[2])
    hand.sees("3 unsent")
    assert [turn["raw"] for turn in stored(hand.page)] == made
    picked = len(house.events("picked"))
    hand.context.set_offline(False)
    until(hand.page, lambda: not stored(hand.page), "all three answered", 15)
    hand.sees("Scan item", lines[1].item)
    assert len(house.events("picked")) == picked + 1
    answered = [row[1] for row in house.rows(SCANS) if row[0] == "ines"]
    assert answered[-3:] == made
    _finish_alone(house, hand, lines[1:], "T-0401", stands=True)
    house.prove()


def test_a_killed_server_and_a_second_handheld(chromium: Browser, house: TeaHouse, hand: Hand) -> None:
    hand.sign_in("1004", station="PACK-2")
    lines = _begin_alone(house, hand, "100501", "T-0501")
    hand.scan(lines[0].place)
    hand.scan(BARCODES[lines[0].item])
    picked = len(house.events("picked"))
    before = hand.step
    hand.outage = True
    house.kill_worker()
    scan(hand.page, "T-0501")
    scan(hand.page, lines[1].place)
    hand.answered(before, "the scans made while the server was dead")
    until(hand.page, lambda: not stored(hand.page), "both answered", 20)
    hand.sees("Scan item", lines[1].item)
    assert len(house.events("picked")) == picked + 1

    # The battery is low: another handheld takes over, at the same screen; the first says why it is signed out.
    other = Hand(chromium, house.url)
    other.outage = True  # the question whether to take over is a 409, and the browser notes it
    other.open()
    scan(other.page, "BDG/1004")
    other.page.wait_for_selector("#screen[data-ask=pin]")
    other.type_pin("1234")
    other.sees("Take over here")
    other.type_pin("1234")
    other.sees("Scan item", lines[1].item)
    hand.sees("Scan your badge", "signed in on another device")
    _finish_alone(house, other, lines[1:], "T-0501", stands=True)
    other.close()
    house.prove()


def test_goods_come_in_through_an_input_method(house: TeaHouse, hand: Hand) -> None:
    """Android scan services write the whole label at once, as an input method does."""
    hand.sign_in("1005", station="RCV-1")
    hand.scan("DOC/4500188", how="input method")
    for _ in range(3):
        hand.scan(CANDLE, how="input method")
    hand.sees("3 of 3")
    hand.scan("LPN-700003", how="input method")
    hand.sees("All came as ordered.")
    hand.scan("DOC/4500188", how="input method")
    hand.sees("PO 4500188 is closed: all as ordered.")
    assert house.stock()["CANDLE-BEES"] == 3
    assert hand.touches == 0
    house.prove()


class Line(NamedTuple):
    item: str
    place: str
    quantity: int


def _begin_alone(house: TeaHouse, hand: Hand, order: str, tote: str) -> list[Line]:
    """One order by hand: its number starts the walk, an empty tote collects it."""
    hand.scan(f"DOC/{order}")
    hand.sees("Scan empty tote")
    hand.scan(tote)
    return [Line(item, place, count) for of, item, place, count in house.rows(PICKS) if of == order]


def _finish_alone(house: TeaHouse, hand: Hand, lines: list[Line], tote: str, *, stands: bool = False) -> None:
    for line in lines:
        if not stands:
            hand.scan(line.place)
        stands = False
        for _ in range(line.quantity):
            hand.scan(BARCODES[line.item])
        hand.scan(tote)
    hand.sees("Scan drop location")
    hand.scan("STN/PACK-2")


def _pick_alone(house: TeaHouse, hand: Hand, order: str, tote: str) -> str:
    lines = _begin_alone(house, hand, order, tote)
    for line in lines:
        hand.scan(line.place)
        for _ in range(line.quantity):
            hand.scan(BARCODES[line.item])
        hand.scan(tote)
    return tote


def _read(table: Table, station: Hand, label: str, *, refused: bool = False) -> None:
    """The station's own scanner; the page is told by the server."""
    before = station.step
    table.scanner.send(label)
    if label == "CMD/LOG-OUT":
        return
    station.answered(before, label, refused=refused)
