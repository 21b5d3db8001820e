"""The wave board's doors: look, make a wave from the pool, release it, pull it back until the first pick.

A release runs for seconds on a thread of its own and writes between the scans; two at once are plenty.
"""

import asyncio
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post

from app.desk import on_paper
from app.desk import waves as boards
from app.desk.waves import WaveFilter
from app.desk.words import many
from app.errors import State
from app.stock.ledger import By
from app.web.desk_pages import LARGEST_FILTER, Form, done, export, exports, moment, page, plain, wanted
from app.web.doors import house, login_of
from app.work import releasing, waves

RELEASES = asyncio.Semaphore(2)
TOPICS = ("waves", "orders", "tasks")
MOST_NAMED = 3  # orders named in a sentence

Code = Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=r"^[^\x00]*\Z")]


class NothingChosen(State):
    code, title = "nothing_chosen", "No order chosen"
    says = "No order is ticked, so there is nothing to make a wave of."
    todo = "Tick the orders first."


class NewWave(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of the orders named, or of the pool's due by a cut-off, or expressly of the whole pool; of one carrier if named."""

    order: list[Code] | Code = msgspec.field(default_factory=list)
    cutoff: Annotated[int, msgspec.Meta(ge=0, le=LARGEST_FILTER)] = 0
    carrier: Annotated[str, msgspec.Meta(max_length=80)] = ""
    all: Literal["", "yes"] = ""


class OneWave(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    wave: Code


class Lists(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    wave: Code
    printer: Code


CSV = {
    "wave": lambda row, hours: row.wave.code,
    "carrier": lambda row, hours: row.wave.carrier,
    "cut-off": lambda row, hours: hours.iso(row.wave.cutoff),
    "orders": lambda row, hours: row.wave.orders,
    "lines": lambda row, hours: row.wave.lines,
    "picked lines": lambda row, hours: row.wave.picked,
    "packed lines": lambda row, hours: row.wave.packed,
    "loaded lines": lambda row, hours: row.wave.loaded,
    "short units": lambda row, hours: row.wave.short,
    "state": plain("word"),
    "done at": moment("done_at"),
}


@get("/waves", opt={"policy": "viewer"}, summary="The wave board")
async def wave_board(request: Request[Any, Any, Any]) -> Response[Any]:
    asked = wanted(request, WaveFilter)
    if exports(request):
        return await export(request, "waves", CSV, lambda tx: {"rows": boards.board(tx, asked).waves})
    slips = on_paper.slip_printers(house(request).ports.printers)
    return await page(
        request, "waves", "Waves", lambda tx: {"b": boards.board(tx, asked), "f": asked, "slips": slips}, topics=TOPICS
    )  # fmt: skip


@post("/waves/create", opt={"policy": "supervisor"}, status_code=200, summary="Make a wave from the pool")
async def create_wave(data: Form[NewWave], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request)
    orders = [data.order] if isinstance(data.order, str) else data.order
    if not (orders or data.cutoff or data.all):
        raise NothingChosen()
    code = await house(request).db.ado(
        lambda tx: waves.create(tx, orders, cutoff=data.cutoff, carrier=data.carrier, worker=who.worker)
    )
    return done(f"Wave {code} is made. Release it when the floor is ready for it.")


@post("/waves/release", opt={"policy": "supervisor"}, status_code=200, summary="Release a wave to the floor")
async def release_wave(data: Form[OneWave], request: Request[Any, Any, Any]) -> Response[str]:
    db, by = house(request).db, _by(request)
    async with RELEASES:
        out = await asyncio.to_thread(releasing.release, db, data.wave, by)
    told = f"Wave {out.wave} is on the floor: {many(out.walks, 'walk')}, {many(out.lines, 'line')}, {out.length_mm / 1000:.0f} m."
    if out.back_to_pool:
        named = ", ".join(out.back_to_pool[:MOST_NAMED])
        rest = len(out.back_to_pool) - MOST_NAMED
        told += f" Back in the pool: {named}{f' and {rest} more' if rest > 0 else ''}."
    if out.missing:
        told += f" Short: {many(sum(one.quantity for one in out.missing), 'unit')}, {out.missing[0].item} {out.missing[0].why}."
    return done(told)


@post(
    "/waves/pull-back", opt={"policy": "supervisor"}, status_code=200, summary="Take a wave back before its first pick"
)
async def pull_back_wave(data: Form[OneWave], request: Request[Any, Any, Any]) -> Response[str]:
    await asyncio.to_thread(waves.pull_back, house(request).db, data.wave, _by(request))
    return done(f"Wave {data.wave} is pulled back; its orders are in the pool again.")


@post("/waves/lists", opt={"policy": "supervisor"}, status_code=200, summary="A wave's walks on paper")
async def print_lists(data: Form[Lists], request: Request[Any, Any, Any]) -> Response[str]:
    who, printers = login_of(request), house(request).ports.printers
    return done(
        await house(request).db.ado(
            lambda tx: on_paper.pick_lists(tx, data.wave, data.printer, printers, worker=who.worker)
        )
    )


def _by(request: Request[Any, Any, Any]) -> By:
    who = login_of(request)
    return By(worker=who.worker, device=who.device, cause="desk")


HANDLERS = [wave_board, create_wave, release_wave, pull_back_wave, print_lists]
