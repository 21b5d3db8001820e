"""All the ways a printer has of being difficult. No label is lost in silence, none comes out twice."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from printers import escpos, transports, zpl
from printers.printer import Outcome, Printer
from printers.status import PAPER_LOW
from printers.transports import Patience
from printers.virtual import VirtualPrinter
from tests.printers.samples import HERE, LABELS, SLIP

PAYLOAD = zpl.render(LABELS["tote"], height_mm=50)
QUICK = Patience(connect_s=2, answer_s=0.5, progress_s=0.5, finish_s=1.5, settle_s=0.5, ask_again_s=0.01)


@pytest.fixture
def virtual() -> Iterator[VirtualPrinter]:
    with VirtualPrinter() as printer:
        yield printer


def send(virtual: VirtualPrinter, payload: bytes = PAYLOAD, *, two_way: bool = True) -> Outcome:
    printer = Printer(name="Dock 1", kind=virtual.kind, address=virtual.address, two_way=two_way)
    return transports.send(printer, payload, reach=HERE, patience=QUICK)


def test_a_label_is_printed_once_and_to_the_byte(virtual: VirtualPrinter) -> None:
    assert send(virtual) == Outcome(state="printed", sentence="Dock 1 printed it.")
    assert virtual.labels() == [PAYLOAD]


def test_a_printer_that_does_not_report_is_never_better_than_sent(virtual: VirtualPrinter) -> None:
    assert send(virtual, two_way=False).state == "sent"
    assert virtual.wait_for(1)
    assert virtual.labels() == [PAYLOAD]


def test_nobody_there_is_failed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
    outcome = transports.send(Printer(name="Dock 1", address=address), PAYLOAD, reach=HERE, patience=QUICK)
    assert outcome.state == "failed"
    assert "connection refused" in outcome.sentence


def test_an_address_outside_the_settings_is_failed_and_not_opened(virtual: VirtualPrinter) -> None:
    outcome = transports.send(Printer(name="Dock 1", address=virtual.address), PAYLOAD)
    assert outcome.state == "failed"
    assert virtual.connections == 0


def test_a_silent_printer_gets_nothing(virtual: VirtualPrinter) -> None:
    virtual.silent = True
    assert send(virtual) == Outcome(state="failed", sentence="Dock 1 is silent. Nothing was sent.")
    assert virtual.received == 0


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("paper_out", "Dock 1: Out of labels. Nothing was sent."),
        ("head_open", "Dock 1: The print head is open. Nothing was sent."),
        ("paused", "Dock 1: Paused at the printer. Nothing was sent."),
        ("hot", "Dock 1: Too hot. Nothing was sent."),
    ],
)
def test_a_fault_seen_before_the_job_is_failed_and_said(virtual: VirtualPrinter, fault: str, sentence: str) -> None:
    virtual.change(**{fault: True})
    assert send(virtual) == Outcome(state="failed", sentence=sentence)
    assert virtual.received == 0
    virtual.change(**{fault: False})
    assert send(virtual).state == "printed"


def test_status_in_pieces_with_junk_is_understood(virtual: VirtualPrinter) -> None:
    virtual.in_pieces = True
    assert transports.send(
        Printer(name="Dock 1", address=virtual.address, two_way=True), PAYLOAD, reach=HERE
    ) == Outcome(state="printed", sentence="Dock 1 printed it.")


@pytest.mark.parametrize("two_way", [True, False])
def test_cut_off_after_any_byte_is_unknown_and_never_failed(virtual: VirtualPrinter, two_way: bool) -> None:
    for offset in (*range(0, len(PAYLOAD) - 1, 7), len(PAYLOAD) - 2):
        virtual.reset_after, virtual.received = offset, 0
        outcome = send(virtual, two_way=two_way)
        assert outcome.state == "unknown", (offset, outcome)
        assert virtual.received <= offset
    assert virtual.labels() == []


def test_reset_before_the_job_is_failed_on_a_printer_that_reports(virtual: VirtualPrinter) -> None:
    virtual.resets_at_open = True
    assert send(virtual).state == "failed"
    assert send(virtual, two_way=False).state in {"failed", "unknown"}
    assert virtual.received == 0


def test_paper_that_runs_out_in_the_job_is_unknown_and_the_refill_prints_it_once(virtual: VirtualPrinter) -> None:
    virtual.paper_left = 0  # the sensor has not noticed
    outcome = send(virtual)
    assert outcome.state == "unknown"
    assert "Out of labels. It holds the label" in outcome.sentence
    assert virtual.labels() == []
    virtual.refill()
    assert virtual.wait_for(1)
    assert not virtual.wait_for(2, timeout_s=0.1)
    assert virtual.labels() == [PAYLOAD]


def test_paper_that_runs_out_after_the_label_fails_the_next_one_only(virtual: VirtualPrinter) -> None:
    virtual.paper_left = 1
    assert send(virtual).state == "printed"
    virtual.change(paper_out=True)
    assert send(virtual).state == "failed"
    virtual.refill()
    assert send(virtual).state == "printed"
    assert virtual.count == 2


def test_a_pause_in_mid_job_is_unknown(virtual: VirtualPrinter) -> None:
    virtual.seconds_per_label = 0.8
    threading.Timer(0.1, lambda: virtual.change(paused=True)).start()
    assert send(virtual).state == "unknown"
    virtual.change(paused=False)
    assert virtual.wait_for(1)
    assert virtual.count == 1


def test_a_printer_that_falls_silent_after_the_job_is_unknown(virtual: VirtualPrinter) -> None:
    virtual.seconds_per_label = 0.8
    threading.Timer(0.1, lambda: virtual.change(silent=True)).start()
    assert send(virtual).state == "unknown"


def test_a_printer_that_accepts_and_never_reads_holds_nobody_up(virtual: VirtualPrinter) -> None:
    virtual.change(never_reads=True)
    assert send(virtual).state == "failed"
    for size in (60_000, 3_900_000):
        outcome = send(virtual, PAYLOAD[:-4] + b"^FX" + b"x" * size + b"^XZ\n", two_way=False)
        assert outcome.state == "unknown"
        assert "no answer in time" in outcome.sentence


def test_an_empty_or_huge_job_is_failed(virtual: VirtualPrinter) -> None:
    assert send(virtual, b"").state == "failed"
    assert send(virtual, b"x" * (transports.MAX_PAYLOAD + 1)).state == "failed"
    assert virtual.connections == 0


def test_status_is_asked_for_the_device_wall(virtual: VirtualPrinter) -> None:
    printer = Printer(name="Dock 1", address=virtual.address, two_way=True)
    ready = transports.ask(printer, reach=HERE, patience=QUICK)
    assert ready is not None
    assert ready.idle
    virtual.change(head_open=True)
    open_head = transports.ask(printer, reach=HERE, patience=QUICK)
    assert open_head is not None
    assert open_head.sentence == "The print head is open."
    virtual.stop()
    away = transports.ask(printer, reach=HERE, patience=QUICK)
    assert away is not None
    assert away.sentence == f"No answer at {virtual.address}."


def test_a_slip_is_printed_and_its_printer_says_so() -> None:
    payload = escpos.render(SLIP)
    with VirtualPrinter(kind="escpos") as virtual:
        assert send(virtual, payload).state == "printed"
        assert virtual.labels() == [payload]
        virtual.change(paper_out=True)
        assert send(virtual, payload).sentence == "Dock 1: Out of paper. Nothing was sent."


def test_a_slip_printer_says_when_its_paper_is_low_and_its_cover_open() -> None:
    payload = escpos.render(SLIP)
    with VirtualPrinter(kind="escpos") as virtual:
        virtual.change(paper_low=True)
        said = send(virtual, payload)
        assert (said.state, said.told) == (
            "printed",
            "Dock 1 printed it. Its paper is nearly out: have a new roll at hand.",
        )
        printer = Printer(name="Dock 1", kind="escpos", address=virtual.address, two_way=True)
        low = transports.ask(printer, reach=HERE, patience=QUICK)
        assert low is not None
        assert (low.ready, low.warnings) == (True, (PAPER_LOW,))
        virtual.change(head_open=True)
        assert send(virtual, payload).sentence == "Dock 1: The cover is open. Nothing was sent."
        virtual.refill()
        virtual.change(head_open=False)
        assert send(virtual, payload).sentence == "Dock 1 printed it."


def test_a_slip_printer_that_closes_during_the_job_is_unknown() -> None:
    payload = escpos.render(SLIP)
    with VirtualPrinter(kind="escpos") as virtual:
        for offset in (0, 1, 100, len(payload) - 1):
            virtual.reset_after = offset
            assert send(virtual, payload).state == "unknown"
        assert virtual.labels() == []


def queue_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    command = tmp_path / "lpr"
    command.write_text(f"#!/bin/sh\n{script}\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path / "out"


def test_a_queue_takes_the_bytes_and_is_only_ever_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = queue_command(tmp_path, monkeypatch, f'echo "$@" > {tmp_path}/args; cat > {tmp_path}/out')
    outcome = transports.send(Printer(name="Office", transport="queue", address="zebra1"), PAYLOAD)
    assert outcome == Outcome(state="sent", sentence="Given to the print queue zebra1.")
    assert out.read_bytes() == PAYLOAD
    assert (tmp_path / "args").read_text() == "-Pzebra1 -oraw\n"


def test_without_a_queue_command_the_job_is_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    outcome = transports.send(Printer(name="Office", transport="queue", address="zebra1"), PAYLOAD)
    assert outcome.state == "failed"
    assert "lpr is missing" in outcome.sentence


def test_a_queue_command_that_hangs_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    queue_command(tmp_path, monkeypatch, "cat >/dev/null; exec sleep 2")
    monkeypatch.setattr(transports, "QUEUE_S", 0.3)
    assert transports.send(Printer(name="Office", transport="queue", address="q"), PAYLOAD).state == "unknown"


def test_a_file_gets_the_bytes_of_each_job(tmp_path: Path) -> None:
    printer = Printer(name="USB", transport="file", address=str(tmp_path / "labels.zpl"))
    assert transports.send(printer, PAYLOAD).state == "sent"
    assert transports.send(printer, PAYLOAD).state == "sent"
    assert (tmp_path / "labels.zpl").read_bytes() == PAYLOAD * 2


def test_a_device_that_is_not_there_or_full_is_failed(tmp_path: Path) -> None:
    for address in (str(tmp_path), str(tmp_path / "no" / "lp0"), "/dev/full"):
        printer = Printer(name="USB", transport="file", address=address)
        assert transports.send(printer, PAYLOAD).state == "failed"


def test_a_device_that_stops_taking_bytes_is_unknown(tmp_path: Path) -> None:
    device = tmp_path / "lp0"
    os.mkfifo(device)
    reader = os.open(device, os.O_RDONLY | os.O_NONBLOCK)
    try:
        printer = Printer(name="USB", transport="file", address=str(device))
        outcome = transports.send(printer, b"x" * 200_000, patience=QUICK)
    finally:
        os.close(reader)
    assert outcome.state == "unknown"
    assert "takes no more bytes" in outcome.sentence
