# Copyright (C) 2026 the Pickface authors. GPL-3.0-or-later: see the LICENSE file beside this folder.
"""Where the floor's events arrive: the key of an event and what it does to the stock are one database transaction.

The key is UNIQUE, so an event that comes twice, also twice at once, is applied once. Each event of a call has a
transaction of its own and an answer of its own: `applied`, `duplicate`, `rejected` with the reason, `approval` with
Tryton's own warning (a person accepts it on the floor's desk, then the event comes again with the warning's name in
`approved`), or `held` behind one of its document that was not taken.
"""

from contextlib import contextmanager

from trytond import backend
from trytond.exceptions import UserError, UserWarning
from trytond.model import ModelSQL, ModelView, Unique, fields
from trytond.model.exceptions import SQLConstraintError
from trytond.pool import Pool
from trytond.rpc import RPC
from trytond.transaction import Transaction, TransactionError, without_check_access

from .effects import EFFECTS

TRIES = 5  # of one event, when the database says that somebody else wrote at the same moment
MOST_AT_ONCE = 500


class Inbox(ModelSQL, ModelView):
    "Event of the Floor"

    __name__ = "pickface.inbox"
    _rec_name = "key"

    key = fields.Char("Key", required=True, readonly=True)
    type = fields.Char("Type", required=True, readonly=True)
    document = fields.Char("Document", readonly=True)
    reason = fields.Char("Reason", readonly=True, help="Why, in the floor's words: of a short, a count, a write-off.")
    worker = fields.Char("Worker", readonly=True)
    approver = fields.Char("Approver", readonly=True)
    told = fields.Text("Told", readonly=True)
    moves = fields.One2Many("stock.move", "pickface_event", "Moves", readonly=True)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls._sql_constraints = [("key_unique", Unique(table, table.key), "pickface.msg_key_unique")]
        cls._order = [("id", "DESC")]
        cls.__rpc__.update(post=RPC(readonly=False), known=RPC(), on_hand=RPC())

    # ── the three questions ──────────────────────────────────────────────────────────────────────────────────────
    @classmethod
    def post(cls, entries):
        """One answer per entry, in order: `{"outcome": …, "reason": …}`."""
        cls._may("create")
        answers, refused = [], set()
        for entry in entries[:MOST_AT_ONCE]:
            document = entry.get("document")
            if document and document in refused:
                answers.append({"outcome": "held", "reason": ""})
                continue
            answers.append(cls._take(entry))
            if answers[-1]["outcome"] in {"rejected", "approval"}:
                refused.add(document)
        return answers

    @classmethod
    def known(cls, keys):
        """Which of the keys are applied."""
        cls._may("read")
        with without_check_access():
            return [one.key for one in cls.search([("key", "in", keys)])]

    @classmethod
    def on_hand(cls, codes):
        """What lies in the locations with these codes: `[product, lot, location, quantity]` each."""
        cls._may("read")
        pool = Pool()
        Date, Location, Lot, Product = map(pool.get, ["ir.date", "stock.location", "stock.lot", "product.product"])
        with without_check_access(), Transaction().set_context(company=cls._company(), stock_date_end=Date.today()):
            places = {one.id: one for one in Location.search([("code", "in", codes)])}
            found = Product.products_by_location(list(places), with_childs=False, grouping=("product", "lot"))
            rows = [(*key, quantity) for key, quantity in found.items() if quantity]
            products = {one.id: one.code for one in Product.browse({row[1] for row in rows})}
            lots = {one.id: one.number for one in Lot.browse({row[2] for row in rows if row[2]})}
        return [
            [products[product], lots.get(lot, ""), places[place].code, quantity]
            for place, product, lot, quantity in rows
        ]

    # ── one event ────────────────────────────────────────────────────────────────────────────────────────────────
    @classmethod
    def _take(cls, entry):
        company, extras = cls._company(), {}
        for attempt in range(TRIES):
            with Transaction().new_transaction(**extras) as transaction:
                try:
                    with without_check_access(), transaction.set_context(company=company):
                        answer = cls._apply(entry)
                    transaction.commit()
                    return answer
                except TransactionError as problem:
                    cls._forget(transaction)
                    problem.fix(extras)
                except (SQLConstraintError, backend.DatabaseIntegrityError) as problem:
                    cls._forget(transaction)
                    if attempt:  # the first time it may be the same event, posted at the same moment by another call
                        return {"outcome": "rejected", "reason": str(problem)}
                except backend.DatabaseOperationalError:
                    cls._forget(transaction)
                    if attempt == TRIES - 1:
                        raise
                except UserWarning as warning:
                    cls._forget(transaction)
                    return {"outcome": "approval", "reason": warning.message, "warning": warning.name}
                except UserError as problem:
                    cls._forget(transaction)
                    told = " ".join(filter(None, [problem.message, problem.description]))
                    return {"outcome": "rejected", "reason": told}
        return {"outcome": "rejected", "reason": f"Others wrote the same records at the same moment, {TRIES} times."}

    @classmethod
    def _forget(cls, transaction):
        transaction.rollback()
        transaction.tasks.clear()

    @classmethod
    def _apply(cls, entry):
        if cls.search([("key", "=", entry["key"])], limit=1):
            return {"outcome": "duplicate", "reason": ""}
        (event,) = cls.create(
            [{name: entry.get(name) for name in ("key", "type", "document", "reason", "worker", "approver", "told")}]
        )
        with cls._accepting(entry.get("approved") or ()):
            EFFECTS[entry["effect"]](event, entry)
            cls._finish(Transaction())
        return {"outcome": "applied", "reason": ""}

    @classmethod
    @contextmanager
    def _accepting(cls, names):
        """Tryton's warnings that a supervisor accepted on the floor's desk, for this event and no other."""
        Warning = Pool().get("res.user.warning")
        for name in names:
            Warning.skip(name)
        yield
        Warning.delete(Warning.search([("user", "=", Transaction().user), ("name", "in", list(names))]))

    @classmethod
    def _finish(cls, transaction):
        """What Tryton left for after the commit (a sale that looks at its shipments) belongs to the same event."""
        Queue = Pool().get("ir.queue")
        while transaction.tasks:
            Queue(transaction.tasks.pop(0)).run()

    @classmethod
    def _may(cls, mode):
        Pool().get("ir.model.access").check(cls.__name__, mode)

    @classmethod
    def _company(cls):
        User = Pool().get("res.user")
        with without_check_access():
            company = User(Transaction().user).company
        return company.id if company else Transaction().context.get("company")
