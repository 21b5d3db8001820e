"""Counting: what the counter says, written down, and what they are shown of it. Only their own words, never the books."""

from app.floor.floor import Floor
from app.floor.prompt import Row, Verdict
from app.work import tasks
from app.work.counting import counts, tallies
from app.work.counting.book import Key
from app.work.counting.counts import Count
from app.work.counting.tallies import Tally


def mine(floor: Floor, key: str) -> Count:
    """The count under way, and the heartbeat of its task. Raises CountOver, TakenOver, TaskOver."""
    count = counts.find(floor.tx, key)
    tasks.keep(floor.tx, count.task, floor.worker, floor.device)
    return count


def tell(
    floor: Floor,
    count: Count,
    key: Key,
    quantity: int,
    label: str,
    *,
    serial: str = "",
    expiry: str = "",
    since: int = -1,
) -> None:
    """One tally, and what is said of it."""
    stands = tallies.add(floor.tx, count, key, quantity, label, serial=serial, expiry=expiry, since=since)
    told(floor, stands, key, quantity)


def told(floor: Floor, stands: bool, key: Key, quantity: int) -> None:
    name = tallies.item_of(floor.tx, key.item).name or key.item
    if stands:
        floor.ok(f"+ {quantity} {name}")
    else:
        sentence = f"{name} moved here while you counted it. Begin {key.item} anew: count all of it again."
        floor.verdict = Verdict(kind="warning", sentence=sentence, code="moved_meanwhile")


def rows(floor: Floor, said: list[Tally]) -> tuple[Row, ...]:
    """What was said so far, the last on top."""
    found: dict[tuple[str, Key], tuple[int, int]] = {}
    for tally in said:
        which = ("" if tally.item else tally.label, tally.key)
        found[which] = (found.get(which, (0, 0))[0] + tally.quantity, tally.n)
    newest = sorted(found.items(), key=lambda entry: -entry[1][1])
    return tuple(
        Row(
            name=(tallies.item_of(floor.tx, key.item).name or key.item) if key.item else f"unknown {label[:20]}",
            detail=" · ".join(part for part in (f"lot {key.lot}" if key.lot else "", key.lpn) if part),
            right=str(quantity),
            state="now" if at == 0 else "",
        )
        for at, ((label, key), (quantity, _)) in enumerate(newest)
    )
