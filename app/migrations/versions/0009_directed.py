"""Who lets the house choose their next task."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "directed",
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("since", WHOLE, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("worker"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
