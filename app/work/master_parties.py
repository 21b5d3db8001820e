"""Suppliers, customers and carriers, as the ERP names them.

Goods are received, picked and packed without them: a party is a name and an address, looked up where they are shown, so
one that comes late is there from then on. What names a party nobody told us is therefore taken, unlike what names an
unknown item. The answer says so, where the house is told of others of that kind: it may be a slip of the keys.
"""

from typing import Literal

from sqlalchemy import bindparam, select

from app.db import Tx
from app.schema.documents import party
from app.stock.ledger import By
from app.work.master_terms import Message, Outcome, Text, applied, judge, put, row_of

PUT_PARTY = put(party)
PARTY = select(party).where(party.c.code == bindparam("key"))
ANY_OF = select(party.c.kind).where(party.c.kind == bindparam("of_kind")).limit(1)


class PartyUpsert(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="party.upsert"):
    """A partner we receive from, ship to or ship with."""

    kind: Literal["supplier", "customer", "carrier"] = "customer"
    name: Text = ""
    address: Text = ""


def apply_party(tx: Tx, message: PartyUpsert, by: By) -> Outcome:
    known = tx.row(PARTY, key=message.code)
    alike = known is not None and known[1:4] == (message.kind, message.name, message.address)
    name = f"{message.kind.capitalize()} {message.code}"
    stored = None if known is None else int(known[4])
    settled = judge(message, name, stored, alike=alike)
    if settled is not None:
        return settled
    tx.run(PUT_PARTY, **row_of(message, version=message.version or stored or 0))
    return applied(f"{name} is known.", is_new=known is None)


def strangers(tx: Tx, message: Message) -> str:
    """The parties it names that nobody told us, as more sentences of an answer; empty where none of their kind are told."""
    told = ""
    for kind in ("supplier", "customer"):
        code = getattr(message, kind, "")
        if code and tx.row(PARTY, key=code) is None and tx.value(ANY_OF, of_kind=kind) is not None:
            told += f" {kind.capitalize()} {code} is not known here."
    return told
