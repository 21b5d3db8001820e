"""The ledger's tables. Only `app/stock/ledger.py` writes them.

`journal` and `movement` are append-only: triggers refuse UPDATE and DELETE on both engines (see the first migration).
`balance` is always the sum of the movements; `allocation` says to which order line a part of a balance is promised.
"""

from sqlalchemy import Index, text

from app.schema import check, given, key, number_key, raw, table, whole, words

_CAME = text("source = '~supplier'")
# Not plainly `status = …`: SQLite would look again for a plan at every statement that asks `status = :s`, whatever it is
# (it compares the parameter with the index's literal, and a statement so bound is prepared anew each time: 17 µs a scan).
_WAITS = text("status || '' = 'inspection'")
_LEFT = text("target = '~customer' OR source = '~customer'")

_OVERRIDDEN = text("kind = 'overridden'")  # few among many, and somebody looks through them
journal = table(
    "journal",
    number_key("seq"),
    words("kind"),
    whole("at"),  # when it happened on the floor, µs UTC
    words("worker"),
    words("device"),
    words("station"),
    words("cause"),  # the scan, message or desk command that made it
    words("document"),  # the lane it is delivered in, "po 4500187"
    words("owner"),
    raw("body"),  # the event as JSON, exactly as hashed
    raw("hash"),  # sha-256 over the hash before it, the header, the body and the movements
    Index("journal_document", "document", "seq"),
    Index("journal_worker", "worker", "seq"),
    Index("journal_overridden", "seq", sqlite_where=_OVERRIDDEN, postgresql_where=_OVERRIDDEN),
    given("journal_owner", "owner", "seq"),
)

journal_head = table("journal_head", number_key("one"), whole("seq"), raw("hash"))

movement = table(
    "movement",
    number_key("seq"),
    number_key("n"),
    words("item"),
    words("lot"),
    words("serial"),
    whole("quantity"),  # base units, > 0
    whole("grams"),  # caught weight, 0 when it is not weighed
    words("source"),
    words("source_lpn"),
    words("source_status"),
    words("target"),
    words("target_lpn"),
    words("target_status"),
    words("line"),  # the order line whose allocation travels along
    check("quantity > 0", "movement_of_something"),
    Index("movement_item", "item", "lot", "seq"),
    Index("movement_left", "item", "lot", "seq", sqlite_where=_LEFT, postgresql_where=_LEFT),  # who got a lot
    Index("movement_came", "item", "lot", "seq", sqlite_where=_CAME, postgresql_where=_CAME),  # where it came from
    given("movement_source_lpn", "source_lpn", "seq"),
    given("movement_target_lpn", "target_lpn", "seq"),
    given("movement_serial", "serial", "item"),
    clustered=True,
)

balance = table(
    "balance",
    key("item"),
    key("location"),
    key("lpn"),
    key("lot"),
    key("status"),
    whole("quantity"),
    whole("allocated"),
    whole("grams"),
    whole("since"),  # µs, the first arrival of what lies here: FIFO
    check("quantity >= 0", "balance_never_negative"),
    check("allocated >= 0 AND allocated <= quantity", "balance_never_promised_twice"),
    check("status = 'available' OR allocated = 0", "only_available_is_promised"),
    Index("balance_location", "location", "item"),
    Index("balance_lpn", "lpn"),
    Index("balance_inspection", "item", "lot", sqlite_where=_WAITS, postgresql_where=_WAITS),
    clustered=True,
)

allocation = table(
    "allocation",
    key("line"),
    key("item"),
    key("location"),
    key("lpn"),
    key("lot"),
    whole("quantity"),
    check("quantity >= 0", "allocation_never_negative"),
    Index("allocation_slot", "item", "location", "lpn", "lot"),
    clustered=True,
)

serial = table(
    "serial",
    key("item"),
    key("serial"),
    words("lot"),
    words("location"),
    words("lpn"),
    words("status"),
    Index("serial_number", "serial"),
    clustered=True,
)

lpn = table(
    "lpn",
    key("code"),
    words("kind", "pallet"),  # pallet, tote, carton
    words("parent"),
    words("location"),
    words("document"),  # what it was made for: a PO, an order
    words("state", "open"),  # open, closed, void, gone
    Index("lpn_location", "location"),
    Index("lpn_parent", "parent"),
    Index("lpn_document", "document"),
    clustered=True,
)
