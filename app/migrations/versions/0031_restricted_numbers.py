"""Patterns of the house's own weight and price labels."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "restricted_number", sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("decimals", WHOLE, server_default="0", nullable=False),
        sa.Column("active", WHOLE, server_default="1", nullable=False),
        sa.CheckConstraint("decimals >= 0 AND decimals <= 3", name="restricted_number_decimals"),
        sa.PrimaryKeyConstraint("pattern"), sqlite_strict=True, sqlite_with_rowid=False,
    )  # fmt: skip
