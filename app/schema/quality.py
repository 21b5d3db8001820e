"""What may not leave, and what must be looked at first: lots on hold, allowed status changes, inspections and their plans."""

from sqlalchemy import Index, text

from app.schema import check, key, table, whole, words

_OPEN = text("state = 'open'")

# One hold or recall of one lot. `lot.held` says the reason while any of them is open; the ledger's guards ask that.
lot_hold = table(
    "lot_hold",
    key("id"),
    words("item"),
    words("lot"),
    words("kind", "hold"),  # hold, recall
    words("reason"),
    words("source"),  # empty: somebody here; else who asked from outside: erp
    words("state", "open"),  # open, cleared
    words("held_by"),
    whole("held_at"),
    words("cleared_by"),
    whole("cleared_at"),
    words("cleared_why"),
    whole("version"),
    check("kind = 'hold' OR kind = 'recall'", "lot_hold_kind"),
    check("state = 'open' OR state = 'cleared'", "lot_hold_state"),
    check("source <> '' OR cleared_by = '' OR cleared_by <> held_by", "lot_hold_cleared_by_another"),
    Index("lot_hold_open", "item", "lot", "kind", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    Index("lot_hold_state", "state", "held_at"),
    clustered=True,
)
