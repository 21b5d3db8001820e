"""How far each ERP was asked for its news, so that a restart goes on from there."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("connector", sa.Column("asked_to", sa.Text, server_default="", nullable=False))
