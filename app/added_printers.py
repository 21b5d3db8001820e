"""Printers an admin took in at the desk, beside those of the settings file: found on the network, tried with a test label.

They are rows, so a restart knows them; those of the file are the file's. Whoever chooses a printer looks at all of them at
once through `Printers`, which may grow while they look.
"""

from collections.abc import ItemsView, Iterator, Mapping, Sequence, ValuesView

from sqlalchemy import bindparam, delete, func, insert, or_, select

from app import clock
from app.config import PrinterSettings
from app.db import Tx
from app.errors import Malformed, State
from app.schema.printing import added_printer, print_job
from app.work import people

MOST_ADDED = 50
LONGEST_NAME = 40
MM = range(20, 251)  # of paper, both ways


class PrinterNotPossible(Malformed):
    code, title = "printer_not_possible", "Not possible"
    says = "The printer {scanned} cannot be taken in: {reason}"
    todo = "Correct it and press again."


class PrinterBusy(State):
    code, title = "printer_busy", "Not possible now"
    says = "{count} labels wait for {printer}."
    todo = "Let them come out, move them or cancel them under Prints."


class Printers(Mapping[str, PrinterSettings]):
    """All printers of the house by name. What somebody walks through stays as it was when they began."""

    def __init__(self, printers: Sequence[PrinterSettings]) -> None:
        self._now = {printer.name: printer for printer in printers}

    def put(self, printer: PrinterSettings) -> None:
        self._now = {**self._now, printer.name: printer}

    def leave(self, name: str) -> None:
        self._now = {other: printer for other, printer in self._now.items() if other != name}

    def __getitem__(self, name: str) -> PrinterSettings:
        return self._now[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._now)

    def __len__(self) -> int:
        return len(self._now)

    def values(self) -> ValuesView[PrinterSettings]:
        return self._now.values()

    def items(self) -> ItemsView[str, PrinterSettings]:
        return self._now.items()


_KEPT = ("name", "kind", "address", "dpi", "width_mm", "height_mm", "two_way")
EVERY = select(*(added_printer.c[name] for name in _KEPT)).order_by(added_printer.c.name)
ADD = insert(added_printer).values(**{name: bindparam(name) for name in (*_KEPT, "worker", "created")})
DROP = delete(added_printer).where(added_printer.c.name == bindparam("which"))
WAITING = select(func.count()).where(
    print_job.c.printer == bindparam("which"),
    or_(*(print_job.c.state == state for state in ("queued", "sending", "failed"))),
)


def everything(tx: Tx) -> list[PrinterSettings]:
    return [
        PrinterSettings(
            name=name, kind=kind, address=address, dpi=dpi, width_mm=width, height_mm=height, two_way=bool(two_way)
        )
        for name, kind, address, dpi, width, height, two_way in tx.rows(EVERY)
    ]


def add(tx: Tx, printer: PrinterSettings, known: Mapping[str, PrinterSettings], *, by: str, device: str) -> None:
    """Raises PrinterNotPossible."""
    if reason := _odd(tx, printer, known):
        raise PrinterNotPossible(scanned=printer.name[:LONGEST_NAME] or "without a name", reason=reason)
    tx.run(
        ADD, name=printer.name, kind=printer.kind, address=printer.address, dpi=printer.dpi, width_mm=printer.width_mm,
        height_mm=printer.height_mm, two_way=int(printer.two_way), worker=by, created=clock.now(),
    )  # fmt: skip
    people.note(tx, "printer_added", by, device, f"{printer.name} at {printer.address}")
    tx.tell("devices")


def drop(tx: Tx, name: str, *, by: str, device: str) -> bool:
    """Whether there was one. Raises PrinterBusy while labels wait for it."""
    if count := int(tx.value(WAITING, which=name) or 0):
        raise PrinterBusy(count=count, printer=name)
    gone = bool(tx.run(DROP, which=name))
    if gone:
        people.note(tx, "printer_dropped", by, device, name)
        tx.tell("devices")
    return gone


def _odd(tx: Tx, printer: PrinterSettings, known: Mapping[str, PrinterSettings]) -> str:
    name = printer.name
    if not (name.strip() == name and name.isprintable() and 0 < len(name) <= LONGEST_NAME):
        return f"its name is 1 to {LONGEST_NAME} characters."
    if name in known:
        return "a printer has this name already."
    if any(one.address == printer.address for one in known.values()):
        return f"a printer is at {printer.address} already."
    if printer.width_mm not in MM or printer.height_mm not in MM:
        return f"its paper is {MM.start} to {MM.stop - 1} mm wide and high."
    if len(everything(tx)) >= MOST_ADDED:
        return f"{MOST_ADDED} were taken in already."
    return ""
