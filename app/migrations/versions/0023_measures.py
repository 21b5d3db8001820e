"""Questions answered with a number: whether one is, what is good, and in which unit."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("return_check", sa.Column("kind", sa.Text(), server_default="judge", nullable=False))
    for table in ("return_check", "reason_code"):
        for name in ("low", "high"):
            op.add_column(table, sa.Column(name, WHOLE, server_default="0", nullable=False))
        op.add_column(table, sa.Column("unit", sa.Text(), server_default="", nullable=False))
