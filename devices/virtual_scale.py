"""A scale made of software: it holds a weight and says so in the dialect it was set to, with all the ways scales fail.

It streams the generic lines ten times a second; the others answer when they are asked: MT-SICS to `SI`, `S`, `Z`, `T` and
`I2`, a checkout scale of Toledo's to `W`, an A&D to `Q`. Its display can be turned to kilograms, grams, pounds or ounces
as anybody at the table may do; a checkout scale knows kilograms and pounds only.
"""

import re
import threading
from decimal import Decimal
from typing import Literal

from devices.scale_protocols import GRAMS, Protocol
from devices.virtual_line import Line, NobodyListens, OnLine

STREAM_EVERY_S = 0.1
MAX_COMMAND_BYTES = 64

Behaviour = Literal["stable", "unstable", "overload", "silent"]
Unit = Literal["kg", "g", "lb", "oz"]

_DECIMALS: dict[Unit, int] = {"kg": 3, "g": 1, "lb": 3, "oz": 2}


class VirtualScale(OnLine):
    """Set `behaviour` and `unit` at any time."""

    def __init__(self, line: Line, grams: int = 0, protocol: Protocol = "generic", capacity_g: int = 30_000) -> None:
        super().__init__(line)
        self.capacity_g = capacity_g
        self.protocol = protocol
        self._grams = grams
        self._zero_g = 0
        self._tare_g = 0
        self.behaviour: Behaviour = "stable"
        self.unit: Unit = "kg"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="virtual-scale", daemon=True)
        self._thread.start()

    @property
    def grams(self) -> int:
        return self._grams

    def set_weight(self, grams: int) -> None:
        """What lies on it; negative when something was lifted off after zeroing, above capacity is an overload."""
        self._grams = grams

    def behave(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour

    def stop(self) -> None:
        self._stop.set()
        self.line.unplug()
        self._thread.join(2)

    def say(self) -> bytes:
        """One line for what is on it now, as its dialect has it."""
        if self.protocol == "mt-sics":
            return self.answer("SI")
        if self.protocol == "toledo-8217":
            return self._say_toledo()
        if self.protocol == "a-and-d":
            return self._say_a_and_d()
        if self._overloaded:
            return b"OL,GS,+99999.99kg\r\n"
        state, mode = ("US" if self._swings else "ST"), ("NT" if self._tare_g else "GS")
        net = self._net()
        return f"{state},{mode},{'-' if net < 0 else '+'}{abs(net):09.3f}{self.unit}\r\n".encode()

    def answer(self, command: str) -> bytes:
        """To one command: of MT-SICS SI and S (weight), Z and ZI (zero), T (tare), I2 (who are you); W or Q, Z and T."""
        if self.protocol in ("toledo-8217", "a-and-d"):
            if command == "Z":
                self._zero_g, self._tare_g = self._grams, 0
            elif command == "T":
                self._tare_g += self._net_g
            return self.say() if command in ("W", "Q") else b""
        if command in ("S", "SI"):
            if self._overloaded:
                return b"S +\r\n"
            state = "D" if self._swings else "S"
            said = f"S {state} {self._net():10.3f} {self.unit}\r\n"
            return b"S I\r\n" if command == "S" and state == "D" else said.encode()
        if command in ("Z", "ZI"):
            self._zero_g, self._tare_g = self._grams, 0
            return b"Z A\r\n" if command == "Z" else b"ZI S\r\n"
        if command in ("T", "TI"):
            self._tare_g += self._net_g
            return f"{command} S {Decimal(self._tare_g) / 1000:10.3f} kg\r\n".encode()
        return b'I2 A "Pickface virtual scale"\r\n' if command == "I2" else b"ES\r\n"

    def _say_toledo(self) -> bytes:
        """STX weight CR, or STX ? status CR: bit 0 in motion, 1 over capacity, 2 under zero; bit 6 is always set."""
        status = 0x01 * self._swings | 0x02 * self._overloaded | 0x04 * (self._net_g < 0)
        if status:
            return b"\x02?" + bytes([0x40 | status]) + b"\r"
        pounds = self.unit in ("lb", "oz")
        weight = Decimal(self._net_g) / GRAMS["lb" if pounds else "kg"]
        return f"\x02{weight:06.{2 if pounds else 3}f}{'N' if self._tare_g else ''}\r".encode()

    def _say_a_and_d(self) -> bytes:
        if self._overloaded:
            return b"OL,+9999999E+19\r\n"
        net, state = self._net(), "US" if self._swings else "ST"
        return f"{state},{'-' if net < 0 else '+'}{abs(net):09.{_DECIMALS[self.unit]}f}{self.unit:>3}\r\n".encode()

    @property
    def _net_g(self) -> int:
        return self._grams - self._zero_g - self._tare_g

    def _net(self) -> Decimal:
        """In the unit of its display."""
        return Decimal(self._net_g) / GRAMS[self.unit]

    @property
    def _swings(self) -> bool:
        return self.behaviour == "unstable"

    @property
    def _overloaded(self) -> bool:
        return self.behaviour == "overload" or self._grams > self.capacity_g

    def _run(self) -> None:
        heard = b""
        while not self._stop.is_set():
            heard += self.line.read(STREAM_EVERY_S)
            if self.protocol == "toledo-8217":  # its commands are single letters, without an end
                commands, heard = [heard[at : at + 1] for at in range(len(heard))], b""
            else:
                *commands, heard = re.split(rb"\r\n|\r|\n", heard)
            heard = heard[-MAX_COMMAND_BYTES:]
            if self.behaviour == "silent":
                continue
            said = [self.answer(command.decode("ascii", "replace").strip()) for command in commands if command.strip()]
            if self.protocol == "generic" and not commands:
                said.append(self.say())
            self._send(b"".join(said))

    def _send(self, payload: bytes) -> None:
        try:
            if payload and self.line.heard:
                self.line.write(payload)
        except NobodyListens:
            self._stop.wait(STREAM_EVERY_S)  # A scale talks to an empty room; nothing is kept for later.
