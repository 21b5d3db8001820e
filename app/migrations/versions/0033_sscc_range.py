"""The serials of the company prefix that this site gives out."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for name in ("sscc_from", "sscc_to"):
        op.add_column("site", sa.Column(name, WHOLE, server_default="0", nullable=False))
