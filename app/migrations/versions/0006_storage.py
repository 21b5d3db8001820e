"""Corrections with who asked and who decided, transfers between sites, hand-over points; hazards and temperatures."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
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
    for name in ("hazard_class", "temperature"):
        op.add_column("item", _words(name))
    for name in ("hazards", "temperature"):
        op.add_column("location", _words(name))
    _table(
        "adjustment", _key("id"), _words("kind"), _words("item"), _words("location"), _words("lpn"), _words("lot"),
        _words("status", "available"), _words("serial"), _whole("change"), _whole("booked"), _whole("value"),
        _words("reason"), _words("asked_by"), _whole("asked"), _words("state", "waiting"), _words("decided_by"),
        _whole("decided"), _words("decision"), _whole("seq"),
        sa.CheckConstraint("change <> 0", name="adjustment_of_something"),
        sa.CheckConstraint("kind <> 'write_off' OR change < 0", name="write_off_takes_away"),
        sa.CheckConstraint("decided_by = '' OR decided_by <> asked_by", name="adjustment_by_two_people"),
        sa.PrimaryKeyConstraint("id"),
    )  # fmt: skip
    op.create_index("adjustment_state", "adjustment", ["state", "asked"])
    op.create_index("adjustment_item", "adjustment", ["item"])
    _table(
        "transfer", _key("code"), _words("source"), _words("target"), _words("state", "open"), _words("asked_by"),
        _words("carrier"), _whole("due"), _whole("version"), _whole("created"),
        sa.PrimaryKeyConstraint("code"),
    )  # fmt: skip
    op.create_index("transfer_state", "transfer", ["state", "due"])
    _table(
        "transfer_line", _key("transfer"), _key("line"), _words("item"), _whole("quantity"), _whole("shipped"),
        _whole("received"),
        sa.CheckConstraint("quantity > 0 AND shipped >= 0 AND received >= 0", name="transfer_line_whole"),
        sa.PrimaryKeyConstraint("transfer", "line"),
    )  # fmt: skip
    _table(
        "handover", _key("zone"), _words("location"), _words("equipment"), _whole("active", 1),
        sa.PrimaryKeyConstraint("zone"),
    )  # fmt: skip


def _table(name: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(name, *parts, sqlite_strict=True, sqlite_with_rowid=False)
