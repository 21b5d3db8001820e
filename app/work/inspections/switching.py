"""How strictly the next lot is looked at: normal, tightened or reduced, decided by the lots before it.

Source: ISO 2859-1:1999, 9.3 and 9.4.
    normal → tightened    2 of 5 or fewer consecutive lots were not accepted
    tightened → normal    5 consecutive lots were accepted
    normal → reduced      the switching score reached 30; it grows by 3 for a lot that the next tighter AQL would accept too
                          (by 2 where the acceptance number is 0 or 1 and the lot is accepted), else it falls to 0
    reduced → normal      a lot was not accepted
    stop                  5 lots were not accepted under tightened inspection: a supervisor sets it back
Pure: what stands in the row, and what stands there after one more lot.
"""

import msgspec
from sqlalchemy import bindparam, select

from app.db import Tx
from app.schema.quality import inspection_standing
from app.work.master_terms import put

LOOK_BACK, MOST_REJECTED = 5, 2
ACCEPTED_TO_NORMAL = 5
SCORE_TO_REDUCED = 30
REJECTED_TO_STOP = 5


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    item: str
    supplier: str
    severity: str = "normal"
    last: str = ""
    accepted: int = 0
    score: int = 0
    rejected: int = 0
    stopped: int = 0

    def in_words(self) -> str:
        if self.stopped:
            return "stopped: too many lots failed under tightened inspection"
        return {
            "normal": f"normal, score {self.score} of {SCORE_TO_REDUCED}",
            "tightened": f"tightened, {self.accepted} of {ACCEPTED_TO_NORMAL} accepted in a row",
            "reduced": "reduced",
        }.get(self.severity, self.severity)


OF = select(inspection_standing).where(
    inspection_standing.c.item == bindparam("of_item"), inspection_standing.c.supplier == bindparam("of_supplier")
)
ALL = select(inspection_standing).order_by(inspection_standing.c.item, inspection_standing.c.supplier)
PUT = put(inspection_standing)


def of(tx: Tx, item: str, supplier: str) -> Standing:
    return tx.one(OF, Standing, of_item=item, of_supplier=supplier) or Standing(item=item, supplier=supplier)


def everything(tx: Tx) -> list[Standing]:
    return tx.all(ALL, Standing)


def keep(tx: Tx, standing: Standing) -> None:
    tx.run(PUT, **msgspec.structs.asdict(standing))


def after(before: Standing, *, accepted: bool, accept: int, would_pass_tighter: bool) -> Standing:
    """The standing after one lot. `accept` is the plan's acceptance number."""
    last = (before.last + ("A" if accepted else "R"))[-LOOK_BACK:]
    now = msgspec.structs.replace(before, last=last, accepted=before.accepted + 1 if accepted else 0)
    if before.severity == "reduced":
        return now if accepted else _turn(now, "normal", last="R")
    if before.severity == "tightened":
        if now.accepted >= ACCEPTED_TO_NORMAL:
            return _turn(now, "normal")
        rejected = before.rejected + (0 if accepted else 1)
        return msgspec.structs.replace(now, rejected=rejected, stopped=int(rejected >= REJECTED_TO_STOP))
    if last.count("R") >= MOST_REJECTED:
        return _turn(now, "tightened")
    earns = accepted and (accept <= 1 or would_pass_tighter)
    score = before.score + (2 if accept <= 1 else 3) if earns else 0
    if score >= SCORE_TO_REDUCED:
        return _turn(now, "reduced")
    return msgspec.structs.replace(now, score=score)


def set_back(before: Standing) -> Standing:
    """The supplier has mended what was wrong: on with tightened inspection."""
    return _turn(before, "tightened")


def _turn(now: Standing, severity: str, *, last: str = "") -> Standing:
    """Counting begins anew; only a result under normal inspection is looked back at."""
    return msgspec.structs.replace(now, severity=severity, last=last, accepted=0, score=0, rejected=0, stopped=0)
