"""The rows returns are judged by, changed in place: ways on, rules, checklist, categories and the policy.

Whoever looks at the desk sees them; an admin changes them. A row that contradicts another is refused, and each change is
noted with its name.
"""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post

from app.db import Tx
from app.stock.slots import Status
from app.web.desk_pages import Form, done, page
from app.web.doors import house, login_of
from app.work import people, reasons
from app.work.returns import next_steps, ways
from app.work.returns.ways import Category, Check, Disposition, Policy, Rule

TOPICS = ("returns",)
_CLEAN = r"^[^\x00-\x1f\x7f]*\Z"
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=r"^[a-z0-9_]+\Z")]
OptionalCode = Annotated[str, msgspec.Meta(max_length=40, pattern=r"^[A-Za-z0-9_-]*\Z")]
Words = Annotated[str, msgspec.Meta(max_length=120, pattern=_CLEAN)]
Money = Annotated[str, msgspec.Meta(max_length=14, pattern=r"^(\d{1,9}(\.\d{2})?)?\Z")]
Few = Annotated[str, msgspec.Meta(max_length=4, pattern=r"^\d{1,4}\Z")]
Limit = Annotated[str, msgspec.Meta(max_length=7, pattern=r"^-?\d{1,6}\Z")]
YesNo = Literal["yes", "no"]
STATUSES = ("returned", "available", "quarantine", "damaged")


class SaveRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    reason: OptionalCode = ""
    category: OptionalCode = ""
    grade: OptionalCode = ""
    value_from: Money = ""
    value_to: Money = ""
    disposition: Code
    words: Words = ""
    active: YesNo = "yes"


class SaveWay(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: Code
    words: Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=_CLEAN)]
    status: Status
    place: Literal["plate", "scrap"] = "plate"
    zone: Words = ""
    next_task: OptionalCode = ""
    message: Annotated[str, msgspec.Meta(max_length=60, pattern=r"^[a-z0-9_.]*\Z")] = ""
    label: Literal["lpn", "hold", "none"] = "lpn"
    recovers_percent: Few = "0"
    photo: YesNo = "no"
    position: Few = "0"
    otherwise: OptionalCode = ""
    active: YesNo = "yes"


class SaveCheck(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    category: OptionalCode = ""
    code: Code
    words: Words
    position: Few = "50"
    worst: OptionalCode = "B"
    opened: YesNo = "no"
    active: YesNo = "yes"
    kind: Literal["judge", "measure"] = "judge"
    low: Limit = "0"
    high: Limit = "0"
    unit: Annotated[str, msgspec.Meta(max_length=12, pattern=_CLEAN)] = ""


class SaveCategory(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: Code
    name: Words = ""
    opened_goes: OptionalCode = ""


class SavePolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    blind: YesNo
    photo_from: OptionalCode = ""
    unusual_times: Few
    unusual_units: Few
    window_days: Few


@get("/returns/rules", opt={"policy": "viewer"}, summary="What becomes of returns: the rows")
async def rule_page(request: Request[Any, Any, Any]) -> Response[Any]:
    def look(tx: Tx) -> dict[str, Any]:
        return {
            "ways": ways.all_ways(tx), "rules": ways.rules(tx), "checks": ways.checks(tx),
            "categories": ways.categories(tx), "policy": ways.policy(tx), "statuses": STATUSES,
            "steps": ("putaway", *next_steps.STEPS.keys() - {"decided"}, "decide"), "may": login_of(request).is_a("admin"),
            "reasons": [one.code for one in reasons.of_kind(tx, "return")], "grades": ways.GRADES,
        }  # fmt: skip

    return await page(request, "return_rules", "Return rules", look, topics=TOPICS)


@post("/returns/rules/rule", opt={"policy": "admin"}, status_code=200, summary="Save which way is proposed")
async def save_rule(data: Form[SaveRule], request: Request[Any, Any, Any]) -> Response[str]:
    rule = Rule(
        reason=data.reason, category=data.category, grade=data.grade.upper(), value_from=_cents(data.value_from),
        value_to=_cents(data.value_to), disposition=data.disposition, words=data.words.strip(),
        active=int(data.active == "yes"),
    )  # fmt: skip
    return await _save(request, lambda tx: ways.save_rule(tx, rule))


@post("/returns/rules/way", opt={"policy": "admin"}, status_code=200, summary="Save what a way on means")
async def save_way(data: Form[SaveWay], request: Request[Any, Any, Any]) -> Response[str]:
    way = Disposition(
        code=data.code, words=data.words.strip(), status=data.status, place=data.place, zone=data.zone.strip(),
        next_task=data.next_task, message=data.message, label=data.label, recovers_percent=int(data.recovers_percent),
        photo=int(data.photo == "yes"), position=int(data.position), otherwise=data.otherwise,
        active=int(data.active == "yes"),
    )  # fmt: skip
    return await _save(request, lambda tx: ways.save_way(tx, way))


@post("/returns/rules/check", opt={"policy": "admin"}, status_code=200, summary="Save a question of the checklist")
async def save_check(data: Form[SaveCheck], request: Request[Any, Any, Any]) -> Response[str]:
    check = Check(
        category=data.category, code=data.code, words=data.words.strip(), position=int(data.position),
        worst=data.worst.upper(), opened=int(data.opened == "yes"), active=int(data.active == "yes"),
        kind=data.kind, low=int(data.low), high=int(data.high), unit=data.unit.strip(),
    )  # fmt: skip
    return await _save(request, lambda tx: ways.save_check(tx, check))


@post("/returns/rules/category", opt={"policy": "admin"}, status_code=200, summary="Save what opened goods come to")
async def save_category(data: Form[SaveCategory], request: Request[Any, Any, Any]) -> Response[str]:
    row = Category(code=data.code, name=data.name.strip(), opened_goes=data.opened_goes)
    return await _save(request, lambda tx: ways.save_category(tx, row))


@post("/returns/rules/policy", opt={"policy": "admin"}, status_code=200, summary="Save the policy of returns")
async def save_policy(data: Form[SavePolicy], request: Request[Any, Any, Any]) -> Response[str]:
    row = Policy(
        blind=int(data.blind == "yes"), photo_from=data.photo_from.upper(), unusual_times=int(data.unusual_times),
        unusual_units=int(data.unusual_units), window_days=int(data.window_days),
    )  # fmt: skip
    return await _save(request, lambda tx: ways.save_policy(tx, row))


async def _save(request: Request[Any, Any, Any], work: Callable[[Tx], str]) -> Response[str]:
    who = login_of(request)

    def saved(tx: Tx) -> str:
        told = work(tx)
        people.note(tx, "return_rules", who.worker, who.device, told)
        return told

    return done(await house(request).db.ado(saved))


def _cents(money: str) -> int:
    whole, _, rest = money.partition(".")
    return int(whole or 0) * 100 + int(rest or 0)


HANDLERS = [
    rule_page, save_rule, save_way, save_check, save_category, save_policy,
]  # fmt: skip
