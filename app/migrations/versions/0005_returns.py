"""Returns: RMAs, parcels, pieces with their grade and disposition, and the rows they are judged by."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _words(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _whole(name: str, default: int = 0) -> sa.Column[int]:
    return sa.Column(name, WHOLE, server_default=str(default), nullable=False)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    op.add_column("site", _whole("return_number"))
    _documents()
    _pieces()
    _rules()


def _documents() -> None:
    _table(
        "rma", _key("code"), _words("owner"), _words("order_code"), _words("customer"), _words("tracking"),
        _words("state", "open"), _whole("expires"), _words("decision"), _words("decided"), _words("replacement"),
        _whole("decided_at"), _whole("created"), _whole("version"), sa.PrimaryKeyConstraint("code"),
    )  # fmt: skip
    op.create_index("rma_order", "rma", ["order_code"])
    _given("rma_tracking", "rma", "tracking")
    op.create_index("rma_state", "rma", ["state", "created"])
    _table(
        "rma_line", _key("rma"), _key("line"), _words("item"), _whole("quantity"), _whole("returned"), _words("reason"),
        _words("wish"), _words("serials"),
        sa.CheckConstraint("quantity > 0", name="rma_line_of_something"),
        sa.CheckConstraint("returned >= 0", name="rma_line_returned_whole"),
        sa.PrimaryKeyConstraint("rma", "line"),
    )  # fmt: skip
    _table(
        "return_parcel", _key("code"), _words("rma"), _words("order_code"), _words("customer"), _words("label"),
        _words("state", "open"), _words("worker"), _whole("opened"), _whole("closed"), sa.PrimaryKeyConstraint("code"),
    )  # fmt: skip
    op.create_index("return_parcel_rma", "return_parcel", ["rma", "state"])
    op.create_index("return_parcel_order", "return_parcel", ["order_code"])


def _pieces() -> None:
    _table(
        "returned", _key("piece"), _words("parcel"), _words("rma"), _words("rma_line"), _words("order_code"),
        _words("customer"), _words("item"), _words("lot"), _words("serial"), _whole("quantity"), _words("location"),
        _words("lpn"), _words("status"), _words("reason"), _words("wish"), _words("flags"), _words("answers"),
        _words("grade"), _words("proposed"), _words("disposition"), _words("why"), _words("override_reason"),
        _words("approver"), _words("state", "received"), _words("received_by"), _words("inspected_by"),
        _words("disposed_by"), _whole("received_at"), _whole("inspected_at"), _whole("disposed_at"), _whole("value"),
        sa.CheckConstraint("quantity >= 0", name="returned_never_negative"),
        sa.CheckConstraint("approver = '' OR approver <> inspected_by", name="override_by_somebody_else"),
        sa.PrimaryKeyConstraint("piece"),
    )  # fmt: skip
    for name, columns in (
        ("returned_parcel", ["parcel"]),
        ("returned_order", ["order_code", "item"]),
        ("returned_state", ["state", "received_at"]),
        ("returned_disposed", ["disposed_at"]),
        ("returned_received", ["received_at"]),
        ("returned_item", ["item", "received_at"]),
    ):
        op.create_index(name, "returned", columns)
    _given("returned_serial", "returned", "serial", "item")


def _rules() -> None:
    _table(
        "disposition", _key("code"), _words("words"), _words("status", "returned"), _words("place", "plate"),
        _words("zone"), _words("next_task"), _words("message"), _words("label", "lpn"), _whole("recovers_percent"),
        _whole("photo"), _whole("position"), _whole("active", 1),
        sa.CheckConstraint("place IN ('plate', 'scrap')", name="disposition_place_known"),
        sa.CheckConstraint("recovers_percent >= 0 AND recovers_percent <= 100", name="disposition_recovers_a_part"),
        sa.PrimaryKeyConstraint("code"),
    )  # fmt: skip
    _table(
        "disposition_rule", _key("reason"), _key("category"), _key("grade"),
        sa.Column("value_from", WHOLE, nullable=False), _whole("value_to"), _words("disposition"), _words("words"),
        _whole("active", 1),
        sa.CheckConstraint("value_to = 0 OR value_to > value_from", name="disposition_rule_band"),
        sa.PrimaryKeyConstraint("reason", "category", "grade", "value_from"),
    )  # fmt: skip
    _table(
        "return_check", _key("category"), _key("code"), _words("words"), _whole("position"), _words("worst", "B"),
        _whole("opened"), _whole("active", 1), sa.PrimaryKeyConstraint("category", "code"),
    )  # fmt: skip
    _table(
        "item_category", _key("code"), _words("name"), _words("opened_goes"), sa.PrimaryKeyConstraint("code"),
    )  # fmt: skip
    _table(
        "return_policy", _key("code"), _whole("blind", 1), _words("photo_from", "C"), _whole("unusual_times", 3),
        _whole("unusual_units", 5), _whole("window_days", 90), sa.PrimaryKeyConstraint("code"),
    )  # fmt: skip


def _table(name: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(name, *parts, sqlite_strict=True, sqlite_with_rowid=False)


def _given(name: str, table: str, first: str, *more: str) -> None:
    there = sa.text(f"{first} <> ''")
    op.create_index(name, table, [first, *more], sqlite_where=there, postgresql_where=there)
