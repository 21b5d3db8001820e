"""What a carrier voids and manifests a label by, where that is not its tracking number."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("label_purchase", sa.Column("shipment", sa.Text(), server_default="", nullable=False))
