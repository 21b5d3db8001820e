"""Why the books were wrong, and which events a decision made, so that it can be taken back; who takes a return back."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("count_line", sa.Column("cause", sa.Text(), server_default="", nullable=False))
    op.add_column("count_line", sa.Column("first", WHOLE, server_default="0", nullable=False))
    for name in ("left_carrier", "left_service"):
        op.add_column("returned", sa.Column(name, sa.Text(), server_default="", nullable=False))
