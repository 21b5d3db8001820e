"""Trying a device from the desk: a label, a slip, its status, a weight, zero and tare, or the next scan.

The drawer is no test: it opens with a reason only (desk/drawers.py). A test goes past the queue and the floor: no job is
made, no stock moves. A scan that somebody waits for here belongs to the test, and the worker at that station scans once
more.
"""

import threading
from collections.abc import Callable, Mapping

from app.config import PrinterSettings
from app.edge_words import of_device, of_printer
from app.errors import State
from app.floor.floor import NoScale
from app.printing.drawing import draw
from app.work.device_state import Test
from devices import wire
from devices.dimensioner import DimensionError
from devices.registry import Registry
from devices.scale import ScaleError
from devices.scale_protocols import Order
from printers.labels import ItemLabel
from printers.slip_kinds import PackingSlip, SlipLine
from printers.spooler import Spooler

SCAN_WAIT_S = 10.0


class NoSuchDevice(State):
    code, title, http = "no_such_device", "No such device", 404
    says = "There is no device {name} here."


class NoSuchTest(State):
    code, title = "no_such_test", "Not possible"
    says = "{name} has no such test."


class Tests:
    """The tests of one house's devices. `weigh` is the house's own."""

    def __init__(
        self,
        devices: Registry,
        spooler: Spooler,
        printers: Mapping[str, PrinterSettings],
        weigh: Callable[[str], int],
        scan_wait_s: float = SCAN_WAIT_S,
    ) -> None:
        self._devices, self._spooler, self._printers, self._weigh = devices, spooler, printers, weigh
        self._scan_wait_s = scan_wait_s
        self._awaited: dict[str, list[bytes]] = {}  # by scanner: what came while a test waits
        self._scanned = threading.Condition()

    def run(self, name: str, test: Test | None) -> str:
        """A sentence of what came of it; without `test` the device's first. Raises NoSuchDevice, NoSuchTest."""
        printer = self._printers.get(name)
        if printer is not None:
            return f"{name}: {self._print(printer, test)}"
        one = next((one for one in self._devices.health() if one.settings.name == name), None)
        if one is None:
            raise NoSuchDevice(name=name)
        tests = of_device(one, self._devices.scale(name), 0).tests
        test = test or tests[0]
        if test not in tests:
            raise NoSuchTest(name=name)
        if test == "size":
            return f"{name}: {self._size(name)}"
        if test == "scan":
            return self._wait_for_scan(name)
        try:
            return f"{name} shows {self._weigh(name)} g." if test == "weight" else f"{name}: {self._order(name, test)}"
        except (NoScale, ScaleError) as problem:
            return f"{name}: {problem.sentence}"

    def takes(self, name: str, text: str) -> bool:
        """Is this scan for a test that waits?"""
        with self._scanned:
            waiting = self._awaited.get(name)
            if waiting is None:
                return False
            waiting.append(text.encode())
            self._scanned.notify_all()
            return True

    def _print(self, printer: PrinterSettings, test: Test | None) -> str:
        name = printer.name
        health = next(one for one in self._spooler.health() if one.printer == name)
        tests = of_printer(health, printer).tests
        test = test or tests[0]
        if test not in tests:
            raise NoSuchTest(name=name)
        if test == "status":
            found = self._spooler.ask_now(name)
            return "it cannot be asked." if found is None else f"{found.told} {found.todo}".strip()
        outcome = self._spooler.print_now(name, _paper(printer, test))
        return f"{outcome.state}. {outcome.told}"

    def _size(self, name: str) -> str:
        dimensioner = self._devices.dimensioner(name)
        if dimensioner is None:
            raise NoSuchTest(name=name)
        try:
            box = dimensioner.read()
        except DimensionError as problem:
            return problem.sentence
        return f"{box.length_mm} × {box.width_mm} × {box.height_mm} mm, {box.weight_g} g."

    def _order(self, name: str, test: Test) -> str:
        scale = self._devices.scale(name)
        order: Order = "tare" if test == "tare" else "zero"
        if scale is None:
            raise NoSuchTest(name=name)
        return scale.obey(order)

    def _wait_for_scan(self, name: str) -> str:
        with self._scanned:
            came = self._awaited.setdefault(name, [])
            self._scanned.wait_for(lambda: bool(came), self._scan_wait_s)
            if self._awaited.get(name) is came:
                del self._awaited[name]
        if not came:
            return f"{name} read nothing in {self._scan_wait_s:.0f} s. Hold it to any label, and press again."
        return f"{name} reads {wire.spelled(came[0])}. Nothing was counted."


def _paper(printer: PrinterSettings, test: Test) -> bytes:
    if test == "slip":
        line = SlipLine(item="TEST", name=f"Test slip of {printer.name}", quantity=1, unit="each")
        return draw(PackingSlip(order="TEST", customer="Nobody", carton="TEST", lines=(line,)), printer)
    return draw(
        ItemLabel(item="TEST", name=f"Test label of {printer.name}", barcode="TEST-LABEL", unit="each"), printer
    )
