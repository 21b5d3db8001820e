"""What the edges know of a device, in the words of the device wall: how it is, since when, what to do about it.

The person who reads it stands beside the device and has never seen a log. What the cable's driver said stays with it as
the last error, for whoever is called then.
"""

import re
from collections.abc import Iterable
from datetime import datetime

from app import clock
from app.config import PrinterSettings
from app.work.device_state import DeviceState, How, Passed, Test
from devices import wire
from devices.dimensioner import DimensionError
from devices.link import State
from devices.registry import DeviceHealth
from devices.scale import Scale, ScaleError
from printers import spooler
from printers.status import what_to_do
from sync.carriers.buyer import Health as CarrierHealth

PLUG_IN = "Plug it in; it is back by itself within two seconds."
SWITCH_ON = "Switch it on and see that its cable is in; it connects by itself."
_AWAY: dict[State, tuple[str, str, str]] = {  # what it is, and what to do at a plug and at a network cable
    "connecting": ("Being connected", "", ""),
    "missing": ("Not there", PLUG_IN, SWITCH_ON),
    "lost": ("Unplugged or switched off", PLUG_IN, SWITCH_ON),
    "held": ("Held by another program", "Close that program.", "Close that program."),
    "refused": ("Cannot be opened", "Show the admin the last error.", ""),
    "closed": ("Not listened to", "Start Pickface anew.", "Start Pickface anew."),
}  # fmt: skip
_SCALE = {
    "scale_stale": (
        "Connected, and silent",
        "Switch it on, and see that it is set to send its weight, in the protocol of the settings.",
    ),
    "scale_unstable": ("Does not settle", "See that nothing touches it. Its weights are refused, nothing is guessed."),
    "scale_overload": ("Overloaded", "Take the goods off."),
    "scale_capacity": ("More lies on it than it may weigh", "Take the goods off."),
    "scale_negative": ("Shows less than nothing", "Empty it and set it to zero."),
    "scale_garbled": ("Sends something that is no weight", "See to its protocol, its speed and its cable."),
    "scale_tare": ("Shows its tare", "Press its weight key."),
}
_AT_THE_TABLE = {  # where whoever stands there needs other words: addresses and names of devices are the wall's
    "scale_away": "The scale of {station} is away. See that it is switched on and plugged in.",
    "scale_stale": "The scale of {station} is silent. See that it is switched on.",
    "dimensioner_away": "The dimensioner of {station} is away. See that it is switched on and plugged in.",
    "dimensioner_stale": "The dimensioner of {station} is silent. See that it is switched on.",
}
_TESTS: dict[str, tuple[Test, ...]] = {"dimensioner": ("size",)}
_BADGE = re.compile(rb"(?<=BDG/)[^\r\n\t\x00-\x1f^]+")


def of_device(one: DeviceHealth, scale: Scale | None, refused: int) -> DeviceState:
    """A scanner, scale or dimensioner. `refused`: how many scans the floor did not take."""
    told, health = one.settings, one.health
    complaint = scale.complaint() if scale is not None and health.state == "open" else None
    since = complaint[1] if complaint else health.since
    state: How
    if health.state != "open":
        on_network = "://" in told.address
        # A host that refuses is one whose device is off, as far as anybody beside it can see.
        what, at_plug, at_network = _AWAY["missing" if on_network and health.state == "refused" else health.state]
        state, sentence, todo = "away", what, at_network if on_network else at_plug
        if told.address.startswith("replay:") and health.state == "closed":
            sentence, todo = health.last_error or what, ""
    elif complaint:
        state, (sentence, todo) = "trouble", _SCALE[complaint[0].code]
    else:
        state, sentence, todo = "ready", _shows(scale) if scale else "Ready", ""
        if told.address.startswith("listen:") and not health.callers:
            sentence = "Waits for its scanner to call"
    counters = (
        ("weights taken", health.frames - health.refused - health.garbage), ("refused", health.refused),
        ("no weight", health.garbage),
        ("reconnects", max(0, health.opened - 1)),
    ) if told.kind in ("scale", "dimensioner") else (
        ("scans read", health.frames), ("refused", refused), ("garbage", health.garbage),
        ("too long", health.overlong), ("torn", health.dropped - health.overlong),
        ("reconnects", max(0, health.opened - 1)),
    )  # fmt: skip
    tests: tuple[Test, ...] = ("weight", *scale.orders) if scale else _TESTS.get(told.kind, ("scan",))
    return DeviceState(
        name=told.name, kind=told.kind, station=told.station, state=state, sentence=sentence, todo=todo,
        since=_moment(since), last_seen=_moment(health.last_seen), last_error=health.last_error or "",
        address=told.address, counters=counters, tests=tests,
    )  # fmt: skip


def at_the_table(problem: ScaleError | DimensionError, station: str) -> str:
    """Why there is no weight or size, for whoever stands there."""
    return _AT_THE_TABLE.get(problem.code, problem.sentence).format(station=station)


def _shows(scale: Scale) -> str:
    try:
        return f"{scale.read().grams} g, steady"
    except ScaleError:
        return "The weight is moving"


def of_printer(health: spooler.Health, printer: PrinterSettings) -> DeviceState:
    words = {"printing": "Printing", "starting": "Being asked how it is", "stopped": "Not looked after"}
    said = health.sentence.removeprefix(f"{health.printer}: ").removesuffix(" Nothing was sent.")
    tests: tuple[Test, ...] = ("slip",) if printer.kind == "escpos" else ("label",)
    if printer.two_way and printer.transport in ("tcp", "serial"):
        tests = (*tests, "status")
    return DeviceState(
        name=health.printer, kind="printer", station="", state="trouble" if health.troubled else "ready",
        sentence=words.get(health.state) or said or "Ready", todo=what_to_do(said) if health.troubled else "",
        since=int(health.since * clock.SECOND), last_seen=int(health.last_seen * clock.SECOND),
        last_error=health.last_error, address=printer.address, tests=tests, warnings=health.warnings,
        counters=(
            ("jobs printed", health.jobs - health.unknown), ("unknown", health.unknown), ("failed tries", health.failed),
        ),
    )  # fmt: skip


def of_carrier(health: CarrierHealth) -> DeviceState:
    return DeviceState(
        name=health.carrier, kind="carrier", station="", sentence=health.sentence,
        state="trouble" if health.state in ("fault", "stopped") else "ready",
        last_seen=int(health.last_seen * clock.SECOND), last_error=health.last_error, address=health.address,
    )  # fmt: skip


def of_wire(pieces: Iterable[wire.Passed]) -> list[Passed]:
    """The newest first. Whose badge was scanned is nobody's affair here."""
    return [
        Passed(
            way=one.way, hex=(raw := _BADGE.sub(lambda found: b"*" * len(found[0]), one.raw)).hex(" ").upper(),
            text=wire.spelled(raw), at=_moment(one.at), times=one.times, more=one.more,
        )
        for one in reversed(list(pieces))
    ]  # fmt: skip


def _moment(at: datetime | None) -> int:
    return int(at.timestamp() * clock.SECOND) if at else 0
