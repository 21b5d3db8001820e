"""Indexes: items and events by owner where anybody is named, goods that wait for inspection, how a lot came."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    owned = sa.text("owner <> ''")
    op.create_index("item_owner", "item", ["owner", "code"], sqlite_where=owned, postgresql_where=owned)
    waits = sa.text("status = 'inspection'")
    op.create_index("balance_inspection", "balance", ["item", "lot"], sqlite_where=waits, postgresql_where=waits)
    came = sa.text("source = '~supplier'")
    op.create_index("movement_came", "movement", ["item", "lot", "seq"], sqlite_where=came, postgresql_where=came)
    op.create_index("journal_owner", "journal", ["owner", "seq"], sqlite_where=owned, postgresql_where=owned)
