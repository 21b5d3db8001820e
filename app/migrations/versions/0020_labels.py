"""Templates of labels are rows with versions, a print job remembers which it was drawn by, and labels have routes."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def whole(name: str) -> sa.Column[int]:
    return sa.Column(name, WHOLE, server_default="0", nullable=False)


def upgrade() -> None:
    op.add_column("print_job", words("template"))
    op.add_column("print_job", whole("template_version"))
    op.create_table(
        "label_template",
        sa.Column("name", sa.Text(), primary_key=True, nullable=False),
        sa.Column("version", WHOLE, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("layout", sa.LargeBinary(), nullable=False),
        words("note"),
        words("worker"),
        whole("created"),
        sqlite_strict=True,
    )
    op.create_table(
        "label_picture",
        sa.Column("name", sa.Text(), primary_key=True, nullable=False),
        sa.Column("picture", sa.LargeBinary(), nullable=False),
        words("worker"),
        whole("created"),
        sqlite_strict=True,
    )
    op.create_table(
        "print_route",
        sa.Column("kind", sa.Text(), primary_key=True, nullable=False),
        sa.Column("station", sa.Text(), primary_key=True, nullable=False),
        sa.Column("zone", sa.Text(), primary_key=True, nullable=False),
        sa.Column("position", WHOLE, primary_key=True, autoincrement=False, nullable=False),
        words("printer"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
