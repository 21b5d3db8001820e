"""The first schema, its unalterable history, and the journal's empty head."""

from alembic import op

from app.schema import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

HISTORY = ("journal", "movement")


def upgrade() -> None:
    bind = op.get_bind()
    metadata.create_all(bind)
    if bind.dialect.name == "sqlite":
        for name in HISTORY:
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {name}_no_{verb.lower()} BEFORE {verb} ON {name} "
                    f"BEGIN SELECT RAISE(ABORT, 'history is unalterable'); END"
                )
        op.execute(
            "CREATE TRIGGER journal_no_replace BEFORE INSERT ON journal "
            "WHEN EXISTS (SELECT 1 FROM journal WHERE seq = NEW.seq) "
            "BEGIN SELECT RAISE(ABORT, 'history is unalterable'); END"
        )
        op.execute(
            "CREATE TRIGGER movement_no_replace BEFORE INSERT ON movement "
            "WHEN EXISTS (SELECT 1 FROM movement WHERE seq = NEW.seq AND n = NEW.n) "
            "BEGIN SELECT RAISE(ABORT, 'history is unalterable'); END"
        )
    else:
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'history is unalterable' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        for name in HISTORY:
            op.execute(
                f"CREATE TRIGGER {name}_unalterable BEFORE UPDATE OR DELETE ON {name} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            )
            op.execute(
                f"CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {name} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
    zero = "zeroblob(32)" if bind.dialect.name == "sqlite" else "decode(repeat('00', 32), 'hex')"
    op.execute(f"INSERT INTO journal_head (one, seq, hash) VALUES (1, 0, {zero})")
