"""People: added, changed, locked out, given a PIN, a badge and limits. All of it an admin's."""

import asyncio
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post

from app.db import Tx
from app.desk import people as board
from app.desk import people_changes, people_keys, people_rights
from app.desk.people import PeopleFilter
from app.desk.people_changes import Change
from app.desk.prints import NoSuchPrinter
from app.web.desk_pages import Form, done, export, exports, page, plain, wanted
from app.web.doors import house, login_of
from app.web.floor import PIN_CHECKS
from app.work import limits, people, shifts
from app.work.shifts import Shift

_CLEAN = r"^[^\x00-\x1f\x7f]*\Z"
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[^\s\x00-\x1f\x7f]+\Z")]
Words = Annotated[str, msgspec.Meta(max_length=200, pattern=_CLEAN)]
Value = Annotated[str, msgspec.Meta(min_length=1, max_length=14, pattern=r"^(none|\d{1,10}(\.\d{2})?)\Z")]
CSV = {
    "code": lambda row, hours: row.who.code, "name": lambda row, hours: row.who.name,
    "badge": lambda row, hours: row.who.badge, "roles": lambda row, hours: row.who.roles,
    "skills": lambda row, hours: row.who.skills, "equipment": lambda row, hours: row.who.equipment,
    "shift": lambda row, hours: row.who.shift, "active": lambda row, hours: row.who.active,
    "signed in at": plain("device"),
}  # fmt: skip


class Save(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: Code
    badge: Code
    name: Words
    roles: Words
    skills: Words = ""
    equipment: Words = ""
    shift: Words = ""
    language: Words = "en"
    active: Literal["yes", "no"] = "yes"
    new: Literal["", "yes"] = ""


class Named(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: Code


class Badge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: Code
    printer: Words
    reason: Words = ""


class GiveLimit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    holder: Literal["role", "worker"]
    name: Code
    kind: Code
    value: Value


class DropLimit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Code
    kind: Code


class SaveShift(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: Code
    name: Words = ""
    days: Words = "mon tue wed thu fri"
    starts: Words
    ends: Words


@get("/people", opt={"policy": "admin"}, summary="People, their limits and shifts")
async def people_list(request: Request[Any, Any, Any]) -> Response[Any]:
    asked = wanted(request, PeopleFilter)
    if exports(request):
        return await export(
            request, "people", CSV, lambda tx: {"rows": board.listing(tx, asked, export=True).page.rows}
        )
    printers = sorted(one.name for one in house(request).ports.printers.values() if one.kind == "zpl")
    known = {
        "f": asked, "roles": people.ROLES, "kinds": limits.KINDS, "say": limits.say, "printers": printers,
        "languages": people_changes.LANGUAGES, "limited": board.LIMITED,
    }  # fmt: skip
    return await page(
        request, "people", "People", lambda tx: {"b": board.listing(tx, asked), **known}, topics=("people",)
    )


@post("/people/save", opt={"policy": "admin"}, status_code=200, summary="Add or change somebody")
async def save_worker(data: Form[Save], request: Request[Any, Any, Any]) -> Response[str]:
    change = Change(
        code=data.code, badge=data.badge.removeprefix("BDG/"), name=data.name, roles=data.roles, skills=data.skills,
        equipment=data.equipment, shift=data.shift.strip(), language=data.language, active=data.active == "yes",
    )  # fmt: skip
    return await _do(request, lambda tx, by: people_changes.save(tx, change, new=bool(data.new), **by))


@post("/people/pin", opt={"policy": "admin"}, status_code=200, summary="A new PIN, shown once")
async def reset_pin(data: Form[Named], request: Request[Any, Any, Any]) -> Response[str]:
    """The old one is worth nothing from now on. It is in this one answer and nowhere else."""
    pin, who = people_keys.new_pin(), login_of(request)
    async with PIN_CHECKS:
        kept = await asyncio.to_thread(people.hash_pin, pin)
    name = await house(request).db.ado(
        lambda tx: people_keys.set_pin(tx, data.code, kept, by=who.worker, device=who.device)
    )  # fmt: skip
    return done(f"The PIN of {name} is {pin}. It is not shown again.", stays=True)


@post("/people/badge", opt={"policy": "admin"}, status_code=200, summary="Print somebody's badge")
async def print_badge(data: Form[Badge], request: Request[Any, Any, Any]) -> Response[str]:
    home = house(request)
    printer = home.ports.printers.get(data.printer)
    if printer is None or printer.kind != "zpl":
        raise NoSuchPrinter(printer=data.printer or "without a name")
    site = home.settings.site_name
    return await _do(
        request, lambda tx, by: people_keys.print_badge(tx, data.code, printer, reason=data.reason, site=site, **by)
    )


@post("/people/limit", opt={"policy": "admin"}, status_code=200, summary="How much a role or somebody may decide alone")
async def give_limit(data: Form[GiveLimit], request: Request[Any, Any, Any]) -> Response[str]:
    """`value` is money like 50.00, a whole number for per cent and units, or `none` for no limit."""
    value = _amount(data.kind, data.value)
    return await _do(
        request, lambda tx, by: people_rights.give_limit(tx, data.holder, data.name, data.kind, value, **by)
    )


@post("/people/limit/drop", opt={"policy": "admin"}, status_code=200, summary="Back to what the roles say")
async def drop_limit(data: Form[DropLimit], request: Request[Any, Any, Any]) -> Response[str]:
    return await _do(request, lambda tx, by: people_rights.drop_limit(tx, data.name, data.kind, **by))


@post("/people/shift", opt={"policy": "admin"}, status_code=200, summary="Add or change a shift")
async def save_shift(data: Form[SaveShift], request: Request[Any, Any, Any]) -> Response[str]:
    row = Shift(
        code=data.code,
        name=data.name,
        days=" ".join(data.days.lower().split()),
        starts=shifts.parse_hour(data.starts),
        ends=shifts.parse_hour(data.ends),
    )
    return await _do(request, lambda tx, by: people_rights.save_shift(tx, row, **by))


def _amount(kind: str, text: str) -> int:
    """Money in cents, anything else as it stands. Raises NoSuchLimit."""
    if text == "none":
        return limits.NO_LIMIT
    whole, point, cents = text.partition(".")
    if limits.KINDS.get(kind, ("", ""))[1] == "value":
        return int(whole) * 100 + int(cents or 0)
    if point:
        raise limits.NoSuchLimit(scanned=text, reason="per cent and units are whole.")
    return int(whole)


async def _do(request: Request[Any, Any, Any], work: Any) -> Response[str]:
    who = login_of(request)

    def change(tx: Tx) -> str:
        return str(work(tx, {"by": who.worker, "device": who.device}))

    return done(await house(request).db.ado(change))


HANDLERS = [people_list, save_worker, reset_pin, print_badge, give_limit, drop_limit, save_shift]
