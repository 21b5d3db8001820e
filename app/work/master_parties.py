"""Suppliers, customers and carriers, as the ERP names them."""

from typing import Literal

from sqlalchemy import bindparam, select

from app.db import Tx
from app.schema.documents import party
from app.stock.ledger import By
from app.work.master_terms import Message, Outcome, Text, applied, judge, put, row_of

PUT_PARTY = put(party)
PARTY = select(party).where(party.c.code == bindparam("key"))


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
