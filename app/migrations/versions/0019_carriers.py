"""Carriers: services and prices as rows, labels bought, the tracking number of a carton, the day promised to a customer."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

STRICT = {"sqlite_strict": True}
_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _key(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False)


def _words(name: str, default: str = "") -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _whole(name: str, default: int = 0) -> "sa.Column[int]":
    return sa.Column(name, _WHOLE, server_default=str(default), nullable=False)


def _raw(name: str) -> "sa.Column[bytes]":
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "carrier_service", _key("carrier"), _key("service"), _words("countries"), _words("prefixes"), _whole("most_g"),
        _whole("longest_mm"), _whole("girth_mm"), _words("hazards"), _whole("days", 1), _whole("cutoff_min", 1440),
        _whole("active", 1), sa.PrimaryKeyConstraint("carrier", "service"),
        sa.CheckConstraint("most_g >= 0 AND longest_mm >= 0 AND girth_mm >= 0", name="carrier_service_limits"),
        sa.CheckConstraint("days >= 0 AND cutoff_min BETWEEN 0 AND 1440", name="carrier_service_in_time"),
        sqlite_with_rowid=False, **STRICT,
    )  # fmt: skip
    op.create_table(
        "carrier_price", _key("carrier"), _key("service"),
        sa.Column("up_to_g", _WHOLE, autoincrement=False, nullable=False), _whole("cents"),
        sa.PrimaryKeyConstraint("carrier", "service", "up_to_g"),
        sa.CheckConstraint("up_to_g > 0 AND cents >= 0", name="carrier_price_of_something"),
        sqlite_with_rowid=False, **STRICT,
    )  # fmt: skip
    op.create_table(
        "label_purchase", _key("id"), _words("carton"), _words("order_code"), _words("carrier"), _words("service"),
        _words("state", "queued"), _raw("request"), _raw("own"), _raw("label"), _words("form"), _words("tracking"),
        _whole("cents"), _words("why"), _words("printer"), _words("worker"), _words("station"), _words("sentence"),
        _words("manifest"), _whole("attempts"), _whole("next_at"), _whole("created"), _whole("ended"), _words("node"),
        sa.PrimaryKeyConstraint("id"), **STRICT,
    )  # fmt: skip
    op.create_index("label_purchase_state", "label_purchase", ["carrier", "state", "next_at"])
    op.create_index("label_purchase_carton", "label_purchase", ["carton"])
    live = sa.text("state NOT IN ('refused', 'cancelled', 'voided')")
    op.create_index(
        "label_purchase_live", "label_purchase", ["carton"], unique=True, sqlite_where=live, postgresql_where=live
    )
    op.add_column("sales_order", sa.Column("promised", _WHOLE, server_default="0", nullable=False))
    op.add_column("carton", sa.Column("tracking", sa.Text(), server_default="", nullable=False))
    there = sa.text("tracking <> ''")
    op.create_index("carton_tracking", "carton", ["tracking"], sqlite_where=there, postgresql_where=there)
