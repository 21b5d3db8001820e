"""All scanners, scales and dimensioners of a site: opened from the settings, shown on the device wall, stopped together.

A setting names a device, the station it stands at, and an address: `/dev/serial/by-id/...` for a serial port,
`rfc2217://host:port` for one behind a serial server, `tcp://host:port` (or `socket://`, as pyserial says) for a device
that listens, `listen://host:port` for scanners that call us, `replay:file` for a recording. Scans reach the app through
one callback, from the reader thread of their scanner: device, station, text.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from devices.dimensioner import PROTOCOLS as DIMENSION_PROTOCOLS
from devices.dimensioner import Dimensioner, DimensionProtocol
from devices.framing import Framing
from devices.heard import Heard
from devices.link import DeviceThread, Health, Port
from devices.remote_serial import RemoteSerialPort
from devices.replay import ReplayScanner
from devices.scale import Scale
from devices.scale_protocols import WIRES, Protocol
from devices.scanner import Frame, Scanner
from devices.serial_port import SerialPort
from devices.symbology import GS
from devices.tcp import ScannerDoor, TcpPort
from devices.wire import Passed

OnScan = Callable[[str, str, str], None]
"""Called with the device's name, its station and the text of a scan."""


class DeviceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One device as it is configured. Names are unique; what does not concern a kind is left at its default."""

    kind: Literal["scanner", "scale", "dimensioner"]
    name: str
    station: str
    address: str
    framing: Framing = "line"
    gs: str = GS  # What the scanner sends in place of 0x1D; for `decode`.
    prefix: str = ""  # What it puts around each code: taken off.
    suffix: str = ""
    protocol: Protocol | DimensionProtocol = "generic"
    capacity_g: int | None = None
    baud: int = 9600
    bits: Literal[7, 8] | None = None  # None: as scales of this protocol are delivered
    parity: Literal["N", "E", "O"] | None = None


class SettingsError(ValueError):
    """The settings cannot be meant: the sentence names the device and the field."""


class DeviceHealth(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the device wall."""

    settings: DeviceSettings
    health: Health


class Registry:
    """The devices of a site. Building one opens nothing; `start` does, and returns at once."""

    def __init__(self, settings: Sequence[DeviceSettings], on_frame: OnScan) -> None:
        self._settings = {setting.name: setting for setting in settings}
        if len(self._settings) < len(settings):
            raise SettingsError("Two devices have the same name.")
        self._on_frame = on_frame
        self._running = False
        self._devices = {setting.name: self._build(setting) for setting in settings}

    def set_up(self, name: str, **settings: str) -> None:
        """Read a scanner otherwise from now on: framing, gs, prefix, suffix. Raises KeyError for no such device."""
        setting = msgspec.convert({**msgspec.structs.asdict(self._settings[name]), **settings}, DeviceSettings)
        self._devices[name].stop()
        self._settings[name], self._devices[name] = setting, self._build(setting)
        if self._running:
            self._devices[name].start()

    def start(self) -> None:
        self._running = True
        for device in self._devices.values():
            device.start()

    def stop(self) -> None:
        self._running = False
        for device in self._devices.values():
            device.stop()

    def health(self) -> list[DeviceHealth]:
        """Every device, in the order of the settings."""
        return [DeviceHealth(settings=self._settings[name], health=it.health()) for name, it in self._devices.items()]

    def scale_at(self, station: str) -> Scale | None:
        """The scale of a station, None when it has none."""
        for name, device in self._devices.items():
            if isinstance(device, Scale) and self._settings[name].station == station:
                return device
        return None

    def dimensioner_at(self, station: str) -> Dimensioner | None:
        """The dimensioner of a station, None when it has none."""
        for name, device in self._devices.items():
            if isinstance(device, Dimensioner) and self._settings[name].station == station:
                return device
        return None

    def heard(self, name: str) -> Heard | None:
        """What a device said last, None when it said nothing yet or there is none of the name."""
        device = self._devices.get(name)
        return None if device is None else device.heard.last()

    def passed(self, name: str) -> list[Passed]:
        """What passed over a device's cable lately, the newest last."""
        device = self._devices.get(name)
        return [] if device is None else device.wire.lately()

    def scale(self, name: str) -> Scale | None:
        found = self._devices.get(name)
        return found if isinstance(found, Scale) else None

    def dimensioner(self, name: str) -> Dimensioner | None:
        found = self._devices.get(name)
        return found if isinstance(found, Dimensioner) else None

    def settings_of(self, name: str) -> DeviceSettings:
        return self._settings[name]

    def _build(self, setting: DeviceSettings) -> DeviceThread:
        scheme, host, port = parse_address(setting)
        if setting.kind == "dimensioner":
            protocol = next((one for one in DIMENSION_PROTOCOLS if one == setting.protocol), None)
            if protocol is None:
                raise SettingsError(f"dimensioner {setting.name}: protocol is one of {', '.join(DIMENSION_PROTOCOLS)}.")
            return Dimensioner(setting.name, self._port(setting), protocol)
        if setting.protocol == "cubiscan":
            raise SettingsError(f"{setting.kind} {setting.name}: cubiscan is a dimensioner's protocol.")
        if setting.kind == "scale":
            return Scale(setting.name, self._port(setting), setting.protocol, setting.capacity_g)

        def on_frame(frame: Frame) -> None:
            text = frame.text.removeprefix(setting.prefix).removesuffix(setting.suffix)
            self._on_frame(setting.name, setting.station, text)

        if scheme == "listen":
            return ScannerDoor(setting.name, host, port, on_frame, setting.framing)
        if scheme == "replay":
            return ReplayScanner(setting.name, Path(setting.address.removeprefix("replay:")), on_frame)
        return Scanner(setting.name, self._port(setting), on_frame, setting.framing)

    @staticmethod
    def _port(setting: DeviceSettings) -> Port:
        scheme, host, port = parse_address(setting)
        if scheme == "tcp":
            return TcpPort(host, port)
        bits, parity = next((wire for name, wire in WIRES.items() if name == setting.protocol), (8, "N"))
        bits, parity = setting.bits or bits, setting.parity or parity
        if scheme == "rfc2217":
            return RemoteSerialPort(host, port, setting.baud, bits, parity)
        return SerialPort(setting.address, setting.baud, bits, parity)


def parse_address(setting: DeviceSettings) -> tuple[str, str, int]:
    """(scheme, host, port) of an address; a path is `serial`. Raises SettingsError."""
    address = setting.address
    if address.startswith("replay:") and setting.kind == "scanner":
        return "replay", "", 0
    if address.startswith("/") or address.upper().startswith("COM"):
        return "serial", "", 0
    allowed = ("tcp", "rfc2217", "listen") if setting.kind == "scanner" else ("tcp", "rfc2217")
    parts = urlsplit("tcp" + address.removeprefix("socket") if address.startswith("socket://") else address)
    try:
        if parts.scheme in allowed and parts.hostname and parts.port:
            return parts.scheme, parts.hostname, parts.port
    except ValueError:  # A port that is no number; the sentence below says what one looks like.
        pass
    known = " or ".join(f"{scheme}://host:port" for scheme in allowed)
    raise SettingsError(f"{setting.kind} {setting.name}: address {address!r} is neither a path nor {known}.")
