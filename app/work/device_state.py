"""How a device with a plug is: in plain words, since when, and what the person beside it does about it.

The edges fill it in, from memory; the device wall shows it, and what waits for a device in trouble becomes a case.
"""

from typing import Literal

import msgspec

FIXED = ("scanner", "scale", "dimensioner", "printer")

How = Literal["ready", "away", "trouble"]
Test = Literal["scan", "label", "slip", "status", "weight", "zero", "tare", "size"]
TESTS: dict[Test, str] = {
    "scan": "Wait 10 s for a scan",
    "label": "Test label",
    "slip": "Test slip",
    "status": "Ask how it is",
    "weight": "Read the weight",
    "zero": "Set to zero",
    "tare": "Take the tare",
    "size": "Measure what stands on it",
}
"""What can be tried on a device, and the words on the key."""


class DeviceState(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    kind: str  # scanner, scale, printer, carrier
    station: str
    state: How
    sentence: str  # what it is
    todo: str = ""  # what to do about it
    warnings: tuple[str, ...] = ()  # what it will lack soon; it works all the same
    since: int = 0  # µs UTC: when it came to be so
    last_seen: int = 0  # µs UTC
    last_error: str = ""
    address: str = ""
    backlog: int = 0
    counters: tuple[tuple[str, int], ...] = ()
    tests: tuple[Test, ...] = ()

    @property
    def troubled(self) -> bool:
        return is_troubled(self.state, self.kind)


def is_troubled(state: str, kind: str) -> bool:
    """A handheld may rest; a device with a cable that is away needs a hand."""
    return state == "trouble" or (state == "away" and kind in FIXED)


class Passed(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of what passed over a device's cable, in hex and with its control characters named."""

    way: Literal["heard", "said"]
    hex: str
    text: str
    at: int  # µs UTC
    times: int = 1
    more: int = 0  # bytes that were not kept
