"""Loads: which trucks are being loaded, which have left, and with what: the manifest, and its slip for the driver."""

from collections.abc import Mapping

import msgspec
from sqlalchemy import bindparam, case, func, or_, select

from app import clock
from app.config import PrinterSettings
from app.db import Tx
from app.desk.on_paper import slip_printer
from app.desk.paging import Page, page_of, window
from app.desk.words import many
from app.errors import State
from app.printing.queueing import queue_chosen
from app.schema.places import site
from app.schema.work import carton, load
from app.work import shipments
from app.work.shelf_life import zone_of
from app.work.shipments import Load, Manifested
from printers.slip_kinds import LoadManifest, ManifestLine


class LoadFilter(msgspec.Struct, frozen=True, kw_only=True):
    state: str = ""  # open, shipped
    truck: str = ""
    page: int = 1


class LoadRow(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    truck: str
    carrier: str
    state: str
    seal: str
    opened: int
    closed: int
    worker: str
    cartons: int
    weight_g: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    load: Load
    cartons: tuple[Manifested, ...]
    weight_g: int
    orders: int


class NoSuchLoad(State):
    code, title, http = "no_such_load", "No such load", 404
    says = "There is no load {load} here."


class NotLeft(State):
    code, title = "load_not_left", "Not closed yet"
    says = "Load {load} has not left: its manifest is made when it is closed."
    todo = "Close it at the truck first."


_ON_IT = or_(carton.c.load_code == load.c.code, (load.c.state == "open") & (carton.c.truck == load.c.truck))
LIST = (
    select(
        *(load.c[name] for name in LoadRow.__struct_fields__[:8]),
        func.count(carton.c.lpn).label("cartons"),
        func.coalesce(func.sum(carton.c.weight_g), 0).label("weight_g"),
    )
    .select_from(load.outerjoin(carton, _ON_IT & or_(carton.c.state == "loaded", carton.c.state == "shipped")))
    .where(
        or_(bindparam("p_state") == "", load.c.state == bindparam("p_state")),
        or_(bindparam("p_truck") == "", load.c.truck == bindparam("p_truck")),
    )
    .group_by(*(load.c[name] for name in LoadRow.__struct_fields__[:8]))
    .order_by(case((load.c.state == "open", 0), else_=1), load.c.closed.desc(), load.c.opened.desc(), load.c.code)
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
SENDER = select(site.c.name).order_by(site.c.code).limit(1)


def listing(tx: Tx, wanted: LoadFilter, *, export: bool = False) -> Page[LoadRow]:
    """Open loads first, then the last that left."""
    frame = window(wanted.page, export=export)
    rows = tx.rows(LIST, p_state=wanted.state, p_truck=wanted.truck, **frame)
    found = [LoadRow(**dict(zip(LoadRow.__struct_fields__, (*row[:9], int(row[9])), strict=True))) for row in rows]
    return page_of(found, wanted.page, export=export)


def manifest(tx: Tx, code: str) -> Manifest:
    """What a load took with it; for one that is still open, what is on it now. Raises NoSuchLoad."""
    found = shipments.find(tx, code)
    if found is None:
        raise NoSuchLoad(load=code[:80])
    cartons = shipments.manifest(tx, code) if found.state == "shipped" else shipments.aboard(tx, found)
    return Manifest(
        load=found,
        cartons=tuple(cartons),
        weight_g=sum(one.weight_g for one in cartons),
        orders=len({one.order_code for one in cartons}),
    )


def print_slip(tx: Tx, code: str, named: str, printers: Mapping[str, PrinterSettings], *, worker: str) -> str:
    """The driver's slip. Raises NoSuchLoad, NotLeft, NoSlipPrinter, LabelNotPossible."""
    printer = slip_printer(printers, named)
    shown = manifest(tx, code)
    if shown.load.state != "shipped":
        raise NotLeft(load=code)
    slip = LoadManifest(
        load=shown.load.code,
        truck=shown.load.truck,
        carrier=shown.load.carrier,
        seal=shown.load.seal,
        left=f"{clock.as_datetime(shown.load.closed).astimezone(zone_of(tx)):%Y-%m-%d %H:%M}",
        sender=str(tx.value(SENDER) or ""),
        lines=tuple(
            ManifestLine(carton=one.lpn, order=one.order_code, customer=one.customer, weight_g=one.weight_g)
            for one in shown.cartons
        ),
    )
    queue_chosen(tx, slip, printer, subject=code, document=f"load {code}", worker=worker)
    return f"The manifest of {code} comes out of {named}."


def told(page: Page[LoadRow]) -> str:
    opened = sum(row.state == "open" for row in page.rows)
    left = len(page.rows) - opened
    return f"{many(opened, 'truck')} being loaded, {many(left, 'load')} left." if page.rows else "No load here."


def told_manifest(shown: Manifest) -> str:
    """`LOAD-T1-001 left with 12 cartons of 9 orders.`"""
    does = "left with" if shown.load.state == "shipped" else "is being loaded:"
    return f"{shown.load.code} {does} {many(len(shown.cartons), 'carton')} of {many(shown.orders, 'order')}."
