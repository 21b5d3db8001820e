"""Printers found on the network, and taken in with a test label.

GET  /desk/printers          what was taken in here, and the two ways to look
POST /desk/printers/listen   who announces itself (mDNS)
POST /desk/printers/probe    {addresses, ask} who takes print jobs there
POST /desk/printers/add      {name, address, kind, …} → taken in, and a test label
POST /desk/printers/drop     {name} of one that was taken in here

Nothing goes out to the network before one of these is pressed.
"""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post

from app import added_printers
from app.config import PrinterSettings
from app.web.desk_pages import HTML, Form, done, page
from app.web.doors import house, login_of
from app.web.house import Candidate
from app.web.render import ENV

AT_ONCE = asyncio.Semaphore(1)  # one search at a time, whoever presses
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class Range(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    addresses: Annotated[str, msgspec.Meta(max_length=200)]
    ask: Literal["", "yes"] = ""


class NewPrinter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Name
    address: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    kind: Literal["zpl", "escpos"]
    dpi: Literal["203", "300", "600"] = "203"
    width_mm: int = 100
    height_mm: int = 150
    two_way: Literal["", "yes"] = ""


class Dropped(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Name


@get("/printers", opt={"policy": "admin"}, summary="Printers on the network")
async def printer_page(request: Request[Any, Any, Any]) -> Response[Any]:
    networks = house(request).edges.search.networks
    return await page(
        request, "printers", "Printers on the network",
        lambda tx: {"added": added_printers.everything(tx), "networks": networks},
        topics=(), every_s=3600,
    )  # fmt: skip


@post("/printers/listen", opt={"policy": "admin"}, status_code=200, summary="Who announces itself")
async def listen(request: Request[Any, Any, Any]) -> Response[str]:
    async with AT_ONCE:
        return _drawn(await asyncio.to_thread(house(request).edges.search.listen))


@post("/printers/probe", opt={"policy": "admin"}, status_code=200, summary="Who takes print jobs at these addresses")
async def probe(data: Form[Range], request: Request[Any, Any, Any]) -> Response[str]:
    search = house(request).edges.search
    async with AT_ONCE:
        return _drawn(await asyncio.to_thread(lambda: search.probe(data.addresses, ask=bool(data.ask))))


@post("/printers/add", opt={"policy": "admin"}, status_code=200, summary="Take a printer in, with a test label")
async def add(data: Form[NewPrinter], request: Request[Any, Any, Any]) -> Response[str]:
    home, login = house(request), login_of(request)
    dpi: dict[str, Literal[203, 300, 600]] = {"203": 203, "300": 300, "600": 600}
    printer = PrinterSettings(
        name=data.name.strip(), kind=data.kind, address=data.address, dpi=dpi[data.dpi], width_mm=data.width_mm,
        height_mm=data.height_mm, two_way=bool(data.two_way),
    )  # fmt: skip
    await asyncio.to_thread(home.edges.search.allowed, printer.address)
    await home.db.ado(
        lambda tx: added_printers.add(tx, printer, home.ports.printers, by=login.worker, device=login.device)
    )
    home.edges.search.take(printer)
    tried = await asyncio.to_thread(home.edges.test, printer.name)
    return done(f"{printer.name} is taken in. {tried}", stays=True)


@post("/printers/drop", opt={"policy": "admin"}, status_code=200, summary="Take a printer out again")
async def drop(data: Form[Dropped], request: Request[Any, Any, Any]) -> Response[str]:
    home, login = house(request), login_of(request)
    if not await home.db.ado(lambda tx: added_printers.drop(tx, data.name, by=login.worker, device=login.device)):
        return done(f"{data.name} was not taken in here.")
    await asyncio.to_thread(home.edges.search.leave, data.name)
    return done(f"{data.name} is taken out.")


def _drawn(found: Sequence[Candidate]) -> Response[str]:
    return Response(ENV.get_template("desk/printers_found.html").render(found=found), media_type=HTML)


HANDLERS = [printer_page, listen, probe, add, drop]
