"""A printer that answers one way of being asked only is understood as well as any: what is wrong, and that a label is out.

Zebras of many ages stand in one house. Which way a printer answered is remembered by its address, so that no later label
waits for the silence before it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Literal

import pytest

from printers import transports, zpl
from printers.printer import Outcome, Printer
from printers.status import PrinterStatus
from printers.transports import Patience
from printers.virtual import VirtualPrinter
from tests.printers.samples import HERE, LABELS

LABEL = zpl.render(LABELS["tote"], height_mm=50)
PATIENCE = Patience(connect_s=2, answer_s=0.3, progress_s=1, finish_s=1, settle_s=0.3, ask_again_s=0.005)


class One:
    """One printer that knows one way, and a house that asks it."""

    def __init__(self, virtual: VirtualPrinter) -> None:
        self.virtual = virtual
        self.printer = Printer(name="Dock 1", address=virtual.address, two_way=True)

    def asked(self) -> PrinterStatus:
        found = transports.ask(self.printer, reach=HERE, patience=PATIENCE)
        assert found is not None
        return found

    def prints(self) -> Outcome:
        return transports.send(self.printer, LABEL, reach=HERE, patience=PATIENCE)


@pytest.fixture(params=["sgd", "hs"])
def one(request: pytest.FixtureRequest) -> Iterator[One]:
    speaks: Literal["sgd", "hs"] = request.param
    with VirtualPrinter() as virtual:
        virtual.change(speaks=speaks)
        yield One(virtual)


def test_its_label_is_printed_and_the_next_one_does_not_wait_for_silence(one: One) -> None:
    assert one.prints().state == "printed"
    began = time.monotonic()
    assert one.prints().state == "printed"
    assert time.monotonic() - began < PATIENCE.answer_s, "it was asked its own way first"
    assert one.virtual.labels() == [LABEL, LABEL]


def test_a_pause_is_seen_before_the_label_leaves(one: One) -> None:
    one.virtual.change(paused=True)
    assert one.asked().sentence == "Paused at the printer."
    assert one.prints().state == "failed"
    one.virtual.change(paused=False)
    assert one.asked().ready


def test_a_label_that_runs_out_of_paper_is_held_and_comes_out_once(one: One) -> None:
    one.virtual.refill(0)
    assert one.prints().state == "unknown"
    one.virtual.refill()
    assert one.virtual.wait_for(1)
    assert one.virtual.labels() == [LABEL]


@pytest.mark.parametrize("speaks", ["all", "sgd"])
def test_what_it_warns_of_is_told_with_the_label_and_the_label_comes(speaks: str) -> None:
    with VirtualPrinter() as virtual:
        one = One(virtual)
        virtual.change(speaks=speaks, head_dirty=True, paper_low=True)
        outcome = one.prints()
        assert outcome.state == "printed"
        assert [words[:15] for words in outcome.warnings] == ["Its paper is ne", "Its print head "]
        virtual.refill()
        virtual.change(head_dirty=False)
        assert one.asked().warnings == ()


def test_by_sgd_paper_and_head_are_named_where_host_status_is_silent() -> None:
    with VirtualPrinter() as virtual:
        one = One(virtual)
        virtual.change(speaks="sgd", paper_out=True, head_open=True)
        assert one.asked().sentence == "Out of labels. The print head is open."
        virtual.change(head_open=False)
        assert one.asked().sentence == "Out of labels."


def test_a_printer_replaced_by_one_that_speaks_otherwise_is_asked_every_way() -> None:
    with VirtualPrinter() as virtual:
        one = One(virtual)
        for speaks in ("sgd", "all", "hs", "sgd"):
            virtual.change(speaks=speaks)
            assert one.asked().ready, speaks


def test_a_silent_one_is_asked_every_way_and_gets_nothing() -> None:
    with VirtualPrinter() as virtual:
        virtual.change(silent=True)
        assert One(virtual).prints().sentence == "Dock 1 is silent. Nothing was sent."
        assert virtual.received == 0
