"""Every way a printer has of being difficult, and the story that proves what becomes of the job. All against the product's own
virtual printer; what is marked `faults` runs its long form by `make faults`.

| fault | test |
| --- | --- |
| refused | test_transports: nobody_there_is_failed, an_address_outside_the_settings |
| accepts and never reads | test_transports: accepts_and_never_reads_holds_nobody_up |
| reset after every byte | here: reset_after_any_byte (short in test_transports: cut_off_after_any_byte) |
| paper out before / during / after, refill → one label | here: paper_out_at_any_moment; test_transports: paper_that_runs_out… |
| head open, pause, too hot | test_transports: a_fault_seen_before_the_job, a_pause_in_mid_job |
| `~HS` silent while faulted | here: the_second_question_goes_unanswered |
| answers in pieces with junk | test_transports: status_in_pieces; test_status: an_answer_in_pieces |
| silence before, after | test_transports: a_silent_printer_gets_nothing, falls_silent_after_the_job |
| kill −9 in `sending` → unknown, a person decides | test_spooler: killed_in_mid_job; here: what_a_crash_left_is_decided |
| a retried request → one job | here: asked_for_twice_it_is_one_job |
| slow printer, 200 labels in order | test_spooler: two_hundred_labels |
| hostile data, one label | test_templates, test_proof_by_reading; slips: test_escpos |
| character outside the set; symbol too wide | test_bitmap, test_zpl; slips: test_escpos |
| every template × dpi, decoded | test_proof_by_reading |
| queue command fails, is missing, hangs | here: a_queue_command_that_fails; test_transports: without_a_queue…, …_that_hangs |
| slip printer closes during status | here: hangs_up_when_asked |
| disk full while spooling | here: a_full_disk_leaves_no_job_without_an_end; test_transports: a_device_that_is_not_there_or_full |
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from app.config import PrinterSettings
from app.db import Database
from app.desk import prints
from app.printing import jobs
from app.printing.jobs import PrintJob
from app.printing.queueing import queue_for
from app.printing.spooling import PrintQueue
from printers import escpos, transports, zpl
from printers.labels import LpnLabel
from printers.printer import Outcome, Printer, State
from printers.spooler import Spooler
from printers.status import ASK_STATUS
from printers.transports import Patience
from printers.virtual import VirtualPrinter
from tests.printers.samples import HERE, LABELS, SLIP
from tests.printers.store import SqliteStore
from tests.printers.test_spooler import until
from tests.printers.test_transports import queue_command

LABEL = zpl.render(LABELS["tote"], height_mm=50)
QUICK = Patience(connect_s=2, answer_s=0.3, progress_s=0.5, finish_s=0.6, settle_s=0.3, ask_again_s=0.005)
PAPERS = {"zpl": LABEL, "escpos": escpos.render(SLIP, width_mm=58)}


@pytest.fixture(params=["zpl", "escpos"])
def virtual(request: pytest.FixtureRequest) -> Iterator[VirtualPrinter]:
    with VirtualPrinter(kind=request.param) as printer:
        yield printer


def send(virtual: VirtualPrinter, *, two_way: bool = True) -> Outcome:
    printer = Printer(name="Dock 1", kind=virtual.kind, address=virtual.address, two_way=two_way)
    return transports.send(printer, PAPERS[virtual.kind], reach=HERE, patience=QUICK)


@pytest.mark.faults
@pytest.mark.parametrize("two_way", [True, False])
def test_reset_after_any_byte_is_unknown_and_nothing_comes_out(virtual: VirtualPrinter, two_way: bool) -> None:
    """Failed only where no byte of the job left: from the first on, only a person knows."""
    paper = PAPERS[virtual.kind]
    for offset in range(len(paper.rstrip(b"\n"))):
        virtual.reset_after = offset
        outcome = send(virtual, two_way=two_way)
        assert outcome.state == "unknown", (offset, outcome)
    assert virtual.labels() == []
    virtual.reset_after = None
    assert send(virtual, two_way=two_way).state == ("printed" if two_way else "sent")
    assert virtual.wait_for(1)


def test_paper_out_at_any_moment_ends_in_exactly_one_label(virtual: VirtualPrinter) -> None:
    virtual.change(paper_out=True)
    assert send(virtual).state == "failed", "before: nothing left"
    virtual.refill(0)  # the sensor has not noticed that the new roll is empty
    assert send(virtual).state == "unknown", "during: it holds the label"
    assert virtual.labels() == []
    virtual.refill(1)
    assert virtual.wait_for(1), "the refill prints it, and nobody sends it again"
    assert send(virtual).state in ("failed", "unknown"), "after: the roll is at its end"
    virtual.refill()
    assert not virtual.wait_for(3, timeout_s=0.2)
    assert virtual.count <= 2


def test_the_second_question_goes_unanswered_and_the_fault_is_still_named() -> None:
    with VirtualPrinter() as virtual:
        for fault, word in (("paper_out", "Out of labels."), ("head_open", "head is open"), ("hot", "Too hot")):
            virtual.change(**{fault: True})
            assert virtual.status(ASK_STATUS.strip()) == b"", "as the real one does"
            assert word in send(virtual).sentence
            virtual.change(**{fault: False})
        assert send(virtual).state == "printed"


def test_a_printer_that_hangs_up_when_asked_leaves_no_doubt_before_and_honest_doubt_after(
    virtual: VirtualPrinter,
) -> None:
    virtual.hangs_up = "before"
    said = send(virtual)
    assert (said.state, "closed the connection when asked" in said.sentence) == ("failed", True)
    assert virtual.received == 0
    virtual.hangs_up = "after"
    said = send(virtual)
    assert (said.state, "then broke off" in said.sentence) == ("unknown", True)
    assert virtual.wait_for(1)
    assert virtual.count == 1


def test_a_queue_command_that_fails_is_failed_with_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue_command(tmp_path, monkeypatch, 'echo "lpr: The printer or class does not exist." >&2; exit 1')
    said = transports.send(Printer(name="Office", transport="queue", address="zebra1"), LABEL)
    assert said.state == "failed"
    assert said.sentence == (
        "Office: the print queue zebra1 refused the job (lpr: The printer or class does not exist.). Nothing was sent."
    )


class _FullDisk(SqliteStore):
    """Room for the claim, none for the end; until somebody makes room."""

    full = True

    def finish(self, job_id: str, outcome: State, sentence: str) -> None:
        if self.full:
            raise sqlite3.OperationalError("database or disk is full")
        super().finish(job_id, outcome, sentence)


def test_a_full_disk_leaves_no_job_without_an_end_and_prints_nothing_twice(tmp_path: Path) -> None:
    store = _FullDisk(tmp_path / "jobs.db")
    store.queue("Dock 1", LABEL)
    store.queue("Dock 1", LABEL)
    with VirtualPrinter() as virtual:
        work = Spooler(
            [Printer(name="Dock 1", address=virtual.address, two_way=True)], store, reach=HERE,
            send=partial(transports.send, patience=QUICK), back_off_s=(0.05,), poll_s=0.1,
        )  # fmt: skip
        work.start()
        until(lambda: work.health()[0].last_error == "The job store failed (OperationalError).")
        assert (store.states(), virtual.count) == (["sending", "queued"], 1), "no second job while the first has no end"
        store.full = False
        until(lambda: store.states() == ["printed", "printed"])
        assert virtual.count == 2
        work.stop()


PLATE = LpnLabel(lpn="LPN-1", item="MUG", name="Mug", quantity=6, unit="each")


def ask_for(database: Database, dock: PrinterSettings) -> str:
    return database.do(
        lambda tx: queue_for(
            tx, PLATE, dock, subject="LPN-1", document="po 1", once="lpn LPN-1 1", worker="mara", station=""
        )
    )


def state_of(database: Database, job: str) -> str:
    with database.reading() as tx:
        found = tx.one(jobs.JOB, PrintJob, id=job)
    assert found is not None
    return found.state


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_asked_for_twice_it_is_one_job_and_what_a_crash_left_is_decided_by_a_person(database: Database) -> None:
    with VirtualPrinter() as virtual:
        dock = PrinterSettings(name="Dock 1", address=virtual.address)
        job = ask_for(database, dock)
        assert ask_for(database, dock) == job, "a retried request is the same job"
        queue = PrintQueue(database)
        claimed = queue.claim("Dock 1")
        assert claimed is not None
        assert state_of(database, job) == "sending"
        # kill −9 here: whether bytes left, nobody can say
        assert PrintQueue(database).recover() == 1
        assert (state_of(database, job), queue.claim("Dock 1")) == ("unknown", None), "never sent again by itself"
        told = database.do(lambda tx: prints.came_out(tx, job, yes=False, worker="ruth"))
        assert told == "Queued again: the same label, once."
        again = queue.claim("Dock 1")
        assert again is not None
        assert again.payload == claimed.payload, "the same bytes, no copy mark: there is no first one"
        queue.finish(job, "unknown", "It broke off.")
        database.do(lambda tx: jobs.proven(tx, "LPN-1"))
        assert state_of(database, job) == "printed", "the handheld decides by scanning the label"
