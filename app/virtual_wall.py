"""A bench of virtual hardware on one page: scanners to trigger, scales to load, printers whose labels come out in view.

Everything that goes wrong with hardware at two in the morning is a key here, so that a worker, an admin or a developer can
watch the floor's answer before it matters. The devices are the same ones that drive the tests and the demo; the floor at
the other end of the wire cannot tell. Loopback only, and no part of a floor: it has no database and knows no secret.
"""

import argparse
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from typing import get_args

import msgspec

from app.web.assets import ASSETS
from app.web.render import ENV
from devices import virtual_settings
from devices.scale_protocols import Protocol
from devices.symbology import GS
from devices.virtual import VirtualScanner
from devices.virtual_dimensioner import VirtualDimensioner
from devices.virtual_door import TcpLine
from devices.virtual_faults import DIMENSIONER_FAULTS, SCALE_FAULTS
from devices.virtual_line import NobodyListens
from devices.virtual_scale import VirtualScale
from devices.virtual_scanner_faults import SCANNER_FAULTS
from printers.virtual import Printed, VirtualPrinter
from printers.virtual_door import Body, Door
from printers.virtual_faults import FAULTS, press
from printers.virtual_page import HTML, label_at

SHOWN = 6  # newest labels of each printer
LONGEST = 512  # characters of a label
MOST_GRAMS = 999_999
MOST_MM = 12_000
SCANNER, SCALE, DIMENSIONER, LABELS, SLIPS, PAGE = 7001, 7002, 7003, 9100, 9101, 9180

_page = ENV.get_template("virtual_wall.html")


class Code(msgspec.Struct, frozen=True, kw_only=True):
    """A label lying on the bench, to be scanned with one click."""

    text: str
    words: str


COMMANDS = (
    Code(text="CMD/MENU", words="the menu"),
    Code(text="CMD/BACK", words="one step back"),
    Code(text="CMD/LOG-OUT", words="log out"),
    Code(text=f"]C1010950600013435217260630{GS}10LOT-7", words="GS1-128: item, expiry, lot"),
)


class Wall:
    """The devices of one bench, by their names, and the page that shows them."""

    def __init__(
        self,
        *,
        scanners: dict[str, VirtualScanner],
        scales: dict[str, VirtualScale],
        printers: dict[str, VirtualPrinter],
        dimensioners: dict[str, VirtualDimensioner] | None = None,
        codes: Sequence[Code] = COMMANDS,
    ) -> None:
        self.dimensioners = dimensioners or {}
        self.scanners, self.scales, self.printers, self.codes = scanners, scales, printers, codes
        self.said = "Click a label to scan it. Every key beside a device is something that goes wrong."
        self._one_at_a_time = threading.Lock()

    def door(self, host: str = "127.0.0.1", port: int = 0) -> Door:
        """Raises OSError when the port is taken."""
        return Door(self.get, self.post, host, port)

    def get(self, path: str) -> Body | None:
        if path == "/":
            return self.page()
        if path.startswith("/static/"):
            found = ASSETS.get(path.removeprefix("/static/").partition("/")[2])
            return Body(found.plain, found.type, kept=True) if found else None
        name, _, label = path.removeprefix("/printer/").partition("/")
        return label_at(self.printers[name], label) if name in self.printers else None

    def post(self, path: str, form: dict[str, str]) -> Body | None:
        """A key of one device: `/scanner/SCAN-1`, `/scale/…`, `/printer/…`. The page as it is then."""
        kind, _, name = path.strip("/").partition("/")
        with self._one_at_a_time:
            said = self._pressed(kind, name, form)
        if said is None:
            return None
        self.said = said
        return self.page()

    def settings(self, station: str) -> str:
        """What a floor on this machine has in its settings to use every device of the bench, as TOML."""
        labels = next((name for name, one in self.printers.items() if one.kind == "zpl"), "")
        slips = next((name for name, one in self.printers.items() if one.kind == "escpos"), "")
        place = {"label_printer": labels, "slip_printer": slips, "scale": next(iter(self.scales), "")}
        tables = [virtual_settings.block("stations", code=station, **place, scanner=next(iter(self.scanners), ""))]
        for kind, devices in (("scanner", self.scanners), ("scale", self.scales), ("dimensioner", self.dimensioners)):
            for name, device in devices.items():
                spoken = getattr(device, "protocol", "generic")
                tables.append(virtual_settings.device(kind, name, device.address, station, spoken))
        tables += [virtual_settings.printer(name, one.address, one.kind) for name, one in self.printers.items()]
        return "\n".join((virtual_settings.first(), *tables))

    def page(self) -> Body:
        words = _page.render(
            wall=self,
            scanner_faults=SCANNER_FAULTS,
            scale_faults=SCALE_FAULTS,
            dimensioner_faults=DIMENSIONER_FAULTS,
            printer_faults=FAULTS,
            newest=newest,
            shown=shown,
        )
        return Body(words.encode(), HTML)

    def _pressed(self, kind: str, name: str, form: dict[str, str]) -> str | None:
        """What happened, in a sentence; None for a device or a key there is not."""
        fault = form.get("fault", "")
        try:
            if kind == "scanner" and name in self.scanners:
                return self._scanned(self.scanners[name], form.get("code", ""), fault)
            if kind == "scale" and name in self.scales:
                return _weighed(self.scales[name], form.get("grams", ""), fault)
            if kind == "dimensioner" and name in self.dimensioners:
                return _measured(self.dimensioners[name], form.get("box", ""), fault)
        except NobodyListens as nobody:
            return f"{nobody} Is the floor running, and is this device in its settings?"
        if kind == "printer" and name in self.printers and fault in FAULTS:
            return f"{name}: {press(self.printers[name], fault, form.get('number', '').strip())}"
        return None

    def _scanned(self, scanner: VirtualScanner, typed: str, fault: str) -> str | None:
        code = typed.replace("<GS>", GS)[:LONGEST] or self.codes[0].text
        known = SCANNER_FAULTS.get(fault)
        if fault and known is None:
            return None
        if not scanner.plugged and fault != "plug":
            return "The scanner is unplugged."
        if known is not None:
            return known.press(scanner, code)
        scanner.send(code)
        return f"Scanned {shown(code)}"


def _weighed(scale: VirtualScale, typed: str, fault: str) -> str | None:
    known = SCALE_FAULTS.get(fault)
    if known is not None:
        return known.press(scale)
    digits = typed.strip().removeprefix("-")
    if fault or not (digits.isascii() and digits.isdecimal() and int(digits) <= MOST_GRAMS):
        return None if fault else f"A weight is whole grams up to {MOST_GRAMS:,}, not {typed[:20]!r}."
    scale.set_weight(int(typed))
    return f"{int(typed):,} g lie on the scale."


def _measured(dimensioner: VirtualDimensioner, typed: str, fault: str) -> str | None:
    known = DIMENSIONER_FAULTS.get(fault)
    if known is not None:
        return known.press(dimensioner)
    numbers = typed.replace("×", " ").replace(",", " ").split()
    if fault or len(numbers) != 4 or not all(one.isascii() and one.isdecimal() and len(one) < 7 for one in numbers):
        return None if fault else "A box is four whole numbers: length, width and height in mm, and grams."
    length, width, height, grams = (int(one) for one in numbers)
    if max(length, width, height) > MOST_MM:
        return f"No side is longer than {MOST_MM:,} mm."
    dimensioner.box = (length, width, height, grams)
    return f"{length} × {width} × {height} mm, {grams:,} g stand on the dimensioner."


def newest(printer: VirtualPrinter) -> list[Printed]:
    return printer.printed()[-SHOWN:][::-1]


def shown(code: str) -> str:
    return code.replace(GS, "<GS>")


def run(options: Sequence[str], *, stop: threading.Event | None = None) -> int:
    """`pickface virtual wall`: runs until Ctrl-C. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="pickface virtual wall", description="A bench of virtual hardware on one page."
    )
    ports = {
        "scanner": SCANNER,
        "scale": SCALE,
        "dimensioner": DIMENSIONER,
        "labels": LABELS,
        "slips": SLIPS,
        "web": PAGE,
    }
    for name, port in ports.items():
        parser.add_argument(f"--{name}", type=int, default=port, metavar="PORT", help=f"on loopback; else {port}")
    parser.add_argument("--station", default=virtual_settings.STATION, help="where the devices stand; else PACK-1")
    parser.add_argument("--dialect", choices=get_args(Protocol), default="generic", help="of the scale at first")
    given = parser.parse_args(options)
    with ExitStack() as running, suppress(KeyboardInterrupt):
        try:
            wall = set_up(running, given.scanner, given.scale, given.dimensioner, given.labels, given.slips)
            wall.scales["SCALE-1"].protocol = given.dialect
            door = running.enter_context(wall.door(port=given.web))
        except OSError as taken:
            told = "Does another bench or the demo run here? Each port can be another one, see --help."
            sys.stderr.write(f"The bench cannot be set up: {taken}. {told}\n")
            return 1
        sys.stderr.write(f"The bench is at {door.url}. A floor uses it with these settings (pickface.toml):\n\n")
        virtual_settings.tell(wall.settings(given.station))
        (stop or threading.Event()).wait()
    return 0


def set_up(
    running: ExitStack,
    scanner_port: int,
    scale_port: int,
    dimensioner_port: int,
    labels_port: int,
    slips_port: int,
    codes: Sequence[Code] = COMMANDS,
) -> Wall:
    """One device of each kind, on loopback, ended with `running`. Raises OSError where a port is taken."""
    scale = VirtualScale(TcpLine("127.0.0.1", scale_port), 0)
    running.callback(scale.stop)
    dimensioner = VirtualDimensioner(TcpLine("127.0.0.1", dimensioner_port))
    running.callback(dimensioner.stop)
    scanner = VirtualScanner(TcpLine("127.0.0.1", scanner_port))
    running.callback(scanner.unplug)
    labels = running.enter_context(VirtualPrinter(port=labels_port))
    slips = running.enter_context(VirtualPrinter(port=slips_port, kind="escpos"))
    return Wall(
        scanners={"SCAN-1": scanner},
        scales={"SCALE-1": scale},
        dimensioners={"DIM-1": dimensioner},
        printers={"LABEL-1": labels, "SLIP-1": slips},
        codes=codes,
    )
