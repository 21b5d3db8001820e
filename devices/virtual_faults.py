"""What goes wrong with scanners, scales and dimensioners, as keys to press: each is something a real one does on a bad day.

A key that stays down shows what is wrong now; pressing it again mends it. The others happen once. What a key does is told
in one sentence, so that whoever learns the floor's answer to it knows what to look for.
"""

import time
from collections.abc import Callable
from typing import NamedTuple

from devices.virtual import VirtualScanner
from devices.virtual_dimensioner import BoxState, VirtualDimensioner
from devices.virtual_line import OnLine
from devices.virtual_scale import VirtualScale

BURST, BURST_S = 100, 1.0  # scans, and how long they take
ENDLESS_BYTES = 5000
TORN_S = 0.1  # the first half is on its way before the plug is out


class ScannerFault(NamedTuple):
    break_: str  # on the key while all is well
    mend: str  # while it is not; empty where it happens once
    is_on: Callable[[VirtualScanner], bool]
    press: Callable[[VirtualScanner, str], str]  # with the label in the worker's hand


class ScaleFault(NamedTuple):
    break_: str
    mend: str
    is_on: Callable[[VirtualScale], bool]
    press: Callable[[VirtualScale], str]


def _never(device: object) -> bool:
    return False


def _plug(device: OnLine, what: str) -> str:
    if device.plugged:
        device.unplug()
        return f"{what} is unplugged. Plugged in again it reads within two seconds, by itself."
    device.plug()
    return f"{what} is plugged in."


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
    scanner.loses_gs = not scanner.loses_gs
    return "The group separator is lost, as with a wrong setting." if scanner.loses_gs else "The separator is sent."


SCANNER_FAULTS = {
    "plug": ScannerFault(
        "Pull the plug", "Plug in", lambda one: not one.plugged, lambda one, _: _plug(one, "The scanner")
    ),
    "torn": ScannerFault("Pull it in mid-scan", "", _never, _torn),
    "bounce": ScannerFault("Bounce", "", _never, _bounce),
    "burst": ScannerFault(f"{BURST} scans a second", "", _never, _burst),
    "garbage": ScannerFault("Garbage", "", _never, _garbage),
    "endless": ScannerFault("5 kB without end", "", _never, _endless),
    "trickle": ScannerFault("Byte by byte", "Whole scans", lambda one: one.trickles, _trickle),
    "gs": ScannerFault("Lose the separator", "Keep the separator", lambda one: one.loses_gs, _lose_gs),
}


def _unsteady(scale: VirtualScale) -> str:
    scale.behave("stable" if scale.behaviour == "unstable" else "unstable")
    return (
        "It swings: no weight is taken until it stands still." if scale.behaviour == "unstable" else "It stands still."
    )


def _overload(scale: VirtualScale) -> str:
    scale.behave("stable" if scale.behaviour == "overload" else "overload")
    return "More lies on it than it can weigh." if scale.behaviour == "overload" else "The load is off."


def _silent(scale: VirtualScale) -> str:
    scale.behave("stable" if scale.behaviour == "silent" else "silent")
    return "It says nothing: the last weight grows stale." if scale.behaviour == "silent" else "It speaks again."


def _pounds(scale: VirtualScale) -> str:
    scale.unit = "kg" if scale.unit == "lb" else "lb"
    return f"Somebody changed the unit: it weighs in {scale.unit}. The floor still reads grams."


def _lifted(scale: VirtualScale) -> str:
    scale.set_weight(0 if scale.grams < 0 else -250)
    return (
        "Something it was zeroed with was lifted off: it shows less than nothing." if scale.grams else "It is at zero."
    )


def _torn_weight(scale: VirtualScale) -> str:
    scale.line.write(scale.say()[:7])
    time.sleep(TORN_S)
    scale.unplug()
    return "Half a weight went out, then the plug was pulled: no weight may be read from it."


class DimensionerFault(NamedTuple):
    break_: str
    mend: str
    is_on: Callable[[VirtualDimensioner], bool]
    press: Callable[[VirtualDimensioner], str]


def _box(
    state: BoxState, told: str
) -> tuple[Callable[[VirtualDimensioner], bool], Callable[[VirtualDimensioner], str]]:
    def press(one: VirtualDimensioner) -> str:
        one.state = "still" if one.state == state else state
        return told if one.state == state else "It stands still and is measured."

    return lambda one: one.state == state, press


def _inches(one: VirtualDimensioner) -> str:
    one.inches = not one.inches
    unit = "inches and pounds" if one.inches else "centimetres and kilograms"
    return f"It measures in {unit}. The floor still reads millimetres and grams."


def _torn_box(one: VirtualDimensioner) -> str:
    one.line.write(one.say()[:20])
    time.sleep(TORN_S)
    one.unplug()
    return "Half an answer went out, then the plug was pulled: no size may be read from it."


DIMENSIONER_FAULTS = {
    "plug": DimensionerFault(
        "Pull the plug", "Plug in", lambda one: not one.plugged, lambda one: _plug(one, "The dimensioner")
    ),
    "torn": DimensionerFault("Pull it in mid-answer", "", _never, _torn_box),
    "held": DimensionerFault(
        "Leave a hand on it",
        "Take the hand off",
        *_box("held", "Every other answer has a hand in it: no size is taken."),
    ),
    "edge": DimensionerFault(
        "Over the edge", "Move it in", *_box("over_edge", "It stands over the edge: the device refuses to measure it.")
    ),
    "silent": DimensionerFault("Fall silent", "Speak again", *_box("silent", "It says nothing: no size is taken.")),
    "inches": DimensionerFault("Measure in inches", "Measure in centimetres", lambda one: one.inches, _inches),
}
SCALE_FAULTS = {
    "plug": ScaleFault("Pull the plug", "Plug in", lambda one: not one.plugged, lambda one: _plug(one, "The scale")),
    "torn": ScaleFault("Pull it in mid-weight", "", _never, _torn_weight),
    "unsteady": ScaleFault("Let it swing", "Hold it still", lambda one: one.behaviour == "unstable", _unsteady),
    "overload": ScaleFault("Overload", "Take the load off", lambda one: one.behaviour == "overload", _overload),
    "negative": ScaleFault("Lift the zero off", "Back to zero", lambda one: one.grams < 0, _lifted),
    "silent": ScaleFault("Fall silent", "Speak again", lambda one: one.behaviour == "silent", _silent),
    "pounds": ScaleFault("Weigh in pounds", "Weigh in kilograms", lambda one: one.unit == "lb", _pounds),
}
