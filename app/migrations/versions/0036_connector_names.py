"""What one ERP calls our places can be named at the desk, version by version; what it accepted late is counted."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("connector", sa.Column("late", _WHOLE, server_default="0", nullable=False))
    op.create_table(
        "connector_name",
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("ours", sa.Text(), nullable=False),
        sa.Column("theirs", sa.Text(), server_default="", nullable=False),
        sa.Column("version", _WHOLE, server_default="0", nullable=False),
        sa.Column("changed_by", sa.Text(), server_default="", nullable=False),
        sa.Column("changed", _WHOLE, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("connector", "ours"),
        sa.CheckConstraint("version >= 1", name="connector_name_versioned"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
