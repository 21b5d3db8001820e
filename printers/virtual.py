"""The printer for a floor without one: port 9100, status and all the ways a printer has of being difficult.

It ships as product (`pickface virtual printer`) and is the peer of our tests. Each label it receives is kept, bytes and
all. Paper that runs out holds the label and prints it once after the refill, as the real one does; with paper out, head
open or too hot it leaves `~HS` unanswered, as the real one does.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections import deque
from contextlib import suppress
from types import TracebackType
from typing import Literal

import msgspec

from printers.found import ASK_MODEL, ASK_NAME
from printers.status import ASK_ERRORS, ASK_HEAD, ASK_HOST, ASK_MEDIA, ASK_STATUS, ASK_SYSTEM
from printers.virtual_link import Conversation

KEEP_LABELS = 500
MAX_CONNECTIONS = 32
RECEIVE_BUFFER = 16 * 1024  # printers have little
MAX_HELD = 1000
IDLE_S = 60.0  # a silent connection is closed


class Printed(msgspec.Struct, frozen=True, kw_only=True):
    """One label or slip that came out."""

    number: int
    at: float
    payload: bytes
    kind: Literal["zpl", "escpos"]


class VirtualPrinter:
    """Set the faults by their attributes at any time; `with VirtualPrinter() as printer:` starts and stops it."""

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        kind: Literal["zpl", "escpos"] = "zpl",
        keep: int = KEEP_LABELS,
    ) -> None:
        self.kind = kind
        self.called = "Virtual printer"
        self.paper_left: int | None = None  # labels; None is an endless roll. Noticed when the next one should print
        self.paper_out = self.paper_low = self.head_open = self.paused = self.hot = False
        self.head_dirty = self.head_worn = False
        self.silent = self.in_pieces = self.never_reads = self.resets_at_open = False
        self.speaks: Literal["all", "sgd", "hs"] = "all"  # of a Zebra's ways to be asked how it is
        self.reset_after: int | None = None  # bytes of the job
        self.hangs_up: Literal["", "before", "after"] = ""  # when it is asked for its status, before or after the job
        self.seconds_per_label = 0.0
        self.received = 0  # bytes of jobs, ever
        self.connections = 0
        self.count = 0  # labels printed, ever
        self.drawer_opened = 0  # times
        self._kept: deque[Printed] = deque(maxlen=keep)
        self._held: deque[bytes] = deque()
        self._open: set[socket.socket] = set()
        self._change = threading.Condition()
        self._stopping = False
        self.closed = False  # nothing listens, as where it is switched off
        self.host, self.port = host, port
        self._server = self._listen()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._accept, self._print)]

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    def start(self) -> VirtualPrinter:
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        with self._change:
            self._stopping = True
            self._change.notify_all()
            open_now = list(self._open)
        # A blocked accept is not woken by close alone.
        for sock in (self._server, *open_now):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def close_door(self) -> None:
        """Whoever connects now is refused; what is connected stays."""
        if not self.closed:
            self.closed = True
            with suppress(OSError):
                self._server.shutdown(socket.SHUT_RDWR)
            self._server.close()

    def open_door(self) -> None:
        """At the same port again. Raises OSError when somebody else took it meanwhile."""
        if self.closed:
            self._server, self.closed = self._listen(), False
            threading.Thread(target=self._accept, daemon=True).start()

    def _listen(self) -> socket.socket:
        server = socket.create_server((self.host, self.port))
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        self.host, self.port = server.getsockname()[:2]
        return server

    def __enter__(self) -> VirtualPrinter:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def labels(self) -> list[bytes]:
        """The bytes of each label that came out, oldest first."""
        with self._change:
            return [printed.payload for printed in self._kept]

    def printed(self) -> list[Printed]:
        with self._change:
            return list(self._kept)

    def waiting(self) -> int:
        """Labels taken and not printed."""
        with self._change:
            return len(self._held)

    def refill(self, labels: int | None = None) -> None:
        """A new roll. What was held comes out now."""
        self.change(paper_out=False, paper_low=False, paper_left=labels)

    def change(self, **faults: object) -> None:
        """Sets attributes and tells the print head about it."""
        with self._change:
            for name, setting in faults.items():
                setattr(self, name, setting)
            self._change.notify_all()

    def wait_for(self, labels: int, timeout_s: float = 5.0) -> bool:
        """True as soon as `labels` have come out in all."""
        with self._change:
            return self._change.wait_for(lambda: self.count >= labels, timeout_s)

    def _accept(self) -> None:
        server = self._server
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with self._change:
                self.connections += 1
                full = len(self._open) >= MAX_CONNECTIONS or self._stopping
                if not full:
                    self._open.add(connection)
            if full or self.resets_at_open:
                self.reset(connection)
                continue
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        try:
            connection.settimeout(IDLE_S)
            with self._change:
                self._change.wait_for(lambda: not self.never_reads or self._stopping)
            Conversation(self, connection).run()
        except OSError:
            pass  # the host went away, or stop() closed the connection
        finally:
            with self._change:
                self._open.discard(connection)
            connection.close()

    def reset(self, connection: socket.socket) -> None:
        """Cuts a connection hard: the host sees a reset, not a close."""
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with self._change:
            self._open.discard(connection)
        connection.close()

    def hold(self, label: bytes) -> None:
        """A whole label is in the buffer."""
        with self._change:
            self._change.wait_for(lambda: len(self._held) < MAX_HELD or self._stopping)
            self._held.append(label)
            self._change.notify_all()

    def wait_until_empty(self) -> None:
        with self._change:
            self._change.wait_for(lambda: not self._held or self._stopping, IDLE_S)

    def _print(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._stopping or bool(self._held and self._can_print()))
                if self._stopping:
                    return
                if self.paper_left == 0:
                    self.paper_out = True
                    continue
                pause = self.seconds_per_label
            time.sleep(pause)
            with self._change:
                # Only now does it leave the buffer: a label under way counts as waiting, and a fault holds it.
                if not self._can_print():
                    continue
                self.count += 1
                self._kept.append(
                    Printed(number=self.count, at=time.time(), payload=self._held.popleft(), kind=self.kind)
                )
                if self.paper_left is not None:
                    self.paper_left -= 1
                self._change.notify_all()

    def _can_print(self) -> bool:
        return not (self.paper_out or self.head_open or self.paused or self.hot)

    def status(self, question: bytes) -> bytes:
        """The answer to `~HQES`, `~HS` and their like in SGD, or to who it is."""
        if question == ASK_MODEL.strip():
            return b"\x02PICKFACE-203dpi,V1.0,8,2104KB\x03\r\n"
        if question == ASK_NAME.strip():
            return f'"{self.called}"\r\n'.encode()
        by_sgd = question.startswith(b"!")
        if (self.speaks == "sgd" and not by_sgd) or (self.speaks == "hs" and question != ASK_STATUS.strip()):
            return b""
        with self._change:
            bits = self.paper_out | self.head_open << 2 | self.hot << 4
            flags = f"{int(bits | self.paused > 0)} 00000000 {bits | self.paused << 16:08X}"
            soon = self.head_dirty << 1 | self.head_worn << 2 | self.paper_low << 3
            waiting = min(len(self._held), 999)
            dumb = self.paper_out or self.head_open or self.hot
            strings = (
                f"030,0,{self.paused:d},1218,{waiting:03d},0,0,0,000,0,0,0",
                "000,0,0,0,0,2,4,0,00000000,1,000",
                "1234,0",
            )
            told = {
                ASK_ERRORS: f"\x02\r\n\r\n  PRINTER STATUS\r\n   ERRORS:         {flags}\r\n"
                f"   WARNINGS:       {int(soon > 0)} 00000000 {soon:08X}\r\n\x03",
                ASK_SYSTEM: f'"{self.paused:d},{int(bits > 0)},00000000,{bits:08X},'
                f'{int(soon > 0)},00000000,{soon:08X}"',
                ASK_MEDIA: '"out"' if self.paper_out else '"ok"',
                ASK_HEAD: '"open"' if self.head_open else '"ok"',
                ASK_STATUS: "" if dumb else "".join(f"\x02{string}\x03\r\n" for string in strings),
                ASK_HOST: "" if dumb else '"{}"'.format("\r\n".join(strings)),
            }
        return next((words for asked, words in told.items() if asked.strip() == question), "").encode()

    def escpos_status(self, which: int) -> bytes:
        """The byte that answers `DLE EOT which`."""
        fault = self.paper_out or self.head_open
        flags = {
            1: 0x08 * fault,
            2: 0x20 * self.paper_out | 0x04 * self.head_open,
            4: 0x60 * self.paper_out | 0x0C * self.paper_low,
        }
        return bytes([0x12 | flags.get(which, 0)])
