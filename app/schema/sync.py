"""How far each connector has read the journal, what became of each event there, and what the ERP sent us."""

from sqlalchemy import Index

from app.schema import check, key, number_key, raw, table, whole, words

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
    words("asked_to"),  # how far the ERP was asked for its news: the connector's kind, and its own words
    whole("late"),  # of those sent: accepted longer after they happened than the desk is warned after
    words("site"),  # as whom it tells; empty: it has told nothing since this is kept
    words("owner"),  # of whose goods; empty: of everybody's
)

# One row per event that is not yet, or not simply, accepted; accepted ones need none below the cursor.
delivery = table(
    "delivery",
    key("connector"),
    number_key("seq"),
    words("document"),
    # waiting, parked (behind one of its document), dead, asks (a supervisor must accept a warning), accepted, discarded
    words("state", "waiting"),
    whole("attempts"),
    whole("next_at"),
    words("answer"),  # the sink's own words, raw
    words("reason"),  # of a discard
    words("decided_by"),
    words("seconded_by"),
    whole("at"),
    words("request"),  # as it was offered when the sink did not take it
    words("raw"),  # the sink's whole answer then
    words("warning"),  # the sink's name of what it warns of
    words("approved"),  # warnings accepted so far, one a line
    Index("delivery_state", "connector", "state", "seq"),
    Index("delivery_document", "connector", "document", "state"),
)

# Events that were told and count as untold, until the connector has forgotten that it told them.
untold = table(
    "untold",
    key("id"),  # of time, so they sort
    words("connector"),
    whole("first"),  # seqs
    whole("last"),
    Index("untold_of", "connector", "id"),
    clustered=True,
)

# What happened to a connector and to its events with a story: what the sink said, and what a person decided or changed.
connector_log = table(
    "connector_log",
    key("id"),  # of time, so they sort
    words("connector"),
    whole("seq"),  # 0: the connector as a whole
    whole("at"),
    words("what"),  # rejected, asks, accepted, approved, declined, replayed, proposed, discarded, paused, …
    words("words"),
    words("was"),
    words("becomes"),
    words("worker"),  # empty: nobody decided it
    Index("connector_log_of", "connector", "seq", "id"),
    clustered=True,
)

# What a connector goes by, where somebody changed it from what the house begins with.
connector_setting = table(
    "connector_setting",
    key("connector"),
    key("name"),
    whole("value"),
    whole("version"),
    words("changed_by"),
    whole("changed"),
    check("version >= 1", "connector_setting_versioned"),
    clustered=True,
)

# What one ERP calls our places and statuses, where somebody named it otherwise than the settings file.
connector_name = table(
    "connector_name",
    key("connector"),
    key("ours"),
    words("theirs"),
    whole("version"),
    words("changed_by"),
    whole("changed"),
    check("version >= 1", "connector_name_versioned"),
    clustered=True,
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
    words("code"),  # of what is dead: unknown_type, bad_content, waits …
    Index("inbox_missing", "missing", "state"),
    Index("inbox_state", "state", "at"),
    Index("inbox_subject", "subject"),
)

# What was not let in at all: a wrong seal, too large, an event that cannot be meant. The newest few hundred.
turned_away = table(
    "turned_away",
    key("id"),  # of time, so they sort
    whole("at"),
    words("code"),
    words("sentence"),
    words("source"),
    words("message"),  # its id, where it could be read
    words("type"),
    whole("size"),
    whole("times", 1),
    raw("body"),  # the first bytes
)

# Each comparison of the floor's stock with one ERP's, and what of it was not alike.
reconciliation = table(
    "reconciliation",
    key("id"),  # of time, so they sort
    words("connector"),
    whole("as_of"),
    whole("at"),
    words("worker"),  # who asked; empty: the night
    words("outcome"),  # agrees, drifts, many (drifts: no snapshot of ours), failed, nothing (it keeps no stock)
    words("sentence"),
    whole("compared"),
    whole("unequal"),
    whole("drifts"),
    whole("took_ms"),
    Index("reconciliation_of", "connector", "id"),
    clustered=True,
)

difference = table(
    "difference",
    key("reconciliation"),
    number_key("n"),
    words("item"),
    words("lot"),
    words("status"),
    whole("floor"),
    whole("erp"),
    whole("unsent"),
    whole("in_flight"),
    whole("unacknowledged"),
    whole("given_up"),
    whole("drift"),  # what no event explains
    whole("common"),  # the last event of it both sides have
    whole("lacks"),  # the first event of it the ERP never had
    whole("agreed"),  # as of this event the two last agreed on it
    words("exception"),
    Index("difference_of", "item", "lot", "status"),
    clustered=True,
)
