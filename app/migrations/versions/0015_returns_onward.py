"""Returns go on: what the desk decided of a piece, who took it when it left, what becomes of it after a repair."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for name in ("decided", "decided_by", "decided_because", "left_to", "left_reference"):
        op.add_column("returned", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.add_column("returned", sa.Column("left_at", WHOLE, server_default="0", nullable=False))
    op.add_column("disposition", sa.Column("otherwise", sa.Text(), server_default="", nullable=False))
    op.execute("UPDATE disposition SET otherwise = 'discount' WHERE code = 'refurbish'")
    op.execute("UPDATE disposition SET otherwise = 'liquidate' WHERE code = 'repair'")
