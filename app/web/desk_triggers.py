"""Triggers: what fired, the rules, and one rule's page to try it dry over last week and save it."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post

from app.db import Tx
from app.desk import triggers
from app.desk.triggers import Asked, TriggerFilter
from app.web.desk_pages import Form, done, export, exports, moment, page, plain, wanted
from app.web.doors import house, login_of
from app.work.triggers.kinds import ACTIONS, KINDS, Rule
from app.work.triggers.rules import HEARS

Word = Annotated[str, msgspec.Meta(max_length=80, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*\Z")]
Number = Annotated[int, msgspec.Meta(ge=0, le=10_000_000)]
CSV = {
    "when": moment("at"), "rule": plain("rule"), "kind": plain("kind"), "said": plain("sentence"),
    "action": plain("action"), "done": plain("did"), "document": plain("document"), "item": plain("item"),
    "case": plain("exception"), "event": plain("seq"), "over": moment("cleared"),
}  # fmt: skip
DRY = {
    "when": moment("at"), "said": plain("sentence"), "document": plain("document"), "item": plain("item"),
    "over": moment("until"),
}  # fmt: skip


class Save(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: Code
    kind: Word
    title: Word
    threshold: Number = 0
    least: Number = 1
    window_h: Number = 24
    cover_days: Number = 0
    item: Word = ""
    zone: Word = ""
    supplier: Word = ""
    action: Word = "alert"
    owner: Word = "supervisor"
    new: Literal["", "yes"] = ""
    run: Literal["", "0", "1"] = ""


class Switch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: Code
    wanted: Literal["on", "off"]


@get("/triggers", opt={"policy": "viewer"}, summary="What the rules fired, and the rules")
async def trigger_list(request: Request[Any, Any, Any]) -> Response[Any]:
    asked = wanted(request, TriggerFilter)
    if exports(request):
        return await export(
            request, "triggers", CSV, lambda tx: {"rows": triggers.listing(tx, asked, export=True).page.rows}
        )
    admin = login_of(request).is_a("admin")

    def look(tx: Tx) -> dict[str, Any]:
        return {"b": triggers.listing(tx, asked), "f": asked, "kinds": KINDS, "admin": admin}

    return await page(request, "triggers", "Triggers", look, topics=("triggers", "exceptions"))


@get("/trigger", opt={"policy": "viewer"}, summary="One rule: its figures, and what it would have fired last week")
async def trigger_rule(request: Request[Any, Any, Any]) -> Response[Any]:
    asked = wanted(request, Asked)
    if exports(request):

        def rows(tx: Tx) -> dict[str, Any]:
            tried = triggers.one_rule(tx, msgspec.structs.replace(asked, run=1)).tried
            return {"rows": tried.fired if tried else ()}

        return await export(request, "dry-run", DRY, rows)
    admin = login_of(request).is_a("admin")

    def look(tx: Tx) -> dict[str, Any]:
        return {"b": triggers.one_rule(tx, asked), "f": asked, "admin": admin, "owners": HEARS, "actions": ACTIONS}

    return await page(request, "trigger", "Trigger", look, topics=(), every_s=3600)


@post("/triggers/save", opt={"policy": "admin"}, status_code=200, summary="Add or change a rule")
async def save_rule(data: Form[Save], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request)
    given = msgspec.structs.asdict(data)
    new = bool(given.pop("new"))
    del given["run"]
    rule = Rule(**given)
    told = await house(request).db.ado(
        lambda tx: triggers.save(tx, rule, new=new, worker=who.worker, device=who.device)
    )
    return done(told, stays=True)


@post("/triggers/switch", opt={"policy": "admin"}, status_code=200, summary="Switch a rule on or off")
async def switch_rule(data: Form[Switch], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request)
    return done(
        await house(request).db.ado(
            lambda tx: triggers.switch(tx, data.code, on=data.wanted == "on", worker=who.worker, device=who.device)
        )
    )


HANDLERS = [trigger_list, trigger_rule, save_rule, switch_rule]
