"""Wall screens: a board above the lanes that nobody signs in at, because nobody stands there with a keyboard.

A supervisor makes a link for a named screen; opened there once, it lets that browser see the wave board and nothing else
until somebody takes it back. Only the digest of its secret is kept, so the link cannot be shown a second time.
"""

import secrets

from sqlalchemy import bindparam, func, insert, select, update

from app import clock
from app.db import Tx
from app.errors import State
from app.floor.sessions import digest
from app.schema.floor import device
from app.work import people

MOST_DISPLAYS = 50
SEEN_EVERY = clock.MINUTE
QUIET = 3 * clock.MINUTE  # a screen asks for its board every quarter of a minute

MADE = select(func.count()).select_from(device).where(device.c.kind == "display")
OPEN = MADE.where(device.c.token != "")
ADD = insert(device).values(
    kind="display", **{name: bindparam(name) for name in ("code", "token", "name", "first_seen", "last_seen")}
)
FIND = select(device.c.code, device.c.last_seen).where(
    device.c.token == bindparam("token"), device.c.kind == "display", device.c.token != ""
)
MEET = update(device).where(device.c.code == bindparam("which")).values(last_seen=bindparam("now"))
TAKE_BACK = (
    update(device)
    .where(device.c.code == bindparam("which"), device.c.kind == "display", device.c.token != "")
    .values(token="")
)


class TooManyDisplays(State):
    code, title = "too_many_displays", "Too many screens"
    says = "There are {most} wall screens already."
    todo = "Take back the link of one that is no longer used."


class NoSuchDisplay(State):
    code, title, http = "no_such_display", "No such screen", 404
    says = "There is no wall screen {code} here."


def make(tx: Tx, name: str, by: str) -> tuple[str, str]:
    """A new wall screen: (its code, the secret of its link). Raises TooManyDisplays."""
    if tx.value(OPEN) >= MOST_DISPLAYS:
        raise TooManyDisplays(most=MOST_DISPLAYS)
    secret, now = secrets.token_urlsafe(32), clock.now()
    code = f"WALL-{int(tx.value(MADE)) + 1:02d}"
    tx.run(ADD, code=code, token=digest(secret), name=name, first_seen=now, last_seen=now)
    people.note(tx, "display_made", by, code, name)
    tx.tell("people")
    return code, secret


def take_back(tx: Tx, code: str, by: str) -> None:
    """Its link and its cookie are worth nothing from now on. Raises NoSuchDisplay."""
    if tx.run(TAKE_BACK, which=code) != 1:
        raise NoSuchDisplay(code=code)
    people.note(tx, "display_taken_back", by, code)
    tx.tell("people")


def behind(tx: Tx, token: str) -> tuple[str, int]:
    """(code, last seen) of the screen behind a digest; an empty code where there is none."""
    found = tx.row(FIND, token=token) if token else None
    return (str(found[0]), int(found[1])) if found is not None else ("", 0)


def meet(tx: Tx, code: str) -> None:
    tx.run(MEET, which=code, now=clock.now())
