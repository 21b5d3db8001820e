"""Exception codes and reasons as rows: everybody reads them, an admin changes them."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post

from app.db import Tx
from app.desk import rules
from app.desk.rules import RulesFilter
from app.desk.words import Hours
from app.web.desk_pages import Form, done, export, exports, page, plain, wanted
from app.web.doors import house, login_of
from app.work import exception_codes, limits
from app.work.exception_codes import ExceptionCode
from app.work.reasons import Reason

Word = Annotated[str, msgspec.Meta(max_length=80, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
Number = Annotated[int, msgspec.Meta(ge=0, le=10_000_000)]
Limit = Annotated[int, msgspec.Meta(ge=-999_999, le=999_999)]
YesNo = Literal["yes", "no"]


def _of_code(name: str) -> Callable[[Any, Hours], Any]:
    return lambda one, hours: getattr(one.row, name)


CODES = {name: _of_code(name) for name in ExceptionCode.__struct_fields__}
REASONS = {name: plain(name) for name in Reason.__struct_fields__}


class SaveCode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: Word
    title: Word
    owner: Word = "supervisor"
    due_min: Number = 240
    escalate_min: Number = 240
    escalate_to: Word = "admin"
    reallocate: Literal["", "on"] = ""
    count: Literal["", "on"] = ""
    replenish: Literal["", "on"] = ""
    hold: Literal["", "on"] = ""
    tell_erp: Literal["", "on"] = ""
    approval: YesNo = "no"
    photo: YesNo = "no"
    active: YesNo = "yes"
    new: Literal["", "yes"] = ""


class SaveReason(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kind: Word
    code: Word
    words: Word
    position: Number = 100
    photo: YesNo = "no"
    limit_kind: Word = ""
    low: Limit = 0
    high: Limit = 0
    unit: Annotated[str, msgspec.Meta(max_length=12, pattern=r"^[^\x00-\x1f\x7f]*\Z")] = ""
    active: YesNo = "yes"
    new: Literal["", "yes"] = ""


@get("/rules", opt={"policy": "viewer"}, summary="Exception codes and reasons")
async def rule_list(request: Request[Any, Any, Any]) -> Response[Any]:
    asked = wanted(request, RulesFilter)
    if exports(request):
        columns: Any = REASONS if asked.part == "reasons" else CODES
        part = "reasons" if asked.part == "reasons" else "codes"
        return await export(request, part, columns, lambda tx: {"rows": getattr(rules.listing(tx, asked), part)})
    known = {
        "f": asked, "follows": rules.FOLLOWS, "owners": exception_codes.DECIDES, "limit_kinds": limits.KINDS,
        "admin": login_of(request).is_a("admin"),
    }  # fmt: skip

    def look(tx: Tx) -> dict[str, Any]:
        return {"b": rules.listing(tx, asked), **known}

    return await page(request, "rules", "Rules", look, topics=("exceptions",))


@post("/rules/code", opt={"policy": "admin"}, status_code=200, summary="Add or change an exception code")
async def save_code(data: Form[SaveCode], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request)
    row = ExceptionCode(
        code=data.code.strip(), title=data.title, owner=data.owner, due_min=data.due_min,
        escalate_min=data.escalate_min, escalate_to=data.escalate_to,
        follow_ups=" ".join(name for name in exception_codes.FOLLOW_UPS if getattr(data, name)),
        approval=int(data.approval == "yes"), photo=int(data.photo == "yes"), active=int(data.active == "yes"),
    )  # fmt: skip
    return done(
        await house(request).db.ado(
            lambda tx: rules.save_code(tx, row, new=bool(data.new), worker=who.worker, device=who.device)
        )
    )


@post("/rules/reason", opt={"policy": "admin"}, status_code=200, summary="Add or change a reason")
async def save_reason(data: Form[SaveReason], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request)
    row = Reason(
        kind=data.kind.strip(), code=data.code.strip(), words=data.words, position=data.position,
        photo=int(data.photo == "yes"), limit_kind=data.limit_kind.strip(), active=int(data.active == "yes"),
        low=data.low, high=data.high, unit=data.unit.strip(),
    )  # fmt: skip
    return done(
        await house(request).db.ado(
            lambda tx: rules.save_reason(tx, row, new=bool(data.new), worker=who.worker, device=who.device)
        )
    )


HANDLERS = [rule_list, save_code, save_reason]
