"""Whether received goods go straight to an order that waits, and whether items of unknown size are measured."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for name in ("cross_dock", "measure"):
        op.add_column("receiving_rule", sa.Column(name, WHOLE, server_default="-1", nullable=False))
