"""Worker ↔ where they stand. A session belongs to the worker, not to the handheld: it survives kill −9 and battery
pulls, and is taken over by badging in on another device (the old one is signed out at once). The login is the cookie's
side: its id is made anew at badge-in and thrown away at badge-out, and only its SHA-256 is kept.
"""

import hashlib
import secrets

import msgspec
from sqlalchemy import and_, bindparam, delete, exists, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app import clock
from app.db import Tx
from app.errors import Refusal, SignedOut
from app.floor import screens
from app.floor.screens import Screen
from app.schema.floor import device, login, session
from app.schema.people import worker
from app.schema.places import scanner_setup, station
from app.work import people
from app.work.people import Worker
from devices.symbology import GS, without_wrapping

IDLE = clock.HOUR  # a handheld lies on a pallet over lunch; the screen itself locks sooner
SHIFT = 12 * clock.HOUR
SEEN_EVERY = clock.MINUTE  # how often `seen` is written, not at each scan


class InUseElsewhere(Refusal):
    code, title, severity = "in_use_elsewhere", "In use", "warning"
    says = "{name} is signed in on {device}."
    todo = "Take over here? The other device is signed out."


class TwoAtStation(Refusal):
    """A fixed scanner's scan that could be either's: nobody's stock moves for it."""

    code, title = "two_at_station", "Whose scan?"
    says = "{names} are signed in at {station}: {scanned} was not counted."
    todo = "Who works here scans STN/{station} with the device in hand, or types it."

    @property
    def workers(self) -> list[str]:
        return list(self.facts["workers"])


class Wedge(msgspec.Struct, frozen=True, kw_only=True):
    """What the scanner that types into a device makes of a code, as an admin took it over from its own scan."""

    gs: str = GS  # what it sends in place of the group separator
    prefix: str = ""
    suffix: str = ""

    def bare(self, raw: str) -> str:
        """Without what the scanner puts around each code. A camera at the same device puts nothing there."""
        return without_wrapping(raw, self.prefix, self.suffix)


class Seat(Wedge, frozen=True, kw_only=True):
    """A signed-in worker at a device: everything a turn needs to know of its session and its scanner, in one read."""

    login: str
    device: str
    csrf: str
    seen: int
    ends: int
    worker: str
    name: str
    roles: str
    language: str
    size: str
    station: str
    screen: str
    state: bytes
    step: str
    warned: str
    undo_seq: int
    undo_screen: str
    undo_state: bytes
    trail: bytes
    came: int  # when the label of the station was scanned; 0: signed in where they stood before
    label: str  # the print job they asked for last, until it is known to be there

    def is_a(self, *roles: str) -> bool:
        return any(role in self.roles.split() for role in roles)

    @property
    def short_name(self) -> str:
        first, _, last = self.name.partition(" ")
        return f"{first} {last[0]}." if last else first


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


class Station(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    name: str
    location: str
    zone: str
    label_printer: str
    slip_printer: str
    scale: str
    scanner: str


ASKED_WHERE = "menu.where"  # the screen that asks a worker for their station
_WEDGE_COLUMNS = (
    func.coalesce(scanner_setup.c.gs, GS).label("gs"),
    func.coalesce(scanner_setup.c.prefix, "").label("prefix"),
    func.coalesce(scanner_setup.c.suffix, "").label("suffix"),
)
_SEAT_COLUMNS = (
    login.c.token.label("login"), login.c.device, login.c.csrf, login.c.seen, login.c.ends,
    worker.c.code.label("worker"), worker.c.name, worker.c.roles, worker.c.language, worker.c.size,
    session.c.station, session.c.screen, session.c.state, session.c.step, session.c.warned,
    session.c.undo_seq, session.c.undo_screen, session.c.undo_state, session.c.trail, session.c.came,
    session.c.label, *_WEDGE_COLUMNS,
)  # fmt: skip
_SEAT = (
    select(*_SEAT_COLUMNS)
    .select_from(login)
    .join(session, and_(session.c.worker == login.c.worker, session.c.login == login.c.token))
    .join(worker, worker.c.code == session.c.worker)
    .outerjoin(scanner_setup, scanner_setup.c.device == login.c.device)
    .where(worker.c.active == 1)
)
SEAT = _SEAT.where(login.c.token == bindparam("token"))
SEATS_AT_STATION = _SEAT.where(session.c.station == bindparam("station")).order_by(session.c.came.desc())
_before = session.alias()
SEATS_ARRIVING = _SEAT.where(
    session.c.station == "",
    session.c.screen == bindparam("asked"),
    exists().where(_before.c.device == session.c.device, _before.c.station == bindparam("station")),
)
SEATS_AWAITING_LABEL = _SEAT.where(session.c.label != "")
SEATS_ON_SCREEN = _SEAT.where(session.c.screen == bindparam("on_screen"))
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
SEEN = update(login).where(login.c.token == bindparam("which")).values(seen=bindparam("now"))
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
STATION = select(station).where(station.c.code == bindparam("code"))
LAST_STATION = (
    select(session.c.station)
    .join(device, device.c.code == session.c.device)
    .where(device.c.token == bindparam("token"), session.c.station != "")
    .order_by(session.c.at.desc())
    .limit(1)
)
DEVICE = select(device.c.code, device.c.name).where(device.c.token == bindparam("token"))
WEDGE = (
    select(*_WEDGE_COLUMNS)
    .select_from(device)
    .outerjoin(scanner_setup, scanner_setup.c.device == device.c.code)
    .where(device.c.token == bindparam("token"))
)
FIRST_SEEN = select(device.c.first_seen).where(device.c.code == bindparam("code"))
COUNT_DEVICES = select(func.count()).select_from(device).where(device.c.kind == bindparam("kind"))
ADD_DEVICE = insert(device).values(
    **{name: bindparam(name) for name in ("code", "token", "name", "kind", "first_seen", "last_seen")}
)
MEET_DEVICE = update(device).where(device.c.code == bindparam("which")).values(last_seen=bindparam("now"))


def digest(secret: str) -> str:
    """What is kept of a cookie: never the cookie."""
    return hashlib.sha256(secret.encode()).hexdigest()


def seat(tx: Tx, token: str) -> Seat:
    """The seat behind a cookie's digest. Raises SignedOut for no, another or an ended login."""
    found = tx.one(SEAT, Seat, token=token)
    return _still_good(tx, found)


def seat_at(tx: Tx, station_code: str, scanned: str) -> Seat:
    """Whose the scan of a station's own scanner is: of several there it is whoever came last, by scanning its label.

    Who just signed in at its browser and is asked for the station may answer with it. Raises SignedOut when nobody is
    there; TwoAtStation when several only signed in where they once stood.
    """
    here = seats_at(tx, station_code) or _signed_in(
        tx.all(SEATS_ARRIVING, Seat, asked=ASKED_WHERE, station=station_code)
    )
    if not here:
        raise SignedOut()
    if len(here) > 1 and not here[0].came:
        names = " and ".join(seat.short_name for seat in here[:3])
        raise TwoAtStation(names=names, station=station_code, scanned=scanned, workers=[seat.worker for seat in here])
    note_seen(tx, here[0])
    return here[0]


def seats_at(tx: Tx, station_code: str) -> list[Seat]:
    """Everybody who is signed in at a station, who came last first."""
    return _signed_in(tx.all(SEATS_AT_STATION, Seat, station=station_code))


def seats_on(tx: Tx, screen: str) -> list[Seat]:
    """Everybody who is signed in and stands at this screen."""
    return _signed_in(tx.all(SEATS_ON_SCREEN, Seat, on_screen=screen))


def seats_awaiting_label(tx: Tx) -> list[Seat]:
    """Everybody who is signed in and whose last label may not be there yet."""
    return _signed_in(tx.all(SEATS_AWAITING_LABEL, Seat))


def _signed_in(seats: list[Seat]) -> list[Seat]:
    now = clock.now()
    return [one for one in seats if one.ends > now and one.seen + IDLE > now]


def _still_good(tx: Tx, found: Seat | None) -> Seat:
    now = clock.now()
    if found is None or found.ends <= now or found.seen + IDLE <= now:
        raise SignedOut()
    note_seen(tx, found)
    return found


def note_seen(tx: Tx, seat: Seat) -> None:
    """Somebody works here: their login does not idle out. Written at most once a minute."""
    now = clock.now()
    if seat.seen + SEEN_EVERY <= now:
        tx.run(SEEN, which=seat.login, now=now)
        tx.run(MEET_DEVICE, which=seat.device, now=now)


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


def station_of(tx: Tx, code: str) -> Station | None:
    return tx.one(STATION, Station, code=code) if code else None


def tries_of(tx: Tx, device_code: str, address: str) -> str:
    """Whose PIN tries these are: a device's own once it is an hour old. Before, or without one, its address's.

    Else a thief would throw the cookie away after each try and be a new device.
    """
    since = tx.value(FIRST_SEEN, code=device_code) if device_code else None
    old = since is not None and since + people.DEVICE_WINDOW <= clock.now()
    return f"device {device_code}" if old else f"address {address}"


def known_device(tx: Tx, token: str) -> str:
    """The device behind an enrolment cookie's digest, or the empty text."""
    found = tx.row(DEVICE, token=token) if token else None
    return str(found[0]) if found is not None else ""


def wedge(tx: Tx, token: str) -> Wedge:
    """How the scanner of a device is read where nobody is signed in yet, behind its enrolment cookie's digest."""
    return tx.one(WEDGE, Wedge, token=token) or Wedge()


def enrol(tx: Tx, token: str, kind: str = "handheld") -> str:
    """The device behind an enrolment cookie's digest; a new one gets the next short name (HH-07)."""
    found = tx.row(DEVICE, token=token)
    if found is not None:
        return str(found[0])
    now = clock.now()
    prefix = {"handheld": "HH", "desk": "DESK", "program": "PRG"}.get(kind, "HH")
    code = f"{prefix}-{int(tx.value(COUNT_DEVICES, kind=kind)) + 1:02d}"
    tx.run(ADD_DEVICE, code=code, token=token, name=code, kind=kind, first_seen=now, last_seen=now)
    return code
