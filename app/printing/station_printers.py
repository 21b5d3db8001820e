"""Which printer a worker's label comes out of: what the house's routes say of the station they stand at.

The rows are of `app/print_routes.py`; here the worker's seat, its zone and the printers in trouble are put beside them.
"""

from typing import Any

from app import print_routes
from app.config import PrinterSettings
from app.errors import State
from app.floor.floor import Floor


class NoPrinter(State):
    code, title = "no_printer", "No printer"
    says = "No {kind} printer is set for this station."
    todo = "Ask the admin to set one, or stand at another station."


def has_printer(floor: Floor, kind: str = "zpl") -> bool:
    return any(printer.kind == kind for printer in floor.ports.printers.values())


def printer_for(floor: Floor, paper: str, kind: str = "") -> PrinterSettings:
    """By the house's routes, else the station's own printer of this paper, else the house's first. Raises NoPrinter."""
    found = print_routes.choose(floor.tx, kind, **_standing(floor, paper))
    if found is None:
        raise NoPrinter(kind="slip" if paper == "escpos" else "label")
    return found


def printer_near(floor: Floor, paper: str, kind: str) -> PrinterSettings | None:
    """The one a route or the worker's station names for it; None where it would come out somewhere else."""
    return print_routes.choose(floor.tx, kind, near=True, **_standing(floor, paper))


def _standing(floor: Floor, paper: str) -> dict[str, Any]:
    station = floor.station
    return {
        "station": floor.seat.station,
        "zone": "" if station is None else station.zone,
        "own": "" if station is None else station.slip_printer if paper == "escpos" else station.label_printer,
        "printers": floor.ports.printers,
        "paper": paper,
        "sick": floor.ports.sick(),
    }
