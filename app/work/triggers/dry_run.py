"""What a rule would have fired last week: the same judge, at every quarter of an hour that was, and nothing done.

The causes fire once as in earnest: while they last, and then silent for some hours. Facts of last week are read as they
stand in the books today (an order's last step, a receipt's first goods); what a kind cannot know of the past, its own
file says.
"""

import msgspec

from app import clock
from app.db import Tx
from app.work.triggers import rules
from app.work.triggers.firing import MOST_A_DAY, SILENT
from app.work.triggers.kinds import KINDS, Rule

BACK = 7 * clock.DAY
STEP = 15 * clock.MINUTE
MOST_WORK = 1_500_000  # facts × moments; beyond that it looks at fewer moments
MOST_SHOWN = 500


class WouldFire(msgspec.Struct, frozen=True, kw_only=True):
    at: int
    subject: str
    sentence: str
    document: str
    item: str
    until: int  # µs; when it was over, 0: it still holds


class DryRun(msgspec.Struct, frozen=True, kw_only=True):
    rule: Rule
    fired: tuple[WouldFire, ...]
    since: int
    step_min: int
    facts: int

    @property
    def sentence(self) -> str:
        n = len(self.fired)
        times = (
            "would not have fired" if not n else "would have fired once" if n == 1 else f"would have fired {n} times"
        )
        facts = "1 fact" if self.facts == 1 else f"{self.facts} facts"
        return f"In the last 7 days it {times}; looked every {self.step_min} minutes at {facts}."


def run(tx: Tx, rule: Rule) -> DryRun:
    """Reads only. Raises BadRule for what its kind cannot mean."""
    rule = rules.settled(rule)
    rules.refuse_odd(tx, rule)
    kind, now = KINDS[rule.kind], clock.now()
    since = now - BACK
    facts = kind.read(tx, rule, since, now)
    step = max(STEP, -(-BACK * max(1, len(facts)) // MOST_WORK // clock.MINUTE) * clock.MINUTE)
    lasting: dict[str, WouldFire] = {}
    last: dict[str, int] = {}
    fired: list[WouldFire] = []
    for moment in range(since, now + 1, step):
        holds = {finding.subject: finding for finding in kind.judge(rule, facts, moment)}
        for subject in [one for one in lasting if one not in holds]:
            fired.append(msgspec.structs.replace(lasting.pop(subject), until=moment))
        for subject, finding in holds.items():
            if subject in lasting or moment - last.get(subject, -SILENT) < SILENT:
                continue
            today = sum(1 for at in last.values() if at > moment - clock.DAY)
            if today >= MOST_A_DAY:
                break
            last[subject] = moment
            lasting[subject] = WouldFire(
                at=moment, subject=subject, sentence=finding.sentence, document=finding.document, item=finding.item,
                until=0,
            )  # fmt: skip
    fired += lasting.values()
    fired.sort(key=lambda one: (-one.at, one.subject))
    return DryRun(
        rule=rule, fired=tuple(fired[:MOST_SHOWN]), since=since, step_min=step // clock.MINUTE, facts=len(facts)
    )
