"""Handing out the next task: what every job offers a worker, ranked by one rule, and begun at the job's own first screen.

A worker who tapped Next (or scanned CMD/NEXT) is directed: when a task ends and its job's first screen would come, the
next task of any kind is named instead, with the reasons. Choosing a job from the menu ends that.
"""

from collections.abc import Sequence
from functools import cache

from app.db import Tx
from app.errors import State
from app.floor import screens
from app.floor.floor import Floor
from app.floor.flows import Flow, flow, flows
from app.floor.screens import Screen
from app.work import directing, directing_queue, directing_weights, tasks
from app.work.directing import Candidate, Ranked

OFFER = "directed.offer"


class NothingNext(State):
    code, title = "nothing_next", "Nothing waits"
    says = "No task waits that you may do now."
    todo = "Scan anything to start, or ask your supervisor."


def everything(tx: Tx, worker: str, jobs: list[Flow]) -> list[Candidate]:
    """What these jobs have to do now, held by others or not."""
    found: list[Candidate] = []
    for job in jobs:
        if job.offers is not None:
            found += job.offers(tx, worker)
        elif job.kinds:
            for kind in job.kinds:
                rows = directing_queue.waiting(tx, kind)
                found += [of_row(tx, row, job, worker) for row in rows if job.may(tx, row, worker)]
        elif (best := job.next_task(tx, worker)) is not None:
            priority, title, note = best
            kept = priority <= 0  # what one carries already, or began
            found.append(
                Candidate(
                    job=job.name,
                    kind=job.name,
                    title=title,
                    note=note,
                    priority=max(1, priority),
                    mine=kept,
                    needs=directing_queue.needs_of(tx, job.name, ""),
                )
            )
    return found


def of_row(tx: Tx, row: directing_queue.Row, job: Flow, worker: str) -> Candidate:
    title, note = job.describe(tx, row)
    return directing_queue.candidate(tx, row, job.name, title, note, worker)


def jobs_of(floor: Floor) -> list[Flow]:
    return [job for job in flows() if floor.seat.is_a(*job.roles, "supervisor", "admin")]


def ranked(floor: Floor, job: str = "") -> list[Ranked]:
    """What this worker could do now, the next task first; of one job only, if it is named."""
    jobs = [each for each in jobs_of(floor) if job in ("", each.name)]
    found = everything(floor.tx, floor.worker, jobs)
    zone = floor.station.zone if floor.station else ""
    standing = directing_queue.standing(floor.tx, floor.worker, zone)
    metres = directing_queue.distances(floor.tx, (standing.place, *(each.place for each in found)))
    return directing.rank(found, standing, metres, directing_weights.of(floor.tx))


def begin(floor: Floor, job: str, task: str, why: Sequence[str] = ()) -> Screen:
    """Straight into a task: the job's own first screen knows how; why it was given is kept. Raises what that raises."""
    known = flow(job)
    if known is None:
        return screens.build("menu")
    screen = known.start()
    take = getattr(screen, "tap_take", None) if task else None
    following = take(floor, task) if take is not None else None
    if following is None:
        begin_next = getattr(screen, "tap_next", None)
        following = screen if begin_next is None else begin_next(floor)
    assert isinstance(following, Screen)
    taken = tasks.find(floor.tx, task) if task else tasks.last_taken(floor.tx, floor.worker)
    if why and taken is not None and taken.kind in known.kinds:
        tasks.say_why(floor.tx, taken.id, floor.worker, why)
    return following


def reasons_for(found: Sequence[Ranked]) -> tuple[str, ...]:
    """What spoke for the first of these, and why the second lost against it."""
    if len(found) < 2:
        return found[0].why if found else ()
    return (*found[0].why, f"✕ {found[1].candidate.title}: {directing.lost(found[0], found[1])}")


def offer(floor: Floor) -> Screen | None:
    """The next task as a question of its own, or None where nothing waits."""
    found = ranked(floor)
    if not found:
        return None
    each = found[0].candidate
    return screens.build(
        OFFER,
        job=each.job,
        task=each.task,
        subject=each.subject,
        title=each.title,
        note=each.note,
        place=each.place,
        labels=each.labels,
        why=reasons_for(found),
    )


def go_on(floor: Floor, before: Screen, following: Screen) -> Screen:
    """When a task has ended: the next one of any kind, if this worker is directed."""
    left, now = screens.tag_of(type(before)), screens.tag_of(type(following))
    if left == now or left.partition(".")[0] != now.partition(".")[0] or now not in _first_screens(len(flows())):
        return following
    if not directing_queue.is_directed(floor.tx, floor.worker):
        return following
    return offer(floor) or following


@cache
def _first_screens(jobs: int) -> frozenset[str]:
    """The tags of the screens the jobs begin with; `jobs` is how many there are, for a new one is a new answer."""
    return frozenset(screens.tag_of(type(job.start())) for job in flows())
