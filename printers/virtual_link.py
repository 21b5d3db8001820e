"""One connection to the virtual printer: tells questions from labels, byte by byte as a printer does.

`~` never stands in a label of ours, so it always starts a question, and `!` does between labels; one we do not know is kept
with the label, where a test sees it. On a receipt printer a job is a stream of commands up to a cut, and `GS r` is
answered when all before it is on paper.
"""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

from printers import slip
from printers.found import ASK_MODEL, ASK_NAME
from printers.serial_line import FORGET
from printers.status import ASK_ERRORS, ASK_HEAD, ASK_HOST, ASK_MEDIA, ASK_STATUS, ASK_SYSTEM

if TYPE_CHECKING:
    from printers.virtual import VirtualPrinter

MAX_JOB = 4 * 1024 * 1024
QUESTIONS = tuple(
    asked.strip() for asked in (ASK_ERRORS, ASK_STATUS, ASK_SYSTEM, ASK_MEDIA, ASK_HEAD, ASK_HOST, ASK_MODEL, ASK_NAME)
)
LABEL_END = b"^XZ"
CONTROL = bytes(range(32))  # between labels a printer skips these


class Broken(OSError):
    """The fault "reset after n bytes" or "hangs up when asked" was played."""


class Conversation:
    def __init__(self, printer: VirtualPrinter, connection: socket.socket) -> None:
        self.printer, self.connection = printer, connection
        self.job = b""  # received and not whole yet
        self.taken = 0  # bytes of jobs on this connection

    def run(self) -> None:
        """Until the host closes, or too much comes without an end."""
        take = self.take_escpos if self.printer.kind == "escpos" else self.take_zpl
        rest = b""
        while len(self.job) + len(rest) < MAX_JOB and (chunk := self.connection.recv(65536)):
            rest = take(rest + chunk)
        if self.printer.kind == "escpos" and slip.is_on_paper(self.job):
            self.printer.hold(self.job)  # lines come out as they arrive, also without a cut

    def take_zpl(self, stream: bytes) -> bytes:
        """Consumes what it can; returns a question that is not whole yet."""
        while stream := stream if self.job else stream.lstrip(CONTROL):
            # In mid-label an exclamation mark is one.
            asked = [] if self.job and stream.startswith(b"!") else list(QUESTIONS)
            known = next((question for question in asked if stream.startswith(question)), None)
            if known is not None:
                self.answer(self.printer.status(known))
                stream = stream[len(known) :]
                continue
            if stream.startswith(FORGET):
                self.job, stream = b"", stream[len(FORGET) :]
                continue
            if any(question.startswith(stream) for question in (*asked, FORGET)):
                return stream
            before = self.job[1 - len(LABEL_END) :]  # the end of a label may come in pieces
            label, _, _ = (before + stream).partition(LABEL_END)
            end = stream.find(b"~", 1)
            end = min(len(label) + len(LABEL_END) - len(before), end if end > 0 else len(stream))
            while stream[end : end + 1] in (b"\r", b"\n"):
                end += 1
            run, stream = stream[:end], stream[end:]
            self.keep(run.lstrip(b"\r\n") if not self.job else run)
            if (whole := self.job.rstrip(b"\r\n")).endswith(LABEL_END):
                self.printer.hold(whole + b"\n")
                self.job = b""
        return b""

    def take_escpos(self, stream: bytes) -> bytes:
        while (token := slip.take(stream)) is not None:
            stream = stream[len(token) :]
            if token[:2] == slip.STATUS_ASKED:
                self.answer(self.printer.escpos_status(token[2]))
            elif token[:2] == slip.PAPER_ASKED:
                self.printer.wait_until_empty()
                self.answer(bytes([0x0C * self.printer.paper_out | 0x03 * self.printer.paper_low]))
            elif token[:2] == slip.DRAWER:
                self.printer.drawer_opened += 1
            else:
                self.keep(token)
                if token[:2] == slip.CUT:
                    self.printer.hold(self.job)
                    self.job = b""
        return stream

    def keep(self, run: bytes) -> None:
        """Into the receive buffer, up to the byte after which this printer is to break off."""
        limit = self.printer.reset_after
        room = len(run) if limit is None else min(len(run), limit - self.taken)
        self.job += run[:room]
        self.taken += room
        self.printer.received += room
        if room < len(run):
            self.job = b""
            self.printer.reset(self.connection)
            raise Broken

    def answer(self, answer: bytes) -> None:
        if self.printer.hangs_up == ("after" if self.taken else "before"):
            raise Broken
        if self.printer.silent or not answer:
            return
        if not self.printer.in_pieces:
            self.connection.sendall(answer)
            return
        for byte in b"\x00junk," + answer:
            self.connection.sendall(bytes([byte]))
            time.sleep(0.0005)
