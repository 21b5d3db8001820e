"""Pick faces with minimum and maximum, replenishments, what a kind of task needs, and what a worker put off."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _whole(name: str, default: int = 0) -> sa.Column[int]:
    return sa.Column(name, WHOLE, server_default=str(default), nullable=False)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    _table(
        "pick_face", _key("location"), _key("item"), _whole("min_quantity"), _whole("max_quantity"),
        _whole("active", 1),
        sa.CheckConstraint(
            "min_quantity >= 0 AND max_quantity >= min_quantity AND max_quantity > 0", name="pick_face_sound"
        ),
        sa.PrimaryKeyConstraint("location", "item"),
    )  # fmt: skip
    op.create_index("pick_face_item", "pick_face", ["item"])
    _table(
        "replenishment", _key("task"), _words("item"), _words("face"), _whole("quantity"), _whole("moved"),
        _words("trigger"),
        sa.CheckConstraint("quantity > 0 AND moved >= 0", name="replenishment_of_something"),
        sa.PrimaryKeyConstraint("task"),
    )  # fmt: skip
    op.create_index("replenishment_face", "replenishment", ["face", "item"])
    _table("task_need", _key("kind"), _key("zone"), _words("needs"), sa.PrimaryKeyConstraint("kind", "zone"))
    _table(
        "postponed", _key("worker"), _key("subject"), _whole("until"), _words("reason"), _whole("at"),
        sa.PrimaryKeyConstraint("worker", "subject"),
    )  # fmt: skip


def _table(name: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(name, *parts, sqlite_strict=True, sqlite_with_rowid=False)
