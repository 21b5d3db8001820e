"""The edges of the floor, wired: printers with their spooler, carriers with their buyer, scanners, scales.

What a fixed scanner reads becomes a turn in `app/web/station_scans.py`; what its station shows while nobody taps is the
affair of `app/web/stations.py`.
"""

from collections.abc import Sequence

import msgspec
import structlog

from app import added_printers, clock
from app.added_printers import Printers
from app.config import PrinterSettings, Settings
from app.db import Database
from app.edge_carriers import Carriers
from app.edge_printers import PrinterSearch
from app.edge_tests import NoSuchDevice, Tests
from app.edge_words import at_the_table, of_device, of_printer, of_wire
from app.errors import CannotStart
from app.floor import seats
from app.floor.floor import Box, NoScale, NotMeasured, NotWeighed, Ports
from app.printing.spooling import PrintQueue
from app.web import render
from app.web.house import Heard
from app.web.live import Hub
from app.web.station_scans import StationScans
from app.web.stations import StationPages
from app.web.wall_news import WallNews
from app.work import scanner_setups
from app.work.device_state import DeviceState, Passed, Test
from app.work.scanner_setups import ScannerSetup
from devices import calibration
from devices.dimensioner import DimensionError
from devices.registry import DeviceSettings, Registry, SettingsError
from devices.scale import ScaleError
from printers import escpos
from printers.printer import PRINTER_PORTS, PRIVATE_NETWORKS, Printer, Reach
from printers.spooler import Spooler

log = structlog.get_logger()
LOOPBACK = ("127.0.0.0/8", "::1/128")


class Hardware:
    """All edges of one house. Raises CannotStart for settings that cannot be meant."""

    def __init__(self, settings: Settings, db: Database, hub: Hub) -> None:
        self._db = db
        self._hub = hub
        self.printers = Printers(settings.printers)
        self.reach = Reach(
            networks=(
                *(settings.printer_networks or PRIVATE_NETWORKS),
                *(LOOPBACK if settings.printer_loopback else ()),
            ),
            ports=() if settings.printer_loopback else PRINTER_PORTS,
        )
        self._queue = PrintQueue(db)
        self.spooler = Spooler([_printer(one, settings) for one in settings.printers], self._queue, reach=self.reach)
        self.search = PrinterSearch(
            self.reach, self.printers, self.spooler, lambda one: _printer(one, settings),
            interfaces=("127.0.0.1",) if settings.printer_loopback and not settings.printer_networks else (),
        )  # fmt: skip
        try:
            wanted = [
                msgspec.convert(
                    {name: value for name, value in msgspec.structs.asdict(one).items() if value is not None},
                    DeviceSettings,
                )
                for one in settings.devices
            ]
            self.devices = Registry(wanted, self._on_scan)
        except (SettingsError, msgspec.ValidationError) as problem:
            raise CannotStart(f"The device settings are wrong: {problem}") from None
        self.carriers = Carriers(settings, db, self.printers)
        self.ports = Ports(
            weigh=self.weigh,
            printers=self.printers,
            carriers=self.carriers.names,
            sick=self.sick_printers,
            measure=self.measure,
            dimensioners=frozenset(one.station for one in wanted if one.kind == "dimensioner"),
        )
        self.tests = Tests(self.devices, self.spooler, self.printers, self.weigh)
        self.scans = StationScans(db, hub, self.ports, self.signs)
        self.pages = StationPages(db, hub, self.ports, self._scales, self.signs, self._connected)
        self.news = WallNews(hub, self._news)

    def start(self) -> None:
        with self._db.reading() as tx:
            printers, setups = added_printers.everything(tx), scanner_setups.everything(tx)
        recovered = self.spooler.start()
        for printer in printers:
            if printer.name not in self.printers:  # the settings file has it by now
                self.search.take(printer)
        for setup in setups:
            if self.scanner(setup.device) is not None:
                self.set_up(setup)
        if recovered:
            log.warning("print jobs were cut off by the last stop; a person decides", jobs=recovered)
        self.carriers.start()
        self._db.on_news.append(self._on_news)
        self.devices.start()
        self.pages.start()
        self.news.start()

    def stop(self) -> None:
        self.news.stop()
        self.pages.stop()
        self.devices.stop()
        self.carriers.stop()
        self.spooler.stop()

    def take_over(self) -> None:
        """What another server of this database left half done when it died: a person decides, a carrier is asked."""
        if jobs := self._queue.recover(own=False):
            log.warning("print jobs were cut off when another server ended; a person decides", jobs=jobs)
        self.carriers.take_over()

    # ── the devices of a station ─────────────────────────────────────────────────────────────────────────────────
    def _on_scan(self, device: str, station: str, text: str) -> None:
        """Called on the scanner's own thread."""
        if not text or calibration.recognise(text) or self.tests.takes(device, text):
            return  # an empty read is no turn, and a set-up code or a test's is for the page that waits for it
        self.scans.take(device, station, text, self.devices.settings_of(device).gs)

    def _scales(self) -> list[tuple[str, str]]:
        return [
            (one.settings.station, one.settings.name)
            for one in self.devices.health()
            if one.settings.kind == "scale" and one.settings.station
        ]

    def _connected(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for one in self.devices.health():
            found.setdefault(one.settings.station, []).extend([one.settings.name] * (one.health.state == "open"))
        return found

    def weigh(self, scale: str) -> int:
        """The stable weight on a scale, in grams. Raises NoScale, or NotWeighed with the scale's own reason."""
        found = next((one for one in self.devices.health() if one.settings.name == scale), None)
        device = None if found is None else self.devices.scale_at(found.settings.station)
        if found is None or device is None:
            raise NoScale(reason=f"There is no scale {scale}." if scale else "This station has no scale.")
        try:
            return int(device.read().grams)
        except ScaleError as problem:
            raise NotWeighed(reason=at_the_table(problem, found.settings.station)) from None

    def measure(self, station: str) -> Box:
        """What stands on a station's dimensioner. Raises NotMeasured with its own reason."""
        device = self.devices.dimensioner_at(station)
        if device is None:
            raise NotMeasured(reason="This station has no dimensioner.")
        try:
            found = device.read()
        except DimensionError as problem:
            raise NotMeasured(reason=at_the_table(problem, station)) from None
        return Box(found.length_mm, found.width_mm, found.height_mm, found.weight_g)

    def signs(self, station: seats.Station) -> Sequence[render.DeviceSign]:
        """A tick or what is away, for each of a station's devices; a printer that does not report counts as there."""
        told = [
            render.DeviceSign(label=one.settings.kind.capitalize(), well=one.health.state == "open")
            for one in self.devices.health()
            if one.settings.station == station.code
        ]
        words = {station.slip_printer: "Slips", station.label_printer: "Printer"}
        told += [
            render.DeviceSign(label=words[health.printer], well=not health.troubled)
            for health in self.spooler.health()
            if health.printer in words
        ]
        return told

    def heard(self, name: str) -> Heard | None:
        last = self.devices.heard(name)
        if last is None:
            return None
        return Heard(raw=last.raw, at=int(last.at.timestamp() * clock.SECOND), gaps_ms=last.gaps_ms)

    # ── the device wall ──────────────────────────────────────────────────────────────────────────────────────────
    def states(self) -> Sequence[DeviceState]:
        refused = dict(self.scans.refused)
        return [
            *(
                of_device(one, self.devices.scale(one.settings.name), refused.get(one.settings.name, 0))
                for one in self.devices.health()
            ),
            *(of_printer(one, self.printers[one.printer]) for one in self.spooler.health()),
            *self.carriers.states(),
        ]

    def _news(self) -> list[DeviceState]:
        """As far as the wall shows it: a scale that streams is no news ten times a second."""
        return [msgspec.structs.replace(one, counters=(), last_seen=0) for one in self.states()]

    def passed(self, name: str) -> Sequence[Passed]:
        return of_wire(self.spooler.passed(name) or self.devices.passed(name))

    def scanner(self, name: str) -> ScannerSetup | None:
        told = next((one.settings for one in self.devices.health() if one.settings.name == name), None)
        if told is None or told.kind != "scanner":
            return None
        return ScannerSetup(device=name, framing=told.framing, gs=told.gs, prefix=told.prefix, suffix=told.suffix)

    def set_up(self, setup: ScannerSetup) -> None:
        self.devices.set_up(
            setup.device, framing=setup.framing, gs=setup.gs, prefix=setup.prefix, suffix=setup.suffix
        )  # fmt: skip

    def test(self, name: str, test: Test | None = None) -> str:
        """Try a device; a sentence of what came of it. Raises NoSuchDevice, NoSuchTest."""
        return self.tests.run(name, test)

    def open_drawer(self, name: str) -> str:
        """The drawer at a slip printer, now or not at all: a job that waited would open it with nobody there.

        Raises NoSuchDevice.
        """
        printer = self.printers.get(name)
        if printer is None or printer.kind != "escpos":
            raise NoSuchDevice(name=name)
        outcome = self.spooler.print_now(name, escpos.open_drawer(printer.paper_mm))
        if outcome.state == "failed":
            return f"The drawer stays shut. {outcome.sentence}"
        return f"{name} was told to open its drawer."

    def sick_printers(self) -> frozenset[str]:
        """Those in trouble, from memory."""
        return frozenset(one.printer for one in self.spooler.health() if one.troubled)

    def wake_printers(self) -> None:
        self.spooler.wake()

    def _on_news(self, news: set[str]) -> None:
        if "print" in news:
            self.spooler.wake()
            self.pages.printed()
        if "carriers" in news or "orders" in news:
            self.carriers.wake()


def _printer(one: PrinterSettings, settings: Settings) -> Printer:
    stations = tuple(s.code for s in settings.stations if one.name in (s.label_printer, s.slip_printer))
    return Printer(**{**msgspec.structs.asdict(one), "width_mm": one.paper_mm}, stations=stations)
