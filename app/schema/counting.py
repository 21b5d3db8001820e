"""Counts: who counted which place when, every code they read, what each line came to, and the rules that make counts.

A count is one person's look at one place; a line is one item, lot and LPN of it with what was seen and what the books
had at that very point of the journal. Nobody decides on a line they counted: a CHECK stands behind the rule.
"""

from sqlalchemy import Index, text

from app.schema import check, key, number_key, table, whole, words

_COUNTING = text("state = 'counting'")


def not_among(one: str, many: str) -> str:
    """SQL: the word in column `one` is none of the space-separated words in column `many`, on both engines."""
    return f"replace(' ' || {many} || ' ', ' ' || {one} || ' ', '') = ' ' || {many} || ' '"


stock_count = table(
    "stock_count",
    key("id"),
    words("task"),
    words("place"),
    words("item"),  # only this item; empty: all there is
    words("plan"),  # the wall-to-wall plan it belongs to
    words("state", "counting"),  # counting, closed, left
    words("outcome"),  # right, posted, recount, review
    words("worker"),
    words("device"),
    words("earlier"),  # who counted the same difference before, space-separated
    whole("round", 1),
    whole("begun"),  # µs
    whole("begun_seq"),  # the journal's end when the place was scanned
    whole("closed"),
    whole("closed_seq"),
    check(not_among("worker", "earlier"), "recounted_by_somebody_else"),
    Index("stock_count_place", "place", "closed"),
    Index("stock_count_in_use", "place", unique=True, sqlite_where=_COUNTING, postgresql_where=_COUNTING),
    Index("stock_count_task", "task"),
    clustered=True,
)

tally = table(
    "tally",
    key("count"),
    number_key("n"),
    words("label"),  # as it was read
    words("item"),  # empty: a code nobody knows yet
    words("lpn"),
    words("lot"),
    words("serial"),
    words("expiry"),
    whole("quantity"),
    whole("since"),  # the journal's end when this tally began
    whole("seq"),  # and when it was said
    whole("at"),
    whole("typed"),  # "so many, all of it": complete at that moment
    words("void"),  # undone, retyped, moved
    clustered=True,
)

count_line = table(
    "count_line",
    key("id"),
    words("count"),
    words("place"),
    words("item"),
    words("lpn"),
    words("lot"),
    words("status", "available"),
    whole("round", 1),
    whole("counted"),
    whole("book"),  # at the journal position of the tally
    whole("difference"),  # counted − book
    whole("position"),
    whole("value"),  # of the difference, cents; −1: no price
    words("state"),  # right, posted, recount, review, approved, rejected, superseded
    words("counter"),
    words("earlier"),
    words("decided_by"),
    words("reason"),
    words("note"),
    whole("decided"),
    whole("event"),  # the adjustment's seq; of several the last one's
    whole("created"),
    words("cause"),  # why the books were wrong, apart from why it was approved
    whole("first"),  # the first event of the decision
    check("counter <> '' AND decided_by <> counter", "counter_never_approves"),
    check(f"decided_by = '' OR {not_among('decided_by', 'earlier')}", "earlier_counter_never_approves"),
    check("decided_by <> '' OR (state <> 'posted' AND state <> 'approved' AND state <> 'rejected')", "decided_by_name"),
    Index("count_line_count", "count"),
    Index("count_line_place", "place", "item", "state"),
    Index("count_line_state", "state", "created"),
    clustered=True,
)

count_plan = table(
    "count_plan",
    key("code"),
    words("scope"),  # site, zone, aisle, places
    words("value"),
    whole("freeze"),  # its places are blocked until they are counted
    words("state", "open"),  # open, done, cancelled
    whole("places"),
    words("created_by"),
    whole("created"),
    whole("closed"),
    clustered=True,
)

count_class = table(
    "count_class",
    key("class"),
    whole("share_percent"),  # of all turnover, the most valuable first
    whole("every_days"),
    whole("active", 1),
    check("every_days > 0 AND share_percent >= 0", "count_class_sound"),
    clustered=True,
)

item_class = table("item_class", key("item"), words("class"), whole("turnover"), whole("at"), clustered=True)

count_trigger = table(
    "count_trigger",
    key("kind"),  # zero, low
    whole("threshold"),  # units left or fewer
    whole("cool_days"),  # not again within
    whole("active", 1),
    clustered=True,
)

count_setting = table("count_setting", key("name"), whole("value"), clustered=True)
