"""The device wall, and the test button of printers and scales."""

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post

from app.desk import devices
from app.web.desk_pages import Form, done, export, exports, moment, page, plain
from app.web.doors import house

TESTS = asyncio.Semaphore(4)  # each may wait seconds for a printer that does not answer
LOOK_EVERY_S = 5  # devices tell nobody when they fall silent
CSV = {
    "device": plain("name"), "kind": plain("kind"), "state": plain("state"), "said": plain("sentence"),
    "where": plain("where"), "worker": plain("worker"), "last seen": moment("last_seen"),
    "last error": plain("last_error"), "address": plain("address"), "print jobs waiting": plain("waiting"),
}  # fmt: skip


class Named(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    device: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]


@get("/devices", opt={"policy": "viewer"}, summary="The device wall")
async def device_wall(request: Request[Any, Any, Any]) -> Response[Any]:
    edges = house(request).edges
    if exports(request):
        return await export(request, "devices", CSV, lambda tx: {"rows": devices.wall(tx, edges.states()).every})
    return await page(
        request, "devices", "Devices", lambda tx: {"b": devices.wall(tx, edges.states())},
        topics=("print", "people"), every_s=LOOK_EVERY_S,
    )  # fmt: skip


@post("/devices/test", opt={"policy": "supervisor"}, status_code=200, summary="Print a test label, read a scale")
async def test_device(data: Form[Named], request: Request[Any, Any, Any]) -> Response[str]:
    async with TESTS:
        return done(await asyncio.to_thread(house(request).edges.test, data.device))


HANDLERS = [device_wall, test_device]
