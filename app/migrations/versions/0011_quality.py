"""Changes of status as rows; sampling plans, what is inspected and how, inspections and how strict the next one is."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _words(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _whole(name: str, default: int = 0) -> sa.Column[int]:
    return sa.Column(name, WHOLE, server_default=str(default), nullable=False)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, WHOLE, nullable=False, autoincrement=False)


def _check(rule: str, name: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=name)


def upgrade() -> None:
    _table(
        "status_change", _key("from_status"), _key("to_status"), _words("roles", "worker"), _words("limit_kind"),
        _whole("label"), _whole("another"), _whole("active", 1),
        _check("from_status <> to_status", "status_change_changes"),
        sa.PrimaryKeyConstraint("from_status", "to_status"),
    )  # fmt: skip
    _table(
        "sample_letter", _key("level"), _number("lot_from"), _whole("lot_to"), _words("letter"),
        _check("lot_to = 0 OR lot_to >= lot_from", "sample_letter_range"),
        sa.PrimaryKeyConstraint("level", "lot_from"),
    )  # fmt: skip
    _table(
        "sample_plan", _key("severity"), _key("letter"), _key("aql"), _whole("size"), _whole("accept"),
        _whole("reject", 1),
        _check("size > 0 AND accept >= 0 AND reject > accept", "sample_plan_sound"),
        sa.PrimaryKeyConstraint("severity", "letter", "aql"),
    )  # fmt: skip
    _table(
        "inspection_rule", _key("item"), _key("supplier"), _key("category"), _words("level", "II"),
        _words("aql", "1.0"), _whole("every", 1), _whole("active", 1),
        _check("every > 0", "inspection_rule_every"),
        sa.PrimaryKeyConstraint("item", "supplier", "category"),
    )  # fmt: skip
    _table(
        "inspection_check", _key("category"), _key("code"), _whole("position"), _words("words"),
        _words("kind", "judge"), _whole("low"), _whole("high"), _words("unit"), _whole("active", 1),
        _check("low <= high", "inspection_check_limits"),
        sa.PrimaryKeyConstraint("category", "code"),
    )  # fmt: skip
    _inspections()


def _inspections() -> None:
    _table(
        "inspection", _key("id"), _words("item"), _words("lot"), _words("supplier"), _words("receipt"),
        _words("receiver"), _words("inspector"), _words("state", "open"), _whole("quantity"), _words("level"),
        _words("aql"), _words("severity"), _words("letter"), _whole("sample"), _whole("accept"), _whole("seen"),
        _whole("defects"), _words("decided"), _whole("created"), _whole("closed"), _whole("seq"),
        _check("receiver = '' OR inspector <> receiver", "inspection_by_another"),
        _check("defects >= 0 AND defects <= seen", "inspection_counts"),
        sa.PrimaryKeyConstraint("id"),
    )  # fmt: skip
    is_open = sa.text("state = 'open'")
    op.create_index(
        "inspection_open", "inspection", ["item", "lot"], unique=True, sqlite_where=is_open, postgresql_where=is_open
    )
    op.create_index("inspection_state", "inspection", ["state", "created"])
    _table(
        "inspection_unit", _key("inspection"), _number("n"), _whole("quantity", 1), _whole("good", 1),
        _words("serial"), _words("location"), _words("lpn"), _words("defect"), _words("facts"), _whole("at"),
        _check("quantity > 0", "inspection_unit_of_something"),
        sa.PrimaryKeyConstraint("inspection", "n"),
    )  # fmt: skip
    _table(
        "inspection_standing", _key("item"), _key("supplier"), _words("severity", "normal"), _words("last"),
        _whole("accepted"), _whole("score"), _whole("rejected"), _whole("stopped"),
        sa.PrimaryKeyConstraint("item", "supplier"),
    )  # fmt: skip


def _table(name: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(name, *parts, sqlite_strict=True, sqlite_with_rowid=False)
