"""One conversation with a printer: open, ask, send, ask, close. One job per connection.

`Link` is the conversation, whatever carries it: `NetworkLink` here, a serial line in `serial_line.py`.

Sending twice is the one thing that must not happen, so nothing here tries again. A job fails only while none of its
bytes has left; from the first byte on the end is `unknown` unless the printer itself says it is idle. Paper that runs
out in mid-job is `unknown` too: the printer holds the label and prints it after the refill.
"""

from __future__ import annotations

import socket
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from types import TracebackType

import msgspec

from devices.wire import Wire
from printers import addresses, receipt_status, status
from printers.addresses import AddressRefused
from printers.printer import Outcome, Printer, Reach
from printers.status import Asking, PrinterStatus

SEND_BUFFER = 32 * 1024
_ANSWERED: dict[
    str, int
] = {}  # by address, of as many printers as a house has: which of `status.WAYS` it answered last


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long each step may take, in seconds."""

    connect_s: float = 3.0
    answer_s: float = 2.0
    progress_s: float = 10.0  # without a single byte taken
    finish_s: float = 15.0  # from the last byte to idle
    settle_s: float = 0.5  # a one-way printer's time to refuse what it took
    ask_again_s: float = 0.2


class HungUp(ConnectionResetError):
    """The printer is there, and closed the connection instead of answering."""


class Link(ABC):
    """An open connection. Raises OSError; counts the bytes of the job that left."""

    def __init__(self, printer: Printer, patience: Patience, wire: Wire | None) -> None:
        self.wire = wire or Wire()
        self.kind, self.address, self.patience, self.left = printer.kind, printer.address, patience, 0

    @abstractmethod
    def _send(self, some: memoryview, wait_s: float) -> int:
        """How many of these bytes left. Raises TimeoutError when none did within `wait_s`."""

    @abstractmethod
    def _receive(self, wait_s: float) -> bytes:
        """What came; b"" when the other side closed. Raises TimeoutError."""

    @abstractmethod
    def settle(self) -> None:
        """Tells a one-way printer that this is all, and waits a moment for a reset."""

    @abstractmethod
    def close(self) -> None: ...

    def __enter__(self) -> Link:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def status(self) -> PrinterStatus | None:
        """None when the printer stays silent."""
        if self.kind == "escpos":
            return self._ask(receipt_status.ASK_ESCPOS, receipt_status.parse_escpos, self.patience.answer_s)
        known = _ANSWERED.get(self.address, 0)
        for way in (known, *(other for other in range(len(status.WAYS)) if other != known)):
            asking = status.WAYS[way]
            errors = self._ask(asking.errors, asking.read_errors, self.patience.answer_s)
            if errors is not None:
                _ANSWERED[self.address] = way
                return self._status(asking, errors)
        return None

    def _status(self, asking: Asking, errors: PrinterStatus) -> PrinterStatus | None:
        if not errors.ready:
            return errors
        found = self._ask(asking.status, asking.read_status, self.patience.answer_s)
        if found is not None:
            return msgspec.structs.replace(found, warnings=errors.warnings)  # that question knows none
        # A fault between the two questions silences the second: then the first one has news.
        again = self._ask(asking.errors, asking.read_errors, self.patience.answer_s)
        return None if again is None or again.ready else again

    def push(self, payload: bytes) -> None:
        view = memoryview(payload)
        while self.left < len(payload):
            before = self.left
            self.left += self._send(view[before:], self.patience.progress_s)
            self.wire.said(payload[before : self.left])

    def tell(self, words: bytes, wait_s: float) -> None:
        """What is no part of a job: a question, or an order to the printer. Raises OSError."""
        rest = memoryview(words)
        while rest:
            rest = rest[self._send(rest, wait_s) :]
        self.wire.said(words)

    def finished(self) -> PrinterStatus | None:
        """Asked until idle, faulted or silent; the last answer when patience ends."""
        if self.kind == "escpos":
            return self._ask(receipt_status.ASK_ESCPOS_DONE, receipt_status.parse_escpos_done, self.patience.finish_s)
        until = time.monotonic() + self.patience.finish_s
        while True:
            found = self.status()
            if found is None or not found.ready or found.idle or time.monotonic() > until:
                return found
            time.sleep(self.patience.ask_again_s)

    def _ask(
        self, question: bytes, parse: Callable[[bytes], PrinterStatus | None], patience_s: float
    ) -> PrinterStatus | None:
        until = time.monotonic() + patience_s
        self.tell(question, patience_s)
        answer = b""
        while (rest := until - time.monotonic()) > 0:
            try:
                piece = self._receive(rest)
            except TimeoutError:
                return None
            if not piece:
                raise HungUp("closed while it was asked")
            self.wire.heard(piece)
            answer = (answer + piece)[-status.MAX_ANSWER :]
            found = parse(answer)
            if found is not None:
                return found
        return None


class NetworkLink(Link):
    """A socket to a printer at an address the server may open."""

    def __init__(self, printer: Printer, reach: Reach, patience: Patience, wire: Wire | None = None) -> None:
        super().__init__(printer, patience, wire)
        host, port = addresses.split(printer.address)
        address = addresses.allowed(host, port, reach.networks, reach.ports)
        self.socket = socket.create_connection((address, port), timeout=patience.connect_s)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # Small, so that a printer that reads nothing is noticed while most of a job is still here.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)

    def _send(self, some: memoryview, wait_s: float) -> int:
        self.socket.settimeout(wait_s)
        return self.socket.send(some)

    def _receive(self, wait_s: float) -> bytes:
        self.socket.settimeout(wait_s)
        return self.socket.recv(status.MAX_ANSWER)

    def settle(self) -> None:
        self.socket.shutdown(socket.SHUT_WR)
        self.socket.settimeout(self.patience.settle_s)
        try:
            while self.socket.recv(status.MAX_ANSWER):
                pass
        except TimeoutError:
            if _unacknowledged(self.socket):
                raise

    def close(self) -> None:
        self.socket.close()


def print_over(printer: Printer, payload: bytes, opens: Callable[[], Link]) -> Outcome:
    """The whole conversation for one job."""
    name = printer.name
    try:
        link = opens()
    except AddressRefused as refused:
        return Outcome(state="failed", sentence=f"{name}: {refused.sentence}")
    except OSError as error:
        return _failed(f"{name} does not answer at {printer.address} ({_reason(error)})")
    with link:
        try:
            before = link.status() if printer.two_way else None
        except OSError as error:
            return _failed(f"{name} closed the connection when asked for its status ({_reason(error)})")
        if printer.two_way and before is None:
            return _failed(f"{name} is silent")
        if before is not None and not before.idle:
            return _failed(f"{name}: {before.sentence}")
        try:
            link.push(payload)
        except OSError as error:
            if link.left == 0:
                return _failed(f"{name} closed the connection ({_reason(error)})")
            return _unknown(f"{name} broke off after {link.left} of {len(payload)} bytes ({_reason(error)}).")
        try:
            if not printer.two_way:
                link.settle()
                return Outcome(state="sent", sentence=f"{name} took the label; it does not report whether it printed.")
            after = link.finished()
        except OSError as error:
            return _unknown(f"{name} took the label and then broke off ({_reason(error)}).")
    if after is None:
        return _unknown(f"{name} took the label and then fell silent.")
    if after.idle:
        return Outcome(state="printed", sentence=f"{name} printed it.", warnings=after.warnings)
    held = "It holds the label and prints it when that is put right." if not after.ready else "It is still printing."
    return _unknown(f"{name}: {after.sentence} {held}")


def _unacknowledged(connection: socket.socket) -> int:
    """Bytes the other side has not taken yet, where the system can tell (Linux)."""
    try:
        from fcntl import ioctl
        from termios import TIOCOUTQ
    except ImportError:
        return 0
    return int.from_bytes(ioctl(connection.fileno(), TIOCOUTQ, b"\0" * 4), sys.byteorder)


def _failed(what: str) -> Outcome:
    return Outcome(state="failed", sentence=f"{what.removesuffix('.')}. Nothing was sent.")


def _unknown(what: str) -> Outcome:
    return Outcome(state="unknown", sentence=f"{what} Did the label come out?")


def _reason(error: OSError) -> str:
    return (
        "no answer in time" if isinstance(error, TimeoutError) else (error.strerror or str(error) or "closed").lower()
    )
