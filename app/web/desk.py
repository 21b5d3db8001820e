"""The desk's own doors: badge and PIN, the way out, the live line; and the router that holds every desk page.

    GET  /desk/sign-in     the form            POST /desk/sign-in    badge + PIN → a desk login
    POST /desk/sign-out    ends it             GET  /desk/live       server-sent events, one stream a page

Reading takes a viewer; whatever changes something takes a supervisor. A wrong PIN counts like one on the floor.
"""

import secrets
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromQuery
from litestar.response import Redirect, Stream

from app import clock
from app.db import Tx
from app.errors import Forbidden, Refusal
from app.floor import enrolment, sessions
from app.web import (
    desk_arrivals,
    desk_carriers,
    desk_codes,
    desk_connectors,
    desk_corrections,
    desk_counting,
    desk_devices,
    desk_displays,
    desk_exceptions,
    desk_holds,
    desk_inspections,
    desk_label_templates,
    desk_labels,
    desk_ledger,
    desk_loads,
    desk_mapping,
    desk_orders,
    desk_overrides,
    desk_own_numbers,
    desk_owners,
    desk_people,
    desk_printers,
    desk_prints,
    desk_receipts,
    desk_recovery,
    desk_return_rules,
    desk_returns,
    desk_rules,
    desk_scanner,
    desk_service,
    desk_strategies,
    desk_tasks,
    desk_trace,
    desk_transfers,
    desk_triggers,
    desk_unusual,
    desk_variances,
    desk_waves,
    photos,
)
from app.web.desk_pages import DESK_ROLES, TOPICS, Form, problem_page, refusal_page, sign_in_page
from app.web.doors import house, login_of, set_cookie, token_of
from app.web.floor import DEVICE_AGE, badge_of, known_device, verify_pin

LOGIN_AGE = sessions.SHIFT // clock.SECOND
ROLES = ("service", "viewer", "supervisor", "admin")
FIRST_PAGE = "/desk/waves"
SERVICE_PAGE = "/desk/service"  # all that customer service sees


class SignIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    badge: Annotated[str, msgspec.Meta(max_length=80)]
    pin: Annotated[str, msgspec.Meta(max_length=64)]
    after: Annotated[str, msgspec.Meta(max_length=400)] = ""


@get("/", opt={"policy": "device"}, include_in_schema=False)
async def front() -> Redirect:
    return Redirect(FIRST_PAGE)


@get("/sign-in", opt={"policy": "device"}, include_in_schema=False)
async def ask_badge(request: Request[Any, Any, Any]) -> Response[str]:
    return sign_in_page(request, after=FIRST_PAGE)


@post("/sign-in", opt={"policy": "device"}, status_code=200, summary="Badge and PIN: sign in at the desk")
async def sign_in(data: Form[SignIn], request: Request[Any, Any, Any]) -> Response[Any]:
    """303 to the page wanted, with a fresh login; 403 for a wrong PIN, a locked badge or a worker without a desk role."""
    home = house(request)
    device, fresh = await known_device(request), secrets.token_urlsafe(24)
    badge = await badge_of(request, data.badge)
    response: Response[Any]
    try:
        who = await verify_pin(request, badge, data.pin, device)
        if not who.is_a(*ROLES):
            raise Forbidden(worker=who.name)
        before = token_of(request, "desk")

        def work(tx: Tx) -> str:
            if before:
                sessions.sign_out(tx, before)
            here = device or enrolment.enrol(tx, sessions.digest(fresh), "desk")
            return sessions.sign_in_desk(tx, who, here)[0]

        cookie = await home.db.ado(work)
    except Refusal as refusal:
        response = sign_in_page(request, status=refusal.http, badge=badge, refusal=refusal, after=_within(data.after))
    else:
        after = _within(data.after) if who.is_a(*DESK_ROLES) else SERVICE_PAGE
        response = Response(b"", status_code=303, headers={"Location": after})
        set_cookie(request, response, "desk", cookie, LOGIN_AGE)
        if not device:
            set_cookie(request, response, "device", fresh, DEVICE_AGE)
    return response


def _within(after: str) -> str:
    """Only ever a page of the desk."""
    inside = after.startswith("/desk/") and "//" not in after and "\\" not in after and after.isprintable()
    return after if inside and after.isascii() else FIRST_PAGE


@post("/sign-out", opt={"policy": "service"}, status_code=200, summary="Sign out at the desk")
async def sign_out(request: Request[Any, Any, Any]) -> Response[Any]:
    token = token_of(request, "desk")
    await house(request).db.ado(lambda tx: sessions.sign_out(tx, token))
    response: Response[Any] = Response(b"", headers={"HX-Redirect": "/desk/sign-in"}, media_type="text/plain")
    set_cookie(request, response, "desk", "", 0)
    return response


@get("/live", opt={"policy": "service"}, summary="What changed, as it changes")
async def live(request: Request[Any, Any, Any], on: FromQuery[str] = "") -> Stream:
    """One event named `changed` for each topic asked for; its data is the topic."""
    login_of(request)
    topics = sorted(TOPICS.intersection(on.split(",")))
    return Stream(house(request).hub.stream(topics), media_type="text/event-stream")


desk_router = Router(
    path="/desk",
    route_handlers=[
        front,
        ask_badge,
        sign_in,
        sign_out,
        live,
        *desk_waves.HANDLERS,
        *desk_variances.HANDLERS,
        *desk_counting.HANDLERS,
        *desk_orders.HANDLERS,
        *desk_owners.HANDLERS,
        *desk_loads.HANDLERS,
        *desk_prints.HANDLERS,
        *desk_labels.HANDLERS,
        *desk_label_templates.HANDLERS,
        *desk_devices.HANDLERS,
        *desk_codes.HANDLERS,
        *desk_printers.HANDLERS,
        *desk_scanner.HANDLERS,
        *desk_displays.HANDLERS,
        *desk_ledger.HANDLERS,
        *desk_connectors.HANDLERS,
        *desk_mapping.HANDLERS,
        *desk_carriers.HANDLERS,
        *desk_arrivals.HANDLERS,
        *desk_receipts.HANDLERS,
        *desk_exceptions.HANDLERS,
        *desk_holds.HANDLERS,
        *desk_inspections.HANDLERS,
        *desk_tasks.HANDLERS,
        *desk_corrections.HANDLERS,
        *desk_strategies.HANDLERS,
        *desk_transfers.HANDLERS,
        *desk_returns.HANDLERS,
        *desk_return_rules.HANDLERS,
        *desk_recovery.HANDLERS,
        *desk_trace.HANDLERS,
        *desk_overrides.HANDLERS,
        *desk_triggers.HANDLERS,
        *desk_unusual.HANDLERS,
        *desk_own_numbers.HANDLERS,
        *desk_rules.HANDLERS,
        *desk_people.HANDLERS,
        *desk_service.HANDLERS,
        *photos.DESK,
    ],
    exception_handlers={Refusal: refusal_page, HTTPException: problem_page},
    tags=["desk"],
)
