"""What goes wrong with scales and dimensioners, as keys to press: each is something a real one does on a bad day.

A key that stays down shows what is wrong now; pressing it again mends it. The others happen once. What a key does is told
in one sentence, so that whoever learns the floor's answer to it knows what to look for.
"""

import time
from collections.abc import Callable
from typing import NamedTuple, get_args

from devices.scale_protocols import Protocol
from devices.virtual_dimensioner import BoxState, VirtualDimensioner
from devices.virtual_line import OnLine
from devices.virtual_scale import Unit, VirtualScale

TORN_S = 0.1  # the first half is on its way before the plug is out


class ScaleFault(NamedTuple):
    break_: str
    mend: str
    is_on: Callable[[VirtualScale], bool]
    press: Callable[[VirtualScale], str]


def never(device: object) -> bool:
    return False


def plug(device: OnLine, what: str) -> str:
    if device.plugged:
        device.unplug()
        return f"{what} is unplugged. Plugged in again it reads within two seconds, by itself."
    device.plug()
    return f"{what} is plugged in."


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


def _unit(unit: Unit, words: str) -> ScaleFault:
    def press(scale: VirtualScale) -> str:
        scale.unit = "kg" if scale.unit == unit else unit
        return f"Somebody changed the unit: it weighs in {scale.unit}. The floor still reads grams."

    return ScaleFault(f"Weigh in {words}", "Weigh in kilograms", lambda scale: scale.unit == unit, press)


def _dialect(protocol: Protocol) -> ScaleFault:
    """Another scale stands there, or somebody set it otherwise; `generic` is what a bench begins with."""

    def press(scale: VirtualScale) -> str:
        scale.protocol = "generic" if scale.protocol == protocol else protocol
        return f'It speaks {scale.protocol}: weighed where the floor has protocol = "{scale.protocol}" for it.'

    return ScaleFault(f"Speak {protocol}", "Speak generic", lambda scale: scale.protocol == protocol, press)


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
        "Pull the plug", "Plug in", lambda one: not one.plugged, lambda one: plug(one, "The dimensioner")
    ),
    "torn": DimensionerFault("Pull it in mid-answer", "", never, _torn_box),
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
    "plug": ScaleFault("Pull the plug", "Plug in", lambda one: not one.plugged, lambda one: plug(one, "The scale")),
    "torn": ScaleFault("Pull it in mid-weight", "", never, _torn_weight),
    "unsteady": ScaleFault("Let it swing", "Hold it still", lambda one: one.behaviour == "unstable", _unsteady),
    "overload": ScaleFault("Overload", "Take the load off", lambda one: one.behaviour == "overload", _overload),
    "negative": ScaleFault("Lift the zero off", "Back to zero", lambda one: one.grams < 0, _lifted),
    "silent": ScaleFault("Fall silent", "Speak again", lambda one: one.behaviour == "silent", _silent),
    "pounds": _unit("lb", "pounds"),
    "ounces": _unit("oz", "ounces"),
    "grams": _unit("g", "grams"),
    **{one: _dialect(one) for one in get_args(Protocol) if one != "generic"},
}
