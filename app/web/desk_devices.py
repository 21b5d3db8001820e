"""The device wall, each device's own page, and the keys that try it."""

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post

from app.desk import devices, one_device
from app.web.desk_pages import Form, done, export, exports, moment, page, plain, wanted
from app.web.doors import house
from app.work.device_state import TESTS, Test

AT_ONCE = asyncio.Semaphore(4)  # each may wait seconds for a printer that does not answer
LOOK_EVERY_S = 5  # handhelds that are only silent are no news
CLOSE_EVERY_S = 2  # bytes and counters
TOPICS = ("devices", "print", "people")
CSV = {
    "device": plain("name"), "kind": plain("kind"), "state": plain("state"), "said": plain("sentence"),
    "what to do": plain("todo"), "since": moment("since"),
    "where": plain("where"), "worker": plain("worker"), "last seen": moment("last_seen"),
    "last error": plain("last_error"), "address": plain("address"), "print jobs waiting": plain("waiting"),
}  # fmt: skip


class Tried(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    device: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    test: Test | None = None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    name: str = ""


@get("/devices", opt={"policy": "viewer"}, summary="The device wall")
async def device_wall(request: Request[Any, Any, Any]) -> Response[Any]:
    edges = house(request).edges
    if exports(request):
        return await export(request, "devices", CSV, lambda tx: {"rows": devices.wall(tx, edges.states()).every})
    return await page(
        request, "devices", "Devices", lambda tx: {"b": devices.wall(tx, edges.states()), "words": TESTS},
        topics=TOPICS, every_s=LOOK_EVERY_S,
    )  # fmt: skip


@get("/device", opt={"policy": "viewer"}, summary="One device, looked at closely")
async def device_page(request: Request[Any, Any, Any]) -> Response[Any]:
    edges, name = house(request).edges, wanted(request, Asked).name
    return await page(
        request, "device", name,
        lambda tx: {"b": one_device.look(tx, edges.states(), name, edges.passed(name)), "words": TESTS},
        topics=TOPICS, every_s=CLOSE_EVERY_S,
    )  # fmt: skip


@post("/devices/test", opt={"policy": "supervisor"}, status_code=200, summary="Try a device: a label, a weight, a scan")
async def test_device(data: Form[Tried], request: Request[Any, Any, Any]) -> Response[str]:
    async with AT_ONCE:
        return done(await asyncio.to_thread(house(request).edges.test, data.device, data.test))


HANDLERS = [device_wall, device_page, test_device]
