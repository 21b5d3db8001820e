"""Counts at the desk: ask for one, plan the whole house, and change the rows that make counts."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post

from app.desk import counting, on_paper
from app.desk.counting import CountFilter
from app.desk.words import Hours
from app.web.desk_pages import Form, done, export, exports, moment, page, plain, wanted
from app.web.doors import house, login_of
from app.work import limits
from app.work.counting.closing import Line
from app.work.counting.rules import Class, Trigger

TOPICS = ("counts", "tasks")
Word = Annotated[str, msgspec.Meta(max_length=64, pattern=r"^[^\x00]*\Z")]
Reason = Annotated[str, msgspec.Meta(max_length=80, pattern=r"^[^\x00\d]*\Z")]  # without figures: the counter reads it
Days = Annotated[int, msgspec.Meta(ge=1, le=3650)]
Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]
Flag = Literal["yes", "no"]


def _value(row: Line, hours: Hours) -> str:
    return "" if row.value < 0 else limits.say("count_value", row.value)


CSV = {
    "location": plain("place"), "zone": plain("zone"), "item": plain("item"), "why": plain("reason"),
    "document": plain("document"), "priority": plain("priority"), "due": moment("due"), "state": plain("state"),
    "worker": plain("worker"), "since": moment("created"),
}  # fmt: skip
LINES = {
    "location": plain("place"), "item": plain("item"), "lot": plain("lot"), "LPN": plain("lpn"), "round": plain("round"),
    "expected": plain("book"), "counted": plain("counted"), "variance": plain("difference"), "value": _value,
    "state": plain("state"), "counted by": plain("counter"), "counted at": moment("created"),
    "decided by": plain("decided_by"), "reason": plain("reason"), "event": plain("event"),
}  # fmt: skip


class Ask(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    scope: Literal["place", "aisle", "zone", "item"]
    what: Word
    reason: Reason = ""


class NewPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    scope: Literal["house", "zone", "aisle"]
    value: Word = ""
    freeze: Flag = "no"


class EndPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: Word
    do: Literal["close", "cancel"]


class One(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: Word


class Sheet(One, frozen=True, kw_only=True, forbid_unknown_fields=True):
    printer: Word


class ClassRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]\Z")]
    share_percent: Percent
    every_days: Days
    active: Flag


class TriggerRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kind: Literal["zero", "low"]
    threshold: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
    cool_days: Annotated[int, msgspec.Meta(ge=0, le=3650)]
    active: Flag


class Setting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Literal["recounts", "open_at_most"]
    value: Annotated[int, msgspec.Meta(ge=0, le=1000)]


@get("/counts", opt={"policy": "viewer"}, summary="What waits to be counted, and plans")
async def count_list(request: Request[Any, Any, Any]) -> Response[Any]:
    asked = wanted(request, CountFilter)
    if exports(request) and asked.plan:
        return await export(request, f"count-{asked.plan}", LINES, lambda tx: {"rows": counting.lines(tx, asked.plan)})
    if exports(request):
        return await export(
            request, "counts", CSV, lambda tx: {"rows": counting.listing(tx, asked, export=True).page.rows}
        )
    slips = on_paper.slip_printers(house(request).ports.printers)
    return await page(
        request,
        "counting",
        "Counts",
        lambda tx: {"b": counting.listing(tx, asked), "f": asked, "say": limits.say, "of": counting, "slips": slips},
        topics=TOPICS,
    )


@post("/counts/ask", opt={"policy": "supervisor"}, status_code=200, summary="Have places counted")
async def ask_count(data: Form[Ask], request: Request[Any, Any, Any]) -> Response[str]:
    who = _who(request)
    return done(
        await house(request).db.ado(
            lambda tx: counting.ask(tx, data.scope, data.what.strip(), data.reason.strip(), **who)
        )
    )


@post("/counts/plan", opt={"policy": "supervisor"}, status_code=200, summary="Count a scope wall to wall")
async def plan_count(data: Form[NewPlan], request: Request[Any, Any, Any]) -> Response[str]:
    who = _who(request)
    return done(
        await house(request).db.ado(
            lambda tx: counting.plan(tx, data.scope, data.value.strip(), freeze=data.freeze == "yes", **who)
        )
    )


@post("/counts/plan/end", opt={"policy": "supervisor"}, status_code=200, summary="Close or cancel a plan")
async def end_count_plan(data: Form[EndPlan], request: Request[Any, Any, Any]) -> Response[str]:
    who = _who(request)
    return done(
        await house(request).db.ado(lambda tx: counting.end_plan(tx, data.code, cancel=data.do == "cancel", **who)),
        stays=True,
    )


@post("/counts/drop", opt={"policy": "supervisor"}, status_code=200, summary="Take a count out of the queue")
async def drop_count(data: Form[One], request: Request[Any, Any, Any]) -> Response[str]:
    who = _who(request)
    return done(await house(request).db.ado(lambda tx: counting.drop(tx, data.id, **who)))


@post("/counts/sheet", opt={"policy": "supervisor"}, status_code=200, summary="A blind sheet to count a place by hand")
async def print_count_sheet(data: Form[Sheet], request: Request[Any, Any, Any]) -> Response[str]:
    worker, printers = login_of(request).worker, house(request).ports.printers
    return done(
        await house(request).db.ado(lambda tx: on_paper.count_sheet(tx, data.id, data.printer, printers, worker=worker))
    )


@post("/counts/class", opt={"policy": "supervisor"}, status_code=200, summary="How often a class is counted")
async def change_count_class(data: Form[ClassRow], request: Request[Any, Any, Any]) -> Response[str]:
    who, active = _who(request), int(data.active == "yes")
    row = Class(name=data.name, share_percent=data.share_percent, every_days=data.every_days, active=active)
    return done(await house(request).db.ado(lambda tx: counting.change_class(tx, row, **who)))


@post("/counts/trigger", opt={"policy": "supervisor"}, status_code=200, summary="When a bin counts itself")
async def change_count_trigger(data: Form[TriggerRow], request: Request[Any, Any, Any]) -> Response[str]:
    who, active = _who(request), int(data.active == "yes")
    row = Trigger(kind=data.kind, threshold=data.threshold, cool_days=data.cool_days, active=active)
    return done(await house(request).db.ado(lambda tx: counting.change_trigger(tx, row, **who)))


@post("/counts/setting", opt={"policy": "supervisor"}, status_code=200, summary="How many recounts, how many waiting")
async def change_count_setting(data: Form[Setting], request: Request[Any, Any, Any]) -> Response[str]:
    who = _who(request)
    return done(await house(request).db.ado(lambda tx: counting.change_setting(tx, data.name, data.value, **who)))


def _who(request: Request[Any, Any, Any]) -> dict[str, str]:
    login = login_of(request)
    return {"worker": login.worker, "device": login.device}


HANDLERS = [
    count_list, ask_count, plan_count, end_count_plan, drop_count, change_count_class, change_count_trigger,
    change_count_setting, print_count_sheet,
]  # fmt: skip
