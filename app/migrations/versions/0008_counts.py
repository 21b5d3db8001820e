"""Counts: who counted which place when, every tally, the lines and what became of them, and the rows that make counts."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _words(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _whole(name: str, default: int = 0) -> sa.Column[int]:
    return sa.Column(name, WHOLE, server_default=str(default), nullable=False)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _apart(one: str, many: str) -> str:
    return f"replace(' ' || {many} || ' ', ' ' || {one} || ' ', '') = ' ' || {many} || ' '"


def upgrade() -> None:
    _table(
        "stock_count", _key("id"), _words("task"), _words("place"), _words("item"), _words("plan"),
        _words("state", "counting"), _words("outcome"), _words("worker"), _words("device"), _words("earlier"),
        _whole("round", 1), _whole("begun"), _whole("begun_seq"), _whole("closed"), _whole("closed_seq"),
        sa.CheckConstraint(_apart("worker", "earlier"), name="recounted_by_somebody_else"),
        sa.PrimaryKeyConstraint("id"),
    )  # fmt: skip
    op.create_index("stock_count_place", "stock_count", ["place", "closed"])
    counting = sa.text("state = 'counting'")
    op.create_index(
        "stock_count_in_use", "stock_count", ["place"], unique=True, sqlite_where=counting, postgresql_where=counting
    )
    op.create_index("stock_count_task", "stock_count", ["task"])
    _table(
        "tally", _key("count"), sa.Column("n", WHOLE, nullable=False), _words("label"), _words("item"), _words("lpn"),
        _words("lot"), _words("serial"), _words("expiry"), _whole("quantity"), _whole("since"), _whole("seq"),
        _whole("at"), _whole("typed"), _words("void"), sa.PrimaryKeyConstraint("count", "n"),
    )  # fmt: skip
    _table(
        "count_line", _key("id"), _words("count"), _words("place"), _words("item"), _words("lpn"), _words("lot"),
        _words("status", "available"), _whole("round", 1), _whole("counted"), _whole("book"), _whole("difference"),
        _whole("position"), _whole("value"), _words("state"), _words("counter"), _words("earlier"),
        _words("decided_by"), _words("reason"), _words("note"), _whole("decided"), _whole("event"), _whole("created"),
        sa.CheckConstraint("counter <> '' AND decided_by <> counter", name="counter_never_approves"),
        sa.CheckConstraint(
            f"decided_by = '' OR {_apart('decided_by', 'earlier')}", name="earlier_counter_never_approves"
        ),
        sa.CheckConstraint(
            "decided_by <> '' OR (state <> 'posted' AND state <> 'approved' AND state <> 'rejected')",
            name="decided_by_name",
        ),
        sa.PrimaryKeyConstraint("id"),
    )  # fmt: skip
    op.create_index("count_line_count", "count_line", ["count"])
    op.create_index("count_line_place", "count_line", ["place", "item", "state"])
    op.create_index("count_line_state", "count_line", ["state", "created"])
    _table(
        "count_plan", _key("code"), _words("scope"), _words("value"), _whole("freeze"), _words("state", "open"),
        _whole("places"), _words("created_by"), _whole("created"), _whole("closed"), sa.PrimaryKeyConstraint("code"),
    )  # fmt: skip
    _table(
        "count_class", _key("class"), _whole("share_percent"), _whole("every_days"), _whole("active", 1),
        sa.CheckConstraint("every_days > 0 AND share_percent >= 0", name="count_class_sound"),
        sa.PrimaryKeyConstraint("class"),
    )  # fmt: skip
    _table(
        "item_class", _key("item"), _words("class"), _whole("turnover"), _whole("at"), sa.PrimaryKeyConstraint("item")
    )  # fmt: skip
    _table(
        "count_trigger", _key("kind"), _whole("threshold"), _whole("cool_days"), _whole("active", 1),
        sa.PrimaryKeyConstraint("kind"),
    )  # fmt: skip
    _table("count_setting", _key("name"), _whole("value"), sa.PrimaryKeyConstraint("name"))


def _table(name: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(name, *parts, sqlite_strict=True, sqlite_with_rowid=False)
