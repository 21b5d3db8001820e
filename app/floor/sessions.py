"""Worker ↔ where they stand. A session belongs to the worker, not to the handheld: it survives kill −9 and battery
pulls, and is taken over by badging in on another device (the old one is signed out at once). The login is the cookie's
side: its id is made anew at badge-in and thrown away at badge-out, and only its SHA-256 is kept.
"""

import hashlib
import secrets

import msgspec
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app import clock
from app.db import Tx
from app.errors import Refusal
from app.floor import screens
from app.floor.screens import Screen
from app.floor.seats import IDLE
from app.schema.floor import device, login, session
from app.schema.people import worker
from app.work import people
from app.work.people import Worker

SHIFT = 12 * clock.HOUR


class InUseElsewhere(Refusal):
    code, title, severity = "in_use_elsewhere", "In use", "warning"
    says = "{name} is signed in on {device}."
    todo = "Take over here? The other device is signed out."


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """What the door knows of a cookie."""

    token: str
    door: str
    worker: str
    device: str
    csrf: str
    ends: int
    name: str
    roles: str

    def is_a(self, *roles: str) -> bool:
        return any(role in self.roles.split() for role in roles)


LOGIN = (
    select(
        login.c.token, login.c.door, login.c.worker, login.c.device, login.c.csrf, login.c.ends,
        worker.c.name, worker.c.roles,
    )
    .join(worker, worker.c.code == login.c.worker)
    .where(login.c.token == bindparam("token"), worker.c.active == 1)
)  # fmt: skip
STANDING = select(session.c.screen, session.c.state, session.c.station).where(session.c.worker == bindparam("worker"))
LIVE_LOGIN = select(login.c.device, login.c.ends, login.c.seen).where(
    login.c.worker == bindparam("worker"), login.c.door == "floor"
)
FLOOR_LOGINS = select(login.c.token).where(login.c.worker == bindparam("worker"), login.c.door == "floor")
ADD_LOGIN = insert(login).values(
    **{name: bindparam(name) for name in ("token", "door", "worker", "device", "csrf", "created", "seen", "ends")}
)
END_LOGINS = delete(login).where(login.c.worker == bindparam("who"), login.c.door == bindparam("at_door"))
END_LOGIN = delete(login).where(login.c.token == bindparam("which"))
_OPEN = upsert(session).values(
    **{
        name: bindparam(name)
        for name in (
            "worker", "login", "device", "station", "screen", "state", "step", "undo_state", "trail", "at", "came",
        )
    }
)  # fmt: skip
OPEN = _OPEN.on_conflict_do_update(
    index_elements=["worker"],
    set_={
        name: _OPEN.excluded[name] for name in ("login", "device", "station", "screen", "state", "step", "at", "came")
    },
)
KEEP = (
    update(session)
    .where(session.c.worker == bindparam("who"))
    .values(
        **{
            name: bindparam(name)
            for name in (
                "screen", "state", "step", "warned", "undo_seq", "undo_screen", "undo_state", "trail",
                "at",
            )
        }
    )
)  # fmt: skip
MOVE_STATION = (
    update(session)
    .where(session.c.worker == bindparam("who"))
    .values(station=bindparam("new_station"), came=bindparam("now"))
)
KEEP_REFUSED = (
    update(session)
    .where(session.c.worker == bindparam("who"))
    .values(step=bindparam("step"), warned=bindparam("warned"))
)
LAST_STATION = (
    select(session.c.station)
    .join(device, device.c.code == session.c.device)
    .where(device.c.token == bindparam("token"), session.c.station != "")
    .order_by(session.c.at.desc())
    .limit(1)
)


def digest(secret: str) -> str:
    """What is kept of a cookie: never the cookie."""
    return hashlib.sha256(secret.encode()).hexdigest()


def whose(tx: Tx, token: str) -> Login | None:
    """The login behind a cookie's digest while it is good, for the doors' policies."""
    found = tx.one(LOGIN, Login, token=token)
    return found if found is not None and found.ends > clock.now() else None


def sign_in(tx: Tx, who: Worker, device_code: str, first: Screen, *, take_over: bool = False) -> tuple[str, str]:
    """A new floor login for a worker; resumes at the screen they stood at. Returns (cookie, csrf).

    Raises InUseElsewhere when the worker is signed in on another device and `take_over` is not said.
    """
    now = clock.now()
    for other, ends, seen in tx.rows(LIVE_LOGIN, worker=who.code):
        if other != device_code and ends > now and seen + IDLE > now and not take_over:
            raise InUseElsewhere(name=who.name, device=other)
    tx.run(END_LOGINS, who=who.code, at_door="floor")
    cookie, csrf = _add_login(tx, who.code, device_code, "floor")
    tag, state, kept_station = screens.tag_of(type(first)), screens.encode(first), ""
    standing = tx.row(STANDING, worker=who.code)
    if standing is not None:
        kept_station = standing[2]
        if screens.decode(standing[0], bytes(standing[1])) is not None:
            tag, state = standing[0], bytes(standing[1])
    tx.run(
        OPEN,
        worker=who.code,
        login=digest(cookie),
        device=device_code,
        station=kept_station,
        screen=tag,
        state=state,
        step=clock.new_id(),
        undo_state=b"",
        trail=b"[]",
        at=now,
        came=0,
    )
    people.note(tx, "signed_in", who.code, device_code, "took over" if take_over else "")
    return cookie, csrf


def sign_in_desk(tx: Tx, who: Worker, device_code: str) -> tuple[str, str]:
    """A desk login: no screen behind it, ends with the shift."""
    people.note(tx, "signed_in_desk", who.code, device_code)
    return _add_login(tx, who.code, device_code, "desk")


def _add_login(tx: Tx, who: str, device_code: str, door: str) -> tuple[str, str]:
    cookie, csrf, now = secrets.token_urlsafe(32), secrets.token_urlsafe(24), clock.now()
    tx.run(
        ADD_LOGIN,
        token=digest(cookie),
        door=door,
        worker=who,
        device=device_code,
        csrf=csrf,
        created=now,
        seen=now,
        ends=now + SHIFT,
    )
    return cookie, csrf


def sign_out(tx: Tx, token: str) -> None:
    found = tx.one(LOGIN, Login, token=token)
    tx.run(END_LOGIN, which=token)
    if found is not None:
        people.note(tx, "signed_out", found.worker, found.device)


def topics_of(tx: Tx, login_token: str, device_token: str) -> list[str]:
    """The live topics of a browser: its worker's and its login's; signed out, the station it last stood at."""
    found = whose(tx, login_token) if login_token else None
    if found is not None:
        return [f"worker:{found.worker}", f"login:{found.token}"]
    return [f"station:{row[0]}" for row in tx.rows(LAST_STATION, token=device_token)]
