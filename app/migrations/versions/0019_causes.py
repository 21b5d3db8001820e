"""Why the books were wrong, and which events a decision on a difference made, so that it can be taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("count_line", sa.Column("cause", sa.Text(), server_default="", nullable=False))
    op.add_column("count_line", sa.Column("first", WHOLE, server_default="0", nullable=False))
