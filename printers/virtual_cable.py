"""A serial cable to the virtual printer: a pseudo terminal behind a lasting name, as udev makes one for the real thing.

A line knows no connections. A printer that restarts in mid-label forgets what it had and is deaf until it is up again, and
the line says nothing of it; one that is switched off takes nothing, and what was written is gone. Only the plug of the
cable is seen at the other end.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from pathlib import Path
from time import monotonic
from types import TracebackType

from devices.virtual_line import NobodyListens, OnLine, PtyLine
from printers.virtual import VirtualPrinter

LOOK_S = 0.1
READ_BYTES = 4096
RESTART_S = 5.0  # no label printer is up sooner


class Cable(OnLine):
    """`with Cable(printer, path):` the printer is at `path` until it is pulled or the block ends."""

    def __init__(self, printer: VirtualPrinter, path: Path, restart_s: float = RESTART_S) -> None:
        super().__init__(PtyLine(path))
        self.restart_s = restart_s
        self._printer = printer
        self._call: socket.socket | None = None  # at the printer's own port, as long as that keeps it
        self._lost_at = -restart_s
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._carry, name=f"cable {path}", daemon=True)

    def __enter__(self) -> Cable:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._hang_up()
        self._thread.join()
        self.unplug()

    def _carry(self) -> None:
        while not self._ended.is_set():
            piece = self.line.read(LOOK_S)
            if piece and monotonic() >= self._lost_at + self.restart_s:
                try:
                    self._connected().sendall(piece)
                except OSError:  # it is off, or restarts: the bytes are gone
                    self._hang_up()

    def _connected(self) -> socket.socket:
        if self._call is None:
            self._call = socket.create_connection((self._printer.host, self._printer.port))
            threading.Thread(target=self._answer, args=(self._call,), daemon=True).start()
        return self._call

    def _answer(self, call: socket.socket) -> None:
        with suppress(OSError, NobodyListens):
            while piece := call.recv(READ_BYTES):
                self.line.write(piece)
        if self._call is call:
            self._hang_up()

    def _hang_up(self) -> None:
        self._lost_at = monotonic()
        call, self._call = self._call, None
        if call is not None:
            call.close()
