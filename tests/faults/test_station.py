"""A packing table in a real browser whose line to the server is cut while its own scanner goes on reading.

The scanner is wired to the server, so its scans are counted whatever the radio does; what may suffer is the page. When the
line is back the page must show the right screen by itself, and quickly, whether the connection was reset, held its
breath, or was forgotten without a word.
"""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from sqlalchemy import func, select

from app.config import DeviceSettings
from app.schema.floor import scan as scan_log
from devices.virtual import VirtualScanner
from devices.virtual_line import PtyLine
from tests.browser.conftest import chromium, playwright
from tests.browser.hand import Hand
from tests.browser.house import TeaHouse
from tests.browser.tea import SOAP, TIN
from tests.faults.wire import Wire

__all__ = ["chromium", "playwright"]  # fixtures
pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("browser-station")]

SCANS = select(func.count()).select_from(scan_log)
AGAIN_S = 12.0  # after the line is back: htmx waits up to 10 s between its tries
SILENT_S = 45.0  # until a page gives up a line that says nothing (live.js)


@pytest.fixture(scope="module")
def scanner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualScanner]:
    scanner = VirtualScanner(PtyLine(tmp_path_factory.mktemp("dev") / "scanner"))
    yield scanner
    scanner.unplug()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, scanner: VirtualScanner) -> Iterator[TeaHouse]:
    device = DeviceSettings(name="SCAN-1", kind="scanner", station="PACK-1", address=scanner.address)
    with TeaHouse(tmp_path_factory.mktemp("house"), devices=[device]) as house:
        yield house


@pytest.fixture
def wire(house: TeaHouse) -> Iterator[Wire]:
    with Wire(house.port) as wire:
        yield wire


def at_table(chromium: Browser, url: str, badge: str) -> Hand:
    station = Hand(chromium, url, 1280, 800)
    station.outage = True
    station.open()
    station.sign_in(badge, station="PACK-1")
    station.page.wait_for_selector("html[data-live]", state="attached")
    return station


def shows(station: Hand, words: str, within_s: float) -> float:
    begun = time.monotonic()
    station.page.wait_for_function(
        "words => document.querySelector('#screen').innerText.includes(words)", arg=words, timeout=within_s * 1000
    )
    return time.monotonic() - begun


@pytest.mark.parametrize(
    ("seconds", "how"),
    [(3, "dropped"), (3, "hole"), (3, "forgotten"), (180, "dropped"), (180, "hole"), (180, "forgotten")],
)
def test_a_cut_line_costs_no_scan_and_the_right_screen_comes_back(
    chromium: Browser, house: TeaHouse, scanner: VirtualScanner, wire: Wire, seconds: int, how: str
) -> None:
    station = at_table(chromium, wire.url, "1002")
    station.page.wait_for_timeout(500)  # the station's label and the next are no bounce
    scanner.send("CMD/LOOK-UP")
    scanner.send(TIN)
    shows(station, "TIN-100", 5)
    [(before,)] = house.rows(SCANS)

    wire.drop() if how == "dropped" else wire.hole()
    station.page.wait_for_timeout(seconds * 500)
    scanner.send(SOAP)
    station.page.wait_for_timeout(seconds * 500)
    assert house.rows(SCANS) == [(before + 1,)], "the server counted it all the same"
    assert "TIN-100" in station.text, "the page cannot know yet"

    wire.mend(forget=how == "forgotten")
    patience = AGAIN_S if how != "forgotten" or seconds > SILENT_S else SILENT_S + AGAIN_S
    took = shows(station, "SOAP-OLIVE", patience)
    print(f"{how} for {seconds} s: the right screen {took:.1f} s after the line was back")
    scanner.send(TIN)
    shows(station, "TIN-100", 5)
    station.scan("CMD/BACK")  # the page's own scans follow what was pushed
    assert house.rows(SCANS) == [(before + 3,)]
    station.look()
    station.out()
    station.close()
    house.prove()


def test_a_refusal_that_was_not_heard_is_told_when_the_line_is_back(
    chromium: Browser, house: TeaHouse, scanner: VirtualScanner, wire: Wire
) -> None:
    station = at_table(chromium, wire.url, "1004")
    wire.drop()
    station.page.wait_for_timeout(500)
    scanner.send("NO-SUCH-CODE")
    station.page.wait_for_timeout(1000)
    wire.mend()
    shows(station, "Nobody knows NO-SUCH-CODE", AGAIN_S)
    assert station.sounds[-1] == "error"
    station.close()


def test_two_browsers_at_one_table(chromium: Browser, house: TeaHouse, scanner: VirtualScanner) -> None:
    """The scanner reads for who scanned the table's label last; the other hears it, and gets it back the same way."""
    ines, uwe = at_table(chromium, house.url, "1003"), at_table(chromium, house.url, "1007")
    scanner.send(TIN)
    shows(uwe, "TIN-100", 5)
    assert "TIN-100" not in ines.text
    step = uwe.step
    ines.scan("STN/PACK-1")
    scanner.send(SOAP)
    shows(ines, "SOAP-OLIVE", 5)
    shows(uwe, "The scanner of PACK-1 reads for", 5)
    assert (uwe.step, uwe.sounds[-1]) == (step, "error")
    for hand in (ines, uwe):
        hand.close()
    house.prove()
