"""Scanners on real pseudo terminals and sockets: pulled, plugged, stolen, noisy, quick."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from devices.framing import Framing
from devices.link import LONGEST_RETRY_S, Backoff, DeviceThread
from devices.recording import record
from devices.registry import SettingsError
from devices.replay import Recorder, ReplayScanner, read_recording
from devices.scanner import Frame, Scanner
from devices.serial_port import SerialPort
from devices.tcp import ScannerDoor, TcpPort
from devices.virtual import VirtualScanner
from devices.virtual_line import PtyLine
from tests.devices.conftest import Heard, eventually, until

Run = Callable[[DeviceThread], DeviceThread]


def at_serial(pistol: VirtualScanner, heard: Heard, running: Run, framing: Framing = "line") -> DeviceThread:
    device = running(Scanner("pistol", SerialPort(pistol.address), heard, framing))
    until(device, "open")
    return device


def at_tcp(scanner: VirtualScanner, heard: Heard, running: Run) -> DeviceThread:
    host, port = scanner.address.removeprefix("tcp://").split(":")
    device = running(Scanner("tunnel", TcpPort(host, int(port)), heard))
    until(device, "open")
    return device


def test_a_scan_arrives_whole_from_single_bytes(pistol: VirtualScanner, heard: Heard, running: Run) -> None:
    device = at_serial(pistol, heard, running)
    for byte in b"0109506000134352\x1d10ABC\r":
        pistol.send_raw(bytes([byte]))
    assert heard.wait(1) == ["0109506000134352\x1d10ABC"]
    assert device.health().frames == 1
    assert device.health().last_seen is not None


@pytest.mark.parametrize(
    ("framing", "start", "end"),
    [
        ("line", b"", b"\r"),
        ("line", b"", b"\n"),
        ("line", b"", b"\r\n"),
        ("tab", b"", b"\t"),
        ("stx", b"\x02", b"\x03"),
    ],
)
def test_every_way_to_end_a_scan_ends_it_and_is_no_part_of_it(
    pistol: VirtualScanner, heard: Heard, running: Run, framing: Framing, start: bytes, end: bytes
) -> None:
    """Two in one write, then one whose terminator comes late."""
    at_serial(pistol, heard, running, framing)
    pistol.send_raw(start + b"A-01" + end + start + b"01\x1dMUG" + end + start + b"T-0")
    assert heard.wait(2) == ["A-01", "01\x1dMUG"]
    pistol.send_raw(b"203" + end)
    assert heard.wait(3)[2:] == ["T-0203"]


def test_a_scanner_without_suffix_is_framed_by_its_pauses(pistol: VirtualScanner, heard: Heard, running: Run) -> None:
    at_serial(pistol, heard, running, "idle")
    pistol.send_raw(b"A-01")
    assert heard.wait(1) == ["A-01"]
    pistol.send_raw(b"#MUG")
    assert heard.wait(2) == ["A-01", "#MUG"]


def test_half_a_scan_and_a_pulled_cable_deliver_nothing(pistol: VirtualScanner, heard: Heard, running: Run) -> None:
    device = at_serial(pistol, heard, running)
    pistol.send_raw(b"010950600")
    eventually(lambda: device.health().last_seen is not None)
    pistol.unplug()
    eventually(lambda: device.health().state in ("lost", "missing"))
    assert device.health().dropped == 1
    assert heard.texts == []


def test_plugged_in_again_it_reads_within_two_seconds(
    pistol: VirtualScanner, heard: Heard, running: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when it was away so long that the next try is 5 s off."""
    device = at_serial(pistol, heard, running)
    pistol.send_raw(b"half of")
    eventually(lambda: device.health().last_seen is not None)
    monkeypatch.setattr(Backoff, "wait_s", lambda _: LONGEST_RETRY_S)
    pistol.unplug()
    eventually(lambda: device.health().state in ("lost", "missing"))
    time.sleep(0.3)
    pistol.plug()
    assert until(device, "open", within_s=2) < 2
    pistol.send("A-01")
    assert heard.wait(1) == ["A-01"]


def test_a_link_that_points_elsewhere_is_followed(
    pistol: VirtualScanner, heard: Heard, running: Run, tmp_path: Path
) -> None:
    """The old tty says nothing about being dead; the by-id link says that another one is meant."""
    device = at_serial(pistol, heard, running)
    other = VirtualScanner(PtyLine(tmp_path / "other"))
    link, old = Path(pistol.address), Path(pistol.address).readlink()
    link.unlink()
    link.symlink_to(Path(other.address).readlink())
    eventually(lambda: "unplugged" in (device.health().last_error or ""))
    until(device, "open")
    other.send("A-01")
    assert heard.wait(1) == ["A-01"]
    assert old.exists()
    other.unplug()


def test_a_port_that_is_missing_at_start_is_waited_for(tmp_path: Path, heard: Heard, running: Run) -> None:
    device = running(Scanner("pistol", SerialPort(str(tmp_path / "late")), heard))
    until(device, "missing")
    assert "Plug the device in" in (device.health().last_error or "")
    late = VirtualScanner(PtyLine(tmp_path / "late"))
    until(device, "open", within_s=2)
    late.send("A-01")
    assert heard.wait(1) == ["A-01"]
    late.unplug()


def test_a_port_held_by_another_program_is_said_and_taken_when_free(
    pistol: VirtualScanner, heard: Heard, running: Run
) -> None:
    hold = "import serial, sys; p = serial.Serial(sys.argv[1], exclusive=True); print('held', flush=True); input()"
    other = subprocess.Popen(
        [sys.executable, "-c", hold, pistol.address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    device = running(Scanner("pistol", SerialPort(pistol.address), heard))
    until(device, "held")
    assert device.health().last_error == f"{pistol.address} is held by another program. Close it there."
    other.communicate("\n", timeout=10)
    until(device, "open", within_s=6)
    pistol.send("A-01")
    assert heard.wait(1) == ["A-01"]


def test_a_path_that_is_no_port_is_refused_with_a_sentence(tmp_path: Path, heard: Heard, running: Run) -> None:
    (tmp_path / "file").write_text("no tty")
    device = running(Scanner("pistol", SerialPort(str(tmp_path / "file")), heard))
    until(device, "refused")
    assert "cannot be opened" in (device.health().last_error or "")


def test_noise_is_dropped_counted_and_survived(pistol: VirtualScanner, heard: Heard, running: Run) -> None:
    device = at_serial(pistol, heard, running)
    pistol.send_raw(b"x" * 5000)
    pistol.send_raw(b"\r")
    pistol.send_raw(bytes(range(128, 256)).replace(b"\r", b"") + b"\r")
    pistol.send("A-01")
    assert heard.wait(2)[1:] == ["A-01"]
    assert heard.frames[0].raw == bytes(range(128, 256))
    assert device.health().dropped == 1


@pytest.mark.parametrize("scans", [200, pytest.param(1000, marks=pytest.mark.faults)])
def test_a_hundred_scans_a_second_arrive_in_order_none_lost(
    pistol: VirtualScanner, heard: Heard, running: Run, scans: int
) -> None:
    at_serial(pistol, heard, running)
    start = time.monotonic()
    for number in range(scans):
        pistol.send(f"scan {number}")
        time.sleep(max(0.0, start + (number + 1) / 100 - time.monotonic()))
    assert heard.wait(scans) == [f"scan {number}" for number in range(scans)]


def test_a_receiver_that_fails_does_not_stop_the_scanner(pistol: VirtualScanner, heard: Heard, running: Run) -> None:
    def picky(frame: Frame) -> None:
        if frame.text == "bad":
            raise RuntimeError("nobody is logged in")
        heard(frame)

    device = running(Scanner("pistol", SerialPort(pistol.address), picky))
    until(device, "open")
    pistol.send("bad")
    pistol.send("A-01")
    assert heard.wait(1) == ["A-01"]
    assert device.health().last_error == "The last scan was not taken: nobody is logged in"


def test_a_network_scanner_that_hangs_up_in_mid_scan_is_called_again(
    tunnel: VirtualScanner, heard: Heard, running: Run
) -> None:
    device = at_tcp(tunnel, heard, running)
    tunnel.send("A-01")
    tunnel.send_raw(b"010950")
    heard.wait(1)
    time.sleep(0.1)
    tunnel.unplug()
    eventually(lambda: device.health().state != "open")
    tunnel.plug()
    tunnel.send("#MUG")
    assert heard.wait(2) == ["A-01", "#MUG"]
    assert device.health().dropped == 1


@pytest.mark.parametrize("away_s", [0.3, pytest.param(60, marks=pytest.mark.faults)])
def test_a_network_scanner_that_was_off_reads_within_two_seconds(
    tunnel: VirtualScanner, heard: Heard, running: Run, monkeypatch: pytest.MonkeyPatch, away_s: float
) -> None:
    """However long it was away: nothing but a try can tell that it is back."""
    device = at_tcp(tunnel, heard, running)
    if away_s < 1:
        monkeypatch.setattr(Backoff, "wait_s", lambda _: LONGEST_RETRY_S)
    tunnel.unplug()
    eventually(lambda: device.health().state != "open")
    time.sleep(away_s)
    tunnel.plug()
    assert until(device, "open", within_s=4) < 2
    tunnel.send("A-01")
    assert heard.wait(1) == ["A-01"]


def test_a_network_scanner_that_is_off_is_refused_with_its_address(heard: Heard, running: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    device = running(Scanner("tunnel", TcpPort("127.0.0.1", port), heard))
    until(device, "refused")
    assert device.health().last_error == f"tcp://127.0.0.1:{port} refuses the connection."


def test_scanners_that_call_us_are_framed_each_by_itself(heard: Heard, running: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    door = running(ScannerDoor("door", "127.0.0.1", port, heard))
    until(door, "open")
    with (
        socket.create_connection(("127.0.0.1", port)) as left,
        socket.create_connection(("127.0.0.1", port)) as right,
    ):
        left.sendall(b"A-")
        right.sendall(b"#MUG\r")
        assert heard.wait(1) == ["#MUG"]
        left.sendall(b"01\r")
        assert heard.wait(2) == ["#MUG", "A-01"]
        left.sendall(b"half")
        time.sleep(0.1)
    eventually(lambda: door.health().dropped == 1)
    with socket.create_connection(("127.0.0.1", port)) as again:
        again.sendall(b"A-02\r")
        assert heard.wait(3) == ["#MUG", "A-01", "A-02"]


def test_a_recorded_morning_plays_again_in_order(pistol: VirtualScanner, running: Run, tmp_path: Path) -> None:
    recording = tmp_path / "morning.jsonl"
    with recording.open("wb") as sink:
        recorder = Recorder(sink)
        device = running(Scanner("pistol", SerialPort(pistol.address), recorder))
        until(device, "open")
        pistol.send("A-01")
        pistol.send("01\x1dMUG")
        eventually(lambda: device.health().frames == 2)
    played = Heard()
    replay = running(ReplayScanner("replay", recording, played, speed=100))
    assert played.wait(2) == ["A-01", "01\x1dMUG"]
    until(replay, "closed")


def test_the_command_records_a_scanner_and_never_over_an_old_file(
    pistol: VirtualScanner, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file, stop = tmp_path / "noon.jsonl", threading.Event()
    recording = threading.Thread(target=record, args=(pistol.address, file), kwargs={"stop": stop})
    recording.start()
    eventually(lambda: file.exists() and sends(pistol, "A-01") and file.read_bytes().endswith(b"\n"), within_s=20)
    stop.set()
    recording.join(5)
    assert "Recording what" in capfd.readouterr().err  # read while it is written, a line may be lost
    assert [scan.text for scan in read_recording(file)][-1] == "A-01"
    with pytest.raises(FileExistsError):
        record(pistol.address, file)
    with pytest.raises(SettingsError, match="is neither a path nor"):
        record("usb", tmp_path / "none.jsonl")


def sends(pistol: VirtualScanner, text: str) -> bool:
    pistol.send(text)
    return True


def test_a_broken_recording_names_its_line(running: Run, heard: Heard, tmp_path: Path) -> None:
    recording = tmp_path / "broken.jsonl"
    recording.write_text('{"text": "A-01"}\n{"text": 7}\n')
    replay = running(ReplayScanner("replay", recording, heard))
    until(replay, "refused")
    assert "Line 2 of" in (replay.health().last_error or "")
    assert heard.texts == []
