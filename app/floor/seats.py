"""Who is signed in where: a worker at a device, perhaps at a station, with the screen they stand at.

A login idles out; each sign of work keeps it. A station's own scanner reads for whoever came there last.
"""

import msgspec
from sqlalchemy import and_, bindparam, exists, select, update

from app import clock
from app.db import Tx
from app.errors import Refusal, SignedOut
from app.floor import enrolment
from app.floor.enrolment import WEDGE_COLUMNS, Wedge
from app.schema.floor import login, session
from app.schema.people import worker
from app.schema.places import scanner_setup, station

IDLE = clock.HOUR  # a handheld lies on a pallet over lunch; the screen itself locks sooner
SEEN_EVERY = clock.MINUTE  # how often `seen` is written, not at each scan


class TwoAtStation(Refusal):
    """A fixed scanner's scan that could be either's: nobody's stock moves for it."""

    code, title = "two_at_station", "Whose scan?"
    says = "{names} are signed in at {station}: {scanned} was not counted."
    todo = "Who works here scans STN/{station} with the device in hand, or types it."

    @property
    def workers(self) -> list[str]:
        return list(self.facts["workers"])


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
_SEAT_COLUMNS = (
    login.c.token.label("login"), login.c.device, login.c.csrf, login.c.seen, login.c.ends,
    worker.c.code.label("worker"), worker.c.name, worker.c.roles, worker.c.language, worker.c.size,
    session.c.station, session.c.screen, session.c.state, session.c.step, session.c.warned,
    session.c.undo_seq, session.c.undo_screen, session.c.undo_state, session.c.trail, session.c.came,
    session.c.label, *WEDGE_COLUMNS,
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
SEEN = update(login).where(login.c.token == bindparam("which")).values(seen=bindparam("now"))
STATION = select(station).where(station.c.code == bindparam("code"))


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
        tx.run(enrolment.MEET_DEVICE, which=seat.device, now=now)


def station_of(tx: Tx, code: str) -> Station | None:
    return tx.one(STATION, Station, code=code) if code else None
