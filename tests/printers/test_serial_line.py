"""A printer on a serial line: every byte arrives as it was, and what is not known of a label is not claimed."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.wire import Wire
from printers import transports
from printers.link import Link
from printers.printer import Outcome, Printer
from printers.serial_line import FORGET, SerialLink
from printers.virtual import VirtualPrinter
from printers.virtual_cable import Cable
from tests.devices.conftest import eventually
from tests.printers.test_transports import PAYLOAD, QUICK

EVERY_BYTE = bytes(range(256)) * 2


class End:
    """The printer's end of a pseudo terminal behind a lasting name, as udev makes one, and nothing there but ears."""

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

    def unplug(self) -> None:
        for one in (self.end, self._port):
            if one >= 0:
                os.close(one)
        self.path.unlink()
        self.end = self._port = -1


@pytest.fixture
def cable(tmp_path: Path) -> Iterator[End]:
    cable = End(tmp_path)
    yield cable
    if cable.end >= 0:
        cable.unplug()


def printer(cable: End, *, transport: str = "serial", two_way: bool = False) -> Printer:
    return Printer(name="Dock 1", transport=transport, address=str(cable.path), baud=115200, two_way=two_way)  # type: ignore[arg-type]


@pytest.fixture
def virtual(tmp_path: Path) -> Iterator[tuple[VirtualPrinter, Cable, Printer]]:
    """The printer that ships, at the end of its cable, and how the settings know it."""
    with VirtualPrinter() as one, Cable(one, tmp_path / "usb-Pickface-port0", restart_s=3600) as cable:
        yield one, cable, Printer(name="Dock 1", transport="serial", address=cable.address, two_way=True)


def in_the_background(one: Printer, payload: bytes, told: list[Outcome]) -> threading.Thread:
    thread = threading.Thread(target=lambda: told.append(transports.send(one, payload, patience=QUICK)))
    thread.start()
    return thread


def test_every_byte_arrives_as_it_was_twice(cable: End) -> None:
    """Half of them a terminal would change, double or swallow: LF, CR, XON, XOFF, the interrupt."""
    wire = Wire()
    for _ in range(2):
        assert transports.send(printer(cable), EVERY_BYTE, patience=QUICK, wire=wire).state == "sent"
    assert cable.take() == (FORGET + EVERY_BYTE) * 2


def test_a_serial_line_is_no_file(cable: End) -> None:
    told = transports.send(printer(cable, transport="file"), PAYLOAD)
    assert told.state == "failed"
    assert 'set transport = "serial" and its baud. Nothing was sent.' in told.sentence
    assert cable.take() == b""


def test_a_printer_that_answers_says_it_printed_and_why_not(virtual: tuple[VirtualPrinter, Cable, Printer]) -> None:
    paper, _, one = virtual
    assert transports.send(one, PAYLOAD, patience=QUICK) == Outcome(state="printed", sentence="Dock 1 printed it.")
    for fault, said in (("paper_out", "Out of labels."), ("head_open", "The print head is open.")):
        paper.change(**{fault: True})
        found = transports.ask(one, patience=QUICK)
        assert found is not None
        assert found.sentence == said
        told = transports.send(one, PAYLOAD, patience=QUICK)
        assert told == Outcome(state="failed", sentence=f"Dock 1: {said} Nothing was sent.")
        paper.change(**{fault: False})
    assert paper.labels() == [PAYLOAD]


def test_half_a_label_that_broke_off_never_stands_on_the_next_one(
    virtual: tuple[VirtualPrinter, Cable, Printer],
) -> None:
    """As after kill -9 in sending: what left lies in the printer, and nobody hung up."""
    paper, _, one = virtual
    with SerialLink(one, QUICK) as link:
        Link.push(link, PAYLOAD[: len(PAYLOAD) // 2])
        eventually(lambda: paper.received == len(PAYLOAD) // 2)
    assert paper.labels() == []
    assert transports.send(one, PAYLOAD, patience=QUICK).state == "printed"
    assert paper.labels() == [PAYLOAD]


def test_a_printer_that_restarts_in_mid_label_is_unknown_and_prints_the_next_one(
    virtual: tuple[VirtualPrinter, Cable, Printer],
) -> None:
    paper, cable, one = virtual
    paper.change(reset_after=len(PAYLOAD) // 2)
    assert transports.send(one, PAYLOAD, patience=QUICK).state == "unknown"
    assert transports.send(one, PAYLOAD, patience=QUICK).sentence == "Dock 1 is silent. Nothing was sent."
    assert paper.labels() == []
    paper.change(reset_after=None)
    cable.restart_s = 0  # it is up again
    assert transports.send(one, PAYLOAD, patience=QUICK).state == "printed"
    assert paper.labels() == [PAYLOAD]


def test_paper_that_runs_out_in_mid_label_holds_it_and_it_comes_out_once(
    virtual: tuple[VirtualPrinter, Cable, Printer],
) -> None:
    paper, _, one = virtual
    paper.refill(0)
    assert transports.send(one, PAYLOAD, patience=QUICK).state == "unknown"
    paper.refill()
    assert paper.wait_for(1)
    assert transports.send(one, PAYLOAD, patience=QUICK).state == "printed"
    assert paper.labels() == [PAYLOAD, PAYLOAD], "the held one is not forgotten with the half ones"


def test_unplugged_or_held_before_the_first_byte_is_failed(cable: End) -> None:
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


def test_a_silent_printer_that_should_answer_gets_nothing_of_the_job(cable: End) -> None:
    told = transports.send(printer(cable, two_way=True), PAYLOAD, patience=QUICK)
    assert told == Outcome(state="failed", sentence="Dock 1 is silent. Nothing was sent.")
    assert PAYLOAD not in cable.take()


@pytest.mark.parametrize("stops", ["unplugged", "takes no more"])
def test_a_line_that_ends_in_the_middle_of_a_job_is_unknown(cable: End, stops: str) -> None:
    told: list[Outcome] = []
    sending = in_the_background(printer(cable), EVERY_BYTE * 200, told)
    cable.take(2000)
    if stops == "unplugged":
        cable.unplug()
    sending.join(5)
    assert told[0].state == "unknown"
    assert "Did the label come out?" in told[0].sentence
