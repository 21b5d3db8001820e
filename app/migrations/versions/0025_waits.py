"""The index over goods that wait for inspection says so in words no bound parameter is compared with (app/schema/stock.py)."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("balance_inspection", "balance")
    waits = sa.text("status || '' = 'inspection'")
    op.create_index("balance_inspection", "balance", ["item", "lot"], sqlite_where=waits, postgresql_where=waits)
