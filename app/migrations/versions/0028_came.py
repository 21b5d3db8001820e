"""Of several at one station its own scanner reads for who came last: when that was."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("session", sa.Column("came", whole, server_default="0", nullable=False))
