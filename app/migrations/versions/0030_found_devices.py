"""Printers taken in at the desk, and scanners set up there."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _whole(name: str, default: int = 0) -> sa.Column[int]:
    return sa.Column(name, WHOLE, server_default=str(default), nullable=False)


def _words(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def upgrade() -> None:
    op.create_table(
        "added_printer", sa.Column("name", sa.Text(), nullable=False), _words("kind", "zpl"), _words("address"),
        _whole("dpi", 203), _whole("width_mm"), _whole("height_mm"), _whole("two_way"), _words("worker"), _whole("created"),
        sa.PrimaryKeyConstraint("name"), sqlite_strict=True, sqlite_with_rowid=False,
    )  # fmt: skip
    op.create_table(
        "scanner_setup", sa.Column("device", sa.Text(), nullable=False), _words("framing", "line"), _words("gs"),
        _words("prefix"), _words("suffix"), _words("worker"), _whole("at"), _whole("confirmed"),
        sa.PrimaryKeyConstraint("device"), sqlite_strict=True, sqlite_with_rowid=False,
    )  # fmt: skip
