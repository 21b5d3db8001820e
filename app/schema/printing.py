"""Print jobs, with the exact bytes sent. A job's state only ever says what is known of the paper."""

from sqlalchemy import Index, UniqueConstraint

from app.schema import key, raw, table, whole, words

print_job = table(
    "print_job",
    key("id"),
    words("once"),  # document kind + business id + copy: the same label is never queued twice
    words("printer"),
    words("kind"),  # lpn, shipping, slip, …
    words("subject"),  # the code a scan-back proves
    words("document"),
    words("state", "queued"),  # queued, sending, printed, sent, unknown, failed, cancelled, moved
    raw("payload"),
    raw("label"),  # the struct it was made from, as JSON
    whole("copy"),
    words("reason"),  # of a reprint, a move, a cancel
    words("sentence"),  # what the printer said last
    whole("attempts"),
    whole("next_at"),
    whole("created"),
    whole("ended"),
    words("worker"),
    words("station"),
    words("node"),  # which server claimed it
    UniqueConstraint("once", name="print_job_once"),
    Index("print_job_queue", "printer", "state", "next_at"),
    Index("print_job_subject", "subject"),
    Index("print_job_created", "created"),
)
