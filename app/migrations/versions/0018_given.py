"""Why a worker was given their task is kept with it."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("task", sa.Column("given", sa.Text(), server_default="", nullable=False))
