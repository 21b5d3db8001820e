"""What suppliers announce and what arrives: shipping notices with their pallets, deliveries at the doors, house rules.

An ASN says what is on each pallet before it comes, tied to the lines of purchase orders. A PO line's `received` stays the
one truth of what came in, whichever way it was scanned.
"""

from sqlalchemy import Index

from app.schema import check, key, table, whole, words

asn = table(
    "asn",
    key("code"),
    words("owner"),
    words("supplier"),
    words("carrier"),
    words("tracking"),  # may be scanned instead of the code
    words("state", "expected"),  # expected, receiving, closed, cancelled
    whole("due"),  # the window it is expected in, µs UTC
    whole("until"),
    whole("version"),
    Index("asn_tracking", "tracking"),
    Index("asn_state", "state", "due"),
    clustered=True,
)

asn_pallet = table(
    "asn_pallet",
    key("asn"),
    key("sscc"),
    words("parent"),  # the SSCC it stands in
    words("state", "expected"),  # expected, received as declared, counting, counted
    Index("asn_pallet_sscc", "sscc"),
    clustered=True,
)

asn_line = table(
    "asn_line",
    key("asn"),
    key("line"),
    words("sscc"),  # empty: loose on the truck
    words("po"),
    words("po_line"),
    words("item"),
    words("lot"),
    words("expiry"),
    whole("quantity"),
    whole("received"),
    whole("grams"),
    words("serials"),  # separated by blanks
    check("quantity > 0", "asn_line_of_something"),
    check("received >= 0", "asn_line_received_whole"),
    Index("asn_line_pallet", "sscc"),
    Index("asn_line_po", "po", "item"),
    clustered=True,
)

# What holds for goods coming in, for the house, a supplier, an item, both, or one PO. Empty: any. −1: not said here.
receiving_rule = table(
    "receiving_rule",
    key("po"),
    key("supplier"),
    key("item"),
    whole("blind", -1),  # 1: what is expected is not shown to who counts
    whole("over_percent", -1),
    whole("over_quantity", -1),
    whole("min_shelf_days", -1),
    whole("spot_check_percent", -1),  # of the pallets of an ASN that are counted all the same
    whole("cross_dock", -1),  # 1: what an order waits for goes straight from the dock to it; 2: also a part of it
    whole("measure", -1),  # 1: an item nobody told the size of is measured when it comes
    check("blind >= -1 AND blind <= 1", "receiving_rule_blind_or_not"),
    check("spot_check_percent >= -1 AND spot_check_percent <= 100", "receiving_rule_of_a_hundred"),
    check("over_percent >= -1 AND over_quantity >= -1 AND min_shelf_days >= -1", "receiving_rule_sound"),
    clustered=True,
)

arrival = table(
    "arrival",
    key("id"),
    words("document"),  # "asn A-17", "po 4500187"
    words("supplier"),
    words("carrier"),
    words("door"),
    words("seal"),
    words("answers"),  # to the audit questions, in words
    words("state", "at_door"),  # at_door, unloaded
    whole("due"),  # what was expected, as it stood when the truck came
    whole("until"),
    whole("arrived"),
    whole("unloaded"),
    words("worker"),
    Index("arrival_document", "document"),
    Index("arrival_state", "state", "arrived"),
    Index("arrival_supplier", "supplier", "arrived"),
)
