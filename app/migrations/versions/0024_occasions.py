"""Picks and takes per worker, item and place, day by day, so that unusual figures need not count four weeks at each look."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _whole(name: str) -> sa.Column[int]:
    return sa.Column(name, WHOLE, server_default="0", nullable=False)


def upgrade() -> None:
    op.create_table(
        "occasion_day", sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("day", WHOLE, nullable=False, autoincrement=False), sa.Column("subject", sa.Text(), nullable=False),
        _whole("picks"), _whole("takes"), sa.PrimaryKeyConstraint("kind", "day", "subject"),
        sqlite_strict=True, sqlite_with_rowid=False,
    )  # fmt: skip
    op.create_table(
        "occasion_cursor", sa.Column("one", WHOLE, nullable=False, autoincrement=False), _whole("seq"),
        sa.PrimaryKeyConstraint("one"), sqlite_strict=True, sqlite_with_rowid=False,
    )  # fmt: skip
