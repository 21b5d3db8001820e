"""The floor's doors: the same Prompt as a page for a browser and as JSON for a program.

    GET  /floor         the page, or the Answer       POST /floor/badge   {badge}               → the PIN question
    POST /floor/scan    {id, after, raw, …}           POST /floor/pin     {badge, pin, takeover} → signed in
    GET  /floor/live    server-sent events            POST /floor/out     badge out

A program reads `csrf` and `answer.step` from /floor/pin, then posts scans with `X-CSRF` and `after`.
A PIN is never a scan: it is checked here, off the loop, and is in no queue, no log and no scan table.
"""

import asyncio
import secrets
from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody
from litestar.types import ASGIApp

from app import clock
from app.db import Tx
from app.errors import Refusal, SignedOut
from app.floor import enrolment, seats, sessions
from app.floor.asking import current, verdict_of
from app.floor.floor import Ports
from app.floor.prompt import Answer
from app.floor.scans import Scan
from app.floor.turns import Turn
from app.web import render
from app.web.doors import Reply, check_csrf, header, house, set_cookie, token_of
from app.web.straight import Straight
from app.work import people
from app.work.people import Worker
from app.workflows.menu import WhereStanding
from devices.symbology import without_aim

JSON = "application/json"
HTML = "text/html; charset=utf-8"
DEVICE_AGE = 400 * 24 * 3600  # s, the longest a browser keeps a cookie
NEW_DEVICE = "New device"  # where its name will stand
LOGIN_AGE = sessions.SHIFT // clock.SECOND
PIN_CHECKS = asyncio.Semaphore(2)  # argon2 takes a core and 19 MiB each


class Badge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    badge: str


class Pin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    badge: str
    pin: str
    takeover: bool = False


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What is said where no answer of the floor is given: a stable code, and a sentence for whoever can act."""

    code: str
    title: str
    sentence: str


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """What a program needs to go on: the token for `X-CSRF`, and the first question with the step to follow."""

    csrf: str
    answer: Answer


def wants_json(request: Request[Any, Any, Any]) -> bool:
    return JSON in header(request, b"accept")


@get("/", opt={"policy": "device"}, summary="What this device is asked now")
async def open_floor(request: Request[Any, Any, Any]) -> Response[Any]:
    """The current question of whoever is signed in here; 401 (or the badge page) when nobody is."""
    token = token_of(request, "floor")
    found = await house(request).db.read(lambda tx: standing(tx, token, house(request).ports)) if token else None
    if wants_json(request):
        if found is None:
            raise SignedOut()
        return Response(content=msgspec.json.encode(found[0]), media_type=JSON)
    if found is None:
        device = await known_device(request) or NEW_DEVICE
        page = render.badge_page(device=device, site=house(request).settings.site_name)
    else:
        answer, seat, station = found
        signs = signs_of(request, answer, station)
        page = render.page(
            answer, csrf=seat.csrf, device=seat.device, worker=seat.worker, size=seat.size, devices=signs
        )
    return Response(content=page, media_type=HTML)


def standing(tx: Tx, token: str, ports: Ports) -> tuple[Answer, seats.Seat, seats.Station | None] | None:
    """The question of whoever is signed in behind a cookie's digest, who that is and where; None when nobody is."""
    seat = tx.one(seats.SEAT, seats.Seat, token=token)
    if seat is None or seat.ends <= clock.now():
        return None
    return current(tx, seat, ports), seat, seats.station_of(tx, seat.station)


def signs_of(
    request: Request[Any, Any, Any], answer: Answer, station: seats.Station | None
) -> Sequence[render.DeviceSign]:
    """The station's devices, where the page shows them."""
    if station is None or answer.prompt.template not in render.STATION_PAGES:
        return ()
    return house(request).edges.signs(station)


async def known_device(request: Request[Any, Any, Any]) -> str:
    """This device's name, or the empty text: only who signs in is a device, so probes and wrong tries fill no list."""
    token = token_of(request, "device")
    return await house(request).db.read(lambda tx: enrolment.known_device(tx, token)) if token else ""


@post("/badge", opt={"policy": "device"}, status_code=200, summary="Scan a badge; the PIN is asked whoever it is")
async def scan_badge(data: JSONBody[Badge], request: Request[Any, Any, Any]) -> Response[Any]:
    """Never says whether the badge is known."""
    badge = await badge_of(request, data.badge)
    if wants_json(request):
        return Response(content={"asks": "pin", "badge": badge}, media_type=JSON)
    device = await known_device(request) or NEW_DEVICE
    return Response(content=render.pin_page(name=f"Badge {badge}", badge=badge, device=device), media_type=HTML)


@post("/pin", opt={"policy": "device"}, status_code=200, summary="Badge and PIN: sign in")
async def type_pin(data: JSONBody[Pin], request: Request[Any, Any, Any]) -> Response[Any]:
    """Signs in with new session and CSRF tokens. 403 wrong or locked, 409 signed in elsewhere (send takeover)."""
    device, fresh = await known_device(request), secrets.token_urlsafe(24)
    badge = await badge_of(request, data.badge)
    try:
        who = await verify_pin(request, badge, data.pin, device)
        cookie, signed_in = await _sign_in(request, who, data, device, fresh)
    except Refusal as refusal:
        if wants_json(request):
            raise
        page = render.pin_page(
            name=f"Badge {badge}",
            badge=badge,
            device=device or NEW_DEVICE,
            verdict=verdict_of(refusal),
            takeover=isinstance(refusal, sessions.InUseElsewhere),
        )
        headers = {"X-Refusal": refusal.code}
        response: Response[Any] = Response(content=page, media_type=HTML, status_code=refusal.http, headers=headers)
    else:
        response = Response(content=msgspec.json.encode(signed_in), media_type=JSON, headers={"X-Goto": "/floor"})
        set_cookie(request, response, "floor", cookie, LOGIN_AGE)
        if not device:
            set_cookie(request, response, "device", fresh, DEVICE_AGE)
    return response


async def _sign_in(
    request: Request[Any, Any, Any], who: Worker, data: Pin, device: str, fresh: str
) -> tuple[str, SignedIn]:
    """`fresh` is the enrolment cookie of a device that has none; it is enrolled with the login, or not at all."""
    home = house(request)
    kind = "program" if wants_json(request) else "handheld"

    def work(tx: Tx) -> tuple[str, SignedIn, list[str]]:
        others = [row[0] for row in tx.rows(sessions.FLOOR_LOGINS, worker=who.code)]
        here = device or enrolment.enrol(tx, sessions.digest(fresh), kind)
        cookie, csrf = sessions.sign_in(tx, who, here, WhereStanding(), take_over=data.takeover)
        token = sessions.digest(cookie)
        return cookie, SignedIn(csrf=csrf, answer=current(tx, seats.seat(tx, token))), others

    cookie, signed_in, others = await home.db.ado(work)
    for token in others:
        home.hub.publish(f"login:{token}", "signed-out", "You were signed in on another device.")
    return cookie, signed_in


async def verify_pin(request: Request[Any, Any, Any], badge: str, pin: str, device: str) -> Worker:
    """The worker behind a badge and PIN. Raises PinLocked or WrongPin, which is counted."""
    db = house(request).db
    address = request.client.host if request.client else ""

    def look(tx: Tx) -> tuple[Worker | None, str]:
        by = enrolment.tries_of(tx, device, address)
        people.refuse_locked(tx, f"badge {badge}", by)
        return people.by_badge(tx, badge), by

    async with PIN_CHECKS:
        who, by = await db.read(look)
        fits = await asyncio.to_thread(people.pin_fits, who.pin_hash if who else None, pin)
        right = who is not None and fits
        await db.ado(lambda tx: people.judge_pin(tx, badge, by, right))
    if who is None or not right:
        raise people.WrongPin()
    return who


async def badge_of(request: Request[Any, Any, Any], raw: str) -> str:
    """A badge without what this device's scanner puts around it, bounded, as text both engines keep."""
    token = token_of(request, "device")
    wedge = await house(request).db.read(lambda tx: enrolment.wedge(tx, token)) if token else enrolment.Wedge()
    return without_aim(wedge.bare(raw).strip()).removeprefix("BDG/")[:64].replace("\0", "")


@post(
    "/scan",
    opt={"policy": "scan"},
    status_code=200,
    summary="One scan, tap or typed answer",
    responses={
        200: ResponseSpec(Answer, description="The verdict, the next question and the step to follow; refusals too"),
        401: ResponseSpec(Said, description="Signed out, or signed in elsewhere", generate_examples=False),
        403: ResponseSpec(
            Said, description="Another worker's scan, or X-CSRF of another sign-in", generate_examples=False
        ),
        422: ResponseSpec(Said, description="This id was used for something else", generate_examples=False),
        503: ResponseSpec(Said, description="Busy: the same scan again after Retry-After", generate_examples=False),
    },
    middleware=[Straight],
)
async def take_scan(data: JSONBody[Scan], request: Request[Any, Any, Any]) -> ASGIApp:
    """One turn. 200 for every answer of the floor, refusals too; the same id is answered alike for ever.

    401 signed out · 403 another worker's scan · 422 id reused for something else · 503 try again after Retry-After.
    """
    home = house(request)
    token = token_of(request, "floor")
    if not token:
        raise SignedOut()

    def find_seat(tx: Tx) -> seats.Seat:
        seat = seats.seat(tx, token)
        check_csrf(request, seat.csrf)
        return seat

    turn = Turn(data, find_seat, home.ports)
    answer = await home.db.write(turn)
    headers = [
        (b"x-verdict", answer.verdict.kind.encode() if answer.verdict else b"none"),
        (b"x-step", answer.step.encode()),
        (b"x-id", answer.id.encode()),
    ]
    if turn.signed_out:
        headers.append((b"x-goto", b"/floor"))
    if wants_json(request):
        return Reply(turn.encoded or msgspec.json.encode(answer), b"application/json", headers)
    page = render.screen(answer, devices=signs_of(request, answer, turn.station))
    return Reply(page.encode(), b"text/html; charset=utf-8", headers)


@post("/out", opt={"policy": "worker"}, status_code=200, summary="Badge out")
async def badge_out(request: Request[Any, Any, Any]) -> Response[Any]:
    token = token_of(request, "floor")
    await house(request).db.ado(lambda tx: sessions.sign_out(tx, token))
    response: Response[Any] = Response(content={"signed_out": True}, media_type=JSON, headers={"X-Goto": "/floor"})
    set_cookie(request, response, "floor", "", 0)
    return response


floor_router = Router(
    path="/floor",
    route_handlers=[open_floor, scan_badge, type_pin, take_scan, badge_out],
    tags=["floor"],
)
