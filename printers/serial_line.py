"""A printer at the end of a serial cable, or of a USB one that calls itself a serial port.

A device file knows no baud, and as the system opens it every line feed becomes two bytes, which breaks pictures. So the line
is set first, raw and for us alone. Bytes are handed over a few at a time: how many left is known to the byte, and the end of
a job is told only when the line has let go of all of them. The path is one below `/dev/serial/by-id`: another device behind
it, or none, is a loss. A line has no hanging up by which a printer would know that a job broke off: half a label would lie
in its memory and be printed into the next one, so each begins with the command that forgets such a half.
"""

from __future__ import annotations

import os
import select
import time
from contextlib import suppress

from devices.link import LinkError
from devices.serial_port import SerialPort
from devices.wire import Wire
from printers import status
from printers.addresses import AddressRefused
from printers.link import Link, Patience
from printers.printer import Printer

PIECE = 512  # bytes
FORGET = b"~JX"  # a format begun and not ended; whole ones that wait for paper stay
LOOK_S = 0.01  # between two looks at what the line still holds


class SerialLink(Link):
    """An open line. Raises AddressRefused where it cannot be had, afterwards OSError."""

    def __init__(self, printer: Printer, patience: Patience, wire: Wire | None = None) -> None:
        super().__init__(printer, patience, wire)
        self._port = SerialPort(printer.address, printer.baud, printer.bits, printer.parity, flow=printer.flow)
        try:
            self._line = self._port.take()
        except LinkError as error:
            raise AddressRefused(str(error)) from error
        self._identity = self._port.identity()

    def push(self, payload: bytes) -> None:
        """All of it, down the line: what the system still holds is no label."""
        if self.kind == "zpl":
            self.tell(FORGET, self.patience.progress_s)
        super().push(payload)
        held, until = len(payload), time.monotonic() + self.patience.progress_s
        while rest := self._line.out_waiting:
            if rest < held:
                held, until = rest, time.monotonic() + self.patience.progress_s
            elif time.monotonic() > until:
                raise TimeoutError
            time.sleep(LOOK_S)
        if self._port.identity() != self._identity:
            raise ConnectionResetError("was unplugged")

    def settle(self) -> None:
        """A line has no end to tell of."""

    def close(self) -> None:
        with suppress(OSError):  # the device is gone; there is nothing left to close
            if self._line.out_waiting:
                self._line.reset_output_buffer()  # else closing waits for it, and it comes out by itself later
            self._line.close()

    def _send(self, some: memoryview, wait_s: float) -> int:
        until = time.monotonic() + wait_s
        while (rest := until - time.monotonic()) > 0 and select.select([], [self._line.fileno()], [], rest)[1]:
            with suppress(BlockingIOError):
                return os.write(self._line.fileno(), some[:PIECE])
        raise TimeoutError

    def _receive(self, wait_s: float) -> bytes:
        if not select.select([self._line.fileno()], [], [], wait_s)[0]:
            raise TimeoutError
        return os.read(self._line.fileno(), status.MAX_ANSWER)
