"""What a connector goes by can be changed at the desk, version by version."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "connector_setting",
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", _WHOLE, server_default="0", nullable=False),
        sa.Column("version", _WHOLE, server_default="0", nullable=False),
        sa.Column("changed_by", sa.Text(), server_default="", nullable=False),
        sa.Column("changed", _WHOLE, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("connector", "name"),
        sa.CheckConstraint("version >= 1", name="connector_setting_versioned"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
