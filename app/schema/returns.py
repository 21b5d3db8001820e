"""What customers send back: what the ERP authorised, the parcels that came, each piece with its grade and its way on.

How a return is judged is rows: the checklist, what each disposition means, which one is proposed, and the policy.
"""

from sqlalchemy import Index

from app.schema import check, given, key, number_key, table, whole, words

rma = table(
    "rma",
    key("code"),
    words("owner"),
    words("order_code"),  # the order it was sold on; empty: not told
    words("customer"),
    words("tracking"),  # on the return label
    words("state", "open"),  # open, receiving, closed, cancelled
    whole("expires"),  # µs UTC; 0: never
    words("decision"),  # the ERP's answer: refund, replacement, repair, refused …
    words("decided"),  # in words
    words("replacement"),  # the order that was made for it
    whole("decided_at"),
    whole("created"),
    whole("version"),
    Index("rma_order", "order_code"),
    given("rma_tracking", "tracking"),
    Index("rma_state", "state", "created"),
    clustered=True,
)

rma_line = table(
    "rma_line",
    key("rma"),
    key("line"),
    words("item"),
    whole("quantity"),
    whole("returned"),
    words("reason"),  # a reason_code of kind `return`, as the customer said it
    words("wish"),  # refund, exchange
    words("serials"),  # space-separated, those shipped as the ERP knows them
    check("quantity > 0", "rma_line_of_something"),
    check("returned >= 0", "rma_line_returned_whole"),
    clustered=True,
)

return_parcel = table(
    "return_parcel",
    key("code"),  # R-00012
    words("rma"),
    words("order_code"),
    words("customer"),
    words("label"),  # what was scanned on it
    words("state", "open"),  # open, closed
    words("worker"),
    whole("opened"),
    whole("closed"),
    Index("return_parcel_rma", "rma", "state"),
    Index("return_parcel_order", "order_code"),
    clustered=True,
)

# One row a piece, or a number of alike ones, as it was received and judged. Its figures change in app/work/returns/counted.py.
returned = table(
    "returned",
    key("piece"),  # R-00012/1
    words("parcel"),
    words("rma"),
    words("rma_line"),
    words("order_code"),
    words("customer"),
    words("item"),
    words("lot"),
    words("serial"),
    whole("quantity"),
    words("location"),
    words("lpn"),
    words("status"),
    words("reason"),
    words("wish"),
    words("flags"),  # space-separated: serial_mismatch not_on_rma unknown recalled
    words("answers"),  # space-separated: sealed=no complete=yes
    words("grade"),
    words("proposed"),
    words("disposition"),
    words("why"),
    words("override_reason"),
    words("approver"),
    words("state", "received"),  # received, inspected, disposed, left
    words("received_by"),
    words("inspected_by"),
    words("disposed_by"),
    whole("received_at"),
    whole("inspected_at"),
    whole("disposed_at"),
    whole("value"),  # cents of the whole quantity when it was disposed of
    words("decided"),  # the way the desk chose; the floor carries it out
    words("decided_by"),
    words("decided_because"),
    words("left_to"),  # who took it when it left the house
    words("left_reference"),  # parcel, delivery note, claim
    whole("left_at"),
    words("left_carrier"),  # who takes the parcel back to the customer
    words("left_service"),
    check("quantity >= 0", "returned_never_negative"),
    check("approver = '' OR approver <> inspected_by", "override_by_somebody_else"),
    Index("returned_parcel", "parcel"),
    Index("returned_order", "order_code", "item"),
    Index("returned_state", "state", "received_at"),
    Index("returned_disposed", "disposed_at"),
    Index("returned_received", "received_at"),
    given("returned_serial", "serial", "item"),
    Index("returned_item", "item", "received_at"),
    clustered=True,
)

# What each way on means.
disposition = table(
    "disposition",
    key("code"),
    words("words"),
    words("status", "returned"),  # of the goods from then on
    words("place", "plate"),  # plate: on a licence plate; scrap: out of the books
    words("zone"),  # places it may be set down at directly; empty: no other place than where it stands
    words("next_task"),  # putaway, refurbish, claim …; empty: nothing more to do
    words("message"),  # what the ERP is told
    words("label", "lpn"),  # lpn, hold, none
    whole("recovers_percent"),  # of its value
    whole("photo"),  # a photo is needed
    whole("position"),
    whole("active", 1),
    words("otherwise"),  # what becomes of it when this was done and the rows propose it once more
    check("place IN ('plate', 'scrap')", "disposition_place_known"),
    check("recovers_percent >= 0 AND recovers_percent <= 100", "disposition_recovers_a_part"),
    clustered=True,
)

# Which one is proposed. Empty: any. The row that says most wins: reason, category, grade, then the narrower value band.
disposition_rule = table(
    "disposition_rule",
    key("reason"),
    key("category"),
    key("grade"),
    number_key("value_from"),  # cents of one unit
    whole("value_to"),  # cents of one unit, exclusive; 0: no end
    words("disposition"),
    words("words"),
    whole("active", 1),
    check("value_to = 0 OR value_to > value_from", "disposition_rule_band"),
    clustered=True,
)

return_check = table(
    "return_check",
    key("category"),  # empty: every item
    key("code"),
    words("words"),  # the question; yes is good
    whole("position"),
    words("worst", "B"),  # the best grade there is with a No
    whole("opened"),  # a No says that it was opened
    whole("active", 1),
    words("kind", "judge"),  # judge (yes or no), measure (a number: yes within its limits)
    whole("low"),
    whole("high"),
    words("unit"),
    clustered=True,
)

item_category = table(
    "item_category",
    key("code"),
    words("name"),
    words("opened_goes"),  # hygiene: what becomes of it once opened, never back to stock; empty: no such rule
    clustered=True,
)

return_policy = table(
    "return_policy",
    key("code"),  # usual
    whole("blind", 1),  # what is expected is not told to whoever receives
    words("photo_from", "C"),  # from this grade down a photo is needed; empty: never
    whole("unusual_times", 3),  # a customer is named who returns this many times the share of the others
    whole("unusual_units", 5),  # and at least so many units
    whole("window_days", 90),
    clustered=True,
)
