"""A printer's address is typed by somebody: the server goes only where the settings let it."""

from __future__ import annotations

import socket

import pytest

from printers import addresses
from printers.addresses import AddressRefused
from printers.printer import PRIVATE_NETWORKS

EVERYTHING = ("0.0.0.0/0", "::/0")


@pytest.mark.parametrize("host", ["10.1.2.3", "192.168.0.9", "::ffff:192.168.0.9"])
def test_a_printer_on_the_floors_network_is_allowed(host: str) -> None:
    assert addresses.allowed(host, 9100, PRIVATE_NETWORKS) == host


@pytest.mark.parametrize(
    "host", ["8.8.8.8", "127.0.0.1", "localhost", "::1", "::ffff:127.0.0.1", "2130706433", "169.254.169.254", "fe80::1"]
)
def test_other_places_are_refused(host: str) -> None:
    with pytest.raises(AddressRefused):
        addresses.allowed(host, 9100, PRIVATE_NETWORKS)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "169.254.169.254", "fd00:ec2::254", "fe80::1", "224.0.0.1", "0.0.0.0", "::ffff:169.254.169.254"],
)
def test_a_generous_list_still_means_no_loopback_and_no_metadata(host: str) -> None:
    with pytest.raises(AddressRefused):
        addresses.allowed(host, 9100, EVERYTHING)


def test_loopback_is_allowed_where_it_is_named() -> None:
    assert addresses.allowed("127.0.0.1", 9100, ("127.0.0.0/8",)) == "127.0.0.1"


@pytest.mark.parametrize("port", [22, 80, 5432, 9099])
def test_only_printer_ports(port: int) -> None:
    with pytest.raises(AddressRefused, match="not a printer port"):
        addresses.allowed("10.1.2.3", port, PRIVATE_NETWORKS)


def test_a_name_with_one_bad_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 9100)) for ip in ("10.0.0.5", "169.254.169.254")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)
    with pytest.raises(AddressRefused, match=r"169\.254"):
        addresses.allowed("printer.example", 9100, PRIVATE_NETWORKS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("10.0.0.5:9101", ("10.0.0.5", 9101)), ("zebra-1", ("zebra-1", 9100)), ("[fd00::5]:9100", ("fd00::5", 9100))],
)
def test_addresses_are_read(text: str, expected: tuple[str, int]) -> None:
    assert addresses.split(text) == expected


@pytest.mark.parametrize("text", ["", ":9100", "x:", "x:99999", "x:-1", "x:٣"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(AddressRefused):
        addresses.split(text)
