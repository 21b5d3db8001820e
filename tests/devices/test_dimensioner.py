"""A box on the dimensioner: what of its answers may be believed, and that no half of one ever is."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.dimensioner import PROTOCOLS, Dimensioner, DimensionError, DimensionProtocol, read_frame
from devices.link import DeviceThread
from devices.registry import DeviceSettings, Registry, SettingsError
from devices.serial_port import SerialPort
from devices.tcp import TcpPort
from devices.virtual import run_dimensioner
from devices.virtual_dimensioner import VirtualDimensioner
from devices.virtual_door import TcpLine
from devices.virtual_line import PtyLine
from tests.devices.conftest import eventually, until

Run = Callable[[DeviceThread], DeviceThread]
BOX = (300, 200, 150, 1250)


@pytest.fixture(params=PROTOCOLS)
def plate(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[VirtualDimensioner]:
    """The CubiScan on the network, the other on a serial port; the same box stands on each. Both are quick."""
    monkeypatch.setattr("devices.dimensioner.ASK_EVERY_S", 0.15)
    monkeypatch.setattr("devices.virtual_dimensioner.STREAM_EVERY_S", 0.1)
    line = TcpLine() if request.param == "cubiscan" else PtyLine(tmp_path / "usb-Dim-if00")
    dimensioner = VirtualDimensioner(line, request.param)
    dimensioner.box = BOX
    yield dimensioner
    dimensioner.stop()


def connected(plate: VirtualDimensioner, running: Run) -> Dimensioner:
    host, _, port = plate.address.removeprefix("tcp://").rpartition(":")
    wire = SerialPort(plate.address) if plate.address.startswith("/") else TcpPort(host, int(port))
    dimensioner = running(Dimensioner("bench", wire, plate.protocol))
    assert isinstance(dimensioner, Dimensioner)
    until(dimensioner, "open")
    return dimensioner


def measured(dimensioner: Dimensioner) -> tuple[int, int, int, int] | str:
    """The box, or the code of why there is none."""
    try:
        found = dimensioner.read()
    except DimensionError as refused:
        return refused.code
    return (found.length_mm, found.width_mm, found.height_mm, found.weight_g)


@pytest.mark.parametrize(
    ("protocol", "frame", "box"),
    [
        ("cubiscan", b"MAH000000,L030.0,W020.0,H015.0,M,K001.25,D001.80,M,F5000,D", (300, 200, 150, 1250)),
        ("cubiscan", b"MAC00LEEDS,L030.0", None),
        ("cubiscan", b"MACLEEDS1,L011.8,W007.9,H005.9,E,K002.76,D003.97,E,F0139,D", (300, 201, 150, 1252)),
        ("cubiscan", b"MN", None),
        ("cubiscan", b"MAH000000,L___._,W020.0,H015.0,M,K001.25,D001.80,M,F5000,D", None),
        ("generic", b"300,200,150,1250", (300, 200, 150, 1250)),
        ("generic", b" 300.4, 199.5,150 ,1250.0 ", (300, 200, 150, 1250)),
        ("generic", b"300,200,150", None),
        ("generic", b"-300,200,150,1250", None),
    ],
)
def test_each_dialect_is_read_or_not_at_all(
    protocol: DimensionProtocol, frame: bytes, box: tuple[int, int, int, int] | None
) -> None:
    found = read_frame(protocol, frame)
    told = None if found is None else (found.length_mm, found.width_mm, found.height_mm, found.weight_g)
    assert told == box


@given(st.binary(max_size=80), st.sampled_from(PROTOCOLS))
def test_no_frame_breaks_the_reader(frame: bytes, protocol: DimensionProtocol) -> None:
    read_frame(protocol, frame)


def test_a_box_is_measured_once_it_stands_still(plate: VirtualDimensioner, running: Run) -> None:
    dimensioner = connected(plate, running)
    eventually(lambda: measured(dimensioner) == BOX, within_s=5)
    plate.state = "held"
    eventually(lambda: measured(dimensioner) == "dimensioner_unsteady", within_s=5)
    plate.state = "over_edge"
    eventually(lambda: measured(dimensioner) == "dimensioner_refused", within_s=5)
    plate.state, plate.box = "still", (0, 0, 0, 0)
    eventually(lambda: measured(dimensioner) == "dimensioner_empty", within_s=5)
    plate.box = BOX
    eventually(lambda: measured(dimensioner) == BOX, within_s=5)
    plate.state = "silent"
    time.sleep(0.4)
    plate.line.write(plate.say()[:20])
    time.sleep(0.2)
    plate.unplug()
    eventually(lambda: measured(dimensioner) == "dimensioner_away")
    plate.plug()
    until(dimensioner, "open", within_s=3)
    assert measured(dimensioner) == "dimensioner_stale", (
        "nothing of before the plug was pulled is left, and no half of an answer"
    )
    plate.state = "still"
    eventually(lambda: measured(dimensioner) == BOX, within_s=5)


def test_inches_on_its_display_change_nothing_for_the_floor() -> None:
    plate = VirtualDimensioner(TcpLine())
    plate.box, plate.inches = BOX, True
    found = read_frame("cubiscan", plate.say().strip(b"\x02\x03\r\n"))
    assert found is not None
    assert abs(found.length_mm - 300) <= 2
    assert abs(found.weight_g - 1250) <= 5
    plate.stop()


def test_it_is_found_by_its_station_and_settings_that_mix_devices_up_are_refused() -> None:
    one = DeviceSettings(
        kind="dimensioner", name="DIM-1", station="RCV-1", address="tcp://127.0.0.1:7003", protocol="cubiscan"
    )
    registry = Registry([one], lambda device, station, text: None)
    found = registry.dimensioner_at("RCV-1")
    assert found is not None
    assert (found.name, registry.dimensioner_at("PACK-1")) == ("DIM-1", None)
    for kind, protocol in (("dimensioner", "mt-sics"), ("scale", "cubiscan")):
        wrong = DeviceSettings(kind=kind, name="X", station="S", address="tcp://127.0.0.1:1", protocol=protocol)  # type: ignore[arg-type]
        with pytest.raises(SettingsError, match="protocol"):
            Registry([wrong], lambda device, station, text: None)


def test_the_command_takes_boxes_and_says_what_it_does_not_understand(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_dimensioner(["--tcp", "127.0.0.1:0"], ["300 200 150 1250", "over-edge", "a box"]) == 0
    told = capsys.readouterr().err
    assert "Virtual dimensioner at tcp://127.0.0.1:" in told
    assert "'a box' is neither four whole numbers nor still, held, over-edge, silent." in told
