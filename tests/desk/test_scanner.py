"""The set-up page of a scanner: what was typed is told in words, and only told."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import select

from app.config import DeviceSettings
from app.db import Database
from app.main import build
from app.schema.people import security_event
from app.work import scanner_setups
from devices.calibration import ELEMENTS
from devices.keyboards import typed
from tests import engines
from tests.desk import house
from tests.desk.house import Desk

LOGGED = select(security_event.c.detail).where(security_event.c.kind == "scanner_set")


@pytest.fixture(scope="module")
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def open_house(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[TestClient[Litestar]]:
    """A house with a scanner at one station that calls us."""
    folder: Path = tmp_path_factory.mktemp("scanner")
    url = engines.fresh_sqlite(folder)
    database = Database(url)
    house.lay_out(database)
    database.close()
    scanner = DeviceSettings(name="SCAN-9", kind="scanner", address=f"listen://127.0.0.1:{port}", station="PACK-1")
    settings = msgspec.structs.replace(house.settings(folder, url), devices=[scanner])
    with TestClient(build(settings, end=False), base_url="http://127.0.0.1:8080") as client:
        yield client


def codes(text: str) -> str:
    return " ".join(f"{ord(sign):x}" for sign in text)


def test_a_typed_code_is_told_in_words_with_its_bytes_and_pace(open_house: TestClient[Litestar]) -> None:
    ada = Desk(open_house, "ada")
    page = ada.see("/desk/scanner")
    assert page.count("<svg xmlns") >= 2
    assert "What SCAN-9 said" in page
    told = ada.press("/desk/scanner/heard", codes=codes("]C1" + ELEMENTS + "\r"), gaps="4 5 9").text
    assert "GS1-128 is read" in told
    assert "The separator (GS) arrives as itself." in told
    assert "<b>GS</b><span>1D</span>" in told
    assert "4 keys in 18 ms: 5 ms between two, 9 ms at most." in told
    slow = ada.press("/desk/scanner/heard", codes=codes(typed(ELEMENTS, ("AZERTY", False))), gaps="90 95").text
    assert "arrives garbled" in slow
    assert "set the scanner&#39;s keyboard country to France" in slow
    assert "delay between characters to 0" in slow


def test_a_scanner_that_types_is_set_up_for_its_device_and_a_second_scan_confirms_it(
    open_house: TestClient[Litestar],
) -> None:
    ada, db = Desk(open_house, "ada"), open_house.app.state.house.db
    sent = codes("##]C1" + ELEMENTS.replace("\x1d", "~") + "\r")

    def says() -> str:
        return str(ada.press("/desk/scanner/heard", codes=sent, gaps="4 5 9").text)

    told = says()
    assert "Labels are not read so yet: take it over, or let the scanner send GS." in told
    assert "2 characters stand before the code" in told
    assert "confirmed" not in told
    device = told.split("Read ")[1].split(" so from now on")[0]
    assert f"{device} is read so now." in ada.press("/desk/scanner/typed", codes=sent).text
    with db.reading() as tx:
        kept = scanner_setups.of(tx, device)
    assert kept is not None
    assert (kept.gs, kept.prefix, kept.worker, kept.confirmed) == ("~", "##", "ada", 0)
    told = says()
    assert "The separator (GS) arrives as “~” and is read so." in told
    assert "The “##” before the code is taken off." in told
    assert "this scan arrives as it should" in told
    assert "so from now on" not in told
    with db.reading() as tx:
        confirmed = scanner_setups.of(tx, device)
        logged = [row[0] for row in tx.rows(LOGGED)]
    assert confirmed is not None
    assert confirmed.confirmed >= kept.at
    assert f"{device}: ends line, separator ~, prefix ##" in logged
    assert ada.press("/desk/scanner/typed", codes=sent).status_code != 200, "nothing new"
    garbled = codes("".join(typed(ELEMENTS, ("QWERTZ", False))) + "\r")
    assert ada.press("/desk/scanner/typed", codes=garbled).status_code != 200, "a layout is never stored"
    badge = open_house.post("/floor/badge", json={"badge": "##]C0BDG/B-ada"}, headers={"Accept": "application/json"})
    assert badge.json()["badge"] == "B-ada"


def test_what_is_no_set_up_code_is_said_to_be_none(open_house: TestClient[Litestar]) -> None:
    ada = Desk(open_house, "ada")
    for typed_codes in ("", codes("A-01"), "d800 41", "10ffff"[:5], codes("<script>")):
        answer = ada.press("/desk/scanner/heard", codes=typed_codes, gaps="")
        assert answer.status_code == 200
        assert "<script>" not in answer.text
    assert ada.press("/desk/scanner/heard", codes="zz", gaps="").status_code == 400


def _called(port: int) -> socket.socket:
    """A line to the scanner's door; it is shut for a moment where a scanner is read anew."""
    until = time.monotonic() + 5
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=5)
        except ConnectionRefusedError:
            assert time.monotonic() < until, "nobody listens for the scanner"
            time.sleep(0.05)


def test_a_stations_own_scanner_is_heard_and_set_up_by_its_scan_and_a_second_scan_confirms_it(
    open_house: TestClient[Litestar], port: int
) -> None:
    ada = Desk(open_house, "ada")
    assert "SCAN-9 has said nothing in the last minute" in ada.see("/desk/scanner/station?device=SCAN-9")
    edges = open_house.app.state.house.edges

    def scan(text: str) -> str:
        """What the page says of it once it has arrived."""
        before = edges.heard("SCAN-9")
        with _called(port) as scanner:
            scanner.sendall(text.encode())
            until = time.monotonic() + 5
            while edges.heard("SCAN-9") == before and time.monotonic() < until:
                time.sleep(0.02)
            time.sleep(0.05)
        return ada.see("/desk/scanner/station?device=SCAN-9")

    told = scan(ELEMENTS.replace("\x1d", "~") + "\t")
    assert "is read" in told
    assert "The separator (GS) arrives as “~”. Labels are not read so yet" in told
    assert "[[devices]]\nname = &#34;SCAN-9&#34;\nframing = &#34;tab&#34;\ngs = &#34;~&#34;" in told
    time.sleep(1.1)  # a burst of its own
    sent = "##]C1" + ELEMENTS.replace("\x1d", "~") + "*\t"
    told = scan(sent)
    assert "Read SCAN-9 so from now on" in told
    assert "confirmed" not in told
    assert ada.press("/desk/scanner/set", device="SCAN-1").status_code != 200, "there is no such scanner"
    assert "SCAN-9 is set." in ada.press("/desk/scanner/set", device="SCAN-9").text
    setting = edges.devices.settings_of("SCAN-9")
    assert (setting.framing, setting.gs, setting.prefix, setting.suffix) == ("tab", "~", "##", "*")
    told = scan(sent)
    assert "this scan arrives as it should" in told
    assert "Read SCAN-9 so from now on" not in told
    with open_house.app.state.house.db.reading() as tx:
        kept = scanner_setups.of(tx, "SCAN-9")
        logged = [row[0] for row in tx.rows(LOGGED)]
    assert kept is not None
    assert kept.confirmed > kept.at > 0
    assert "SCAN-9: ends tab, separator ~, prefix ##, suffix *" in logged
    garbled = "".join(typed(ELEMENTS, ("QWERTZ", False))) + "\r"
    time.sleep(1.1)
    assert "Read SCAN-9 so" not in scan(garbled + "\t"), "a wrong layout is mended at the computer, never stored"
    assert ada.press("/desk/scanner/set", device="SCAN-9").status_code != 200
