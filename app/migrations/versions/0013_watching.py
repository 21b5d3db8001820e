"""Rules that fire by themselves, what they fired, and what somebody decided on an unusual figure."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _words(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _whole(name: str, default: int = 0) -> sa.Column[int]:
    return sa.Column(name, WHOLE, server_default=str(default), nullable=False)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _table(name: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(name, *parts, sqlite_strict=True, sqlite_with_rowid=False)


def upgrade() -> None:
    _table(
        "trigger_rule", _key("code"), _words("title"), _words("kind"), _whole("threshold"), _whole("least", 1),
        _whole("window_h", 24), _whole("cover_days"), _words("item"), _words("zone"), _words("supplier"),
        _words("action", "alert"), _words("owner", "supervisor"), _whole("active", 1), _words("changed_by"),
        _whole("changed"),
        sa.CheckConstraint(
            "threshold >= 0 AND least >= 1 AND window_h >= 1 AND cover_days >= 0", name="trigger_rule_sound"
        ),
        sa.CheckConstraint("action IN ('hold', 'task', 'alert', 'approval')", name="trigger_rule_action_known"),
        sa.PrimaryKeyConstraint("code"),
    )  # fmt: skip
    _table(
        "trigger_fired", _key("id"), _words("rule"), _words("kind"), _words("subject"), _words("sentence"),
        _words("action"), _words("did"), _words("document"), _words("item"), _words("location"), _words("exception"),
        _whole("seq"), _whole("at"), _whole("cleared"), sa.PrimaryKeyConstraint("id"),
    )  # fmt: skip
    still = sa.text("cleared = 0")
    op.create_index(
        "trigger_fired_open", "trigger_fired", ["rule", "subject"], unique=True, sqlite_where=still,
        postgresql_where=still,
    )  # fmt: skip
    op.create_index("trigger_fired_subject", "trigger_fired", ["rule", "subject", "at"])
    op.create_index("trigger_fired_at", "trigger_fired", ["at"])
    _table(
        "unusual_note", _key("id"), _words("measure"), _words("kind"), _words("subject"), _words("decision"),
        _words("reason"), _words("sentence"), _whole("cases"), _whole("at"), _words("worker"), _words("exception"),
        sa.CheckConstraint("kind <> 'worker' OR worker <> subject", name="unusual_not_judged_by_oneself"),
        sa.PrimaryKeyConstraint("id"),
    )  # fmt: skip
    op.create_index("unusual_note_of", "unusual_note", ["measure", "kind", "subject", "at"])
