"""What a unit and a carton really weigh is learned from verified cartons."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "learned_weight",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("told_g", WHOLE, server_default="0", nullable=False),
        sa.Column("mean_mg", WHOLE, server_default="0", nullable=False),
        sa.Column("doubt_mg", WHOLE, server_default="0", nullable=False),
        sa.Column("spread_mg", WHOLE, server_default="0", nullable=False),
        sa.Column("cartons", WHOLE, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("kind", "code"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
