"""What the house does by itself and no longer gets done, as alarms: rounds that fail or hang, and the shops' feed.

Each server rings for its own: the same work may go well at its neighbour.
"""

from collections.abc import Sequence

from sync.alarms import Alarm
from sync.availability.feed import Feed
from sync.rounds import Round


def alarms(rounds: Sequence[Round], feed: Feed | None) -> list[Alarm]:
    """`feed`: None where no shop has a key. Rounds that stumble over the same thing in one folder ring once."""
    found = _of_feed(feed) if feed is not None else []
    told = set()
    for one in rounds:
        trouble = one.trouble
        if trouble is None or not one.rings or (one.rings, trouble.sentence) in told:
            continue
        lasts = f"for {trouble.minutes:,} minutes"
        if one.rings == "inbox_folder":
            told.add((one.rings, trouble.sentence))
            sentence = f"What the ERP drops has not been taken in whole {lasts}. {trouble.sentence}"
        else:
            sentence = f"“{one.name}” has come to nothing {lasts}. {trouble.sentence}"
        found.append(Alarm(code=one.rings, sentence=sentence))
    return found


def _of_feed(feed: Feed) -> list[Alarm]:
    old_s = feed.old_s
    if not old_s:
        return []
    why = feed.failing.sentence if feed.failing is not None else "It is still reading."
    sentence = f"Shops have been told of no stock for {old_s:,} s, and are answered to sell nothing. {why}"
    return [Alarm(code="shop_feed", sentence=sentence, grave=True)]
