"""What a task's urgency is worth, who a task is meant for, and tasks cancelled at the desk."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _whole(name: str) -> sa.Column[int]:
    return sa.Column(name, WHOLE, server_default="0", nullable=False)


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def upgrade() -> None:
    op.add_column("task", _words("assigned"))
    op.add_column("task", _whole("by_hand"))
    op.create_table(
        "task_cancelled",
        sa.Column("task", sa.Text(), nullable=False),
        _whole("at"),
        _words("worker"),
        _words("reason"),
        sa.PrimaryKeyConstraint("task"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "task_weight",
        sa.Column("name", sa.Text(), nullable=False),
        _whole("metres"),
        sa.CheckConstraint("metres >= 0", name="task_weight_sound"),
        sa.PrimaryKeyConstraint("name"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
