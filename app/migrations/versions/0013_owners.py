"""Whose goods: items by owner, and the journal by owner, only where anybody is named; and what waits for inspection."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    owned = sa.text("owner <> ''")
    op.create_index("item_owner", "item", ["owner", "code"], sqlite_where=owned, postgresql_where=owned)
    waits = sa.text("status = 'inspection'")
    op.create_index("balance_inspection", "balance", ["item", "lot"], sqlite_where=waits, postgresql_where=waits)
    op.create_index("journal_owner", "journal", ["owner", "seq"], sqlite_where=owned, postgresql_where=owned)
