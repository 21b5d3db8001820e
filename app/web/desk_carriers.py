"""Carriers at the desk: purchases and what a person decides about them, the services' rows, and the dry run."""

import asyncio
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post

from app.desk import carriers
from app.desk.carriers import STATES, CarrierFilter
from app.web.desk_pages import Form, done, export, exports, moment, page, plain, wanted
from app.web.doors import house, login_of
from app.work.carriers import purchases, services
from app.work.carriers.services import DAY_MIN, Service

CSV = {
    "asked": moment("created"), "carton": plain("carton"), "order": plain("order_code"), "carrier": plain("carrier"),
    "service": plain("service"), "state": plain("state"), "tracking": plain("tracking"), "cents": plain("cents"),
    "manifest": plain("manifest"), "why": plain("why"), "said": plain("sentence"), "tries": plain("attempts"),
    "worker": plain("worker"), "key": plain("id"),
}  # fmt: skip
ASKED = asyncio.Semaphore(2)  # each may wait for a carrier that does not answer
TOPICS = ("carriers", "print")
Word = Annotated[str, msgspec.Meta(max_length=80, pattern=r"^[^\x00]*\Z")]
Words = Annotated[str, msgspec.Meta(max_length=500, pattern=r"^[^\x00]*\Z")]
Limit = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class Which(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    purchase: Word
    number: Word = ""
    reason: Words = ""


class Mend(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    order: Word
    address: Words = ""
    carrier: Word = ""
    service: Word = ""


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    carrier: Word
    service: Word
    countries: Words = ""
    prefixes: Words = ""
    most_g: Limit = 0
    longest_mm: Limit = 0
    girth_mm: Limit = 0
    hazards: Words = ""
    days: Annotated[int, msgspec.Meta(ge=0, le=60)] = 1
    leaves: Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] | Literal[""] = ""
    prices: Words = ""
    active: Literal["", "yes", "no"] = "yes"

    @property
    def cutoff_min(self) -> int:
        return int(self.leaves[:2]) * 60 + int(self.leaves[3:]) if self.leaves else DAY_MIN


class Tracked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    carrier: Word
    tracking: Word


class Named(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    carrier: Word
    service: Word


@get("/carriers", opt={"policy": "viewer"}, summary="Labels bought, services, and what a parcel would cost")
async def carrier_board(request: Request[Any, Any, Any]) -> Response[Any]:
    asked, bought_from = wanted(request, CarrierFilter), house(request).ports.carriers
    if exports(request):
        return await export(
            request, "labels", CSV, lambda tx: {"rows": carriers.board(tx, asked, bought_from, export=True).page.rows}
        )
    return await page(
        request, "carriers", "Carriers",
        lambda tx: {"b": carriers.board(tx, asked, bought_from), "f": asked, "states": ("trouble", *STATES), "prices": services},
        topics=TOPICS,
    )  # fmt: skip


@post("/carriers/retry", opt={"policy": "supervisor"}, status_code=200, summary="Ask the carrier now")
async def retry(data: Form[Which], request: Request[Any, Any, Any]) -> Response[str]:
    told = await house(request).db.ado(lambda tx: purchases.hurry(tx, data.purchase))
    house(request).edges.carriers.hurry()
    return done(told)


@post("/carriers/was-bought", opt={"policy": "supervisor"}, status_code=200, summary="It was bought, under this number")
async def was_bought(data: Form[Which], request: Request[Any, Any, Any]) -> Response[str]:
    who, printers = login_of(request), house(request).ports.printers
    return done(
        await house(request).db.ado(
            lambda tx: carriers.was_bought(
                tx, data.purchase, data.number, printers, who=who.worker, device=who.device
            )
        )
    )  # fmt: skip


@post("/carriers/was-not", opt={"policy": "supervisor"}, status_code=200, summary="It was not bought: buy it")
async def was_not(data: Form[Which], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request)
    return done(
        await house(request).db.ado(
            lambda tx: carriers.was_not_bought(tx, data.purchase, who=who.worker, device=who.device)
        )
    )


@post("/carriers/void", opt={"policy": "supervisor"}, status_code=200, summary="The label will not be used")
async def void(data: Form[Which], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request)
    return done(
        await house(request).db.ado(
            lambda tx: carriers.void(tx, data.purchase, data.reason, who=who.worker, device=who.device)
        )
    )


@post(
    "/carriers/mend", opt={"policy": "supervisor"}, status_code=200, summary="Another address or carrier for an order"
)
async def mend(data: Form[Mend], request: Request[Any, Any, Any]) -> Response[str]:
    who, ports = login_of(request), house(request).ports
    return done(
        await house(request).db.ado(
            lambda tx: carriers.mend(
                tx, data.order, data.address, data.carrier, data.service, ports.printers, ports.carriers,
                who=who.worker, device=who.device,
            )
        )
    )  # fmt: skip


@post("/carriers/ask", opt={"policy": "supervisor"}, status_code=200, summary="Ask the carriers what a parcel costs")
async def ask(data: Form[CarrierFilter], request: Request[Any, Any, Any]) -> Response[str]:
    if data.parcel is None:
        return done("Type what the parcel weighs.")
    async with ASKED:
        return done(await asyncio.to_thread(house(request).edges.carriers.quotes, data.parcel), stays=True)


@post("/carriers/track", opt={"policy": "supervisor"}, status_code=200, summary="Where is it? As its carrier says")
async def track(data: Form[Tracked], request: Request[Any, Any, Any]) -> Response[str]:
    async with ASKED:
        return done(
            await asyncio.to_thread(house(request).edges.carriers.track, data.carrier, data.tracking), stays=True
        )


@post("/carriers/save", opt={"policy": "admin"}, status_code=200, summary="Add a service, or make it so")
async def save(data: Form[Row], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request)
    row = Service(
        carrier=data.carrier, service=data.service, countries=data.countries, prefixes=data.prefixes, most_g=data.most_g,
        longest_mm=data.longest_mm, girth_mm=data.girth_mm, hazards=data.hazards, days=data.days,
        cutoff_min=data.cutoff_min, active=int(data.active == "yes"), bands=services.read_bands(data.prices),
    )  # fmt: skip
    return done(await house(request).db.ado(lambda tx: carriers.save(tx, row, who=who.worker, device=who.device)))


@post("/carriers/remove", opt={"policy": "admin"}, status_code=200, summary="Remove a service")
async def remove(data: Form[Named], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request)
    return done(
        await house(request).db.ado(
            lambda tx: carriers.remove(tx, data.carrier, data.service, who=who.worker, device=who.device)
        )
    )


HANDLERS = [carrier_board, retry, was_bought, was_not, void, mend, ask, track, save, remove]
