"""Printers that say by themselves that they are there: mDNS, asked only while somebody presses the button.

A label printer announces port 9100 as `_pdl-datastream`, others only the old print service or IPP; all of those also take
labels at 9100 (believed). What such an announcement says is a hint, never a proof: what a printer is it tells itself when
it is asked (found.py).
"""

import threading
from collections.abc import Sequence

import msgspec
from zeroconf import InterfaceChoice, IPVersion, ServiceBrowser, ServiceListener, Zeroconf

from printers.addresses import RAW_PORT

SERVICES = ("_pdl-datastream._tcp.local.", "_printer._tcp.local.", "_ipp._tcp.local.", "_zebra._tcp.local.")
RAW = SERVICES[0]
LISTEN_S = 4.0
MOST = 100
ANSWER_MS = 1000


class Announced(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    host: str  # numeric
    port: int
    model: str = ""
    note: str = ""  # where it stands, as its own page says


class _Ear(ServiceListener):
    """Called by the library's own thread, once a service."""

    def __init__(self) -> None:
        self.heard: dict[tuple[str, int], Announced] = {}
        self._writing = threading.Lock()

    def add_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        told = zc.get_service_info(type_, name, ANSWER_MS)
        if told is None:
            return
        known = {
            key.decode("ascii", "replace"): (value or b"").decode("utf-8", "replace")[:80]
            for key, value in told.properties.items()
        }
        port = told.port or RAW_PORT if type_ == RAW else RAW_PORT
        for host in told.parsed_addresses(IPVersion.V4Only):
            one = Announced(
                name=name.removesuffix(f".{type_}")[:80], host=host, port=port, note=known.get("note", ""),
                model=known.get("ty") or known.get("product", "").strip("()") or known.get("usb_MDL", ""),
            )  # fmt: skip
            with self._writing:
                if len(self.heard) < MOST and (type_ == RAW or (host, port) not in self.heard):
                    self.heard[host, port] = one

    def update_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        """What it said first is enough."""

    def remove_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        """Gone again; asking it will show that."""


def listen(seconds: float = LISTEN_S, interfaces: Sequence[str] = ()) -> list[Announced]:
    """Who answers within that time, by name. Raises OSError where this machine may not listen."""
    line = Zeroconf(interfaces=list(interfaces) or InterfaceChoice.All, ip_version=IPVersion.V4Only)
    ear = _Ear()
    try:
        browser = ServiceBrowser(line, list(SERVICES), ear)
        threading.Event().wait(seconds)
        browser.cancel()
    finally:
        line.close()
    return sorted(ear.heard.values(), key=lambda one: (one.name, one.host))
