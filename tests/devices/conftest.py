"""A desk with the product's virtual devices plugged into it, over real pseudo terminals and real sockets."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devices.link import DeviceThread, State
from devices.scanner import Frame
from devices.virtual import VirtualScanner
from devices.virtual_door import TcpLine
from devices.virtual_line import PtyLine


class Heard:
    """What arrived, in order, with a patience of a few seconds."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []

    def __call__(self, frame: Frame) -> None:
        self.frames.append(frame)

    @property
    def texts(self) -> list[str]:
        return [frame.text for frame in self.frames]

    def wait(self, count: int, within_s: float = 10.0) -> list[str]:
        eventually(lambda: len(self.frames) >= count, within_s)
        return self.texts


def eventually(what: Callable[[], bool], within_s: float = 10.0) -> float:
    """Wait until `what` holds; the seconds it took, or a failure."""
    start = time.monotonic()
    while not what():
        assert time.monotonic() - start < within_s, "It did not happen in time."
        time.sleep(0.005)
    return time.monotonic() - start


def until(device: DeviceThread, state: State, within_s: float = 10.0) -> float:
    return eventually(lambda: device.health().state == state, within_s)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def running() -> Iterator[Callable[[DeviceThread], DeviceThread]]:
    """Start a device and wait until it is open where it can be; stop it afterwards."""
    started: list[DeviceThread] = []

    def run(device: DeviceThread) -> DeviceThread:
        started.append(device)
        device.start()
        return device

    yield run
    for device in started:
        device.stop()


@pytest.fixture
def pistol(tmp_path: Path) -> Iterator[VirtualScanner]:
    """A scanner on a serial port behind a lasting name."""
    scanner = VirtualScanner(PtyLine(tmp_path / "usb-Scanner-if00"))
    yield scanner
    scanner.unplug()


@pytest.fixture
def tunnel() -> Iterator[VirtualScanner]:
    """A fixed scanner on the network; it listens and we call it."""
    scanner = VirtualScanner(TcpLine())
    yield scanner
    scanner.unplug()
