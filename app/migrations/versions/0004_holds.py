"""Holds and recalls of lots, and the way from a lot number to who got it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _words(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _whole(name: str, default: int = 0) -> sa.Column[int]:
    return sa.Column(name, WHOLE, server_default=str(default), nullable=False)


def upgrade() -> None:
    op.create_table(
        "lot_hold", sa.Column("id", sa.Text(), nullable=False), _words("item"), _words("lot"), _words("kind", "hold"),
        _words("reason"), _words("source"), _words("state", "open"), _words("held_by"), _whole("held_at"),
        _words("cleared_by"), _whole("cleared_at"), _words("cleared_why"), _whole("version"),
        sa.CheckConstraint("kind = 'hold' OR kind = 'recall'", name="lot_hold_kind"),
        sa.CheckConstraint("state = 'open' OR state = 'cleared'", name="lot_hold_state"),
        sa.CheckConstraint(
            "source <> '' OR cleared_by = '' OR cleared_by <> held_by", name="lot_hold_cleared_by_another"
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True, sqlite_with_rowid=False,
    )  # fmt: skip
    is_open = sa.text("state = 'open'")
    op.create_index(
        "lot_hold_open",
        "lot_hold",
        ["item", "lot", "kind"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index("lot_hold_state", "lot_hold", ["state", "held_at"])
    left = sa.text("target = '~customer' OR source = '~customer'")
    op.create_index("movement_left", "movement", ["item", "lot", "seq"], sqlite_where=left, postgresql_where=left)
