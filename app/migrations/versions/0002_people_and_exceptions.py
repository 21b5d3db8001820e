"""Limits, skills and shifts of people; exception codes, reason codes and photos as rows; who took and closed a case."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _words(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _whole(name: str, default: int = 0) -> sa.Column[int]:
    return sa.Column(name, WHOLE, server_default=str(default), nullable=False)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    for name in ("skills", "equipment", "shift"):
        op.add_column("worker", _words(name))
    added: tuple[sa.Column[str] | sa.Column[int], ...] = (
        _words("taken_by"),
        _words("decided"),
        _words("decided_by"),
        _whole("closed"),
        _whole("escalated"),
    )
    for column in added:
        op.add_column("discrepancy", column)
    added = (
        _whole("quantity"), _words("lot"), _words("followed"), _words("taken_by"), _words("decided"),
        _words("decided_by"), _whole("closed"), _whole("escalated"),
    )  # fmt: skip
    for column in added:
        op.add_column("exception", column)
    op.create_index("exception_document", "exception", ["document"])
    _table(
        "worker_limit", _key("holder"), _key("name"), _key("kind"), _whole("value"),
        sa.CheckConstraint("value >= -1", name="worker_limit_sound"),
        sa.PrimaryKeyConstraint("holder", "name", "kind"),
    )  # fmt: skip
    _table(
        "shift", _key("code"), _words("name"), _words("days", "mon tue wed thu fri"), _whole("starts"), _whole("ends"),
        sa.CheckConstraint(
            "starts >= 0 AND starts < 1440 AND ends >= 0 AND ends < 1440", name="shift_within_a_day"
        ),
        sa.PrimaryKeyConstraint("code"),
    )  # fmt: skip
    _table(
        "exception_code", _key("code"), _words("title"), _words("owner", "supervisor"), _whole("due_min", 240),
        _whole("escalate_min", 240), _words("escalate_to", "admin"), _words("follow_ups"), _whole("approval"),
        _whole("photo"), _whole("active", 1),
        sa.CheckConstraint("due_min > 0 AND escalate_min >= 0", name="exception_code_in_time"),
        sa.PrimaryKeyConstraint("code"),
    )  # fmt: skip
    _table(
        "reason_code", _key("kind"), _key("code"), _words("words"), _whole("position"), _whole("photo"),
        _words("limit_kind"), _whole("active", 1), sa.PrimaryKeyConstraint("kind", "code"),
    )  # fmt: skip
    _table(
        "photo", _key("hash"), _whole("bytes"), _whole("width"), _whole("height"), _words("worker"), _words("device"),
        _whole("at"), sa.PrimaryKeyConstraint("hash"),
    )  # fmt: skip
    _table(
        "photo_of", _key("subject"), _key("hash"), _words("worker"), _whole("at"),
        sa.PrimaryKeyConstraint("subject", "hash"),
    )  # fmt: skip
    op.create_index("photo_of_hash", "photo_of", ["hash"])


def _table(name: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(name, *parts, sqlite_strict=True, sqlite_with_rowid=False)
