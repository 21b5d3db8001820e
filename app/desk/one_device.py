"""One device, looked at closely: how it is, what it has counted, and the last that passed, both ways.

Of a device with a cable the edges remember the bytes. A handheld's browser has no cable: what it sent is in the scan log,
with how the floor understood and answered it.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import and_, bindparam, case, func, or_, select

from app import clock
from app.db import Tx
from app.desk import devices
from app.desk.devices import Device
from app.errors import State
from app.schema.floor import scan
from app.work.device_state import DeviceState, Passed
from devices.wire import spelled

LOOK_BACK = clock.DAY
MOST_SCANS = 25
WELL = ("ok", "step", "warning")


class NotOnTheWall(State):
    code, title, http = "not_on_the_wall", "No such device", 404
    says = "There is no device {name} on the wall."
    todo = "It may have been silent for too long: look at the trace."


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A scan of a browser, and what the floor made of it."""

    raw: str
    kind: str
    understood: str
    outcome: str
    at: int

    @property
    def text(self) -> str:
        return spelled(self.raw.encode("utf-8", "replace"))

    @property
    def hex(self) -> str:
        return self.raw.encode("utf-8", "replace").hex(" ").upper()


class Close(msgspec.Struct, frozen=True, kw_only=True):
    device: Device
    counters: tuple[tuple[str, int], ...]
    passed: Sequence[Passed]
    sent: Sequence[Sent]


_MINE = and_(
    scan.c.worker == bindparam("by_worker"),
    scan.c.received >= bindparam("since"),
    scan.c.device == bindparam("on_device"),
)
SENT = (
    select(scan.c.raw, scan.c.kind, scan.c.understood, scan.c.outcome, scan.c.received.label("at"))
    .where(_MINE)
    .order_by(scan.c.received.desc())
    .limit(MOST_SCANS)
)
COUNTED = select(
    func.count(), func.coalesce(func.sum(case((or_(*(scan.c.outcome == well for well in WELL)), 0), else_=1)), 0),
    func.coalesce(func.sum(case((scan.c.outcome == "unknown", 1), else_=0)), 0),
).where(_MINE)  # fmt: skip


def look(tx: Tx, fixed: Sequence[DeviceState], name: str, passed: Sequence[Passed]) -> Close:
    """Raises NotOnTheWall."""
    found = next((one for one in devices.wall(tx, fixed).every if one.name == name), None)
    if found is None:
        raise NotOnTheWall(name=name[:80])
    if not found.worker:
        return Close(device=found, counters=found.counters, passed=passed, sent=())
    asked = {"by_worker": found.worker, "on_device": name, "since": clock.now() - LOOK_BACK}
    read, refused, unknown = tx.row(COUNTED, **asked) or (0, 0, 0)
    counters = (("scans and taps in a day", int(read)), ("refused", int(refused)), ("unknown labels", int(unknown)))
    return Close(device=found, counters=counters, passed=passed, sent=tx.all(SENT, Sent, **asked))
