"""The book the buyer works from: what became of each purchase, each step one job of the writer.

`buying` is committed before the first byte leaves; after a crash it is `unknown`, and the carrier is asked by the
idempotency key what became of it. With the row that says `bought`, in the same transaction, the carton gets its tracking
number and the printer its one label. What is due at all, buying_due.py says.
"""

from collections.abc import Mapping

from sqlalchemy import bindparam, or_, select, update

from app import buying, buying_due, clock
from app.config import PrinterSettings
from app.db import Database, Tx
from app.errors import Refusal
from app.printing.station_printers import NoPrinter
from app.schema.carriers import label_purchase as purchase
from app.stock import ledger
from app.stock.events import ManifestClosed
from app.stock.ledger import By
from app.work import exceptions, parcels
from app.work.carriers import purchases
from app.work.carriers.parcel import Bought
from app.work.carriers.purchases import Job, Purchase

BACK_OFF_S = (2, 5, 15, 60, 300)
ALARM_AT = 4  # tries without an answer, then a supervisor hears
GIVE_UP_AFTER = clock.DAY  # of tries that certainly bought nothing

_C = purchase.c
AT_WORK = select(_C.node).where(_C.state == "buying").distinct()
RECOVER = (
    update(purchase)
    .where(_C.state == "buying", _C.node == bindparam("claimed_by"))
    .values(state="unknown", sentence="The server stopped while it was bought: the carrier is asked.", next_at=0)
)
MADE = (
    update(purchase)
    .where(_C.id == bindparam("which"), or_(_C.state == "buying", _C.state == "unknown"))
    .values(
        state="bought", tracking=bindparam("number"), shipment=bindparam("named"), form=bindparam("new_form"),
        label=bindparam("content"), cents=bindparam("price"), sentence="", next_at=0, ended=bindparam("at"),
    )
)  # fmt: skip
ENDED = (
    update(purchase)
    .where(_C.id == bindparam("which"), _C.state == bindparam("from_state"))
    .values(
        state=bindparam("new_state"), sentence=bindparam("told"), next_at=bindparam("again_at"), ended=bindparam("at")
    )
)
MANIFESTED = (
    update(purchase)
    .where(_C.id == bindparam("which"), _C.state == "bought")
    .values(state="manifested", manifest=bindparam("number"), sentence=bindparam("told"))
)
LATER = (
    update(purchase)
    .where(_C.id == bindparam("which"))
    .values(next_at=bindparam("again_at"), sentence=bindparam("told"), attempts=_C.attempts + 1)
)


class PurchaseBook:
    """One house's purchases. Called from the buyer's threads; each call is committed when it returns."""

    def __init__(self, db: Database, printers: Mapping[str, PrinterSettings]) -> None:
        self._db = db
        self._printers = printers

    def recover(self, *, own: bool = True) -> int:
        """Every purchase that we or a server that is no more left in `buying` becomes `unknown`; how many. Later only
        theirs: ours is under way."""
        return self._db.do(lambda tx: self._recover(tx, own))

    def _recover(self, tx: Tx, own: bool) -> int:
        gone = self._db.node.left_behind([str(name) for (name,) in tx.rows(AT_WORK)], own=own)
        return sum(tx.run(RECOVER, claimed_by=name) for name in gone)

    def claim(self, carrier: str) -> Job | None:
        """What is due for this carrier; a purchase is `buying` and committed. None when there is nothing."""
        with self._db.reading() as tx:
            if not buying_due.is_due(tx, carrier):
                return None
        self._db.node.hold()  # before our name stands at a purchase
        return self._db.do(lambda tx: buying_due.claim(tx, carrier, self._db.node.name))

    def bought(self, key: str, made: Bought) -> None:
        """The label exists: its number on the carton, and on paper, all at once."""
        self._db.do(lambda tx: self._bought(tx, key, made))

    def _bought(self, tx: Tx, key: str, made: Bought) -> None:
        if not tx.run(
            MADE, which=key, number=made.tracking, named=made.shipment, new_form=made.form, content=made.label,
            price=made.cents, at=clock.now(),
        ):  # fmt: skip
            return  # a person decided meanwhile
        found = purchases.find(tx, key)
        tx.run(purchases.TRACKED, of_carton=found.carton, number=found.tracking)
        self.print_one(tx, found)
        purchases.tell(tx)

    def print_one(self, tx: Tx, found: Purchase) -> None:
        """On the printer it was asked for. What cannot be printed is somebody's case; the label stays bought."""
        printer = self._printers.get(found.printer)
        carton = parcels.find(tx, found.carton)
        if carton is None or carton.state not in parcels.UNLABELLED:
            return  # void meanwhile: its label will be voided
        try:
            if printer is None:
                raise NoPrinter(kind="label")
            buying.put_on_paper(tx, found, printer)
        except Refusal as refused:
            tx.run(LATER, which=found.id, again_at=0, told=refused.sentence)
            self._raise(tx, found, "label_unusable", refused.sentence)

    def declined(self, job: Job, sentence: str, about: str) -> None:
        """The carrier says no. A person must change something."""
        self._db.do(lambda tx: self._declined(tx, job, sentence, about))

    def _declined(self, tx: Tx, job: Job, sentence: str, about: str) -> None:
        now = clock.now()
        if job.kind == "manifest":
            rows = buying_due.on_manifest(tx, job)
            for found in rows:
                tx.run(MANIFESTED, which=found.id, number="", told=sentence)
            if rows:
                self._raise(tx, rows[0], "manifest_refused", sentence)
        elif job.kind == "void":
            if tx.run(
                ENDED, which=job.key, from_state="voiding", new_state="voided", told=sentence, again_at=0, at=now
            ):
                self._raise(tx, purchases.find(tx, job.key), "label_not_voided", sentence)
        elif tx.run(ENDED, which=job.key, from_state="buying", new_state="refused", told=sentence, again_at=0, at=now):
            code = "address_refused" if about == "address" else "label_refused"
            self._raise(tx, purchases.find(tx, job.key), code, sentence)
        purchases.tell(tx)

    def doubtful(self, job: Job, sentence: str) -> None:
        """The answer to a purchase did not come: it is looked up before anything is tried again."""
        self._db.do(lambda tx: self._later(tx, job, sentence, "unknown", 0.0))

    def later(self, job: Job, sentence: str, wait_s: float = 0.0) -> None:
        """Certainly not done, or safe to repeat: tried again by back-off."""
        self._db.do(lambda tx: self._later(tx, job, sentence, "queued", wait_s))

    def _later(self, tx: Tx, job: Job, sentence: str, state: str, wait_s: float) -> None:
        found = buying_due.on_manifest(tx, job) if job.kind == "manifest" else [purchases.find(tx, job.key)]
        now = clock.now()
        for one in found:
            pause = max(wait_s, BACK_OFF_S[min(one.attempts, len(BACK_OFF_S)) - 1] if one.attempts else BACK_OFF_S[0])
            again = now + int(pause * clock.SECOND)
            if job.kind != "buy":
                tx.run(LATER, which=one.id, again_at=again, told=sentence)
            elif state == "queued" and now - one.created > GIVE_UP_AFTER:
                told = f"{sentence} It is not tried again by itself."
                tx.run(ENDED, which=one.id, from_state="buying", new_state="refused", told=told, again_at=0, at=now)
                self._raise(tx, one, "label_waits", told)
            else:
                tx.run(ENDED, which=one.id, from_state="buying", new_state=state, told=sentence, again_at=again, at=0)
            if one.attempts == ALARM_AT:
                self._raise(tx, one, "label_waits", sentence)
        purchases.tell(tx)

    def never_made(self, job: Job) -> None:
        """The carrier knows for certain that there is no such label: it is bought under the same key."""

        def work(tx: Tx) -> None:
            told = "The carrier has not made it."
            tx.run(ENDED, which=job.key, from_state="unknown", new_state="queued", told=told, again_at=0, at=0)
            purchases.tell(tx)

        self._db.do(work)

    def voided(self, job: Job) -> None:
        def work(tx: Tx) -> None:
            at = clock.now()
            tx.run(ENDED, which=job.key, from_state="voiding", new_state="voided", told="", again_at=0, at=at)
            purchases.tell(tx)

        self._db.do(work)

    def manifested(self, job: Job, number: str) -> None:
        def work(tx: Tx) -> None:
            rows = [
                found
                for found in buying_due.on_manifest(tx, job)
                if tx.run(MANIFESTED, which=found.id, number=number, told="")
            ]
            if rows:
                carrier, of_load, _ = job.key.rsplit("/", 2)
                tracking = tuple(found.tracking for found in rows)
                event = ManifestClosed(carrier=carrier, load=of_load, number=number, tracking=tracking)
                ledger.post(tx, event, By(device="carriers", cause=job.key))
            purchases.tell(tx)
            tx.tell("loads")

        self._db.do(work)

    def _raise(self, tx: Tx, found: Purchase, code: str, sentence: str) -> None:
        told = f"{found.carrier} about carton {found.carton} of order {found.order_code}: {sentence}"
        carton = parcels.find(tx, found.carton)
        exceptions.add(
            tx, code, told, document=f"order {found.order_code}", location=carton.location if carton else "",
            worker=found.worker,
        )  # fmt: skip
