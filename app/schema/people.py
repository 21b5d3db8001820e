"""Workers, what they may do, and the tries at their PIN. A badge names; only badge and PIN together sign in."""

from sqlalchemy import Index, UniqueConstraint

from app.schema import key, table, whole, words

worker = table(
    "worker",
    key("code"),
    words("badge"),
    words("name"),
    words("roles"),  # space-separated: worker packer loader supervisor admin viewer
    words("pin_hash"),  # argon2id
    words("language", "en"),
    words("size", "m"),
    whole("active", 1),
    UniqueConstraint("badge", name="badge_once"),
    clustered=True,
)

pin_lock = table(
    "pin_lock",
    key("subject"),  # "badge 1007" or "device HH-07"
    whole("tries"),
    whole("since"),
    whole("until"),  # µs; locked before it
)

security_event = table(
    "security_event",
    key("id"),
    whole("at"),
    words("kind"),
    words("worker"),
    words("device"),
    words("detail"),
    Index("security_event_at", "at"),
)
