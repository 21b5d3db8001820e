"""What a site with a server of its own says is on its way to us, and how much it still has to send."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ON_A_PLATE = sa.text("lpn <> ''")


def upgrade() -> None:
    op.add_column("transfer", sa.Column("to_go", WHOLE, server_default="-1", nullable=False))
    op.create_table(
        "transfer_coming",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("transfer", "item", "lot", "lpn", "serial")),
        sa.Column("quantity", WHOLE, server_default="0", nullable=False),
        sa.Column("expiry", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("quantity >= 0", name="transfer_coming_whole"),
        sa.PrimaryKeyConstraint("transfer", "item", "lot", "lpn", "serial"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index(
        "transfer_coming_lpn", "transfer_coming", ["lpn"], sqlite_where=ON_A_PLATE, postgresql_where=ON_A_PLATE
    )
