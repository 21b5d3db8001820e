"""Overrides are found quickly; an exception that wants approval is never closed by who raised it."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    overridden = sa.text("kind = 'overridden'")
    op.create_index(
        "journal_overridden", "journal", ["seq"], sqlite_where=overridden, postgresql_where=overridden
    )  # fmt: skip
    # Both engines take a named CHECK with a new column; it sees the whole row.
    whole = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    op.execute(
        f"ALTER TABLE exception ADD COLUMN approval {whole} DEFAULT 0 NOT NULL "
        "CONSTRAINT exception_approved_by_another CHECK (approval = 0 OR decided_by = '' OR decided_by <> worker)"
    )
