"""The browsers and handhelds of the floor: each is enrolled once, by a cookie of which only the SHA-256 is kept, and named
(HH-07). What an admin took over for the scanner that types into one is told beside it.
"""

import msgspec
from sqlalchemy import bindparam, func, insert, select, update

from app import clock
from app.db import Tx
from app.schema.floor import device
from app.schema.places import scanner_setup
from app.work import people
from devices.symbology import GS, without_wrapping


class Wedge(msgspec.Struct, frozen=True, kw_only=True):
    """What the scanner that types into a device makes of a code, as an admin took it over from its own scan."""

    gs: str = GS  # what it sends in place of the group separator
    prefix: str = ""
    suffix: str = ""

    def bare(self, raw: str) -> str:
        """Without what the scanner puts around each code. A camera at the same device puts nothing there."""
        return without_wrapping(raw, self.prefix, self.suffix)


WEDGE_COLUMNS = (
    func.coalesce(scanner_setup.c.gs, GS).label("gs"),
    func.coalesce(scanner_setup.c.prefix, "").label("prefix"),
    func.coalesce(scanner_setup.c.suffix, "").label("suffix"),
)
DEVICE = select(device.c.code, device.c.name).where(device.c.token == bindparam("token"))
WEDGE = (
    select(*WEDGE_COLUMNS)
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
