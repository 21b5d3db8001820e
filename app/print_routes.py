"""Which printer a label comes out of: by what it is, where the worker stands, and whether the printer is well.

Rows say it: this kind, at this station or in this zone, first here, and where that one is in trouble there. Without a row
it is the station's own printer, else the house's first. A label is never sent away from a station unasked: only rows name
a second printer. What was queued already stays where it is until a person moves it, so that nothing is printed twice.
"""

from collections.abc import Collection, Mapping, Sequence

import msgspec
from sqlalchemy import bindparam, delete, insert, select

from app.config import PrinterSettings
from app.db import Tx
from app.errors import Malformed, State
from app.schema.printing import print_route
from app.work import people

MOST_ROUTES = 500
SLIPS = ("packing_slip", "load_manifest", "pick_list", "count_sheet", "return_receipt")
KINDS = ("shipping", "lpn", "hold", "item", "lot", "serial", "return", "badge", *SLIPS)
SAME_ROUTE = {"carrier": "shipping"}  # a carton's label goes one way, whoever made it


class RouteNotPossible(Malformed):
    code, title = "route_not_possible", "Not possible"
    says = "{scanned} is no printer of {what} here."
    todo = "Choose one of the list."


class TooManyRoutes(State):
    code, title = "too_many_routes", "Too many routes"
    says = "There are {most} routes already."
    todo = "Take one away first."


class Route(msgspec.Struct, frozen=True, kw_only=True):
    kind: str = ""
    station: str = ""
    zone: str = ""
    position: int = 1
    printer: str

    @property
    def words(self) -> str:
        what = self.kind.replace("_", " ") or "every label"
        where = [part for part in (self.station and f"at {self.station}", self.zone and f"in {self.zone}") if part]
        return f"{what.capitalize()} {' '.join(where) or 'everywhere'}: {self.position} {self.printer}"

    @property
    def fullness(self) -> tuple[int, int, int]:
        """A station says more than a zone, and a kind more than none."""
        return (bool(self.station), bool(self.zone), bool(self.kind))


_SEEN = [print_route.c[name] for name in Route.__struct_fields__]
ALL = select(*_SEEN).order_by(print_route.c.kind, print_route.c.station, print_route.c.zone, print_route.c.position)
FITTING = select(*_SEEN).where(
    print_route.c.kind.in_((bindparam("of_kind"), "")),
    print_route.c.station.in_((bindparam("at_station"), "")),
    print_route.c.zone.in_((bindparam("in_zone"), "")),
)
DROP = delete(print_route).where(
    print_route.c.kind == bindparam("of_kind"), print_route.c.station == bindparam("at_station"),
    print_route.c.zone == bindparam("in_zone"), print_route.c.position == bindparam("at_position"),
)  # fmt: skip
ADD = insert(print_route).values(
    kind=bindparam("of_kind"), station=bindparam("at_station"), zone=bindparam("in_zone"),
    position=bindparam("at_position"), printer=bindparam("to_printer"),
)  # fmt: skip


def choose(
    tx: Tx,
    kind: str,
    *,
    station: str,
    zone: str,
    own: str,
    printers: Mapping[str, PrinterSettings],
    paper: str,
    sick: Collection[str] = (),
    near: bool = False,
) -> PrinterSettings | None:
    """The printer for a label of this kind; None where the house has none for such paper.

    `own` is the station's printer, `paper` the kind of printer (zpl, escpos), `sick` those that are in trouble now.
    `near`: only one that a row or the station names, for paper nobody would walk through the house for.
    """
    kind = SAME_ROUTE.get(kind, kind)
    routed = [
        printers[one.printer]
        for one in ordered(tx.all(FITTING, Route, of_kind=kind, at_station=station, in_zone=zone))
        if one.printer in printers and printers[one.printer].kind == paper
    ]
    if routed:
        return next((one for one in routed if one.name not in sick), routed[0])
    if own in printers and printers[own].kind == paper:
        return printers[own]
    return None if near else next((one for one in printers.values() if one.kind == paper), None)


def ordered(routes: Sequence[Route]) -> list[Route]:
    """The fullest first, then by position."""
    return sorted(routes, key=lambda one: (*(-part for part in one.fullness), one.position))


def everything(tx: Tx) -> list[Route]:
    return tx.all(ALL, Route)


def put(tx: Tx, route: Route, printers: Mapping[str, PrinterSettings], *, by: str, device: str) -> None:
    """Raises RouteNotPossible, TooManyRoutes."""
    paper = "escpos" if route.kind in SLIPS else "zpl"
    named = printers.get(route.printer)
    if route.kind not in ("", *KINDS) or named is None or (route.kind and named.kind != paper):
        what = route.kind.replace("_", " ") or "labels"
        raise RouteNotPossible(scanned=route.printer[:40] or "nothing", what=what)
    tx.run(DROP, **_key(route))
    if len(everything(tx)) >= MOST_ROUTES:
        raise TooManyRoutes(most=MOST_ROUTES)
    tx.run(ADD, **_key(route), to_printer=route.printer)
    people.note(tx, "route_changed", by, device, route.words)


def drop(tx: Tx, route: Route, *, by: str, device: str) -> None:
    if tx.run(DROP, **_key(route)):
        people.note(tx, "route_changed", by, device, f"taken away: {route.words}")


def _key(route: Route) -> dict[str, str | int]:
    return {"of_kind": route.kind, "at_station": route.station, "in_zone": route.zone, "at_position": route.position}
