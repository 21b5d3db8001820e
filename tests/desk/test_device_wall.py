"""The device wall in front of the bench: each fault of a virtual device stands there in plain words, with what to do."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from html import unescape
from pathlib import Path

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from app import schema, virtual_wall
from app.config import DeviceSettings, PrinterSettings
from app.db import Database
from app.edges import Hardware
from app.floor.floor import NoScale
from app.main import build
from app.printing import decisions
from app.printing.queueing import queue_chosen
from app.virtual_wall import Wall
from app.work import device_alerts
from tests import engines
from tests.desk import house
from tests.desk.house import Desk

STATION = "PACK-1"
LOGIN = {"token": "t-vera", "door": "floor", "worker": "vera", "device": "HH-9", "ends": 2**52, "seen": 0}
SESSION = {
    "worker": "vera", "login": "t-vera", "device": "HH-9", "station": STATION, "screen": "packing.scan", "state": b"",
    "undo_state": b"", "trail": b"",
}  # fmt: skip


class Floor:
    """A bench of virtual devices on the wires of an open house, and somebody at its desk."""

    def __init__(self, bench: Wall, client: TestClient[Litestar]) -> None:
        self.bench = bench
        self.hardware: Hardware = client.app.state.house.edges
        self.desk = Desk(client, "ruth")

    def page(self, name: str) -> str:
        """One device's page as text."""
        html = self.desk.see(f"/desk/device?name={name}")
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", html.split("<main", 1)[1])).split())

    def shows(self, name: str, *words: str, within_s: float = 6.0) -> str:
        """Wait until the device's page says all of it."""
        until = time.monotonic() + within_s
        while not all(word in (page := self.page(name)) for word in words):
            assert time.monotonic() < until, f"{words} not in: {page}"
            time.sleep(0.05)
        return page

    def counters(self, name: str) -> dict[str, int]:
        return dict(next(one for one in self.hardware.states() if one.name == name).counters)

    def fault(self, kind: str, name: str, fault: str, code: str = "") -> None:
        assert self.bench.post(f"/{kind}/{name}", {"fault": fault, "code": code}) is not None

    def test(self, name: str, test: str) -> str:
        return unescape(self.desk.press("/desk/devices/test", device=name, test=test).text)


@pytest.fixture(scope="module")
def open_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Wall, TestClient[Litestar]]]:
    folder: Path = tmp_path_factory.mktemp("wall")
    url = engines.fresh_sqlite(folder)
    database = Database(url)
    house.lay_out(database)
    database.close()
    with ExitStack() as running:
        bench = virtual_wall.set_up(running, 0, 0, 0, 0, 0)
        settings = msgspec.structs.replace(
            house.settings(folder, url),
            devices=(
                DeviceSettings(name="SCAN-1", kind="scanner", address=bench.scanners["SCAN-1"].address, station=STATION),
                DeviceSettings(name="SCALE-1", kind="scale", address=bench.scales["SCALE-1"].address, station=STATION),
            ),
            printers=(
                PrinterSettings(name="LABEL-1", address=bench.printers["LABEL-1"].address),
                PrinterSettings(name="SLIP-1", kind="escpos", address=bench.printers["SLIP-1"].address),
            ),
        )  # fmt: skip
        client = running.enter_context(TestClient(build(settings, end=False), base_url="http://127.0.0.1:8080"))
        for worker in client.app.state.house.edges.spooler.workers.values():
            worker.poll_s = 0.1
        yield bench, client


@pytest.fixture
def floor(open_house: tuple[Wall, TestClient[Litestar]]) -> Floor:
    return Floor(*open_house)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("paper", ("Out of labels since", "Put a roll in and close the head.")),
        ("head", ("The print head is open since", "Close the head.")),
        ("pause", ("Paused at the printer since", "Press its pause key.")),
        ("hot", ("Too hot", "Wait, and leave it closed: it goes on by itself when it has cooled.")),
        ("refuse", ("No answer at 127.0.0.1", "its cable is in")),
        ("hang_up_before", ("It closed the connection when asked for its status since", "Switch it off and on;")),
    ],
)
def test_a_printers_fault_is_told_with_what_to_do_and_goes_away(
    floor: Floor, fault: str, told: tuple[str, ...]
) -> None:
    floor.shows("LABEL-1", "Well")
    floor.fault("printer", "LABEL-1", fault)
    floor.test("LABEL-1", "status")
    floor.shows("LABEL-1", "Needs a hand", *told)
    assert "Needs a hand" in floor.desk.see("/desk/devices")
    floor.fault("printer", "LABEL-1", fault)
    floor.test("LABEL-1", "status")
    floor.shows("LABEL-1", "Well")


@pytest.mark.faults
@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("silent", ("Connected, but silent since", "Switch it off and on.")),
        ("deaf", ("Connected, but silent since", "Switch it off and on.")),
        ("pieces", ("Well", "Ready.")),
        ("slow", ("Well", "Ready.")),
    ],
)
def test_a_printer_that_does_not_answer_is_told_after_its_time(floor: Floor, fault: str, told: tuple[str, ...]) -> None:
    floor.fault("printer", "LABEL-1", fault)
    floor.test("LABEL-1", "status")
    floor.shows("LABEL-1", *told, within_s=10)
    floor.fault("printer", "LABEL-1", fault)
    floor.test("LABEL-1", "status")
    floor.shows("LABEL-1", "Well")


def test_a_label_cut_off_is_in_doubt_until_a_person_says(floor: Floor) -> None:
    home, before = floor.desk.client.app.state.house, floor.counters("LABEL-1")
    floor.fault("printer", "LABEL-1", "reset")
    queued = home.db.do(
        lambda tx: queue_chosen(tx, house.LPN_LABEL, home.ports.printers["LABEL-1"], subject="L-1", worker="ruth")
    )
    floor.shows("LABEL-1", "1 label may have come out or not: say so under Prints.")
    assert floor.counters("LABEL-1")["unknown"] == before["unknown"] + 1
    floor.fault("printer", "LABEL-1", "reset")
    home.db.do(lambda tx: decisions.decide(tx, queued, "cancelled", reason="seen to be torn"))
    floor.shows("LABEL-1", "Well")
    assert "may have come out" not in floor.page("LABEL-1")


def test_a_packer_without_a_scanner_is_a_case_with_the_walls_own_words(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_alerts, "GONE_FOR", 0)
    home = floor.desk.client.app.state.house
    home.db.do(lambda tx: tx.run(schema.floor.login.insert().values(**LOGIN)))
    home.db.do(lambda tx: tx.run(schema.floor.session.insert().values(**SESSION)))
    floor.shows("SCAN-1", "Well")
    floor.fault("scanner", "SCAN-1", "plug")
    floor.shows("SCAN-1", "Not there since")
    with home.db.reading() as tx:
        found = device_alerts.look(tx, floor.hardware.states())
    assert [one.sentence for one in found.raised if one.device == "SCAN-1"] == [
        "vera works at PACK-1 without its scanner SCAN-1: Not there. "
        "Switch it on and see that its cable is in; it connects by itself."
    ]
    home.db.do(lambda tx: device_alerts.act_on(tx, found))
    assert "device SCAN-1" in floor.desk.see("/desk/exceptions")
    floor.fault("scanner", "SCAN-1", "plug")
    floor.shows("SCAN-1", "Well")
    with home.db.reading() as tx:
        found = device_alerts.look(tx, floor.hardware.states())
    home.db.do(lambda tx: device_alerts.act_on(tx, found))
    for table in (schema.floor.session, schema.floor.login):
        home.db.do(lambda tx, table=table: tx.run(table.delete().where(table.c.worker == "vera")))
    closed = unescape(floor.desk.see("/desk/exceptions?state=closed"))
    assert "The device is back. (by itself)" in " ".join(re.sub(r"<[^>]+>", "", closed).split())


def test_a_printer_shows_its_bytes_both_ways_and_its_tests(floor: Floor) -> None:
    assert "LABEL-1: printed." in floor.test("LABEL-1", "label")
    page = floor.shows("LABEL-1", "~HQES<CR><LF>", "PRINTER STATUS", "<STX>030,0,0,1218", "^FS")
    assert "7E 48 51 45 53 0D 0A" in page
    looks = Desk(floor.desk.client, "vera").see("/desk/device?name=LABEL-1")
    assert "What passed lately" not in looks, "labels carry people's addresses: not for whoever may only look"
    floor.desk = Desk(floor.desk.client, "ruth")
    assert "SLIP-1: printed." in floor.test("SLIP-1", "slip")
    told = floor.desk.press("/desk/returns/drawer", printer="SLIP-1", reason="to see whether it opens")
    assert "SLIP-1 was told to open its drawer." in told.text
    floor.shows("SLIP-1", "<ESC>p", "TEST", "Open the drawer")
    assert "SLIP-1 has no such test." in floor.test("SLIP-1", "label")
    assert "Ready." in floor.test("SLIP-1", "status")


def test_a_scanners_faults_are_counted_and_its_plug_is_told(floor: Floor) -> None:
    floor.shows("SCAN-1", "Well")
    before = floor.counters("SCAN-1")
    floor.fault("scanner", "SCAN-1", "garbage")
    floor.fault("scanner", "SCAN-1", "endless")
    assert floor.bench.post("/scanner/SCAN-1", {"code": "BDG/1002"}) is not None  # its end ends the endless one, too
    assert floor.bench.post("/scanner/SCAN-1", {"code": "BDG/1002"}) is not None
    counted = [f"{name} {before[name] + 1}" for name in ("garbage", "too long")]
    floor.shows("SCAN-1", *counted, f"refused {before['refused'] + 2}", "BDG/****<CR>")
    assert "1002" not in floor.page("SCAN-1")
    floor.fault("scanner", "SCAN-1", "torn", "LOC/A-01")
    floor.shows("SCAN-1", "Away", "Not there since", f"torn {before['torn'] + 1}")
    floor.fault("scanner", "SCAN-1", "plug")
    floor.shows("SCAN-1", "Well", f"reconnects {before['reconnects'] + 1}")


def test_the_next_scan_may_be_a_test_and_is_not_counted(floor: Floor) -> None:
    floor.shows("SCAN-1", "Well")
    before = floor.hardware.states()
    told: list[str] = []
    waits = threading.Thread(target=lambda: told.append(floor.hardware.test("SCAN-1", "scan")))
    waits.start()
    while not floor.hardware.tests.takes("SCAN-1", "]C1LOC\x1dA-01"):
        time.sleep(0.01)
    waits.join(5)
    assert told == ["SCAN-1 reads ]C1LOC<GS>A-01. Nothing was counted."]
    assert [one for one in floor.hardware.states() if one.name == "SCAN-1"] == [
        one for one in before if one.name == "SCAN-1"
    ]


def test_what_a_printer_will_lack_soon_is_a_warning_and_no_trouble(floor: Floor) -> None:
    floor.shows("LABEL-1", "Well")
    assert "warns." not in floor.desk.see("/desk/devices")
    floor.fault("printer", "LABEL-1", "dirty")
    floor.test("LABEL-1", "status")
    floor.shows("LABEL-1", "Warns", "Its print head wants cleaning")
    wall = floor.desk.see("/desk/devices")
    assert "One warns." in wall
    assert 'aria-label="warns"' in wall
    assert "printed" in floor.test("LABEL-1", "label")
    floor.fault("printer", "LABEL-1", "dirty")
    floor.test("LABEL-1", "status")
    floor.shows("LABEL-1", "Well")


def test_a_scales_faults_are_told_with_what_to_do(floor: Floor) -> None:
    scale = floor.bench.scales["SCALE-1"]
    scale.set_weight(1200)
    floor.shows("SCALE-1", "1200 g, steady")
    assert "SCALE-1 shows 1200 g." in floor.test("SCALE-1", "weight")
    assert "SCALE-1 has no such test." in floor.test("SCALE-1", "zero"), "this protocol has no such order"
    for fault, words in (
        ("overload", ("Overloaded since", "Take the goods off.")),
        ("silent", ("Connected, and silent since", "Switch it on")),
        ("unsteady", ("The weight is moving",)),
        ("plug", ("Not there since", "Switch it on")),
    ):
        floor.fault("scale", "SCALE-1", fault)
        floor.shows("SCALE-1", *words)
        floor.fault("scale", "SCALE-1", fault)
        floor.shows("SCALE-1", "1200 g, steady")
    scale.set_weight(-20)
    floor.shows("SCALE-1", "Shows less than nothing since", "Empty it and set it to zero.")
    scale.set_weight(0)


def test_a_packer_is_told_what_is_wrong_on_the_scale_not_that_there_is_none(floor: Floor) -> None:
    floor.bench.scales["SCALE-1"].set_weight(1200)
    floor.shows("SCALE-1", "1200 g, steady")
    for fault, words in (("unsteady", "Take your hands off and wait."), ("overload", "Take the goods off.")):
        floor.fault("scale", "SCALE-1", fault)
        floor.shows("SCALE-1", "The weight is moving" if fault == "unsteady" else "Overloaded")
        with pytest.raises(NoScale, match=words) as refused:
            floor.hardware.weigh("SCALE-1")
        told = refused.value
        assert (told.title, told.what_to_do) == ("Not weighed", "Then weigh again. If it stays so, type the weight.")
        floor.fault("scale", "SCALE-1", fault)
    floor.fault("scale", "SCALE-1", "plug")
    floor.shows("SCALE-1", "Not there", floor.bench.scales["SCALE-1"].address)
    with pytest.raises(NoScale) as refused:
        floor.hardware.weigh("SCALE-1")
    assert refused.value.sentence == "The scale of PACK-1 is away. See that it is switched on and plugged in."
    floor.fault("scale", "SCALE-1", "plug")
    with pytest.raises(NoScale) as refused:
        floor.hardware.weigh("SCALE-9")
    assert refused.value.title == "No scale here"


def test_a_browser_shows_what_it_sent_and_what_it_was_answered(floor: Floor) -> None:
    page = floor.page("HH-02")
    assert "Silent" in page
    assert "Not heard for 1 h" in page
    assert floor.desk.client.get("/desk/device?name=ghost", headers={"Accept": "text/html"}).status_code == 404
