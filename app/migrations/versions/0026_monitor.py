"""The integration monitor: what an ERP did not take with request and answer, decisions, who was turned away, reconciliations."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

CLUSTERED = {"sqlite_strict": True, "sqlite_with_rowid": False}
_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _key(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False)


def _words(name: str, default: str = "") -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _whole(name: str, default: int = 0) -> "sa.Column[int]":
    return sa.Column(name, _WHOLE, server_default=str(default), nullable=False)


def upgrade() -> None:
    for name in ("request", "raw", "warning", "approved"):
        op.add_column("delivery", _words(name))
    op.add_column("inbox", _words("code"))
    op.create_table(
        "connector_log", _key("id"), _words("connector"), _whole("seq"), _whole("at"), _words("what"), _words("words"),
        _words("was"), _words("becomes"), _words("worker"), sa.PrimaryKeyConstraint("id"), **CLUSTERED,
    )  # fmt: skip
    op.create_index("connector_log_of", "connector_log", ["connector", "seq", "id"])
    op.create_table(
        "turned_away", _key("id"), _whole("at"), _words("code"), _words("sentence"), _words("source"),
        _words("message"), _words("type"), _whole("size"), _whole("times", 1),
        sa.Column("body", sa.LargeBinary(), nullable=False), sa.PrimaryKeyConstraint("id"), sqlite_strict=True,
    )  # fmt: skip
    op.create_table(
        "reconciliation", _key("id"), _words("connector"), _whole("as_of"), _whole("at"), _words("worker"),
        _words("outcome"), _words("sentence"), _whole("compared"), _whole("unequal"), _whole("drifts"),
        _whole("took_ms"), sa.PrimaryKeyConstraint("id"), **CLUSTERED,
    )  # fmt: skip
    op.create_index("reconciliation_of", "reconciliation", ["connector", "id"])
    op.create_table(
        "difference", _key("reconciliation"), sa.Column("n", _WHOLE, nullable=False, autoincrement=False),
        _words("item"), _words("lot"), _words("status"), _whole("floor"), _whole("erp"), _whole("unsent"),
        _whole("in_flight"), _whole("unacknowledged"), _whole("given_up"), _whole("drift"), _whole("common"),
        _whole("lacks"), _whole("agreed"), _words("exception"), sa.PrimaryKeyConstraint("reconciliation", "n"),
        **CLUSTERED,
    )  # fmt: skip
    op.create_index("difference_of", "difference", ["item", "lot", "status"])
