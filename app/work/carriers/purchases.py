"""Labels asked of carriers that are not here: one a carton, each with a state that says only what is known.

    queued → buying → bought → manifested               refused, cancelled, voided: over, another may be asked
              ↓  ↑ ↘                                    queued, refused → cancelled with its carton, or when it is mended
           unknown  refused   bought → voiding → voided  when its carton is void, or a person says so

`buying` is committed before the first byte leaves. What became of an `unknown` one is asked of the carrier under the same
idempotency key; a person may decide as well. Only a carton whose contents and weight were verified can have one.
"""

from typing import Literal

import msgspec
from sqlalchemy import and_, bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app import clock
from app.db import Tx
from app.errors import Malformed, State
from app.schema.carriers import label_purchase as purchase
from app.schema.work import carton
from app.work import ship_progress
from app.work.carriers.parcel import Parcel
from app.work.parcels import UNLABELLED

OVER = ("refused", "cancelled", "voided")
WAITING = ("queued", "buying", "unknown")
AT_THE_TABLE = (*UNLABELLED, "labelled")
LONGEST_NUMBER = 60


class Purchase(msgspec.Struct, frozen=True, kw_only=True):
    """A label bought, or to be, as the desk and the packer see it."""

    id: str  # its idempotency key
    carton: str
    order_code: str
    carrier: str
    service: str
    state: str
    form: str
    tracking: str
    cents: int
    why: str
    printer: str
    worker: str
    station: str
    sentence: str
    manifest: str
    attempts: int
    next_at: int
    created: int
    ended: int


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What is due at a carrier. `key` is the idempotency key of it."""

    kind: Literal["buy", "ask", "void", "manifest"]
    key: str
    request: bytes = b""
    tracking: tuple[str, ...] = ()
    shipments: tuple[str, ...] = ()  # by which the carrier voids and manifests them, one for each tracking number


class NotVerified(State):
    code, title = "carton_not_verified", "Not verified yet"
    says = "Carton {carton} is {state}: no label is bought before its contents and weight are verified."
    todo = "Weigh it first."


class PurchaseNotThere(State):
    code, title = "label_purchase_state", "Not possible now"
    says = "The label of carton {carton} is {state}, so it cannot be {wanted}."


class NoNumber(Malformed):
    code, title = "no_tracking_number", "Which number?"
    says = "A tracking number has 1 to {limit} characters."
    todo = "Type it as the carrier gave it."


_SEEN = [purchase.c[name] for name in Purchase.__struct_fields__]
_NEW = (
    "id", "carton", "order_code", "carrier", "service", "request", "own", "label", "why", "printer", "next_at", "created",
    "worker", "station",
)  # fmt: skip
ADD = upsert(purchase).values({name: bindparam(name) for name in _NEW}).on_conflict_do_nothing()
ONE = select(*_SEEN).where(purchase.c.id == bindparam("which"))
_LIVE = and_(*(purchase.c.state != state for state in OVER))
LIVE = select(*_SEEN).where(purchase.c.carton == bindparam("of_carton"), _LIVE)
LAST = (
    select(*_SEEN)
    .where(purchase.c.carton == bindparam("of_carton"))
    .order_by(purchase.c.created.desc(), purchase.c.id.desc())
    .limit(1)
)
STATE_OF = select(carton.c.state).where(carton.c.lpn == bindparam("of_carton"))
DECIDE = (
    update(purchase)
    .where(purchase.c.id == bindparam("which"), purchase.c.state == bindparam("from_state"))
    .values(state=bindparam("new_state"), sentence=bindparam("told"), next_at=0, ended=bindparam("now"))
)
NUMBERED = (
    update(purchase)
    .where(purchase.c.id == bindparam("which"))
    .values(tracking=bindparam("number"), shipment="", form="own")
)
HURRY = (
    update(purchase)
    .where(
        purchase.c.id == bindparam("which"),
        or_(*(purchase.c.state == state for state in ("queued", "unknown", "voiding", "bought"))),
    )
    .values(next_at=0)
)
TRACKED = update(carton).where(carton.c.lpn == bindparam("of_carton")).values(tracking=bindparam("number"))
# Another label is asked for, or the carton needs none any more.
SETTLED = (
    update(purchase)
    .where(purchase.c.carton == bindparam("of_carton"), purchase.c.state == "refused")
    .values(state="cancelled")
)
UNLABEL = (
    update(carton)
    .where(
        carton.c.lpn == bindparam("of_carton"),
        or_(*(carton.c.state == state for state in AT_THE_TABLE)),
    )
    .values(state="weighed", tracking="", print_job="")
)


def ask(
    tx: Tx, parcel: Parcel, *, carrier: str, own: bytes, why: str = "", printer: str, worker: str, station: str
) -> Purchase:
    """The carton's label, asked for once however often somebody presses. Raises NotVerified."""
    state = tx.value(STATE_OF, of_carton=parcel.carton)
    if state not in UNLABELLED:
        raise NotVerified(carton=parcel.carton, state=state or "not known")
    now = clock.now()
    tx.run(SETTLED, of_carton=parcel.carton)
    tx.run(
        ADD, id=clock.new_id(), carton=parcel.carton, order_code=parcel.order, carrier=carrier, service=parcel.service,
        request=msgspec.json.encode(parcel), own=own, label=b"", why=why, printer=printer, next_at=now, created=now,
        worker=worker, station=station,
    )  # fmt: skip
    tell(tx)
    found = live(tx, parcel.carton)
    assert found is not None
    return found


def live(tx: Tx, code: str) -> Purchase | None:
    """The label a carton has or waits for."""
    return tx.one(LIVE, Purchase, of_carton=code)


def last(tx: Tx, code: str) -> Purchase | None:
    """The live one, else what became of the last."""
    return tx.one(LAST, Purchase, of_carton=code)


def find(tx: Tx, key: str) -> Purchase:
    """Raises PurchaseNotThere."""
    found = tx.one(ONE, Purchase, which=key)
    if found is None:
        raise PurchaseNotThere(carton=key, state="not known", wanted="found")
    return found


def settle(tx: Tx, code: str) -> None:
    """What a carrier refused for this carton is nobody's case any more."""
    if tx.run(SETTLED, of_carton=code):
        tell(tx)


def tell(tx: Tx) -> None:
    tx.tell("carriers")
    tx.tell("print")  # whoever waits for a label at a table


# ── what a person decides ────────────────────────────────────────────────────────────────────────────────────────────
def hurry(tx: Tx, key: str) -> str:
    """Try now, do not wait for the next time. Raises PurchaseNotThere."""
    found = find(tx, key)
    if not tx.run(HURRY, which=key):
        raise PurchaseNotThere(carton=found.carton, state=found.state, wanted="tried again")
    tell(tx)
    return f"{found.carrier} is asked again now."


def void(tx: Tx, key: str, reason: str, worker: str) -> str:
    """The label will not be used. What waits is cancelled; what is bought is voided at the carrier.

    Raises PurchaseNotThere, also for a carton that left the table and while nobody knows whether the label was made.
    """
    found = find(tx, key)
    told = f"{reason} ({worker})" if reason else f"by {worker}"
    state = str(tx.value(STATE_OF, of_carton=found.carton))
    if state not in (*AT_THE_TABLE, "void"):
        raise PurchaseNotThere(carton=found.carton, state=f"on a carton that is {state}", wanted="voided")
    ends = {"queued": "cancelled", "bought": "voiding"}.get(found.state, "")
    if not ends or not _decide(tx, found, ends, told):
        raise PurchaseNotThere(carton=found.carton, state=found.state, wanted="voided")
    if tx.run(UNLABEL, of_carton=found.carton):
        ship_progress.settle(tx, found.order_code)
    tell(tx)
    return f"The label of carton {found.carton} is {'not bought' if ends == 'cancelled' else 'voided at ' + found.carrier}."


def was_bought(tx: Tx, key: str, number: str, worker: str) -> Purchase:
    """A person knows: the carrier made it, under this number. Raises NoNumber, PurchaseNotThere."""
    number = number.strip()
    if not 0 < len(number) <= LONGEST_NUMBER or not number.isprintable():
        raise NoNumber(limit=LONGEST_NUMBER, scanned=number[:20])
    found = find(tx, key)
    if not _decide(tx, found, "bought", f"{worker} says it was bought."):
        raise PurchaseNotThere(carton=found.carton, state=found.state, wanted="given a number")
    tx.run(NUMBERED, which=key, number=number)
    tx.run(TRACKED, of_carton=found.carton, number=number)
    tell(tx)
    return find(tx, key)


def was_not_bought(tx: Tx, key: str, worker: str) -> str:
    """A person knows: there is none. It is bought under the same key. Raises PurchaseNotThere."""
    found = find(tx, key)
    if not _decide(tx, found, "queued", f"{worker} says it was not bought."):
        raise PurchaseNotThere(carton=found.carton, state=found.state, wanted="bought again")
    tell(tx)
    return f"The label of carton {found.carton} is bought now, under the same key."


def _decide(tx: Tx, found: Purchase, state: str, told: str) -> bool:
    before = {"bought": "unknown", "queued": "unknown"}.get(state, found.state)
    return bool(tx.run(DECIDE, which=found.id, from_state=before, new_state=state, told=told, now=clock.now()))
