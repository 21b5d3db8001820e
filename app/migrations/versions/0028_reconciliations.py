"""Every comparison of the floor's stock with an ERP's is kept, with what was not alike."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

OPTIONS = {"sqlite_strict": True, "sqlite_with_rowid": False}
_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _words(*names: str) -> "list[sa.Column[str]]":
    return [sa.Column(name, sa.Text, nullable=False, server_default="") for name in names]


def _wholes(*names: str) -> "list[sa.Column[int]]":
    return [sa.Column(name, _WHOLE, nullable=False, server_default="0") for name in names]


def upgrade() -> None:
    op.create_table(
        "reconciliation",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        *_words("connector", "worker", "outcome", "sentence"),
        *_wholes("as_of", "at", "compared", "unequal", "drifts", "took_ms"),
        **OPTIONS,
    )
    op.create_index("reconciliation_of", "reconciliation", ["connector", "id"])
    op.create_table(
        "difference",
        sa.Column("reconciliation", sa.Text, primary_key=True, nullable=False),
        sa.Column("n", _WHOLE, primary_key=True, nullable=False, autoincrement=False),
        *_words("item", "lot", "status", "exception"),
        *_wholes(
            "floor", "erp", "unsent", "in_flight", "unacknowledged", "given_up", "drift", "common", "lacks", "agreed"
        ),
        **OPTIONS,
    )
    op.create_index("difference_of", "difference", ["item", "lot", "status"])
