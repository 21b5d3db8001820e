"""A putaway strategy may name the kind of place, and be only for goods of a hazard class, a temperature or a velocity."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("kind", "hazard_class", "temperature", "velocity"):
        op.add_column("putaway_strategy", sa.Column(name, sa.Text(), server_default="", nullable=False))
