"""Shipping notices with their pallets and lines, house rules for receiving, deliveries at doors; held goods of a discrepancy."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _words(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _whole(name: str, default: int = 0) -> sa.Column[int]:
    return sa.Column(name, WHOLE, server_default=str(default), nullable=False)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _table(name: str, *parts: sa.schema.SchemaItem, clustered: bool = True) -> None:
    op.create_table(name, *parts, sqlite_strict=True, sqlite_with_rowid=not clustered)


def upgrade() -> None:
    for name in ("catch_weight", "min_weight_g", "max_weight_g", "measured"):
        op.add_column("item", _whole(name))
    # Both engines take a named CHECK with a new column; it sees the whole row.
    op.execute(
        "ALTER TABLE discrepancy ADD COLUMN worker TEXT DEFAULT '' NOT NULL "
        "CONSTRAINT discrepancy_judged_by_another CHECK (decided_by = '' OR decided_by <> worker)"
    )
    for name in ("lot", "lpn", "location"):
        op.add_column("discrepancy", _words(name))
    op.add_column("discrepancy", _whole("quantity"))
    op.create_index("discrepancy_document", "discrepancy", ["document"])
    _table(
        "asn", _key("code"), _words("owner"), _words("supplier"), _words("carrier"), _words("tracking"),
        _words("state", "expected"), _whole("due"), _whole("until"), _whole("version"), sa.PrimaryKeyConstraint("code"),
    )  # fmt: skip
    op.create_index("asn_tracking", "asn", ["tracking"])
    op.create_index("asn_state", "asn", ["state", "due"])
    _table(
        "asn_pallet", _key("asn"), _key("sscc"), _words("parent"), _words("state", "expected"),
        sa.PrimaryKeyConstraint("asn", "sscc"),
    )  # fmt: skip
    op.create_index("asn_pallet_sscc", "asn_pallet", ["sscc"])
    _table(
        "asn_line", _key("asn"), _key("line"), _words("sscc"), _words("po"), _words("po_line"), _words("item"),
        _words("lot"), _words("expiry"), _whole("quantity"), _whole("received"), _whole("grams"), _words("serials"),
        sa.CheckConstraint("quantity > 0", name="asn_line_of_something"),
        sa.CheckConstraint("received >= 0", name="asn_line_received_whole"),
        sa.PrimaryKeyConstraint("asn", "line"),
    )  # fmt: skip
    op.create_index("asn_line_pallet", "asn_line", ["sscc"])
    op.create_index("asn_line_po", "asn_line", ["po", "item"])
    _table(
        "receiving_rule", _key("po"), _key("supplier"), _key("item"), _whole("blind", -1), _whole("over_percent", -1),
        _whole("over_quantity", -1), _whole("min_shelf_days", -1), _whole("spot_check_percent", -1),
        sa.CheckConstraint("blind >= -1 AND blind <= 1", name="receiving_rule_blind_or_not"),
        sa.CheckConstraint(
            "spot_check_percent >= -1 AND spot_check_percent <= 100", name="receiving_rule_of_a_hundred"
        ),
        sa.CheckConstraint(
            "over_percent >= -1 AND over_quantity >= -1 AND min_shelf_days >= -1", name="receiving_rule_sound"
        ),
        sa.PrimaryKeyConstraint("po", "supplier", "item"),
    )  # fmt: skip
    _table(
        "arrival", _key("id"), _words("document"), _words("supplier"), _words("carrier"), _words("door"),
        _words("seal"), _words("answers"), _words("state", "at_door"), _whole("due"), _whole("until"),
        _whole("arrived"), _whole("unloaded"), _words("worker"), sa.PrimaryKeyConstraint("id"), clustered=False,
    )  # fmt: skip
    op.create_index("arrival_document", "arrival", ["document"])
    op.create_index("arrival_state", "arrival", ["state", "arrived"])
    op.create_index("arrival_supplier", "arrival", ["supplier", "arrived"])
