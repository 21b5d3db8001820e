"""What an ERP did not simply take is kept with request and answer, its warnings wait for a person, and decisions are logged."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("request", "raw", "warning", "approved"):
        op.add_column("delivery", sa.Column(name, sa.Text, nullable=False, server_default=""))
    whole = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "connector_log",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        sa.Column("connector", sa.Text, nullable=False, server_default=""),
        sa.Column("seq", whole, nullable=False, server_default="0"),
        sa.Column("at", whole, nullable=False, server_default="0"),
        *(
            sa.Column(name, sa.Text, nullable=False, server_default="")
            for name in ("what", "words", "was", "becomes", "worker")
        ),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("connector_log_of", "connector_log", ["connector", "seq", "id"])
