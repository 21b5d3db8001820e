"""Directed work: the house says what is next, and why.

1. Tap Next on the menu, or scan CMD/NEXT. The task begins at once.
2. When it ends, the next is named: what, where it begins, why you, and what it was preferred to.
3. Go there and scan the place (or the LPN); that begins it. Or tap Begin.
4. Cannot, now? Tap Not now and say why: it is not offered to you for half an hour; others still get it.
5. Why this task, in one's own sheet or as CMD/WHY, tells the reasons in the middle of any job.
6. Others shows what else waits, and who has what; what somebody has is taken over by asking twice.
"""

from app import clock
from app.floor import handing_out
from app.floor.floor import Floor
from app.floor.flows import flow
from app.floor.prompt import Goods, Key, Prompt
from app.floor.readings import DocumentReading, LocationReading, LpnReading, StationReading
from app.floor.screens import Screen, build
from app.work import directing_queue, people, reasons, task_kinds, tasks

SHOWN = 6


class Offer(Screen, frozen=True, kw_only=True, tag="directed.offer"):
    """Your next task."""

    job: str
    task: str = ""
    subject: str
    title: str
    note: str = ""
    place: str = ""
    labels: tuple[str, ...] = ()
    why: tuple[str, ...] = ()

    def prompt(self, floor: Floor) -> Prompt:
        return Prompt(
            job="Next task",
            subject=floor.station.zone if floor.station else "",
            headline=_capital(self.title),
            big="place" if self.place else "item",
            place=self.place,
            item=Goods(code=self.note or f"begins at {self.place}", name=_capital(self.title)),
            why=tuple(told for told in self.why if told.lower() != self.note.lower()),
            why_title="Why you, why this",
            keys=(Key(name="later", label="Not now"), Key(name="others", label="Others")),
            main=Key(name="begin", label="Begin", note=f"or scan {self.place}" if self.place else ""),
            speech=f"Next: {self.title}",
        )

    def tap_begin(self, floor: Floor) -> Screen:
        return begin(floor, self.job, self.task, self.why)

    def tap_next(self, floor: Floor) -> Screen:
        """CMD/NEXT, scanned once more."""
        return begin(floor, self.job, self.task, self.why)

    def tap_later(self, floor: Floor) -> Screen:
        return Later(asking=self)

    def tap_others(self, floor: Floor) -> Screen:
        return Others(asking=self)

    def tap_back(self, floor: Floor) -> Screen:
        directing_queue.be_directed(floor.tx, floor.worker, False)
        return build("menu")

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        if read.location != self.place:
            return self._meant(floor, "on_location", read)
        following = begin(floor, self.job, self.task, self.why)
        take = getattr(following, "on_location", None)
        known = flow(self.job)
        waits = following.prompt(floor).place == self.place or (known is not None and following == known.start())
        return _screen(take(floor, read)) if take is not None and waits else following

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        if read.lpn not in self.labels:
            return self._meant(floor, "on_lpn", read)
        directing_queue.be_directed(floor.tx, floor.worker, True)
        known = flow(self.job)
        screen = known.start() if known is not None and not self.task else begin(floor, self.job, self.task, self.why)
        take = getattr(screen, "on_lpn", None)
        return _screen(take(floor, read)) if take is not None else screen

    def on_document(self, floor: Floor, read: DocumentReading) -> Screen:
        return self._meant(floor, "on_document", read)

    def on_station(self, floor: Floor, read: StationReading) -> Screen:
        return self._meant(floor, "on_station", read)

    def _meant(self, floor: Floor, method: str, read: object) -> Screen:
        """Another label is an intention of the worker's own, as on the menu."""
        return _screen(getattr(build("menu"), method)(floor, read))


class Later(Screen, frozen=True, kw_only=True, tag="directed.later"):
    """Why not now?"""

    asking: Offer

    def prompt(self, floor: Floor) -> Prompt:
        return Prompt(
            job="Next task",
            headline="Why not now?",
            ask="choice",
            hint=f"{self.asking.title}: others may still get it",
            choices=tuple(
                Key(name="reason", value=row.code, label=row.words) for row in reasons.of_kind(floor.tx, "postpone")
            ),
            speech="Why not now?",
        )

    def tap_reason(self, floor: Floor, code: str) -> Screen:
        directing_queue.postpone(floor.tx, floor.worker, self.asking.subject, code)
        if (known := tasks.find(floor.tx, self.asking.task)) is not None and known.worker == floor.worker:
            tasks.give_back(floor.tx, known.id)
        floor.ok(f"Not now: {self.asking.title}.")
        return next_offer(floor)

    def tap_back(self, floor: Floor) -> Screen:
        return self.asking


class Others(Screen, frozen=True, kw_only=True, tag="directed.others"):
    """What else waits, and who has what."""

    asking: Offer

    def prompt(self, floor: Floor) -> Prompt:
        jobs = handing_out.jobs_of(floor)
        free = [one.candidate for one in handing_out.ranked(floor) if one.candidate.subject != self.asking.subject]
        now = clock.now()
        held = [
            each
            for each in handing_out.everything(floor.tx, floor.worker, jobs)
            if each.holder not in ("", floor.worker) and each.until > now
        ]
        shown = [*free[: SHOWN - min(2, len(held))], *held[:2]]
        return Prompt(
            job="Next task",
            headline="Which instead?" if shown else "Nothing else waits",
            ask="choice" if shown else "scan",
            choices=tuple(
                Key(
                    name="take",
                    value=f"{each.job} {each.task}".strip(),
                    label=each.title,
                    note=f"{_name(floor, each.holder)} has it" if each in held else each.note,
                )
                for each in shown
            ),
            speech="Which instead?",
        )

    def tap_take(self, floor: Floor, named: str) -> Screen:
        job, _, task = named.partition(" ")
        return begin(floor, job, task)

    def tap_back(self, floor: Floor) -> Screen:
        return self.asking


class Why(Screen, frozen=True, kw_only=True, tag="directed.why"):
    """In the middle of a job: why was I given this? Back leads to where one was."""

    def prompt(self, floor: Floor) -> Prompt:
        known = tasks.last_taken(floor.tx, floor.worker)
        if known is None:
            return Prompt(job="Why this task", headline="You have no task", hint="tap Back to go on")
        made = [known.reason[:1].upper() + known.reason[1:]] if known.reason else []
        told = [told for told in known.given.split("\n") if told] or ["You chose it yourself", *made]
        kind = task_kinds.of(known.kind).title
        return Prompt(
            job="Why this task",
            headline="Tap Back to go on",
            big="item",
            item=Goods(code=known.place or known.document, name=kind),
            why=tuple(told),
            why_title="Why you, why this",
            main=Key(name="back", label="Back to it"),
            speech=told[0],
        )


def begin(floor: Floor, job: str, task: str, why: tuple[str, ...] = ()) -> Screen:
    """Begin what was offered; if somebody was quicker, the next is named. A task chosen from a list is asked for twice."""
    if not any(each.name == job for each in handing_out.jobs_of(floor)):
        raise handing_out.NothingNext()
    known = tasks.find(floor.tx, task) if task else None
    if known is not None and known.is_over:
        floor.warn("Somebody has done that already.")
        return next_offer(floor)
    directing_queue.be_directed(floor.tx, floor.worker, True)
    return handing_out.begin(floor, job, task, why)


def next_offer(floor: Floor) -> Screen:
    """The next task, or the menu with the news that nothing waits."""
    found = handing_out.offer(floor)
    if found is None:
        floor.ok("Nothing else waits for you.")
        return build("menu")
    return found


def _name(floor: Floor, worker: str) -> str:
    who = people.by_code(floor.tx, worker)
    return who.short_name if who else worker


def _capital(title: str) -> str:
    return title[:1].upper() + title[1:]


def _screen(found: object) -> Screen:
    assert isinstance(found, Screen)
    return found
