"""Putaway strategies at the desk: rows added, moved, switched; hand-over points; and the dry run."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post

from app.desk import strategies
from app.desk.strategies import StrategyFilter
from app.web.desk_pages import Form, done, page, wanted
from app.web.doors import house, login_of
from app.work import putaway_rows

TOPICS = ("strategies", "items")
Word = Annotated[str, msgspec.Meta(max_length=64, pattern=r"^[^\x00]*\Z")]
Position = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class NewRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    rule: Word
    zone: Word = ""
    kind: Word = ""
    hazard_class: Word = ""
    temperature: Word = ""
    velocity: Word = ""
    before: Position = 0


class Change(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    position: Position
    do: Literal["up", "down", "switch", "remove"]


class HandOver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    zone: Word
    place: Word = ""
    equipment: Word = ""


@get("/strategies", opt={"policy": "viewer"}, summary="Putaway rows, and what an item or LPN would get now")
async def strategy_list(request: Request[Any, Any, Any]) -> Response[str]:
    asked = wanted(request, StrategyFilter)
    return await page(
        request, "strategies", "Putaway", lambda tx: {"b": strategies.look(tx, asked), "f": asked}, topics=TOPICS
    )


@post("/strategies/add", opt={"policy": "supervisor"}, status_code=200, summary="Add a putaway row")
async def add_strategy(data: Form[NewRow], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request)
    row = putaway_rows.row_of(data.rule, data.zone, data.kind, data.hazard_class, data.temperature, data.velocity)
    return done(
        await house(request).db.ado(
            lambda tx: strategies.add(tx, row, before=data.before, who=who.worker, device=who.device)
        )
    )


@post("/strategies/change", opt={"policy": "supervisor"}, status_code=200, summary="Move, switch or remove a row")
async def change_strategy(data: Form[Change], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request)
    return done(
        await house(request).db.ado(
            lambda tx: strategies.change(tx, data.position, data.do, who=who.worker, device=who.device)
        )
    )


@post("/strategies/handover", opt={"policy": "supervisor"}, status_code=200, summary="Set a zone's hand-over point")
async def set_handover(data: Form[HandOver], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request)
    zone, place, equipment = data.zone.strip(), data.place.strip(), data.equipment.strip()
    return done(
        await house(request).db.ado(
            lambda tx: strategies.hand_over(tx, zone, place, equipment, who=who.worker, device=who.device)
        )
    )


HANDLERS = [strategy_list, add_strategy, change_strategy, set_handover]
