"""What the ERP sent and could not be taken in has a code; what was not let in at all is kept for the desk."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inbox", sa.Column("code", sa.Text, nullable=False, server_default=""))
    whole = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "turned_away",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        *(
            sa.Column(name, sa.Text, nullable=False, server_default="")
            for name in ("code", "sentence", "source", "message", "type")
        ),
        sa.Column("at", whole, nullable=False, server_default="0"),
        sa.Column("size", whole, nullable=False, server_default="0"),
        sa.Column("times", whole, nullable=False, server_default="1"),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
    )
