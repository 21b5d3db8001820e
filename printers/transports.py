"""The ways out of the house: a network port, a serial line, a queue of the operating system, a device file. One call, one
outcome.

`send` never raises for what a printer, a cable or a queue does and never sends twice. Only a printer that answers, on the
network or a serial line, can be better than `sent`; a queue says at most that it took the job.
"""

from __future__ import annotations

import os
import select
import subprocess
import threading
import time

from zebra import Zebra

from devices.wire import Wire
from printers.addresses import AddressRefused
from printers.link import HungUp, Link, NetworkLink, Patience, print_over
from printers.printer import Outcome, Printer, Reach, State
from printers.serial_line import SerialLink
from printers.status import PrinterStatus

__all__ = ["MAX_PAYLOAD", "Outcome", "Patience", "Printer", "Reach", "State", "ask", "send"]

MAX_PAYLOAD = 4 * 1024 * 1024
QUEUE_S = 30.0  # for the queue command to take a job
NOTHING = "Nothing was sent."
LONGEST_SAID = 120  # characters of what it says


def send(
    printer: Printer,
    payload: bytes,
    *,
    reach: Reach | None = None,
    patience: Patience | None = None,
    wire: Wire | None = None,
) -> Outcome:
    """Prints one job, or says why not. Blocks; call it from a worker thread. `wire` keeps what passed."""
    if not payload or len(payload) > MAX_PAYLOAD:
        return Outcome(state="failed", sentence=f"A job of {len(payload)} bytes is not printed. Nothing was sent.")
    patience = patience or Patience()
    if printer.answers:
        return print_over(printer, payload, lambda: _link(printer, reach, patience, wire))
    outcome = _queue(printer, payload) if printer.transport == "queue" else _file(printer, payload, patience)
    if wire is not None and outcome.state != "failed":
        wire.said(payload)
    return outcome


def ask(
    printer: Printer, *, reach: Reach | None = None, patience: Patience | None = None, wire: Wire | None = None
) -> PrinterStatus | None:
    """A two-way printer's status for the device wall; None where nobody can be asked.

    A printer that is away or silent is an answer too: not ready, with the sentence that says so.
    """
    if not printer.answers or not printer.two_way:
        return None
    try:
        with _link(printer, reach, patience or Patience(), wire) as link:
            found = link.status()
    except AddressRefused as refused:
        return _unheard(refused.sentence)
    except HungUp:
        return _unheard("It closed the connection when asked for its status.")
    except OSError:
        return _unheard(f"No answer at {printer.address}.")
    return found or _unheard("Connected, but silent.")


def _unheard(sentence: str) -> PrinterStatus:
    return PrinterStatus(ready=False, heard=False, sentence=sentence)


def _link(printer: Printer, reach: Reach | None, patience: Patience, wire: Wire | None) -> Link:
    if printer.transport == "serial":
        return SerialLink(printer, patience, wire)
    return NetworkLink(printer, reach or Reach(), patience, wire)


class QueueRefused(Exception):
    """The queue command took nothing, and said why."""


class _Queue(Zebra):
    """`zebra` does not look at how the queue command ended."""

    def _output_unix(self, commands: bytes) -> None:
        done = subprocess.run(
            ["lpr", f"-P{self.queue}", "-oraw"],
            input=commands,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise QueueRefused(said[0][:LONGEST_SAID] if said else f"it ended with {done.returncode}")


def _queue(printer: Printer, payload: bytes) -> Outcome:
    """`zebra` waits for the queue command without limit, so it works in a thread that we can leave behind."""
    errors: list[Exception] = []

    def output() -> None:
        try:
            _Queue(printer.address).output(payload)  # type: ignore[no-untyped-call]
        except Exception as error:
            errors.append(error)

    work = threading.Thread(target=output, name=f"queue {printer.address}", daemon=True)
    work.start()
    work.join(QUEUE_S)
    if work.is_alive():
        return Outcome(state="unknown", sentence=f"{printer.name}: the print queue hangs. Did the label come out?")
    if errors and isinstance(errors[0], FileNotFoundError):
        sentence = f"{printer.name}: this machine has no print queues (lpr is missing). Nothing was sent."
        return Outcome(state="failed", sentence=sentence)
    if errors and isinstance(errors[0], QueueRefused):
        sentence = f"{printer.name}: the print queue {printer.address} refused the job ({errors[0]}). Nothing was sent."
        return Outcome(state="failed", sentence=sentence)
    if errors:
        sentence = f"{printer.name}: the print queue broke off ({errors[0]}). Did the label come out?"
        return Outcome(state="unknown", sentence=sentence)
    return Outcome(state="sent", sentence=f"Given to the print queue {printer.address}.")


def _file(printer: Printer, payload: bytes, patience: Patience) -> Outcome:
    """A device such as /dev/usb/lp0, or a plain file that jobs are added to."""
    name, left = printer.name, 0
    try:
        # Not blocking: a USB printer without paper would hold the open file, and with it the worker, for ever.
        handle = os.open(printer.address, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_NOCTTY, 0o600)
    except OSError as error:
        return Outcome(state="failed", sentence=f"{name}: {error.strerror} ({printer.address}). Nothing was sent.")
    try:
        if os.isatty(handle):
            sentence = f'{name}: {printer.address} is a serial line: set transport = "serial" and its baud. {NOTHING}'
            return Outcome(state="failed", sentence=sentence)
        until = time.monotonic() + patience.progress_s
        while left < len(payload):
            try:
                left += os.write(handle, payload[left : left + 8192])
                until = time.monotonic() + patience.progress_s
            except BlockingIOError:
                rest = until - time.monotonic()
                if rest <= 0 or not select.select([], [handle], [], rest)[1]:
                    raise TimeoutError("it takes no more bytes") from None
    except OSError as error:
        reason = error.strerror or str(error)
        if left == 0:
            return Outcome(state="failed", sentence=f"{name}: {reason}. Nothing was sent.")
        return Outcome(
            state="unknown", sentence=f"{name} broke off after {left} bytes ({reason}). Did the label come out?"
        )
    finally:
        os.close(handle)
    return Outcome(state="sent", sentence=f"{name} took the label; it does not report whether it printed.")
