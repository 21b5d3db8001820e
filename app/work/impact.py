"""Which case first: what a case costs if it waits, as a score and as the sentence a supervisor reads.

Points, so that anybody can check the order by hand: the truck it may miss counts most, then how urgent its customer is,
then the money that lies in it, how many orders wait for the item, and how long it is overdue. A case without an order is
judged by the orders that wait for its item.
"""

import msgspec

from app import clock

# (at most this long to the cut-off, points)
CUTOFFS = ((0, 100), (clock.HOUR, 80), (2 * clock.HOUR, 60), (4 * clock.HOUR, 40), (clock.DAY, 15))
PRIORITIES = {1: 30, 2: 20, 3: 10}
VALUES = ((1_000_00, 30), (100_00, 15), (10_00, 5))  # (at least this many cents, points)
EACH_WAITING, MOST_WAITING = 4, 20
OVERDUE, EACH_HOUR_OVERDUE, MOST_OVERDUE = 10, 5, 40


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a case. 0 is nothing known."""

    document: str = ""
    cutoff: int = 0  # µs, the earliest of the orders concerned
    priority: int = 0  # 1 is most urgent
    value: int = 0  # cents
    item: str = ""
    waiting: int = 0  # open orders that want the item
    due: int = 0


class Impact(msgspec.Struct, frozen=True, kw_only=True):
    score: int
    why: str


def judge(facts: Facts, now: int) -> Impact:
    """The score, and why, the heaviest reason first."""
    reasons: list[tuple[int, str]] = []
    if facts.cutoff:
        left = facts.cutoff - now
        points = next((points for limit, points in CUTOFFS if left <= limit), 0)
        of = facts.document if facts.document.startswith("order ") else "an order"
        if points:
            late = f"{of} missed its cut-off {_span(-left)} ago" if left <= 0 else f"{of} leaves in {_span(left)}"
            reasons.append((points, late))
    if points := PRIORITIES.get(facts.priority, 0):
        reasons.append((points, f"priority {facts.priority}"))
    if points := next((points for limit, points in VALUES if facts.value >= limit), 0):
        reasons.append((points, f"{facts.value // 100}.{facts.value % 100:02d} at stake"))
    if facts.waiting:
        orders = "1 order waits" if facts.waiting == 1 else f"{facts.waiting} orders wait"
        reasons.append((min(MOST_WAITING, EACH_WAITING * facts.waiting), f"{orders} for {facts.item}"))
    if facts.due and facts.due < now:
        hours = (now - facts.due) // clock.HOUR
        points = min(MOST_OVERDUE, OVERDUE + EACH_HOUR_OVERDUE * hours)
        reasons.append((points, f"overdue by {_span(now - facts.due)}"))
    reasons.sort(key=lambda reason: -reason[0])
    why = ", ".join(words for _, words in reasons)
    return Impact(score=sum(points for points, _ in reasons), why=why[:1].upper() + why[1:] if why else "Nothing waits")


def _span(us: int) -> str:
    minutes = us // clock.MINUTE
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d}" if hours < 48 else f"{hours // 24} d"
