"""Looking for printers, and taking one in while the house is open.

Nothing is sent anywhere before an admin presses a button, and then only into the networks the settings name.
"""

import re
from collections.abc import Callable, Sequence
from typing import Literal

from app.added_printers import PrinterNotPossible, Printers
from app.config import PrinterSettings
from app.errors import State
from app.web.house import Candidate
from printers import addresses, announced, found
from printers.addresses import RAW_PORT, AddressRefused
from printers.printer import Printer, Reach
from printers.spooler import Spooler

_LABELS = re.compile(r"zebra|zpl|\bZ[DMQT]\d|\bG[CKX]\d{3}", re.I)
_SLIPS = re.compile(r"receipt|esc/?pos|\bTM-|\bTSP\d", re.I)


class CannotLook(State):
    code, title = "cannot_look", "Not looked for"
    says = "{reason}"
    todo = "The networks printers may live in stand in the settings: printer_networks."


class PrinterSearch:
    """`interfaces` are the addresses of this machine to listen on; none: all it has."""

    def __init__(
        self,
        reach: Reach,
        printers: Printers,
        spooler: Spooler,
        make: Callable[[PrinterSettings], Printer],
        interfaces: Sequence[str] = (),
        listen_s: float = announced.LISTEN_S,
        port: int = RAW_PORT,
    ) -> None:
        self.reach, self.listen_s, self.port = reach, listen_s, port
        self._printers, self._spooler, self._make, self._interfaces = printers, spooler, make, interfaces

    @property
    def networks(self) -> Sequence[str]:
        return self.reach.networks

    def listen(self) -> list[Candidate]:
        """Printers that announce themselves, by mDNS; slow. Raises CannotLook."""
        try:
            heard = announced.listen(self.listen_s, self._interfaces)
        except OSError as problem:
            raise CannotLook(reason=f"This machine cannot listen for printers: {problem.strerror}.") from None
        return [
            self._candidate(one.name, one.host, one.port, guess(f"{one.model} {one.name}"), one.model, one.note)
            for one in heard
        ]

    def probe(self, wanted: str, *, ask: bool) -> list[Candidate]:
        """Who takes print jobs at these addresses; slow. Raises CannotLook for what is not allowed."""
        try:
            hosts = found.spread(wanted, self.reach, self.port)
        except AddressRefused as refused:
            raise CannotLook(reason=refused.sentence) from None
        return [
            self._candidate(one.name, one.host, one.port, one.kind, one.model, one.firmware, one.dpi)
            for one in found.probe(hosts, port=self.port, ask=ask)
        ]

    def take(self, printer: PrinterSettings) -> None:
        """From now on labels may come out of it."""
        self._printers.put(printer)
        self._spooler.add(self._make(printer))

    def leave(self, name: str) -> None:
        self._spooler.drop(name)
        self._printers.leave(name)

    def allowed(self, address: str) -> None:
        """Raises PrinterNotPossible for an address no printer of this house may have."""
        try:
            host, port = addresses.split(address)
            addresses.allowed(host, port, self.reach.networks, self.reach.ports)
        except AddressRefused as refused:
            raise PrinterNotPossible(scanned=address[:60], reason=refused.sentence) from None

    def _candidate(
        self, name: str, host: str, port: int, kind: str, model: str, note: str, dpi: Literal[203, 300, 600] = 203
    ) -> Candidate:
        address = f"{host}:{port}"
        known = next((one.name for one in self._printers.values() if one.address == address), "")
        try:
            addresses.allowed(host, port, self.reach.networks, self.reach.ports)
            refused = ""
        except AddressRefused as problem:
            refused = problem.sentence
        return Candidate(
            name=name, address=address, kind=kind, model=model, note=note, dpi=dpi, known=known, refused=refused
        )


def guess(words: str) -> str:
    """zpl or escpos by what a printer calls itself; empty where it says nothing of the sort."""
    return "zpl" if _LABELS.search(words) else "escpos" if _SLIPS.search(words) else ""
