"""Corrections asked for and decided, goods on the way between sites, and where goods are handed over on the way to a bin."""

from sqlalchemy import Index

from app.schema import check, given, key, table, whole, words

# One correction of the books: asked for on the floor, decided by whoever may, kept with both names.
adjustment = table(
    "adjustment",
    key("id"),
    words("kind"),  # adjust, write_off
    words("item"),
    words("location"),
    words("lpn"),
    words("lot"),
    words("status", "available"),
    words("serial"),
    whole("change"),  # base units, less than 0 for less
    whole("booked"),  # what the books had when it was asked for
    whole("value"),  # cents; −1 where the item has no price
    words("reason"),
    words("asked_by"),
    whole("asked"),
    words("state", "waiting"),  # waiting, posted, rejected, undone
    words("decided_by"),  # ~limit: within what the asker may decide alone
    whole("decided"),
    words("decision"),  # why it was rejected
    whole("seq"),  # of its event
    check("change <> 0", "adjustment_of_something"),
    check("kind <> 'write_off' OR change < 0", "write_off_takes_away"),
    check("decided_by = '' OR decided_by <> asked_by", "adjustment_by_two_people"),
    Index("adjustment_state", "state", "asked"),
    Index("adjustment_item", "item"),
    clustered=True,
)

transfer = table(
    "transfer",
    key("code"),
    words("source"),  # the site they leave
    words("target"),  # the site they go to
    words("state", "open"),  # open, closed, cancelled
    words("asked_by"),  # a worker at the desk; empty: the ERP
    words("carrier"),
    whole("due"),
    whole("version"),
    whole("created"),
    whole("to_go", -1),  # units the site that sends has not sent yet, as it says itself; −1: it has not said
    Index("transfer_state", "state", "due"),
    clustered=True,
)

transfer_line = table(
    "transfer_line",
    key("transfer"),
    key("line"),
    words("item"),
    whole("quantity"),
    whole("shipped"),
    whole("received"),
    check("quantity > 0 AND shipped >= 0 AND received >= 0", "transfer_line_whole"),
    clustered=True,
)

# What a site with a server of its own says is on its way to us, until it is received here.
transfer_coming = table(
    "transfer_coming",
    key("transfer"),
    key("item"),
    key("lot"),
    key("lpn"),
    key("serial"),
    whole("quantity"),
    words("expiry"),
    check("quantity >= 0", "transfer_coming_whole"),
    given("transfer_coming_lpn", "lpn"),
    clustered=True,
)

# Goods for this zone change hands here: one worker brings them, another with the right equipment takes them on.
handover = table(
    "handover",
    key("zone"),
    words("location"),
    words("equipment"),  # what it takes to go on from there: reach_truck
    whole("active", 1),
    clustered=True,
)
