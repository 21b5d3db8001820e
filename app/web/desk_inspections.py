"""Inspections: what waits, what was found, and the rows behind it, changed in place and refused where they contradict."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post

from app.desk import inspections
from app.desk.inspections import InspectionFilter, PlanFilter
from app.web.desk_pages import Form, done, export, exports, moment, page, plain, wanted
from app.web.doors import house, login_of
from app.work import status_changes
from app.work.inspections import plans, rules

TOPICS = ("inspections", "journal")
_CLEAN = r"^[^\x00-\x1f\x7f]*\Z"
Word = Annotated[str, msgspec.Meta(max_length=64, pattern=_CLEAN)]
Words = Annotated[str, msgspec.Meta(max_length=60, pattern=_CLEAN)]
Whole = Annotated[int, msgspec.Meta(ge=0, le=plans.MOST)]
Flag = Annotated[int, msgspec.Meta(ge=0, le=1)]
Limit = Annotated[int, msgspec.Meta(ge=-plans.MOST, le=plans.MOST)]
CSV = {
    "item": plain("item"), "name": plain("name"), "lot": plain("lot"), "supplier": plain("supplier"),
    "receipt": plain("receipt"), "received by": plain("receiver"), "inspected by": plain("inspector"),
    "result": plain("state"), "units": plain("quantity"), "level": plain("level"), "aql": plain("aql"),
    "severity": plain("severity"), "letter": plain("letter"), "sample": plain("sample"), "allowed": plain("accept"),
    "seen": plain("seen"), "defective": plain("defects"), "in words": plain("decided"), "begun": moment("created"),
    "decided": moment("closed"),
}  # fmt: skip


class SaveRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    item: Word = ""
    supplier: Word = ""
    category: Word = ""
    level: Word = "II"
    aql: Word = "1.0"
    every: Whole = 1
    active: Flag = 1


class SaveCheck(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    category: Word = ""
    code: Word
    position: Whole = 0
    words: Words = ""
    kind: Word = "judge"
    low: Limit = 0
    high: Limit = 0
    unit: Word = ""
    active: Flag = 1


class SavePlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    severity: Word
    letter: Word
    aql: Word
    size: Whole
    accept: Whole
    reject: Whole


class SaveLetter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    level: Word
    lot_from: Whole
    lot_to: Whole = 0
    letter: Word


class SaveChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    from_status: Word
    to_status: Word
    roles: Words = "worker"
    limit_kind: Word = ""
    label: Flag = 1
    another: Flag = 0
    active: Flag = 1


class SetBack(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    item: Word
    supplier: Word = ""


@get("/inspections", opt={"policy": "viewer"}, summary="What waits for inspection, and what was found")
async def inspection_list(request: Request[Any, Any, Any]) -> Response[Any]:
    asked = wanted(request, InspectionFilter)
    if exports(request):
        return await export(
            request, "inspections", CSV, lambda tx: {"rows": inspections.listing(tx, asked, export=True).page.rows}
        )
    return await page(
        request, "inspections", "Inspections", lambda tx: {"b": inspections.listing(tx, asked), "f": asked}, topics=TOPICS
    )  # fmt: skip


@get("/inspections/plans", opt={"policy": "viewer"}, summary="What is inspected, what is looked at, and the plans")
async def plan_list(request: Request[Any, Any, Any]) -> Response[Any]:
    asked = wanted(request, PlanFilter)
    return await page(
        request, "inspection_plans", "Sampling plans", lambda tx: {"b": inspections.rows_behind(tx, asked), "f": asked},
        topics=("inspections",),
    )  # fmt: skip


async def _keep(request: Request[Any, Any, Any], row: inspections.AnyRow) -> Response[str]:
    who = login_of(request)
    return done(
        await house(request).db.ado(lambda tx: inspections.keep(tx, row, worker=who.worker, device=who.device)), stays=True
    )  # fmt: skip


@post("/inspections/rule", opt={"policy": "supervisor"}, status_code=200, summary="What is inspected when it comes")
async def save_rule(data: Form[SaveRule], request: Request[Any, Any, Any]) -> Response[str]:
    return await _keep(request, rules.Rule(**msgspec.structs.asdict(data)))


@post("/inspections/check", opt={"policy": "supervisor"}, status_code=200, summary="What is looked at on each unit")
async def save_check(data: Form[SaveCheck], request: Request[Any, Any, Any]) -> Response[str]:
    return await _keep(request, rules.Check(**msgspec.structs.asdict(data)))


@post("/inspections/plan", opt={"policy": "supervisor"}, status_code=200, summary="A sampling plan")
async def save_plan(data: Form[SavePlan], request: Request[Any, Any, Any]) -> Response[str]:
    return await _keep(request, plans.Row(**msgspec.structs.asdict(data)))


@post("/inspections/letter", opt={"policy": "supervisor"}, status_code=200, summary="Lot sizes of a code letter")
async def save_letter(data: Form[SaveLetter], request: Request[Any, Any, Any]) -> Response[str]:
    return await _keep(request, plans.Letter(**msgspec.structs.asdict(data)))


@post("/inspections/change", opt={"policy": "supervisor"}, status_code=200, summary="Which status may become which")
async def save_change(data: Form[SaveChange], request: Request[Any, Any, Any]) -> Response[str]:
    return await _keep(request, status_changes.Change(**msgspec.structs.asdict(data)))


@post("/inspections/set_back", opt={"policy": "supervisor"}, status_code=200, summary="Inspect a stopped item again")
async def set_back(data: Form[SetBack], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request)
    return done(
        await house(request).db.ado(
            lambda tx: inspections.set_back(tx, data.item, data.supplier, worker=who.worker, device=who.device)
        )
    )


HANDLERS = [inspection_list, plan_list, save_rule, save_check, save_plan, save_letter, save_change, set_back]
