"""Which of everything that waits is this worker's next task, and why. Pure rules over structs.

All kinds of task stand in one queue. Each costs something, told in metres, because a walk is what a worker understands:
a step of priority is worth so many metres of walking, a cut-off near or passed takes hundreds away, work of another zone
adds some (`directing_weights`: rows). The cheapest is given. That is how tasks interleave: after a putaway in aisle 4
the pick next to it beats the pallet at the dock, unless the pallet is so much more urgent. What a pick waits for goes
before everything but what one has begun. Every part is kept, so that the worker is told why this task, and why not the
one they had thought of.
"""

from collections.abc import Callable, Iterable

import msgspec

from app import clock
from app.work.directing_weights import USUAL, Weights

MINE_M = 10_000_000  # begun and not ended: before everything, whatever the rows say
SOON, TODAY = 30 * clock.MINUTE, 2 * clock.HOUR
MOST_REASONS = 4


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """One thing somebody could do next."""

    job: str  # the flow that does it
    kind: str  # of task: putaway, pick, replenish …
    task: str = ""  # its id, when it stands in the queue
    title: str
    note: str = ""
    reason: str = ""  # why it was made
    priority: int = 5
    due: int = 0
    created: int = 0
    place: str = ""  # where it begins
    zone: str = ""
    labels: tuple[str, ...] = ()  # what is scanned to begin it, besides its place
    needs: tuple[str, ...] = ()  # skills or equipment
    mine: bool = False
    assigned: str = ""  # meant for this worker only
    holder: str = ""  # who has it, while they have it
    device: str = ""
    until: int = 0

    @property
    def subject(self) -> str:
        return f"{self.kind} {self.task or self.title}"


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The worker who asks: where they are, and what they can do."""

    worker: str
    can: frozenset[str] = frozenset()  # skills and equipment
    place: str = ""  # where they confirmed something last
    zone: str = ""  # of their station or cart
    put_off: frozenset[str] = frozenset()  # subjects they said "not now" to
    now: int = 0


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a task's cost, in metres, with its words."""

    name: str
    metres: int
    words: str = ""
    lost: str = ""  # as the reason why it was not given


class Ranked(msgspec.Struct, frozen=True, kw_only=True):
    candidate: Candidate
    parts: tuple[Part, ...]
    walk_m: int  # −1: not known

    @property
    def cost(self) -> int:
        return sum(part.metres for part in self.parts)

    @property
    def why(self) -> tuple[str, ...]:
        """What spoke for it, the weightiest first."""
        told = sorted((part for part in self.parts if part.words), key=lambda part: part.metres)
        reason = self.candidate.reason
        first = (reason[:1].upper() + reason[1:],) if reason else ()
        return tuple(dict.fromkeys((*(part.words for part in told), *first)))[:MOST_REASONS]


Distance = Callable[[str, str], int]  # metres between two places, −1 where nobody knows


def may(candidate: Candidate, standing: Standing) -> bool:
    """Has what it takes, did not put it off, and it is not meant for somebody else."""
    if candidate.assigned and candidate.assigned != standing.worker and not candidate.mine:
        return False
    return standing.can.issuperset(candidate.needs) and candidate.subject not in standing.put_off


def rank(
    candidates: Iterable[Candidate], standing: Standing, distance: Distance, weights: Weights = USUAL
) -> list[Ranked]:
    """What this worker may do now, the next task first. What somebody else holds is left out."""
    free = [
        each
        for each in candidates
        if may(each, standing) and (not each.holder or each.holder == standing.worker or each.until <= standing.now)
    ]
    ranked = [_ranked(each, standing, distance, weights) for each in free]
    return sorted(
        ranked, key=lambda one: (one.cost, one.candidate.due or 2**62, one.candidate.created, one.candidate.subject)
    )


def lost(best: Ranked, other: Ranked) -> str:
    """Why the other one was not given: the part in which it fell behind most."""
    mine = {part.name: part for part in best.parts}
    behind = max(other.parts, key=lambda part: part.metres - mine[part.name].metres)
    if behind.metres <= mine[behind.name].metres:
        return "as good, but it came later"
    return behind.lost


def _ranked(each: Candidate, standing: Standing, distance: Distance, w: Weights) -> Ranked:
    walk = distance(standing.place, each.place) if standing.place and each.place else -1
    return Ranked(
        candidate=each,
        walk_m=walk,
        parts=(
            _begun(each),
            _assigned(each, w),
            _priority(each, w),
            _due(each, standing.now, w),
            _walk(each, standing, walk, w),
            _zone(each, standing, w),
            _age(each, standing.now, w),
        ),
    )


def _begun(each: Candidate) -> Part:
    return Part(name="begun", metres=-MINE_M if each.mine else 0, words="You began it" * each.mine, lost="not begun")


def _assigned(each: Candidate, w: Weights) -> Part:
    metres = -w.assigned if each.assigned else 0
    return Part(
        name="assigned", metres=metres, words="It was given to you" * bool(metres), lost="the other is meant for you"
    )


def _priority(each: Candidate, w: Weights) -> Part:
    if each.priority <= 1:
        return Part(name="priority", metres=w.step - w.urgent, words=each.reason or "Somebody waits for it")
    return Part(
        name="priority", metres=each.priority * w.step, words=f"Priority {each.priority}", lost="it is less urgent"
    )


def _due(each: Candidate, now: int, w: Weights) -> Part:
    if not each.due:
        return Part(name="due", metres=0, lost="it has no cut-off")
    left = each.due - now
    span = _span(abs(left))
    if left < 0:
        return Part(name="due", metres=-w.late, words=f"Cut-off passed {span} ago")
    if left <= SOON:
        return Part(name="due", metres=-w.soon, words=f"Cut-off in {span}", lost="its cut-off is later")
    metres = -w.today if left <= TODAY else 0
    return Part(name="due", metres=metres, words=f"Cut-off in {span}" * bool(metres), lost="its cut-off is later")


def _walk(each: Candidate, standing: Standing, walk: int, w: Weights) -> Part:
    if walk < 0:
        return Part(
            name="walk", metres=w.unknown_walk, lost=f"it begins at {each.place}" if each.place else "it is elsewhere"
        )
    where = "You stand there" if not walk else f"{walk} m from {standing.place}"
    return Part(name="walk", metres=walk, words=where, lost=f"it is {walk} m away")


def _zone(each: Candidate, standing: Standing, w: Weights) -> Part:
    if not standing.zone or not each.zone:
        return Part(name="zone", metres=0)
    if each.zone == standing.zone:
        return Part(name="zone", metres=0, words=f"In your zone {each.zone}")
    return Part(name="zone", metres=w.other_zone, lost=f"it is in zone {each.zone}, not yours")


def _age(each: Candidate, now: int, w: Weights) -> Part:
    hours = max(0, now - each.created) // clock.HOUR if each.created else 0
    metres = min(w.most_age, hours * w.age_hour)
    return Part(name="age", metres=-metres, words=f"Waits for {hours} h" * bool(metres), lost="it has waited less")


def _span(us: int) -> str:
    minutes = us // clock.MINUTE
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"
