"""What may not leave, and what must be looked at first: lots on hold, allowed status changes, inspections and their plans."""

from sqlalchemy import Index, text

from app.schema import check, key, number_key, table, whole, words

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

# Which change of status is allowed, to whom, and what goes with it.
status_change = table(
    "status_change",
    key("from_status"),
    key("to_status"),
    words("roles", "worker"),  # space-separated; supervisor and admin may always
    words("limit_kind"),  # above this limit of the worker a supervisor releases it
    whole("label"),  # a hold label is printed
    whole("another"),  # somebody else than who brought it into from_status
    whole("active", 1),
    check("from_status <> to_status", "status_change_changes"),
    clustered=True,
)

# Sampling for inspection by attributes, ISO 2859-1: lot size → letter → sample and acceptance number.
sample_letter = table(
    "sample_letter",
    key("level"),  # I, II, III
    number_key("lot_from"),
    whole("lot_to"),  # 0: no end
    words("letter"),
    check("lot_to = 0 OR lot_to >= lot_from", "sample_letter_range"),
    clustered=True,
)

sample_plan = table(
    "sample_plan",
    key("severity"),  # normal, tightened, reduced
    key("letter"),
    key("aql"),  # "0.65", "1.0"
    whole("size"),
    whole("accept"),  # this many defects are accepted
    whole("reject", 1),
    check("size > 0 AND accept >= 0 AND reject > accept", "sample_plan_sound"),
    clustered=True,
)

# What must be inspected when it is received; the narrowest row holds. An empty key stands for any.
inspection_rule = table(
    "inspection_rule",
    key("item"),
    key("supplier"),
    key("category"),
    words("level", "II"),
    words("aql", "1.0"),
    whole("every", 1),  # skip-lot: each lot, every third …
    whole("active", 1),
    check("every > 0", "inspection_rule_every"),
    clustered=True,
)

inspection_check = table(
    "inspection_check",
    key("category"),  # of items; empty: of every item
    key("code"),
    whole("position"),
    words("words"),
    words("kind", "judge"),  # judge (good or not), measure, photo (judge, a defect is photographed)
    whole("low"),
    whole("high"),
    words("unit"),
    whole("active", 1),
    check("low <= high", "inspection_check_limits"),
    clustered=True,
)

_UNDER_WAY = text("state = 'open'")
inspection = table(
    "inspection",
    key("id"),
    words("item"),
    words("lot"),
    words("supplier"),
    words("receipt"),  # the lane its receipt was told in: po 4500187
    words("receiver"),
    words("inspector"),
    words("state", "open"),  # open, passed, part, failed, left (its goods went another way)
    whole("quantity"),  # units in the lot
    words("level"),
    words("aql"),
    words("severity"),
    words("letter"),
    whole("sample"),
    whole("accept"),
    whole("seen"),
    whole("defects"),
    words("decided"),
    whole("created"),
    whole("closed"),
    whole("seq"),  # its event
    check("receiver = '' OR inspector <> receiver", "inspection_by_another"),
    check("defects >= 0 AND defects <= seen", "inspection_counts"),
    Index("inspection_open", "item", "lot", unique=True, sqlite_where=_UNDER_WAY, postgresql_where=_UNDER_WAY),
    Index("inspection_state", "state", "created"),
    clustered=True,
)

inspection_unit = table(
    "inspection_unit",
    key("inspection"),
    number_key("n"),
    whole("quantity", 1),
    whole("good", 1),
    words("serial"),
    words("location"),
    words("lpn"),
    words("defect"),  # the check it failed
    words("facts"),  # what was measured
    whole("at"),
    check("quantity > 0", "inspection_unit_of_something"),
    clustered=True,
)

# How strictly the next lot of an item from a supplier is inspected, by the switching rules.
inspection_standing = table(
    "inspection_standing",
    key("item"),
    key("supplier"),
    words("severity", "normal"),
    words("last"),  # the last five results, A or R each, the newest last
    whole("accepted"),  # in a row under this severity
    whole("score"),  # switching score, towards reduced
    whole("rejected"),  # under tightened inspection
    whole("stopped"),  # discontinued: a supervisor sets it back
    clustered=True,
)
