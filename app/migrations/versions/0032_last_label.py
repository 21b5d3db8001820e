"""The label a worker asked for last, kept with their session until it is known to be there."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("session", sa.Column("label", sa.Text, server_default="", nullable=False))
