"""Loads and their manifests: looked at, printed as a page, exported, or as a slip for the driver."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromQuery

from app.db import Tx
from app.desk import loads
from app.desk.loads import LoadFilter
from app.desk.on_paper import slip_printers
from app.web.desk_pages import Form, done, export, exports, moment, page, plain, wanted
from app.web.doors import house, login_of

LIST_CSV = {
    "load": plain("code"), "truck": plain("truck"), "carrier": plain("carrier"), "state": plain("state"),
    "seal": plain("seal"), "cartons": plain("cartons"), "grams": plain("weight_g"), "opened": moment("opened"),
    "left": moment("closed"), "worker": plain("worker"),
}  # fmt: skip
CSV = {
    "carton": plain("lpn"), "order": plain("order_code"), "customer": plain("customer"), "carrier": plain("carrier"),
    "service": plain("service"), "grams": plain("weight_g"), "tracking": plain("tracking"),
}  # fmt: skip
Short = Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=r"^[^\x00]*\Z")]


class Slip(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    load: Short
    printer: Short


@get("/loads", opt={"policy": "viewer"}, summary="Loads by state and truck")
async def load_list(request: Request[Any, Any, Any]) -> Response[Any]:
    asked = wanted(request, LoadFilter)
    if exports(request):
        return await export(request, "loads", LIST_CSV, lambda tx: {"rows": loads.listing(tx, asked, export=True).rows})

    def look(tx: Tx) -> dict[str, Any]:
        found = loads.listing(tx, asked)
        return {"b": found, "told": loads.told(found), "f": asked}

    return await page(request, "loads", "Loads", look, topics=("loads", "orders"))


@get("/load", opt={"policy": "viewer"}, summary="One load: its manifest")
async def one_load(request: Request[Any, Any, Any], code: FromQuery[str]) -> Response[Any]:
    code = code.replace("\0", "")
    if exports(request):
        return await export(request, "manifest", CSV, lambda tx: {"rows": loads.manifest(tx, code).cartons})
    slips = slip_printers(house(request).ports.printers)

    def look(tx: Tx) -> dict[str, Any]:
        found = loads.manifest(tx, code)
        return {"b": found, "told": loads.told_manifest(found), "slips": slips}

    return await page(request, "load", f"Load {code[:40]}", look, topics=("loads", "orders"))


@post("/loads/slip", opt={"policy": "supervisor"}, status_code=200, summary="Print the manifest for the driver")
async def print_slip(data: Form[Slip], request: Request[Any, Any, Any]) -> Response[str]:
    who, printers = login_of(request), house(request).ports.printers
    return done(
        await house(request).db.ado(
            lambda tx: loads.print_slip(tx, data.load, data.printer, printers, worker=who.worker)
        )
    )


HANDLERS = [load_list, one_load, print_slip]
