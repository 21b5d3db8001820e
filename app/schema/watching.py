"""What the house watches by itself: rules that fire, what they fired, and unusual figures somebody looked at."""

from sqlalchemy import Index, text

from app.schema import check, key, number_key, table, whole, words

_STILL = text("cleared = 0")

# When something holds (kind and figures, for an item, zone or supplier), then this is done. Empty filter: any.
trigger_rule = table(
    "trigger_rule",
    key("code"),
    words("title"),
    words(
        "kind"
    ),  # receiving_discrepancy, return_spike, stock_under, shipment_at_risk, delayed_receipt, limit_exceeded
    whole("threshold"),  # per cent, units or minutes, as the kind says
    whole("least", 1),  # at least so many cases or units
    whole("window_h", 24),  # how far back it looks
    whole("cover_days"),  # stock for so many days; 0: the fixed threshold only
    words("item"),
    words("zone"),
    words("supplier"),
    words("action", "alert"),  # hold, task, alert, approval
    words("owner", "supervisor"),  # the role that hears of it
    whole("active", 1),
    words("changed_by"),
    whole("changed"),
    check("threshold >= 0 AND least >= 1 AND window_h >= 1 AND cover_days >= 0", "trigger_rule_sound"),
    check("action IN ('hold', 'task', 'alert', 'approval')", "trigger_rule_action_known"),
    clustered=True,
)

# One row each time a rule fired. While `cleared` is 0 the same cause does not fire it again.
trigger_fired = table(
    "trigger_fired",
    key("id"),
    words("rule"),
    words("kind"),
    words("subject"),  # the cause: "po 4500187/1", "item MUG"
    words("sentence"),  # with the figures that made it fire
    words("action"),
    words("did"),  # what was done, in words
    words("document"),
    words("item"),
    words("location"),
    words("exception"),  # the case it raised
    whole("seq"),  # of its event in the journal
    whole("at"),
    whole("cleared"),  # µs; when it no longer held
    Index("trigger_fired_open", "rule", "subject", unique=True, sqlite_where=_STILL, postgresql_where=_STILL),
    Index("trigger_fired_subject", "rule", "subject", "at"),
    Index("trigger_fired_at", "at"),
    clustered=True,
)

# What somebody decided on an unusual figure. The last decision holds until the figure is worse than it was then.
unusual_note = table(
    "unusual_note",
    key("id"),
    words("measure"),  # short, shrinkage, adjustment, returned
    words("kind"),  # worker, item, location
    words("subject"),
    words("decision"),  # explained, watch, case
    words("reason"),
    words("sentence"),  # as it stood then
    whole("cases"),  # as they stood then
    whole("at"),
    words("worker"),  # who decided
    words("exception"),  # the case that was opened
    check("kind <> 'worker' OR worker <> subject", "unusual_not_judged_by_oneself"),
    Index("unusual_note_of", "measure", "kind", "subject", "at"),
    clustered=True,
)

# What each worker, item and place had of picks and takes on one day, summed from the journal up to the cursor.
occasion_day = table(
    "occasion_day",
    key("kind"),  # worker, item, location
    number_key("day"),  # since 1970
    key("subject"),
    whole("picks"),
    whole("takes"),
    clustered=True,
)
occasion_cursor = table("occasion_cursor", number_key("one"), whole("seq"), clustered=True)
