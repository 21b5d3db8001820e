"""The bench of virtual hardware: each key does at the other end of the wire what it says, to the readers a floor has."""

import contextlib
import socket
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import select

from app import config, station_settings, virtual_wall
from app.db import Database
from app.edges import Hardware
from app.schema.places import station
from app.virtual_wall import Wall
from app.web.live import Hub
from devices.dimensioner import Dimensioner, DimensionError
from devices.scale import Scale, ScaleError
from devices.scale_protocols import read_line
from devices.scanner import Scanner
from devices.tcp import TcpPort
from printers import zpl
from printers.virtual_door import Door
from printers.virtual_faults import FAULTS
from tests import engines
from tests.devices.conftest import Heard, eventually, until
from tests.printers.samples import LABELS

EVERY = {"SCAN-1", "SCALE-1", "DIM-1", "LABEL-1", "SLIP-1"}


class Bench:
    """The wall's page as a browser has it, and a floor's readers on its wires."""

    def __init__(self, wall: Wall, door: Door, heard: Heard) -> None:
        self.wall, self.door, self.heard = wall, door, heard
        self.pistol, self.scale = wall.scanners["SCAN-1"], wall.scales["SCALE-1"]
        self.printer = wall.printers["LABEL-1"]
        self.measurer = Dimensioner("DIM-1", self._port(wall.dimensioners["DIM-1"].address), "cubiscan")
        self.reader = Scanner("SCAN-1", self._port(self.pistol.address), heard)
        self.weigher = Scale("SCALE-1", self._port(self.scale.address))

    def grams(self) -> int | None:
        """What the floor reads; None while no weight may be used."""
        try:
            return self.weigher.read().grams
        except ScaleError:
            return None

    def box(self) -> tuple[int, ...] | str:
        """What the floor reads off the dimensioner, or why nothing."""
        try:
            found = self.measurer.read()
        except DimensionError as problem:
            return problem.code
        return (found.length_mm, found.width_mm, found.height_mm, found.weight_g)

    def _port(self, address: str) -> TcpPort:
        host, port = address.removeprefix("tcp://").split(":")
        return TcpPort(host, int(port))

    def page(self, path: str = "") -> str:
        with urllib.request.urlopen(self.door.url + path, timeout=5) as answer:
            return str(answer.read().decode())

    def press(self, device: str, *, origin: str = "", **form: str) -> str:
        """The page after a key was pressed."""
        request = urllib.request.Request(
            self.door.url + device,
            data=urllib.parse.urlencode(form).encode(),
            headers={"Origin": origin or self.door.url.rstrip("/")},
        )
        with urllib.request.urlopen(request, timeout=15) as answer:
            return str(answer.read().decode())


@pytest.fixture
def bench() -> Iterator[Bench]:
    with ExitStack() as running:
        wall = virtual_wall.set_up(running, 0, 0, 0, 0, 0)
        bench = Bench(wall, running.enter_context(wall.door()), Heard())
        for device in (bench.reader, bench.weigher):
            device.start()
            running.callback(device.stop)
            until(device, "open")
        yield bench


def test_a_click_is_a_scan_and_a_pulled_plug_is_a_pulled_plug(bench: Bench) -> None:
    assert "Scanned LOC/A-01" in bench.press("scanner/SCAN-1", code="LOC/A-01")
    assert bench.heard.wait(1) == ["LOC/A-01"]
    assert "unplugged" in bench.press("scanner/SCAN-1", fault="plug")
    assert "The scanner is unplugged." in bench.press("scanner/SCAN-1", code="LOC/A-02")
    eventually(lambda: bench.reader.health().state != "open")
    assert "plugged in" in bench.press("scanner/SCAN-1", fault="plug")
    until(bench.reader, "open")
    bench.press("scanner/SCAN-1", code="LOC/A-03")
    assert bench.heard.wait(2) == ["LOC/A-01", "LOC/A-03"]


def test_half_a_scan_arrives_as_nothing(bench: Bench) -> None:
    assert "nothing of it may arrive" in bench.press("scanner/SCAN-1", code="4006381333931", fault="torn")
    bench.press("scanner/SCAN-1", fault="plug")
    until(bench.reader, "open")
    bench.press("scanner/SCAN-1", code="LOC/A-01")
    assert bench.heard.wait(1) == ["LOC/A-01"]


def test_a_hundred_scans_a_second_arrive_in_order_also_byte_by_byte(bench: Bench) -> None:
    bench.press("scanner/SCAN-1", fault="trickle")
    bench.press("scanner/SCAN-1", code="T", fault="burst")
    assert bench.heard.wait(100) == [f"T-{number:03d}" for number in range(100)]


def test_the_separator_can_be_lost(bench: Bench) -> None:
    label = "]C1010950600013435210AB<GS>21X"
    bench.press("scanner/SCAN-1", code=label)
    bench.press("scanner/SCAN-1", fault="gs")
    bench.press("scanner/SCAN-1", code=label)
    assert bench.heard.wait(2) == [label.replace("<GS>", "\x1d"), label.replace("<GS>", "")]


def test_noise_is_no_scan_and_the_next_one_is_read(bench: Bench) -> None:
    bench.press("scanner/SCAN-1", fault="endless")
    bench.press("scanner/SCAN-1", code="cut off with the noise before it")
    bench.press("scanner/SCAN-1", code="LOC/A-01")
    assert bench.heard.wait(1) == ["LOC/A-01"]


def test_what_lies_on_the_scale_is_read_in_grams_whatever_its_display_says(bench: Bench) -> None:
    bench.press("scale/SCALE-1", grams="1482")
    eventually(lambda: bench.grams() == 1482)
    assert "weighs in lb" in bench.press("scale/SCALE-1", fault="pounds")
    eventually(lambda: b"lb" in bench.scale.say())
    eventually(lambda: abs((bench.grams() or 0) - 1482) <= 1)
    for fault in ("unsteady", "overload", "silent"):
        bench.press("scale/SCALE-1", fault=fault)
        eventually(lambda: bench.grams() is None, 4)
        bench.press("scale/SCALE-1", fault=fault)
        eventually(lambda: bench.grams() is not None, 4)


def test_a_box_on_the_dimensioner_is_read_in_millimetres_and_what_goes_wrong_gives_no_size(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devices.dimensioner.ASK_EVERY_S", 0.15)
    bench.measurer.start()
    assert "300 × 200 × 150 mm" in bench.press("dimensioner/DIM-1", box="300 200 150 1250")
    eventually(lambda: bench.box() == (300, 200, 150, 1250), 5)
    for fault, why in (("held", "dimensioner_unsteady"), ("edge", "dimensioner_refused")):
        bench.press("dimensioner/DIM-1", fault=fault)
        eventually(lambda expected=why: bench.box() == expected, 5)  # type: ignore[misc]
        bench.press("dimensioner/DIM-1", fault=fault)
    assert "four whole numbers" in bench.press("dimensioner/DIM-1", box="300 200")
    assert "pulled" in bench.press("dimensioner/DIM-1", fault="torn")
    eventually(lambda: bench.box() == "dimensioner_away", 5)
    bench.measurer.stop()


def test_labels_are_seen_as_they_come_out_and_paper_out_holds_them(bench: Bench) -> None:
    assert "Put paper in" in bench.press("printer/LABEL-1", fault="paper")
    with socket.create_connection((bench.printer.host, bench.printer.port)) as host:
        host.sendall(zpl.render(LABELS["hold"]))
    eventually(lambda: "0 printed, 1 waiting inside" in bench.page())
    bench.press("printer/LABEL-1", fault="paper")
    assert bench.printer.wait_for(1)
    assert '<img src="/printer/LABEL-1/1.svg"' in bench.page()
    assert "DO NOT PICK OR MOVE" in bench.page("printer/LABEL-1/1.svg")


def test_every_key_of_a_printer_stays_down_until_it_is_pressed_again(bench: Bench) -> None:
    for name in FAULTS:
        down = f'value="{name}" aria-pressed="true"'
        assert down in bench.press("printer/SLIP-1", fault=name)
        assert down not in bench.press("printer/SLIP-1", fault=name)
    assert bench.page().count('aria-pressed="true"') == 0


def test_what_is_not_there_is_refused_and_nobody_else_may_press(bench: Bench) -> None:
    for device, form in (
        ("printer/LABEL-1", {"fault": "format"}),
        ("printer/LABEL-9", {"fault": "paper"}),
        ("scanner/SCAN-1", {"fault": "burn"}),
        ("scale/SCALE-1", {"fault": "burn"}),
        ("elsewhere", {"code": "X"}),
    ):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            bench.press(device, **form)
    with pytest.raises(urllib.error.HTTPError, match="403"):
        bench.press("scanner/SCAN-1", code="LOC/A-01", origin="http://elsewhere")
    for path in ("static/x/none.css", "printer/LABEL-1/7.svg", "printer/LABEL-9/1.svg", "nothing"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            bench.page(path)
    assert "whole grams" in bench.press("scale/SCALE-1", grams="heavy")
    assert bench.heard.texts == []


def test_each_end_of_a_code_two_in_one_piece_and_a_stand_in_are_what_they_say(bench: Bench) -> None:
    ends = {"lf": b"A\n", "crlf": b"A\r\n", "tab": b"A\t", "stx": b"\x02A\x03", "none": b"A"}
    for name, framed in ends.items():
        assert "framing = " in bench.press("scanner/SCAN-1", fault=name)
        assert bench.pistol.framed("A") == framed
        if name in ("lf", "crlf"):
            bench.press("scanner/SCAN-1", code=f"LOC/{name}")
        bench.press("scanner/SCAN-1", fault=name)
        assert bench.pistol.framed("A") == b"A\r"
    assert "two scans" in bench.press("scanner/SCAN-1", code="B", fault="together")
    bench.press("scanner/SCAN-1", fault="stand_in")
    bench.press("scanner/SCAN-1", code="10AB<GS>21X")
    assert bench.heard.wait(5) == ["LOC/lf", "LOC/crlf", "B-1", "B-2", "10AB~21X"]


def test_the_plug_pulled_in_a_long_burst_leaves_whole_scans_in_order(bench: Bench) -> None:
    bench.press("scanner/SCAN-1", code="T", fault="long_burst")
    bench.heard.wait(20)
    bench.press("scanner/SCAN-1", fault="plug")
    eventually(lambda: bench.reader.health().state != "open")
    heard = list(bench.heard.texts)
    assert 20 <= len(heard) < 900
    assert heard == [f"T-{number:04d}" for number in range(len(heard))]


def test_the_scale_speaks_every_dialect_and_shows_every_unit(bench: Bench) -> None:
    bench.press("scale/SCALE-1", grams="1500")
    for dialect in ("mt-sics", "toledo-8217", "a-and-d"):
        assert f"protocol = &#34;{dialect}&#34;" in bench.press("scale/SCALE-1", fault=dialect)
        for unit in ("grams", "ounces", "pounds"):
            bench.press("scale/SCALE-1", fault=unit)
            read = read_line(bench.scale.protocol, bench.scale.say().strip(b"\x02\r\n"))
            assert (read.trouble, abs((read.grams or 0) - 1500) <= 5) == (None, True), (dialect, unit, read)
            bench.press("scale/SCALE-1", fault=unit)
        bench.press("scale/SCALE-1", fault=dialect)
    assert bench.scale.protocol == "generic"


def test_a_roll_ends_after_its_labels_and_a_cut_comes_at_its_byte(bench: Bench) -> None:
    def send() -> None:
        with socket.create_connection((bench.printer.host, bench.printer.port), timeout=5) as host:
            host.sendall(zpl.render(LABELS["hold"]) * 2)
            with contextlib.suppress(OSError):
                host.recv(1) if bench.printer.reset_after else None

    bench.press("printer/LABEL-1", fault="roll", number="1")
    send()
    eventually(lambda: "1 printed, 1 waiting inside" in bench.page())
    assert bench.printer.paper_out
    bench.press("printer/LABEL-1", fault="roll")
    assert bench.printer.wait_for(2)
    bench.press("printer/LABEL-1", fault="reset", number="31")
    before = bench.printer.received
    send()
    eventually(lambda: bench.printer.received == before + 31)
    assert "up to 999,999" in bench.press("printer/LABEL-1", fault="reset", number="many")


def test_a_printer_that_refuses_connections_listens_at_the_same_port_again(bench: Bench) -> None:
    where = (bench.printer.host, bench.printer.port)
    bench.press("printer/LABEL-1", fault="closed")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(where)
    bench.press("printer/LABEL-1", fault="closed")
    with socket.create_connection(where) as host:
        host.sendall(zpl.render(LABELS["hold"]))
    assert bench.printer.wait_for(1)


def test_a_floor_uses_every_device_with_the_settings_the_bench_prints(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "pickface.toml"
    file.write_text(bench.wall.settings("PACK-1"))
    settings = config.load(file)
    database = Database(engines.fresh_sqlite(tmp_path))
    hardware = Hardware(settings, database, Hub())
    hardware.start()
    try:
        assert database.do(lambda tx: station_settings.put_in(tx, settings.stations)) == []
        eventually(lambda: {one.name for one in hardware.states() if one.state == "ready"} == EVERY, 10)
        with database.reading() as tx:
            assert tx.rows(select(station)) == [("PACK-1", "", "", "", "LABEL-1", "SLIP-1", "SCALE-1", "SCAN-1")]
    finally:
        hardware.stop()
        database.close()


def test_the_command_says_where_everything_is_and_ends_when_told(capfd: pytest.CaptureFixture[str]) -> None:
    stop = threading.Event()
    options = [
        word for name in ("scanner", "scale", "dimensioner", "labels", "slips", "web") for word in (f"--{name}", "0")
    ]
    running = threading.Thread(target=virtual_wall.run, args=(options,), kwargs={"stop": stop})
    running.start()
    said = ""

    def told() -> bool:
        nonlocal said
        told = capfd.readouterr()
        said += told.err + told.out
        return "SLIP-1" in said

    eventually(told)
    stop.set()
    running.join(5)
    assert not running.is_alive()
    assert "The bench is at http://127.0.0.1:" in said
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert virtual_wall.run(["--scanner", str(taken.getsockname()[1])]) == 1
    assert "cannot be set up" in capfd.readouterr().err
