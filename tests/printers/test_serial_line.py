"""A printer on a serial line: every byte arrives as it was, and what is not known of a label is not claimed."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.wire import Wire
from printers import transports
from printers.printer import Outcome, Printer
from printers.serial_line import SerialLink
from printers.virtual import VirtualPrinter
from tests.printers.test_transports import PAYLOAD, QUICK

EVERY_BYTE = bytes(range(256)) * 2


class Cable:
    """The printer's end of a pseudo terminal behind a lasting name, as udev makes one."""

    def __init__(self, folder: Path) -> None:
        self.end, self._port = os.openpty()
        self.path = folder / "usb-Zebra_ZD421"
        self.path.symlink_to(os.ttyname(self._port))
        self.came = b""
        self._stopped = threading.Event()

    def take(self, most: int = 1 << 20) -> bytes:
        """What comes until nothing does for a moment, or `most` bytes."""
        os.set_blocking(self.end, False)
        quiet = time.monotonic() + 0.3
        while len(self.came) < most and time.monotonic() < quiet:
            try:
                self.came += os.read(self.end, min(512, most - len(self.came)))
                quiet = time.monotonic() + 0.3
            except BlockingIOError:
                time.sleep(0.002)
        return self.came

    def lead_to(self, printer: VirtualPrinter) -> None:
        """A printer that answers at the other end."""
        host, port = printer.address.split(":")
        line = socket.create_connection((host, int(port)))

        def pump(read: int, write: int) -> None:
            try:
                while piece := os.read(read, 512):
                    os.write(write, piece)
            except OSError:
                return  # unplugged

        for ends in ((self.end, line.fileno()), (line.detach(), self.end)):
            threading.Thread(target=pump, args=ends, daemon=True).start()

    def unplug(self) -> None:
        for one in (self.end, self._port):
            if one >= 0:
                os.close(one)
        self.path.unlink()
        self.end = self._port = -1


@pytest.fixture
def cable(tmp_path: Path) -> Iterator[Cable]:
    cable = Cable(tmp_path)
    yield cable
    if cable.end >= 0:
        cable.unplug()


def printer(cable: Cable, *, transport: str = "serial", two_way: bool = False) -> Printer:
    return Printer(name="Dock 1", transport=transport, address=str(cable.path), baud=115200, two_way=two_way)  # type: ignore[arg-type]


def in_the_background(one: Printer, payload: bytes, told: list[Outcome]) -> threading.Thread:
    thread = threading.Thread(target=lambda: told.append(transports.send(one, payload, patience=QUICK)))
    thread.start()
    return thread


def test_every_byte_arrives_as_it_was_twice(cable: Cable) -> None:
    """Half of them a terminal would change, double or swallow: LF, CR, XON, XOFF, the interrupt."""
    wire = Wire()
    for _ in range(2):
        assert transports.send(printer(cable), EVERY_BYTE, patience=QUICK, wire=wire).state == "sent"
    assert cable.take() == EVERY_BYTE * 2


def test_a_serial_line_is_no_file(cable: Cable) -> None:
    told = transports.send(printer(cable, transport="file"), PAYLOAD)
    assert told.state == "failed"
    assert 'set transport = "serial" and its baud. Nothing was sent.' in told.sentence
    assert cable.take() == b""


def test_a_printer_that_answers_says_it_printed_and_why_not(cable: Cable) -> None:
    with VirtualPrinter() as virtual:
        cable.lead_to(virtual)
        one = printer(cable, two_way=True)
        assert transports.send(one, PAYLOAD, patience=QUICK) == Outcome(state="printed", sentence="Dock 1 printed it.")
        virtual.change(paper_out=True)
        found = transports.ask(one, patience=QUICK)
        assert found is not None
        assert found.sentence == "Out of labels."
        told = transports.send(one, PAYLOAD, patience=QUICK)
        assert told == Outcome(state="failed", sentence="Dock 1: Out of labels. Nothing was sent.")
        assert virtual.labels() == [PAYLOAD]


def test_unplugged_or_held_before_the_first_byte_is_failed(cable: Cable) -> None:
    one = printer(cable)
    held = SerialLink(one, QUICK)
    assert "held by another program" in transports.send(one, PAYLOAD, patience=QUICK).sentence
    held.close()
    cable.unplug()
    told = transports.send(one, PAYLOAD, patience=QUICK)
    assert told.state == "failed"
    assert "is not there. Plug the device in." in told.sentence
    found = transports.ask(printer(cable, two_way=True), patience=QUICK)
    assert found is not None
    assert not found.ready


def test_a_silent_printer_that_should_answer_gets_nothing_of_the_job(cable: Cable) -> None:
    told = transports.send(printer(cable, two_way=True), PAYLOAD, patience=QUICK)
    assert told == Outcome(state="failed", sentence="Dock 1 is silent. Nothing was sent.")
    assert PAYLOAD not in cable.take()


@pytest.mark.parametrize("stops", ["unplugged", "takes no more"])
def test_a_line_that_ends_in_the_middle_of_a_job_is_unknown(cable: Cable, stops: str) -> None:
    told: list[Outcome] = []
    sending = in_the_background(printer(cable), EVERY_BYTE * 200, told)
    cable.take(2000)
    if stops == "unplugged":
        cable.unplug()
    sending.join(5)
    assert told[0].state == "unknown"
    assert "Did the label come out?" in told[0].sentence
