"""As whom a connector tells, and of whose goods: an ERP that refuses an event later names it by its id alone."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("site", "owner"):
        op.add_column("connector", sa.Column(name, sa.Text(), server_default="", nullable=False))
