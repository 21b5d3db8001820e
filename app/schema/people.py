"""Workers, what they may do, and the tries at their PIN. A badge names; only badge and PIN together sign in."""

from sqlalchemy import Index, UniqueConstraint

from app.schema import check, key, table, whole, words

worker = table(
    "worker",
    key("code"),
    words("badge"),
    words("name"),
    words("roles"),  # space-separated: worker packer loader supervisor admin viewer service
    words("pin_hash"),  # argon2id
    words("language", "en"),
    words("size", "m"),
    whole("active", 1),
    words("skills"),  # space-separated: hazmat cold reach_truck
    words("equipment"),  # what they drive now: reach_truck, cart
    words("shift"),  # code of their shift
    UniqueConstraint("badge", name="badge_once"),
    clustered=True,
)

# How much somebody may decide alone. A worker's own row beats those of their roles; of several roles the highest holds.
worker_limit = table(
    "worker_limit",
    key("holder"),  # role, worker
    key("name"),  # supervisor, mara
    key("kind"),  # adjust_value, adjust_percent, … (app/work/limits.py)
    whole("value"),  # cents, per cent or base units; −1: no limit
    check("value >= -1", "worker_limit_sound"),
    clustered=True,
)

shift = table(
    "shift",
    key("code"),
    words("name"),
    words("days", "mon tue wed thu fri"),
    whole("starts"),  # minutes after midnight, the site's time
    whole("ends"),  # before `starts`: on the next day
    check("starts >= 0 AND starts < 1440 AND ends >= 0 AND ends < 1440", "shift_within_a_day"),
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
