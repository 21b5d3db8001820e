"""A scanner and a scale made of software, for the demo, for training and for trying a floor before the hardware comes.

`pickface virtual scanner --tcp 127.0.0.1:7001` reads lines from the keyboard and sends each as a scan; `<GS>` in a line
is the group separator. `pickface virtual scale --tcp 127.0.0.1:7002 --grams 1200` lies there with 1,200 g on it and
takes a new weight, or `unstable`, `stable`, `overload`, per line. The scale streams the generic lines and answers
MT-SICS questions.
"""

import argparse
import sys
import threading
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Literal, get_args

from devices.scale_protocols import GRAMS, Protocol
from devices.symbology import GS
from devices.virtual_line import Line, NobodyListens, PtyLine, TcpLine

SUFFIXES = {"cr": b"\r", "lf": b"\n", "crlf": b"\r\n", "tab": b"\t", "none": b""}
STREAM_EVERY_S = 0.1
MAX_COMMAND_BYTES = 64

Behaviour = Literal["stable", "unstable", "overload", "silent"]
_BEHAVIOURS: dict[str, Behaviour] = {word: word for word in get_args(Behaviour)}


class VirtualScanner:
    """Sends scans down a line, whole or, where a test wants it so, byte by byte."""

    def __init__(self, line: Line, suffix: bytes = b"\r", prefix: bytes = b"") -> None:
        self.line = line
        self.suffix = suffix
        self.trickles = self.loses_gs = False
        self._prefix = prefix

    @property
    def address(self) -> str:
        """What a device setting names."""
        return self.line.address

    @property
    def plugged(self) -> bool:
        return self.line.plugged

    def send(self, text: str) -> None:
        """One scan. Raises NobodyListens when there is no reader."""
        payload = self._prefix + (text.replace(GS, "") if self.loses_gs else text).encode() + self.suffix
        for piece in [payload[at : at + 1] for at in range(len(payload))] if self.trickles else [payload]:
            self.send_raw(piece)

    def send_raw(self, payload: bytes) -> None:
        self.line.write(payload)

    def unplug(self) -> None:
        self.line.unplug()

    def plug(self) -> None:
        self.line.plug()


class VirtualScale:
    """Holds a weight and says so, ten times a second or when asked."""

    def __init__(self, line: Line, grams: int = 0, protocol: Protocol = "generic", capacity_g: int = 30_000) -> None:
        self.line = line
        self.capacity_g = capacity_g
        self._protocol = protocol
        self._grams = grams
        self._zero_g = 0
        self._tare_g = 0
        self.behaviour: Behaviour = "stable"
        self.unit: Literal["kg", "lb"] = "kg"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="virtual-scale", daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return self.line.address

    @property
    def plugged(self) -> bool:
        return self.line.plugged

    @property
    def grams(self) -> int:
        return self._grams

    def set_weight(self, grams: int) -> None:
        """What lies on it; negative when something was lifted off after zeroing, above capacity is an overload."""
        self._grams = grams

    def behave(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour

    def unplug(self) -> None:
        self.line.unplug()

    def plug(self) -> None:
        self.line.plug()

    def stop(self) -> None:
        self._stop.set()
        self.line.unplug()
        self._thread.join(2)

    def say(self) -> bytes:
        """The generic line for what is on it now."""
        if self._overloaded:
            return b"OL,GS,+99999.99kg\r\n"
        state, mode = ("US" if self.behaviour == "unstable" else "ST"), ("NT" if self._tare_g else "GS")
        net = self._net()
        return f"{state},{mode},{'-' if net < 0 else '+'}{abs(net):09.3f}{self.unit}\r\n".encode()

    def answer(self, command: str) -> bytes:
        """The MT-SICS answer to a command: SI and S (weight), Z and ZI (zero), T (tare), I2 (who are you)."""
        if command in ("S", "SI"):
            if self._overloaded:
                return b"S +\r\n"
            state = "D" if self.behaviour == "unstable" else "S"
            said = f"S {state} {self._net():10.3f} {self.unit}\r\n"
            return b"S I\r\n" if command == "S" and state == "D" else said.encode()
        if command in ("Z", "ZI"):
            self._zero_g, self._tare_g = self._grams, 0
            return b"Z A\r\n" if command == "Z" else b"ZI S\r\n"
        if command in ("T", "TI"):
            self._tare_g += self._net_g
            return f"{command} S {Decimal(self._tare_g) / 1000:10.3f} kg\r\n".encode()
        return b'I2 A "Pickface virtual scale"\r\n' if command == "I2" else b"ES\r\n"

    @property
    def _net_g(self) -> int:
        return self._grams - self._zero_g - self._tare_g

    def _net(self) -> Decimal:
        """In the unit of its display."""
        return Decimal(self._net_g) / GRAMS[self.unit]

    @property
    def _overloaded(self) -> bool:
        return self.behaviour == "overload" or self._grams > self.capacity_g

    def _run(self) -> None:
        heard = b""
        while not self._stop.is_set():
            heard += self.line.read(STREAM_EVERY_S)
            *commands, heard = heard.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
            heard = heard[-MAX_COMMAND_BYTES:]
            if self.behaviour == "silent":
                continue
            said = [self.answer(command.decode("ascii", "replace").strip()) for command in commands if command.strip()]
            if self._protocol == "generic" and not commands:
                said.append(self.say())
            self._send(b"".join(said))

    def _send(self, payload: bytes) -> None:
        try:
            if payload and self.line.heard:
                self.line.write(payload)
        except NobodyListens:
            self._stop.wait(STREAM_EVERY_S)  # A scale talks to an empty room; nothing is kept for later.


def run_scanner(options: Sequence[str], lines: Iterable[str] | None = None) -> int:
    """`pickface virtual scanner`: each line typed is a scan. Returns the exit code."""
    parser = _parser("pickface virtual scanner", "Send each line typed as one scan.")
    parser.add_argument("--suffix", choices=sorted(SUFFIXES), default="cr", help="what ends a scan")
    chosen = parser.parse_args(options)
    scanner = VirtualScanner(_line(chosen), SUFFIXES[chosen.suffix])
    _tell(f"Virtual scanner at {scanner.address}. Type a code and press Enter; <GS> is the group separator.")
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
    parser.add_argument("--protocol", choices=["generic", "mt-sics"], default="generic")
    chosen = parser.parse_args(options)
    scale = VirtualScale(_line(chosen), chosen.grams, chosen.protocol, chosen.capacity)
    _tell(f"Virtual scale at {scale.address}. Type grams, or stable, unstable, overload, silent.")
    for line in _typed(lines):
        word = line.strip()
        if behaviour := _BEHAVIOURS.get(word):
            scale.behave(behaviour)
        elif word.removeprefix("-").isdecimal() and len(word) < 9:
            scale.set_weight(int(word))
            scale.behave("stable")
        else:
            _tell(f"{word!r} is neither grams nor stable, unstable, overload, silent.")
    scale.stop()
    return 0


def _parser(program: str, what: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=program, description=what)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--tcp", type=_host_port, metavar="HOST:PORT", help="listen here for the reader")
    where.add_argument("--pty", type=Path, metavar="PATH", help="make a serial port with this name")
    return parser


def _host_port(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 <= int(port) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT, such as 127.0.0.1:7001")
    return host, int(port)


def _line(chosen: argparse.Namespace) -> Line:
    try:
        return TcpLine(*chosen.tcp) if chosen.tcp else PtyLine(chosen.pty)
    except OSError as error:
        raise SystemExit(f"The virtual device cannot be set up: {error}") from error


def _typed(lines: Iterable[str] | None) -> Iterable[str]:
    return (line.rstrip("\r\n") for line in (sys.stdin if lines is None else lines) if line.strip())


def _tell(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
