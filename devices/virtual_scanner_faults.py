"""What goes wrong with scanners, and how they may be set, as keys to press; of scales and dimensioners see virtual_faults.py.

A key that stays down shows what is wrong now; pressing it again mends it. The others happen once, with the label that lies
beside the keys.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from devices.symbology import GS
from devices.virtual import VirtualScanner
from devices.virtual_faults import TORN_S, never, plug
from devices.virtual_line import NobodyListens

BURST, BURST_S = 100, 1.0  # scans, and how long they take
LONG_BURST_S = 10.0
ENDLESS_BYTES = 5000
STAND_IN = "~"  # for the separator, as keyboard-like scanners send it
ENDS: dict[str, tuple[str, bytes, bytes]] = {  # what a scanner may be set to put around a code, instead of CR after it
    "lf": ("LF", b"", b"\n"),
    "crlf": ("CR LF", b"", b"\r\n"),
    "tab": ("Tab", b"", b"\t"),
    "stx": ("STX … ETX", b"\x02", b"\x03"),
    "none": ("nothing", b"", b""),
}
CR = b"\r"


class ScannerFault(NamedTuple):
    break_: str  # on the key while all is well
    mend: str  # while it is not; empty where it happens once
    is_on: Callable[[VirtualScanner], bool]
    press: Callable[[VirtualScanner, str], str]  # with the label in the worker's hand


def _torn(scanner: VirtualScanner, label: str) -> str:
    half = label[: max(1, len(label) // 2)]
    scanner.send_raw(half.encode())
    time.sleep(TORN_S)
    scanner.unplug()
    return f"“{half}” went out, then the plug was pulled: nothing of it may arrive."


def _bounce(scanner: VirtualScanner, label: str) -> str:
    scanner.send(label)
    scanner.send(label)
    return f"The trigger bounced: {label} went out twice within a blink and may count once."


def _burst(scanner: VirtualScanner, label: str) -> str:
    for number in range(BURST):
        scanner.send(f"{label}-{number:03d}")
        time.sleep(BURST_S / BURST)
    return f"{BURST} scans in {BURST_S:.0f} s, numbered: they arrive in order, none is lost."


def _long_burst(scanner: VirtualScanner, label: str) -> str:
    """Beside the page, so that the plug can be pulled in the middle."""
    number = int(BURST * LONG_BURST_S / BURST_S)

    def send() -> None:
        began = time.monotonic()
        with contextlib.suppress(NobodyListens):
            for n in range(number):
                scanner.send(f"{label}-{n:04d}")
                time.sleep(max(0.0, began + (n + 1) * BURST_S / BURST - time.monotonic()))

    threading.Thread(target=send, name="virtual-burst", daemon=True).start()
    return f"{number:,} scans in {LONG_BURST_S:.0f} s are on their way, numbered: they arrive in order, none is lost."


def _together(scanner: VirtualScanner, label: str) -> str:
    scanner.send_raw(scanner.framed(f"{label}-1") + scanner.framed(f"{label}-2"))
    return f"{label}-1 and {label}-2 went out in one piece: they arrive as two scans."


def _ends(name: str) -> ScannerFault:
    words, prefix, suffix = ENDS[name]

    def is_on(scanner: VirtualScanner) -> bool:
        return (scanner.prefix, scanner.suffix) == (prefix, suffix)

    def press(scanner: VirtualScanner, label: str) -> str:
        scanner.prefix, scanner.suffix = (b"", CR) if is_on(scanner) else (prefix, suffix)
        if not is_on(scanner):
            return "Codes end with CR."
        framing = {"tab": "tab", "stx": "stx", "none": "idle"}.get(name, "line")
        around = f"Codes stand between {words}" if prefix else f"Codes end with {words}"
        return f'{around}: read where the station has framing = "{framing}".'

    return ScannerFault(f"{words} around codes" if prefix else f"End with {words}", "End with CR", is_on, press)


def _garbage(scanner: VirtualScanner, label: str) -> str:
    scanner.send_raw(bytes(range(0x80, 0x100)) + scanner.suffix)
    return "128 bytes that are no text went out: they are refused in words."


def _endless(scanner: VirtualScanner, label: str) -> str:
    scanner.send_raw(b"X" * ENDLESS_BYTES)
    return f"{ENDLESS_BYTES:,} bytes without an end went out: dropped and counted up to the next scan's end."


def _trickle(scanner: VirtualScanner, label: str) -> str:
    scanner.trickles = not scanner.trickles
    return "Scans go out byte by byte." if scanner.trickles else "Scans go out whole."


def _lose_gs(scanner: VirtualScanner, label: str) -> str:
    scanner.gs = "" if scanner.gs else GS
    return "The separator is sent." if scanner.gs else "The group separator is lost, as with a wrong setting."


def _stand_in(scanner: VirtualScanner, label: str) -> str:
    scanner.gs = GS if scanner.gs == STAND_IN else STAND_IN
    if scanner.gs == GS:
        return "The separator is sent as itself."
    return f'The separator goes out as {STAND_IN}: read where the station has gs = "{STAND_IN}".'


SCANNER_FAULTS = {
    "plug": ScannerFault(
        "Pull the plug", "Plug in", lambda one: not one.plugged, lambda one, _: plug(one, "The scanner")
    ),
    "torn": ScannerFault("Pull it in mid-scan", "", never, _torn),
    "bounce": ScannerFault("Bounce", "", never, _bounce),
    "burst": ScannerFault(f"{BURST} scans a second", "", never, _burst),
    "long_burst": ScannerFault(f"The same for {LONG_BURST_S:.0f} s", "", never, _long_burst),
    "together": ScannerFault("Two in one piece", "", never, _together),
    "garbage": ScannerFault("Garbage", "", never, _garbage),
    "endless": ScannerFault("5 kB without end", "", never, _endless),
    "trickle": ScannerFault("Byte by byte", "Whole scans", lambda one: one.trickles, _trickle),
    "gs": ScannerFault("Lose the separator", "Keep the separator", lambda one: not one.gs, _lose_gs),
    "stand_in": ScannerFault(
        f"{STAND_IN} for the separator", "The separator itself", lambda one: one.gs == STAND_IN, _stand_in
    ),
    **{name: _ends(name) for name in ENDS},
}
