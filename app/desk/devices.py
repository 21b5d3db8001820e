"""The device wall: everything with a plug or a battery, and in plain words what is wrong with it.

Fixed scanners, scales and printers tell of themselves; a handheld is heard only through its worker's scans, so one that
is signed in and silent is worth a look.
"""

from collections import Counter
from collections.abc import Sequence

import msgspec
from sqlalchemy import and_, bindparam, func, or_, select

from app import clock, template_faults
from app.db import Tx
from app.desk import displays
from app.desk.words import Hours, many, said, span, spelled
from app.schema.floor import device, login, session
from app.schema.people import worker
from app.schema.places import station
from app.schema.printing import print_job
from app.work.device_state import DeviceState, Test, is_troubled

SILENT = 10 * clock.MINUTE  # a signed-in handheld not heard for this long
FORGOTTEN = 30 * clock.DAY  # devices not seen since are left out
PROGRAM_GONE = clock.HOUR  # a program nobody is signed in with: each start of one may be a new device
MOST_DEVICES = 500


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """One device on the wall."""

    name: str
    kind: str  # handheld, desk, program, scanner, scale, printer
    state: str  # ready, away, trouble
    sentence: str
    where: str = ""
    worker: str = ""  # its code
    last_seen: int = 0
    last_error: str = ""
    address: str = ""
    todo: str = ""
    since: int = 0
    waiting: int = 0  # print jobs that come out by themselves
    doubtful: int = 0  # print jobs of which nobody knows whether they came out
    refused: tuple[str, ...] = ()  # why labels of a template are not made for it
    warnings: tuple[str, ...] = ()  # what it will lack soon; it works all the same
    counters: tuple[tuple[str, int], ...] = ()
    tests: tuple[Test, ...] = ()

    @property
    def troubled(self) -> bool:
        return is_troubled(self.state, self.kind) or bool(self.refused)

    @property
    def word(self) -> str:
        """Its state, in one."""
        if self.troubled:
            return "Silent" if self.kind == "handheld" else "Away" if self.state == "away" else "Needs a hand"
        return "Resting" if self.state == "away" else "Warns" if self.warnings else "Well"

    def told(self, hours: Hours) -> str:
        """What it is, since when, and what to do next, for the person beside it."""
        first, _, rest = self.sentence.partition(". ")
        since = f" since {hours.clock(self.since)}" if is_troubled(self.state, self.kind) and self.since else ""
        told = [f"{first.rstrip('.')}{since}.", rest.strip(), self.todo]
        mend = f"{' '.join(self.refused)} No label of it is made till an admin mends it." if self.refused else ""
        return " ".join(part for part in (*told, self.jobs, mend, *self.warnings) if part)

    @property
    def jobs(self) -> str:
        """What its print jobs wait for: itself, or a person's word."""
        told = []
        if self.waiting and self.kind == "printer":
            one = self.waiting == 1
            told.append(
                f"{many(self.waiting, 'label')} {'waits and prints by itself' if one else 'wait and print by themselves'}."
            )
        if self.doubtful:
            told.append(f"{many(self.doubtful, 'label')} may have come out or not: say so under Prints.")
        return " ".join(told)


class Group(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    told: str
    devices: tuple[Device, ...]

    @property
    def well(self) -> tuple[Device, ...]:
        """Those that need no hand; the others stand in the table above."""
        return tuple(one for one in self.devices if not one.troubled)


class StationRow(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    name: str
    worker: str
    worker_name: str
    screen: str


class Wall(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    total: int
    troubled: tuple[Device, ...]
    groups: tuple[Group, ...]
    stations: tuple[StationRow, ...]

    @property
    def every(self) -> tuple[Device, ...]:
        return tuple(one for group in self.groups for one in group.devices)


_AT_WORK = and_(
    login.c.device == device.c.code,
    or_(login.c.door == "floor", device.c.kind == "desk"),
    login.c.ends > bindparam("now"),
)
ENROLLED = (
    select(
        device.c.code, device.c.kind, device.c.last_seen, device.c.last_error,
        func.coalesce(login.c.worker, ""), func.coalesce(worker.c.name, ""), func.coalesce(session.c.station, ""),
        func.coalesce(session.c.at, 0), device.c.name.label("called"),
    )
    .select_from(
        device.outerjoin(login, _AT_WORK)
        .outerjoin(worker, worker.c.code == login.c.worker)
        .outerjoin(session, session.c.login == login.c.token)
    )
    .where(or_(device.c.kind != "display", device.c.token != ""))  # a link taken back is no screen
    .where(or_(device.c.kind == "display", device.c.last_seen >= bindparam("since")))
    .order_by(device.c.kind, device.c.code, login.c.seen.desc())
    .limit(bindparam("most"))
)  # fmt: skip
WAITING = (
    select(print_job.c.printer, print_job.c.state, func.count())
    .where((print_job.c.state == "queued") | (print_job.c.state == "failed") | (print_job.c.state == "unknown"))
    .group_by(print_job.c.printer, print_job.c.state)
)
PRINTERS_OF = (
    select(station.c.code, station.c.label_printer, station.c.slip_printer)
    .where(or_(station.c.label_printer != "", station.c.slip_printer != ""))
    .order_by(station.c.code)
    .limit(MOST_DEVICES)
)
STATIONS = (
    select(
        station.c.code, station.c.name, func.coalesce(session.c.worker, "").label("worker"),
        func.coalesce(worker.c.name, "").label("worker_name"), func.coalesce(session.c.screen, "").label("screen"),
    )
    .select_from(
        station.outerjoin(
            session.join(login, and_(login.c.token == session.c.login, login.c.ends > bindparam("now"))),
            session.c.station == station.c.code,
        ).outerjoin(worker, worker.c.code == session.c.worker)
    )
    .order_by(station.c.code, session.c.at.desc())
    .limit(bindparam("most"))
)  # fmt: skip


def wall(tx: Tx, fixed: Sequence[DeviceState]) -> Wall:
    """Everything, troubled ones first; `fixed` is what the edges know of scanners, scales and printers."""
    handhelds, screens, others = _enrolled(tx)
    edges = _fixed(tx, fixed)
    printers = tuple(one for one in edges if one.kind == "printer")
    carriers = tuple(one for one in edges if one.kind == "carrier")
    heads = tuple(one for one in edges if one.kind not in ("printer", "carrier"))
    groups = [Group(title="Handhelds", told=_at_work(handhelds), devices=handhelds)]
    for title, some in (
        ("Printers", printers),
        ("Scanners, scales and dimensioners", heads),
        ("Carriers", carriers),
        ("Wall screens", screens),
        ("Desks and programs", others),
    ):
        if some:
            well = sum(not one.troubled for one in some)
            groups.append(Group(title=title, told=f"{well} well", devices=some))
    every = [one for group in groups for one in group.devices]
    troubled = tuple(one for one in every if one.troubled)
    stations = {row.code: row for row in reversed(tx.all(STATIONS, StationRow, now=clock.now(), most=MOST_DEVICES))}
    return Wall(
        headline=headline(len(every), len(troubled), sum(bool(one.warnings) for one in every if not one.troubled)),
        total=len(every),
        troubled=troubled,
        groups=tuple(groups),
        stations=tuple(stations[code] for code in sorted(stations)),
    )


def headline(total: int, troubled: int, warned: int = 0) -> str:
    if not total:
        return "No device has reported yet."
    warns = f" {said(spelled(warned))} {'warns' if warned == 1 else 'warn'}." if warned else ""
    if not troubled:
        return ("The only device is well." if total == 1 else "Every device is well.") + warns
    needs = "needs" if troubled == 1 else "need"
    return said(f"{spelled(troubled)} of {spelled(total)} devices {needs} a hand.") + warns


def _enrolled(tx: Tx) -> tuple[tuple[Device, ...], tuple[Device, ...], tuple[Device, ...]]:
    """Handhelds, wall screens, and desks and programs."""
    now = clock.now()
    handhelds: list[Device] = []
    screens: list[Device] = []
    others: list[Device] = []
    rows = {row[0]: row for row in reversed(tx.rows(ENROLLED, now=now, since=now - FORGOTTEN, most=MOST_DEVICES))}
    for code, kind, seen, error, who, name, where, stood, called in sorted(rows.values()):
        if kind == "display":
            state = "ready" if now - seen <= displays.QUIET else "away"
            screens.append(Device(name=code, kind="wall screen", state=state, sentence=called, last_seen=seen))
            continue
        heard = max(seen, stood)
        if kind == "program" and not who and now - heard > PROGRAM_GONE:
            continue
        silent = bool(who) and kind == "handheld" and now - heard > SILENT
        state = "trouble" if silent else "ready" if who else "away"
        sentence = (
            f"Not heard for {span(now - heard)}; what was scanned since is kept on it." if silent
            else name if who
            else "nobody signed in"
        )  # fmt: skip
        one = Device(
            name=code, kind=kind, state=state, sentence=sentence, where=_where(name, where) if silent else where,
            worker=who, last_seen=heard, last_error=error,
        )  # fmt: skip
        (handhelds if kind == "handheld" else others).append(one)
    return tuple(handhelds), tuple(screens), tuple(others)


def _where(name: str, where: str) -> str:
    return f"{name}, {where}" if where else name


def _at_work(handhelds: Sequence[Device]) -> str:
    work = sum(bool(one.worker) for one in handhelds)
    return f"{work} at work, {len(handhelds) - work} resting" if handhelds else "none enrolled yet"


def _fixed(tx: Tx, fixed: Sequence[DeviceState]) -> tuple[Device, ...]:
    stands: dict[str, list[str]] = {}
    for code, *printers in tx.rows(PRINTERS_OF):
        for printer in filter(None, dict.fromkeys(printers)):
            stands.setdefault(printer, []).append(code)
    waiting, doubtful = Counter[str](), Counter[str]()
    for printer, state, number in tx.rows(WAITING):
        (doubtful if state == "unknown" else waiting)[printer] += int(number)
    refused = template_faults.refused(tx)
    return tuple(
        Device(
            name=one.name, kind=one.kind, state=one.state, sentence=one.sentence, todo=one.todo,
            where=one.station or ", ".join(stands.get(one.name, ())),
            since=one.since, last_seen=one.last_seen, last_error=one.last_error, address=one.address,
            waiting=waiting[one.name] or one.backlog, doubtful=doubtful[one.name],
            counters=one.counters, tests=one.tests, refused=tuple(refused.get(one.name, ())), warnings=one.warnings,
        )
        for one in fixed
    )  # fmt: skip
