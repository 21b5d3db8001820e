"""Which staging lane a carton belongs in: the one its order has begun, else the emptiest of its carrier.

The first carton of an order pins the lane, so that the others find it, also those of another worker. A lane that names no
carrier takes every carrier that has none of its own.
"""

from sqlalchemy import and_, bindparam, func, or_, select

from app.db import Tx
from app.errors import ScanAgain, State, Wrong
from app.schema.places import location
from app.schema.work import carton
from app.work.packing import OrderHead

LANES = (
    select(location.c.code)
    .select_from(location.outerjoin(carton, and_(carton.c.lane == location.c.code, carton.c.state == "staged")))
    .where(
        location.c.kind == "lane",
        location.c.blocked == "",
        or_(location.c.carrier == bindparam("of_carrier"), location.c.carrier == ""),
    )
    .group_by(location.c.code, location.c.carrier, location.c.sequence)
    .order_by(location.c.carrier.desc(), func.count(carton.c.lpn), location.c.sequence, location.c.code)
    .limit(1)
)
PLACE = select(location.c.kind, location.c.carrier, location.c.blocked).where(location.c.code == bindparam("code"))


class WrongLane(Wrong):
    code, title = "wrong_lane", "Wrong lane"
    says = "Expected lane {expected}, scanned {scanned}{why}."
    todo = "Bring the carton to {expected}."


class NoLane(State):
    code, title = "no_lane", "No lane"
    says = "No free lane takes cartons of {carrier}."
    todo = "Ask a supervisor to open one."


class OtherLane(ScanAgain):
    code, title = "other_lane", "Other lane"
    says = "Lane {expected} is proposed, this is lane {scanned} of the same carrier."
    todo = "Use this one? Scan {scanned} again."


def proposed(tx: Tx, head: OrderHead) -> str:
    """The lane of an order; the empty text where there is none."""
    return head.lane or str(tx.value(LANES, of_carrier=head.carrier) or "")


def check(tx: Tx, head: OrderHead, scanned: str) -> OtherLane | None:
    """May a carton of this order stand here? A lane of the same carrier may be chosen while none is pinned.

    Raises WrongLane; returns the warning to confirm where it is another lane than the proposed one.
    """
    expected = proposed(tx, head)
    if scanned == expected:
        return None
    kind, carrier, blocked = tx.row(PLACE, code=scanned) or ("", "", "")
    fits = kind == "lane" and not blocked and carrier in (head.carrier, "")
    if head.lane or not fits:
        why = (
            f", blocked: {blocked}" if blocked
            else f", a {kind or 'virtual place'}" if kind != "lane"
            else f", the lane of {carrier}" if carrier != head.carrier and carrier
            else ""
        )  # fmt: skip
        raise WrongLane(expected=expected or f"a lane of {head.carrier}", scanned=scanned, why=why)
    return OtherLane(expected=expected, scanned=scanned)
