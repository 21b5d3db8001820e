"""Printers on the network: heard when they announce themselves, asked without a dot on paper, and only where allowed."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest
from zeroconf import IPVersion, ServiceInfo, Zeroconf

from printers import announced, found
from printers.addresses import AddressRefused
from printers.printer import Reach
from printers.virtual import VirtualPrinter
from tests.printers.samples import HERE

LOOPBACK = ("127.0.0.1",)


@pytest.fixture
def responder() -> Iterator[Zeroconf]:
    """A label printer on the network that speaks mDNS, as real ones do; on loopback only."""
    with closing(Zeroconf(interfaces=list(LOOPBACK), ip_version=IPVersion.V4Only)) as line:
        told = {"ty": "Zebra ZT411-203dpi ZPL", "note": "Dock 1"}
        info = ServiceInfo(
            announced.RAW, f"ZT411 dock.{announced.RAW}", addresses=[socket.inet_aton("127.0.0.1")], port=9101,
            properties=told, server="zt411.local.",
        )  # fmt: skip
        line.register_service(info)
        yield line


def test_a_printer_that_announces_itself_is_heard_with_its_model_and_place(responder: Zeroconf) -> None:
    (one,) = announced.listen(1.8, LOOPBACK)
    assert (one.name, one.host, one.port) == ("ZT411 dock", "127.0.0.1", 9101)
    assert (one.model, one.note) == ("Zebra ZT411-203dpi ZPL", "Dock 1")


def test_asking_a_printer_who_it_is_prints_nothing() -> None:
    with VirtualPrinter() as labels, VirtualPrinter(kind="escpos") as slips:
        labels.called = "Dock 1"
        (one,) = found.probe(["127.0.0.1"], port=labels.port, ask=True)
        assert (one.kind, one.model, one.dpi, one.name) == ("zpl", "PICKFACE-203dpi", 203, "Dock 1")
        (other,) = found.probe(["127.0.0.1"], port=slips.port, ask=True)
        assert other.kind == "escpos"
        for printer in (labels, slips):
            assert (printer.received, printer.count, printer.waiting()) == (0, 0, 0)


def test_a_printer_is_not_spoken_to_unless_that_was_asked_for() -> None:
    """An office printer would print a line it does not understand."""
    got: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as office:

        def hear() -> None:
            with suppress(OSError):
                line, _ = office.accept()
                with line:
                    line.settimeout(2)
                    got.append(line.recv(100))

        ear = threading.Thread(target=hear)
        ear.start()
        (one,) = found.probe(["127.0.0.1"], port=office.getsockname()[1])
        ear.join(3)
        assert (one.kind, one.model) == ("", "")
        assert got == [b""], "the port was opened and closed, and nothing said"


def test_where_nothing_listens_there_is_no_printer() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert found.probe(["127.0.0.1"], port=free.getsockname()[1], ask=True) == []


def test_only_addresses_of_the_settings_are_tried_and_not_many() -> None:
    reach = Reach(networks=("192.168.7.0/24",))
    assert found.spread("192.168.7.20-22, 192.168.7.9", reach) == [f"192.168.7.{n}" for n in (20, 21, 22, 9)]
    assert len(found.spread("192.168.7.0/24", reach)) == 254
    for wanted in ("192.168.8.1", "192.168.7.250-300", "192.168.7.9-3", "10.0.0.0/8", "dock", "", "127.0.0.1", "::1"):
        with pytest.raises(AddressRefused):
            found.spread(wanted, reach)
    with pytest.raises(AddressRefused, match="At most 256"):
        found.spread("192.168.7.0/24, 192.168.7.0/28", reach)
    assert found.spread("127.0.0.1", HERE, 9100) == ["127.0.0.1"]
