"""The devices of a site from their settings, and the virtual ones as the command line starts them."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.registry import DeviceSettings, Registry, SettingsError, parse_address
from devices.serial_port import serial_ports
from devices.virtual import VirtualScanner
from devices.virtual_door import TcpLine
from devices.virtual_line import NobodyListens, PtyLine
from devices.virtual_scale import VirtualScale
from tests.devices.conftest import eventually


def setting(name: str, address: str, kind: str = "scanner", station: str = "PACK-1") -> DeviceSettings:
    assert kind in ("scanner", "scale")
    return DeviceSettings(kind="scale" if kind == "scale" else "scanner", name=name, station=station, address=address)


def test_a_packing_station_works_with_scanner_and_scale(pistol: VirtualScanner, tmp_path: Path) -> None:
    bench = VirtualScale(PtyLine(tmp_path / "scale"), grams=1200)
    came: list[tuple[str, str, str]] = []
    registry = Registry(
        [setting("pistol", pistol.address), setting("bench", bench.address, "scale")],
        lambda device, station, text: came.append((device, station, text)),
    )
    assert [row.health.state for row in registry.health()] == ["connecting", "connecting"]
    registry.start()
    eventually(lambda: all(row.health.state == "open" for row in registry.health()))
    pistol.send("A-01")
    eventually(lambda: bool(came))
    assert came == [("pistol", "PACK-1", "A-01")]
    scale = registry.scale_at("PACK-1")
    assert scale is not None
    assert scale.weigh().grams == 1200
    assert registry.scale_at("PACK-2") is None
    registry.stop()
    assert [row.health.state for row in registry.health()] == ["closed", "closed"]
    bench.stop()


@pytest.mark.parametrize("address", ["", "pistol", "tcp://host", "tcp://host:no", "ftp://host:1", "tcp://:7001"])
def test_an_address_that_cannot_be_meant_is_refused_by_name(address: str) -> None:
    with pytest.raises(SettingsError, match="scanner pistol"):
        parse_address(setting("pistol", address))


def test_a_scale_cannot_call_us_and_names_are_unique() -> None:
    with pytest.raises(SettingsError, match="scale bench"):
        Registry([setting("bench", "listen://127.0.0.1:7001", "scale")], lambda *_: None)
    with pytest.raises(SettingsError, match="same name"):
        Registry([setting("one", "/dev/a"), setting("one", "/dev/b")], lambda *_: None)


def test_the_ports_of_this_machine_can_be_listed() -> None:
    assert all(path and isinstance(described, str) for path, described in serial_ports())


def test_a_virtual_scanner_never_deletes_a_file_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("precious")
    with pytest.raises(FileExistsError):
        PtyLine(tmp_path / "mine")
    assert (tmp_path / "mine").read_text() == "precious"


def test_scanning_into_an_unplugged_cable_is_said(pistol: VirtualScanner) -> None:
    pistol.unplug()
    with pytest.raises(NobodyListens, match="unplugged"):
        pistol.send("A-01")


@pytest.fixture
def typed() -> Iterator[subprocess.Popen[str]]:
    """`pickface virtual scanner` as a process of its own, with a keyboard."""
    code = "import sys; from devices.virtual import run_scanner; sys.exit(run_scanner(sys.argv[1:]))"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "--tcp", "127.0.0.1:0", "--suffix", "crlf"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    process.communicate(timeout=10)
    assert process.returncode == 0


def test_lines_typed_into_the_virtual_scanner_are_scans(typed: subprocess.Popen[str]) -> None:
    assert typed.stderr is not None
    assert typed.stdin is not None
    address = typed.stderr.readline().split(" at ")[1].split(". ")[0]
    came: list[str] = []
    registry = Registry([setting("desk", address)], lambda _device, _station, text: came.append(text))
    registry.start()
    typed.stdin.write("A-01\n0109506000134352<GS>10ABC\n")
    typed.stdin.flush()
    eventually(lambda: len(came) == 2)
    registry.stop()
    assert came == ["A-01", "0109506000134352\x1d10ABC"]


def test_the_virtual_scale_takes_weights_and_moods_from_the_keyboard() -> None:
    code = "import sys; from devices.virtual import run_scale; sys.exit(run_scale(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", code, "--tcp", "127.0.0.1:0", "--grams", "1200"],
        input="1300\nunstable\nheavy\n",
        capture_output=True,
        text=True,
        timeout=10,
        check=True,
    )
    assert "'heavy' is neither grams, a unit, nor" in done.stderr


def test_a_network_line_serves_whoever_calls_again() -> None:
    line = TcpLine()
    first = line.address
    line.unplug()
    line.plug()
    assert line.address == first
    line.unplug()
