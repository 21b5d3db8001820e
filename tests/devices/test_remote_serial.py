"""A scanner whose cable ends in a box on the network: its line is set, its scans are whole, and the box may go away."""

import socket
import time
from collections.abc import Callable, Iterator

import pytest

from devices import remote_serial
from devices.link import DeviceThread
from devices.registry import DeviceSettings, Registry
from devices.remote_serial import RemoteSerialPort
from devices.scanner import Scanner
from devices.virtual import VirtualScanner
from devices.virtual_serial_server import SerialServerLine
from tests.devices.conftest import Heard, eventually, until

Run = Callable[[DeviceThread], DeviceThread]


@pytest.fixture
def box() -> Iterator[SerialServerLine]:
    box = SerialServerLine()
    yield box
    box.unplug()


def port_of(box: SerialServerLine) -> int:
    return int(box.address.rpartition(":")[2])


def behind(box: SerialServerLine, heard: Heard, running: Run, baud: int = 9600, bits: int = 8) -> DeviceThread:
    device = running(Scanner("boxed", RemoteSerialPort("127.0.0.1", port_of(box), baud, bits), heard))
    until(device, "open", within_s=5)
    return device


def test_the_box_is_told_the_line_and_every_byte_of_a_scan_arrives(
    box: SerialServerLine, heard: Heard, running: Run
) -> None:
    device = behind(box, heard, running, baud=19200, bits=7)
    assert (box.cable.baudrate, box.cable.bytesize) == (19200, 7)
    for byte in b"]C10109506000134352\x1d10ABC\r":
        box.write(bytes([byte]))
    box.write(b"A-01\r\n#M\xffG\r\n")  # 0xFF is the box's own sign, and doubled on the way
    assert heard.wait(3) == ["]C10109506000134352\x1d10ABC", "A-01", "#MÿG"]
    assert device.health().frames == 3


def test_a_box_that_drops_us_in_mid_scan_is_called_again_and_nothing_is_made_of_the_half(
    box: SerialServerLine, heard: Heard, running: Run
) -> None:
    device = behind(box, heard, running)
    box.write(b"A-01\r010950")
    heard.wait(1)
    eventually(lambda: device.health().last_seen is not None)
    time.sleep(0.2)
    box.hang_up()
    eventually(lambda: device.health().state == "lost")
    assert until(device, "open", within_s=4) < 2
    box.write(b"600013\r")
    assert heard.wait(2) == ["A-01", "600013"]
    assert device.health().dropped == 1


def test_a_box_that_is_off_and_one_that_sets_no_line_are_told_apart(
    box: SerialServerLine, heard: Heard, running: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_serial, "ANSWER_WITHIN_S", 0.4)
    box.unplug()
    off = running(Scanner("off", RemoteSerialPort("127.0.0.1", port_of(box)), heard))
    until(off, "missing")
    assert (
        off.health().last_error
        == f"rfc2217://127.0.0.1:{port_of(box)} cannot be reached. Is the serial server switched on?"
    )
    with socket.create_server(("127.0.0.1", 0)) as raw:
        deaf = running(Scanner("deaf", RemoteSerialPort("127.0.0.1", raw.getsockname()[1]), heard))
        until(deaf, "refused", within_s=6)
        assert "does not set a serial line" in (deaf.health().last_error or "")


def test_settings_name_it_and_a_raw_socket_by_pyserials_words(box: SerialServerLine) -> None:
    came: list[tuple[str, str]] = []
    with socket.create_server(("127.0.0.1", 0)) as raw:
        setting = [
            DeviceSettings(kind="scanner", name="boxed", station="PACK-1", address=box.address, framing="tab"),
            DeviceSettings(
                kind="scanner", name="raw", station="PACK-2", address=f"socket://127.0.0.1:{raw.getsockname()[1]}"
            ),
        ]
        registry = Registry(setting, lambda device, _station, text: came.append((device, text)))
        registry.start()
        wire, _ = raw.accept()
        eventually(lambda: all(row.health.state == "open" for row in registry.health()), 5)
        box.write(b"A-01\t")
        wire.sendall(b"#MUG\rhalf")
        eventually(lambda: len(came) == 2)
        wire.close()
        eventually(lambda: registry.health()[1].health.dropped == 1)
        registry.stop()
    assert sorted(came) == [("boxed", "A-01"), ("raw", "#MUG")]


def test_the_virtual_scanner_behind_a_box_is_read_and_its_plug_can_be_pulled(
    box: SerialServerLine, heard: Heard, running: Run
) -> None:
    device, pistol = behind(box, heard, running), VirtualScanner(box)
    pistol.send("A-01")
    heard.wait(1)
    pistol.unplug()
    until(device, "missing")
    pistol.plug()
    assert until(device, "open", within_s=4) < 2
    pistol.send("A-02")
    assert heard.wait(2) == ["A-01", "A-02"]
