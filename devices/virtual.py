"""A scanner, a scale and a dimensioner made of software, for the demo, for training and for a floor before its hardware.

`pickface virtual scanner --tcp 127.0.0.1:7011` reads lines from the keyboard and sends each as a scan; `<GS>` in a line
is the group separator; `--pty` is a serial port, `--rfc2217` one behind a serial server. `pickface virtual scale --tcp
127.0.0.1:7012 --grams 1200` lies there with 1,200 g on it and takes a new weight, a unit, or `unstable`, `stable`,
`overload`, per line. See virtual_scale.py for what it speaks. Each prints on standard output what a floor's settings need
for it.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import get_args

from devices import virtual_settings
from devices.dimensioner import PROTOCOLS
from devices.scale_protocols import Protocol
from devices.symbology import GS
from devices.virtual_dimensioner import BOX_STATES, VirtualDimensioner
from devices.virtual_door import TcpLine
from devices.virtual_line import Line, NobodyListens, OnLine, PtyLine
from devices.virtual_scale import Behaviour, Unit, VirtualScale
from devices.virtual_serial_server import SerialServerLine

SUFFIXES = {"cr": b"\r", "lf": b"\n", "crlf": b"\r\n", "tab": b"\t", "none": b""}
_BEHAVIOURS: dict[str, Behaviour] = {word: word for word in get_args(Behaviour)}
_UNITS: dict[str, Unit] = {word: word for word in get_args(Unit)}


class VirtualScanner(OnLine):
    """Sends scans down a line, whole or, where a test wants it so, byte by byte."""

    def __init__(self, line: Line, suffix: bytes = b"\r", prefix: bytes = b"") -> None:
        super().__init__(line)
        self.suffix = suffix
        self.prefix = prefix
        self.gs = GS  # what stands for it, empty where it is lost
        self.trickles = False

    def send(self, text: str) -> None:
        """One scan. Raises NobodyListens when there is no reader."""
        payload = self.framed(text)
        for piece in [payload[at : at + 1] for at in range(len(payload))] if self.trickles else [payload]:
            self.send_raw(piece)

    def framed(self, text: str) -> bytes:
        return self.prefix + text.replace(GS, self.gs).encode() + self.suffix

    def send_raw(self, payload: bytes) -> None:
        self.line.write(payload)


def run_scanner(options: Sequence[str], lines: Iterable[str] | None = None) -> int:
    """`pickface virtual scanner`: each line typed is a scan. Returns the exit code."""
    parser = _parser("pickface virtual scanner", "Send each line typed as one scan.")
    parser.add_argument("--suffix", choices=sorted(SUFFIXES), default="cr", help="what ends a scan")
    chosen = parser.parse_args(options)
    scanner = VirtualScanner(_line(chosen), SUFFIXES[chosen.suffix])
    _tell(f"Virtual scanner at {scanner.address}. Type a code and press Enter; <GS> is the group separator.")
    virtual_settings.tell(virtual_settings.device("scanner", "SCAN-2", scanner.address))
    for line in _typed(lines):
        try:
            scanner.send(line.replace("<GS>", GS))
            _tell(f"sent {line}")
        except NobodyListens as error:
            _tell(str(error))
    scanner.unplug()
    return 0


def run_scale(options: Sequence[str], lines: Iterable[str] | None = None) -> int:
    """`pickface virtual scale`: a line with a number sets the grams, a word the behaviour. Returns the exit code."""
    parser = _parser("pickface virtual scale", "A scale; each line typed is a weight in grams, or how it behaves.")
    parser.add_argument("--grams", type=int, default=0, help="what lies on it at first")
    parser.add_argument("--capacity", type=int, default=30_000, help="grams from which it is overloaded")
    parser.add_argument("--protocol", choices=get_args(Protocol), default="generic")
    chosen = parser.parse_args(options)
    scale = VirtualScale(_line(chosen), chosen.grams, chosen.protocol, chosen.capacity)
    _tell(f"Virtual scale at {scale.address}. Type grams, kg, g, lb or oz, or stable, unstable, overload, silent.")
    virtual_settings.tell(virtual_settings.device("scale", "SCALE-2", scale.address, protocol=chosen.protocol))
    for line in _typed(lines):
        word = line.strip()
        if behaviour := _BEHAVIOURS.get(word):
            scale.behave(behaviour)
        elif unit := _UNITS.get(word):
            scale.unit = unit
        elif word.removeprefix("-").isdecimal() and len(word) < 9:
            scale.set_weight(int(word))
            scale.behave("stable")
        else:
            _tell(f"{word!r} is neither grams, a unit, nor stable, unstable, overload, silent.")
    scale.stop()
    return 0


def run_dimensioner(options: Sequence[str], lines: Iterable[str] | None = None) -> int:
    """`pickface virtual dimensioner`: four numbers are a box, mm and grams; a word how it stands. Returns the exit code."""
    parser = _parser(
        "pickface virtual dimensioner", "A dimensioner; each line typed is a box: length width height grams."
    )
    parser.add_argument("--protocol", choices=PROTOCOLS, default="cubiscan")
    chosen = parser.parse_args(options)
    dimensioner = VirtualDimensioner(_line(chosen), chosen.protocol)
    words = ", ".join(word.replace("_", "-") for word in BOX_STATES)
    _tell(f"Virtual dimensioner at {dimensioner.address}. Type a box (300 200 150 1250), or {words}.")
    virtual_settings.tell(
        virtual_settings.device("dimensioner", "DIM-2", dimensioner.address, protocol=chosen.protocol)
    )
    for line in _typed(lines):
        numbers = line.split()
        if state := next((one for one in BOX_STATES if one == line.strip().replace("-", "_")), None):
            dimensioner.state = state
        elif len(numbers) == 4 and all(one.isascii() and one.isdecimal() and len(one) < 7 for one in numbers):
            length, width, height, grams = (int(one) for one in numbers)
            dimensioner.box, dimensioner.state = (length, width, height, grams), "still"
        else:
            _tell(f"{line.strip()!r} is neither four whole numbers nor {words}.")
    dimensioner.stop()
    return 0


def _parser(program: str, what: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=program, description=what)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--tcp", type=_host_port, metavar="HOST:PORT", help="listen here for the reader")
    where.add_argument("--pty", type=Path, metavar="PATH", help="make a serial port with this name")
    where.add_argument(
        "--rfc2217", type=_host_port, metavar="HOST:PORT", help="as behind a serial server that listens here"
    )
    return parser


def _host_port(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 <= int(port) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT, such as 127.0.0.1:7001")
    return host, int(port)


def _line(chosen: argparse.Namespace) -> Line:
    try:
        if chosen.rfc2217:
            return SerialServerLine(*chosen.rfc2217)
        return TcpLine(*chosen.tcp) if chosen.tcp else PtyLine(chosen.pty)
    except OSError as error:
        raise SystemExit(f"The virtual device cannot be set up: {error}") from error


def _typed(lines: Iterable[str] | None) -> Iterable[str]:
    return (line.rstrip("\r\n") for line in (sys.stdin if lines is None else lines) if line.strip())


def _tell(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
