"""How far each connector has read the journal, what became of each event there, and what the ERP sent us."""

from sqlalchemy import Index

from app.schema import key, number_key, raw, table, whole, words

connector = table(
    "connector",
    key("name"),
    whole("cursor"),  # every event up to this seq has its delivery row
    words("state", "sending"),  # sending, waiting, paused
    words("sentence"),
    whole("since"),
    whole("sent"),
    whole("duplicates"),
    words("paused_by"),
)

# One row per event that is not yet, or not simply, accepted; accepted ones need none below the cursor.
delivery = table(
    "delivery",
    key("connector"),
    number_key("seq"),
    words("document"),
    words("state", "waiting"),  # waiting, parked (behind a dead letter of its document), dead, accepted, discarded
    whole("attempts"),
    whole("next_at"),
    words("answer"),  # the sink's own words, raw
    words("reason"),  # of a discard
    words("decided_by"),
    words("seconded_by"),
    whole("at"),
    Index("delivery_state", "connector", "state", "seq"),
    Index("delivery_document", "connector", "document", "state"),
)

# An event is known abroad as site, epoch and seq. A restore opens a new epoch, so that numbers given out again are not
# taken for old events; events up to `since_seq` keep the epoch they were sent under.
epoch = table(
    "epoch",
    number_key("number"),
    whole("since_seq"),
    whole("at"),
)

inbox = table(
    "inbox",
    key("source"),
    key("id"),
    words("type"),
    words("subject"),  # the document's or item's own number
    whole("version"),
    words("state"),  # applied, stale, dead
    words("sentence"),
    raw("body"),
    whole("at"),
    words("digest"),
    words("missing"),  # "item TEE-M-WHT": replayed by itself when it arrives
    Index("inbox_missing", "missing", "state"),
    Index("inbox_state", "state", "at"),
    Index("inbox_subject", "subject"),
)
