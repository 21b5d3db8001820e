"""A carton's sides, where a dimensioner measured them when it was closed."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for name in ("length_mm", "width_mm", "height_mm"):
        op.add_column("carton", sa.Column(name, _WHOLE, server_default="0", nullable=False))
