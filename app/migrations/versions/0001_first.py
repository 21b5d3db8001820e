"""The first schema, its unalterable history, and the journal's empty head.

Written out once and never again: what a released version made stays made, and a change is a new file beside this one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

HISTORY = ("journal", "movement")
WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    bind = op.get_bind()
    _tables()
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


def _tables() -> None:
    op.create_table(
        "allocation",
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("lpn", sa.Text(), nullable=False),
        sa.Column("lot", sa.Text(), nullable=False),
        sa.Column("quantity", WHOLE, server_default="0", nullable=False),
        sa.CheckConstraint("quantity >= 0", name="allocation_never_negative"),
        sa.PrimaryKeyConstraint("line", "item", "location", "lpn", "lot"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("allocation_slot", "allocation", ["item", "location", "lpn", "lot"], unique=False)
    op.create_table(
        "balance",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("lpn", sa.Text(), nullable=False),
        sa.Column("lot", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("quantity", WHOLE, server_default="0", nullable=False),
        sa.Column("allocated", WHOLE, server_default="0", nullable=False),
        sa.Column("grams", WHOLE, server_default="0", nullable=False),
        sa.Column("since", WHOLE, server_default="0", nullable=False),
        sa.CheckConstraint("status = 'available' OR allocated = 0", name="only_available_is_promised"),
        sa.CheckConstraint("allocated >= 0 AND allocated <= quantity", name="balance_never_promised_twice"),
        sa.CheckConstraint("quantity >= 0", name="balance_never_negative"),
        sa.PrimaryKeyConstraint("item", "location", "lpn", "lot", "status"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("balance_location", "balance", ["location", "item"], unique=False)
    op.create_index("balance_lpn", "balance", ["lpn"], unique=False)
    op.create_table(
        "carton",
        sa.Column("lpn", sa.Text(), nullable=False),
        sa.Column("order_code", sa.Text(), server_default="", nullable=False),
        sa.Column("type", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("weight_g", WHOLE, server_default="0", nullable=False),
        sa.Column("expected_g", WHOLE, server_default="0", nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("carrier", sa.Text(), server_default="", nullable=False),
        sa.Column("service", sa.Text(), server_default="", nullable=False),
        sa.Column("lane", sa.Text(), server_default="", nullable=False),
        sa.Column("truck", sa.Text(), server_default="", nullable=False),
        sa.Column("load_code", sa.Text(), server_default="", nullable=False),
        sa.Column("print_job", sa.Text(), server_default="", nullable=False),
        sa.Column("opened", WHOLE, server_default="0", nullable=False),
        sa.Column("shipped", WHOLE, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("lpn"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("carton_lane", "carton", ["lane", "state"], unique=False)
    op.create_index("carton_order", "carton", ["order_code"], unique=False)
    op.create_index("carton_truck", "carton", ["truck", "state"], unique=False)
    op.create_table(
        "carton_type",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("length_mm", WHOLE, server_default="0", nullable=False),
        sa.Column("width_mm", WHOLE, server_default="0", nullable=False),
        sa.Column("height_mm", WHOLE, server_default="0", nullable=False),
        sa.Column("weight_g", WHOLE, server_default="0", nullable=False),
        sa.Column("max_weight_g", WHOLE, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("code"),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_table(
        "connector",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("cursor", WHOLE, server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default="sending", nullable=False),
        sa.Column("sentence", sa.Text(), server_default="", nullable=False),
        sa.Column("since", WHOLE, server_default="0", nullable=False),
        sa.Column("sent", WHOLE, server_default="0", nullable=False),
        sa.Column("duplicates", WHOLE, server_default="0", nullable=False),
        sa.Column("paused_by", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("name"),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_table(
        "delivery",
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("seq", WHOLE, autoincrement=False, nullable=False),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("attempts", WHOLE, server_default="0", nullable=False),
        sa.Column("next_at", WHOLE, server_default="0", nullable=False),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_by", sa.Text(), server_default="", nullable=False),
        sa.Column("seconded_by", sa.Text(), server_default="", nullable=False),
        sa.Column("at", WHOLE, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("connector", "seq"),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_index("delivery_document", "delivery", ["connector", "document", "state"], unique=False)
    op.create_index("delivery_state", "delivery", ["connector", "state", "seq"], unique=False)
    op.create_table(
        "device",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="handheld", nullable=False),
        sa.Column("first_seen", WHOLE, server_default="0", nullable=False),
        sa.Column("last_seen", WHOLE, server_default="0", nullable=False),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.Column("skew", WHOLE, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("code"),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_index("device_token", "device", ["token"], unique=False)
    op.create_table(
        "discrepancy",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("line", sa.Text(), server_default="", nullable=False),
        sa.Column("item", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("expected", WHOLE, server_default="0", nullable=False),
        sa.Column("found", WHOLE, server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("due", WHOLE, server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("created", WHOLE, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_index("discrepancy_state", "discrepancy", ["state", "due"], unique=False)
    op.create_table(
        "epoch",
        sa.Column("number", WHOLE, autoincrement=False, nullable=False),
        sa.Column("since_seq", WHOLE, server_default="0", nullable=False),
        sa.Column("at", WHOLE, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_table(
        "exception",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("sentence", sa.Text(), server_default="", nullable=False),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("item", sa.Text(), server_default="", nullable=False),
        sa.Column("location", sa.Text(), server_default="", nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("due", WHOLE, server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("worker", sa.Text(), server_default="", nullable=False),
        sa.Column("created", WHOLE, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_index("exception_state", "exception", ["state", "due"], unique=False)
    op.create_table(
        "inbox",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), server_default="", nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("version", WHOLE, server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("sentence", sa.Text(), server_default="", nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", WHOLE, server_default="0", nullable=False),
        sa.Column("digest", sa.Text(), server_default="", nullable=False),
        sa.Column("missing", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("source", "id"),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_index("inbox_missing", "inbox", ["missing", "state"], unique=False)
    op.create_index("inbox_state", "inbox", ["state", "at"], unique=False)
    op.create_index("inbox_subject", "inbox", ["subject"], unique=False)
    op.create_table(
        "item",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("category", sa.Text(), server_default="", nullable=False),
        sa.Column("unit", sa.Text(), server_default="each", nullable=False),
        sa.Column("lot_tracked", WHOLE, server_default="0", nullable=False),
        sa.Column("serial_tracked", WHOLE, server_default="0", nullable=False),
        sa.Column("expiry_tracked", WHOLE, server_default="0", nullable=False),
        sa.Column("min_shelf_days", WHOLE, server_default="0", nullable=False),
        sa.Column("weight_g", WHOLE, server_default="0", nullable=False),
        sa.Column("length_mm", WHOLE, server_default="0", nullable=False),
        sa.Column("width_mm", WHOLE, server_default="0", nullable=False),
        sa.Column("height_mm", WHOLE, server_default="0", nullable=False),
        sa.Column("standard_cost", WHOLE, server_default="0", nullable=False),
        sa.Column("velocity", sa.Text(), server_default="C", nullable=False),
        sa.Column("zone", sa.Text(), server_default="", nullable=False),
        sa.Column("over_receipt_percent", WHOLE, server_default="0", nullable=False),
        sa.Column("over_receipt_quantity", WHOLE, server_default="0", nullable=False),
        sa.Column("active", WHOLE, server_default="1", nullable=False),
        sa.Column("version", WHOLE, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("code"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "item_barcode",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), server_default="each", nullable=False),
        sa.Column("quantity", WHOLE, server_default="1", nullable=False),
        sa.Column("supplier", sa.Text(), server_default="", nullable=False),
        sa.Column("valid_from", WHOLE, server_default="0", nullable=False),
        sa.Column("valid_to", WHOLE, server_default="0", nullable=False),
        sa.CheckConstraint("quantity > 0", name="barcode_of_something"),
        sa.PrimaryKeyConstraint("code", "item"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("item_barcode_item", "item_barcode", ["item"], unique=False)
    op.create_table(
        "journal",
        sa.Column("seq", WHOLE, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("at", WHOLE, server_default="0", nullable=False),
        sa.Column("worker", sa.Text(), server_default="", nullable=False),
        sa.Column("device", sa.Text(), server_default="", nullable=False),
        sa.Column("station", sa.Text(), server_default="", nullable=False),
        sa.Column("cause", sa.Text(), server_default="", nullable=False),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_index("journal_document", "journal", ["document", "seq"], unique=False)
    op.create_index("journal_worker", "journal", ["worker", "seq"], unique=False)
    op.create_table(
        "journal_head",
        sa.Column("one", WHOLE, autoincrement=False, nullable=False),
        sa.Column("seq", WHOLE, server_default="0", nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("one"),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_table(
        "load",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("truck", sa.Text(), server_default="", nullable=False),
        sa.Column("carrier", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("seal", sa.Text(), server_default="", nullable=False),
        sa.Column("opened", WHOLE, server_default="0", nullable=False),
        sa.Column("closed", WHOLE, server_default="0", nullable=False),
        sa.Column("worker", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("code"),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_index("load_truck", "load", ["truck", "state"], unique=False)
    op.create_table(
        "location",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), server_default="", nullable=False),
        sa.Column("zone", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="bin", nullable=False),
        sa.Column("barcode", sa.Text(), server_default="", nullable=False),
        sa.Column("check_digits", sa.Text(), server_default="", nullable=False),
        sa.Column("sequence", WHOLE, server_default="0", nullable=False),
        sa.Column("block", WHOLE, server_default="0", nullable=False),
        sa.Column("aisle", WHOLE, server_default="0", nullable=False),
        sa.Column("side", sa.Text(), server_default="", nullable=False),
        sa.Column("position_mm", WHOLE, server_default="0", nullable=False),
        sa.Column("level", WHOLE, server_default="0", nullable=False),
        sa.Column("capacity_quantity", WHOLE, server_default="0", nullable=False),
        sa.Column("capacity_volume_ml", WHOLE, server_default="0", nullable=False),
        sa.Column("capacity_weight_g", WHOLE, server_default="0", nullable=False),
        sa.Column("capacity_lpns", WHOLE, server_default="0", nullable=False),
        sa.Column("mix", sa.Text(), server_default="any", nullable=False),
        sa.Column("fixed_item", sa.Text(), server_default="", nullable=False),
        sa.Column("blocked", sa.Text(), server_default="", nullable=False),
        sa.Column("carrier", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("code"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("location_barcode", "location", ["barcode"], unique=False)
    op.create_index("location_fixed_item", "location", ["fixed_item"], unique=False)
    op.create_index("location_kind", "location", ["kind", "zone", "sequence", "code"], unique=False)
    op.create_index("location_walk", "location", ["kind", "sequence", "code"], unique=False)
    op.create_table(
        "login",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("door", sa.Text(), server_default="", nullable=False),
        sa.Column("worker", sa.Text(), server_default="", nullable=False),
        sa.Column("device", sa.Text(), server_default="", nullable=False),
        sa.Column("csrf", sa.Text(), server_default="", nullable=False),
        sa.Column("created", WHOLE, server_default="0", nullable=False),
        sa.Column("seen", WHOLE, server_default="0", nullable=False),
        sa.Column("ends", WHOLE, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("token"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("login_worker", "login", ["worker", "door"], unique=False)
    op.create_table(
        "lot",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("lot", sa.Text(), nullable=False),
        sa.Column("expiry", sa.Text(), server_default="", nullable=False),
        sa.Column("held", sa.Text(), server_default="", nullable=False),
        sa.Column("seen", WHOLE, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("item", "lot"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("lot_number", "lot", ["lot"], unique=False)
    op.create_table(
        "lpn",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="pallet", nullable=False),
        sa.Column("parent", sa.Text(), server_default="", nullable=False),
        sa.Column("location", sa.Text(), server_default="", nullable=False),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.PrimaryKeyConstraint("code"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("lpn_document", "lpn", ["document"], unique=False)
    op.create_index("lpn_location", "lpn", ["location"], unique=False)
    op.create_index("lpn_parent", "lpn", ["parent"], unique=False)
    op.create_table(
        "movement",
        sa.Column("seq", WHOLE, autoincrement=False, nullable=False),
        sa.Column("n", WHOLE, autoincrement=False, nullable=False),
        sa.Column("item", sa.Text(), server_default="", nullable=False),
        sa.Column("lot", sa.Text(), server_default="", nullable=False),
        sa.Column("serial", sa.Text(), server_default="", nullable=False),
        sa.Column("quantity", WHOLE, server_default="0", nullable=False),
        sa.Column("grams", WHOLE, server_default="0", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("source_lpn", sa.Text(), server_default="", nullable=False),
        sa.Column("source_status", sa.Text(), server_default="", nullable=False),
        sa.Column("target", sa.Text(), server_default="", nullable=False),
        sa.Column("target_lpn", sa.Text(), server_default="", nullable=False),
        sa.Column("target_status", sa.Text(), server_default="", nullable=False),
        sa.Column("line", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("quantity > 0", name="movement_of_something"),
        sa.PrimaryKeyConstraint("seq", "n"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("movement_item", "movement", ["item", "lot", "seq"], unique=False)
    op.create_index(
        "movement_serial",
        "movement",
        ["serial", "item"],
        unique=False,
        sqlite_where=sa.text("serial <> ''"),
        postgresql_where=sa.text("serial <> ''"),
    )
    op.create_index(
        "movement_source_lpn",
        "movement",
        ["source_lpn", "seq"],
        unique=False,
        sqlite_where=sa.text("source_lpn <> ''"),
        postgresql_where=sa.text("source_lpn <> ''"),
    )
    op.create_index(
        "movement_target_lpn",
        "movement",
        ["target_lpn", "seq"],
        unique=False,
        sqlite_where=sa.text("target_lpn <> ''"),
        postgresql_where=sa.text("target_lpn <> ''"),
    )
    op.create_table(
        "order_line",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("order_code", sa.Text(), server_default="", nullable=False),
        sa.Column("line", sa.Text(), server_default="", nullable=False),
        sa.Column("item", sa.Text(), server_default="", nullable=False),
        sa.Column("quantity", WHOLE, server_default="0", nullable=False),
        sa.Column("allocated", WHOLE, server_default="0", nullable=False),
        sa.Column("picked", WHOLE, server_default="0", nullable=False),
        sa.Column("packed", WHOLE, server_default="0", nullable=False),
        sa.Column("shipped", WHOLE, server_default="0", nullable=False),
        sa.Column("short", WHOLE, server_default="0", nullable=False),
        sa.Column("cancelled", WHOLE, server_default="0", nullable=False),
        sa.CheckConstraint("packed <= picked AND shipped <= packed", name="order_line_in_sequence"),
        sa.CheckConstraint("picked + short + cancelled <= quantity", name="order_line_never_over"),
        sa.CheckConstraint(
            "picked >= 0 AND packed >= 0 AND shipped >= 0 AND short >= 0 AND allocated >= 0", name="order_line_whole"
        ),
        sa.CheckConstraint("quantity > 0", name="order_line_of_something"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("order_line_item", "order_line", ["item"], unique=False)
    op.create_index("order_line_order", "order_line", ["order_code"], unique=False)
    op.create_table(
        "pack",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("quantity", WHOLE, server_default="1", nullable=False),
        sa.CheckConstraint("quantity > 0", name="pack_of_something"),
        sa.PrimaryKeyConstraint("item", "unit"),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_table(
        "party",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("version", WHOLE, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("code"),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_table(
        "pick",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("task", sa.Text(), server_default="", nullable=False),
        sa.Column("sequence", WHOLE, server_default="0", nullable=False),
        sa.Column("order_code", sa.Text(), server_default="", nullable=False),
        sa.Column("line", sa.Text(), server_default="", nullable=False),
        sa.Column("item", sa.Text(), server_default="", nullable=False),
        sa.Column("lot", sa.Text(), server_default="", nullable=False),
        sa.Column("location", sa.Text(), server_default="", nullable=False),
        sa.Column("lpn", sa.Text(), server_default="", nullable=False),
        sa.Column("quantity", WHOLE, server_default="0", nullable=False),
        sa.Column("picked", WHOLE, server_default="0", nullable=False),
        sa.Column("short", WHOLE, server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.CheckConstraint("picked + short <= quantity", name="pick_never_over"),
        sa.CheckConstraint("quantity > 0", name="pick_of_something"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("pick_line", "pick", ["line"], unique=False)
    op.create_index("pick_location", "pick", ["location", "state"], unique=False)
    op.create_index("pick_task", "pick", ["task", "sequence"], unique=False)
    op.create_table(
        "pin_lock",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("tries", WHOLE, server_default="0", nullable=False),
        sa.Column("since", WHOLE, server_default="0", nullable=False),
        sa.Column("until", WHOLE, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("subject"),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_table(
        "po_line",
        sa.Column("po", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), server_default="", nullable=False),
        sa.Column("quantity", WHOLE, server_default="0", nullable=False),
        sa.Column("received", WHOLE, server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.CheckConstraint("quantity > 0", name="po_line_of_something"),
        sa.CheckConstraint("received >= 0", name="po_line_received_whole"),
        sa.PrimaryKeyConstraint("po", "line"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("po_line_item", "po_line", ["item", "state"], unique=False)
    op.create_table(
        "print_job",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("once", sa.Text(), server_default="", nullable=False),
        sa.Column("printer", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="queued", nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("label", sa.LargeBinary(), nullable=False),
        sa.Column("copy", WHOLE, server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("sentence", sa.Text(), server_default="", nullable=False),
        sa.Column("attempts", WHOLE, server_default="0", nullable=False),
        sa.Column("next_at", WHOLE, server_default="0", nullable=False),
        sa.Column("created", WHOLE, server_default="0", nullable=False),
        sa.Column("ended", WHOLE, server_default="0", nullable=False),
        sa.Column("worker", sa.Text(), server_default="", nullable=False),
        sa.Column("station", sa.Text(), server_default="", nullable=False),
        sa.Column("node", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("once", name="print_job_once"),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_index("print_job_created", "print_job", ["created"], unique=False)
    op.create_index("print_job_queue", "print_job", ["printer", "state", "next_at"], unique=False)
    op.create_index("print_job_subject", "print_job", ["subject"], unique=False)
    op.create_table(
        "purchase_order",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("supplier", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("due", WHOLE, server_default="0", nullable=False),
        sa.Column("version", WHOLE, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("code"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "putaway_strategy",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("rule", sa.Text(), server_default="", nullable=False),
        sa.Column("zone", sa.Text(), server_default="", nullable=False),
        sa.Column("active", WHOLE, server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("position"),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_table(
        "sales_order",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("customer", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("carrier", sa.Text(), server_default="", nullable=False),
        sa.Column("service", sa.Text(), server_default="", nullable=False),
        sa.Column("cutoff", WHOLE, server_default="0", nullable=False),
        sa.Column("priority", WHOLE, server_default="5", nullable=False),
        sa.Column("ship_complete", WHOLE, server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default="pool", nullable=False),
        sa.Column("wave", sa.Text(), server_default="", nullable=False),
        sa.Column("lane", sa.Text(), server_default="", nullable=False),
        sa.Column("version", WHOLE, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("code"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("sales_order_state", "sales_order", ["state", "cutoff"], unique=False)
    op.create_index("sales_order_wave", "sales_order", ["wave"], unique=False)
    op.create_table(
        "scan",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), server_default="", nullable=False),
        sa.Column("device", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("raw", sa.Text(), server_default="", nullable=False),
        sa.Column("symbology", sa.Text(), server_default="", nullable=False),
        sa.Column("body", sa.Text(), server_default="", nullable=False),
        sa.Column("after", sa.Text(), server_default="", nullable=False),
        sa.Column("at", WHOLE, server_default="0", nullable=False),
        sa.Column("received", WHOLE, server_default="0", nullable=False),
        sa.Column("screen", sa.Text(), server_default="", nullable=False),
        sa.Column("understood", sa.Text(), server_default="", nullable=False),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.Column("seq", WHOLE, server_default="0", nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_index("scan_worker", "scan", ["worker", "received"], unique=False)
    op.create_table(
        "security_event",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", WHOLE, server_default="0", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("worker", sa.Text(), server_default="", nullable=False),
        sa.Column("device", sa.Text(), server_default="", nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_index("security_event_at", "security_event", ["at"], unique=False)
    op.create_table(
        "serial",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("lot", sa.Text(), server_default="", nullable=False),
        sa.Column("location", sa.Text(), server_default="", nullable=False),
        sa.Column("lpn", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("item", "serial"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("serial_number", "serial", ["serial"], unique=False)
    op.create_table(
        "session",
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), server_default="", nullable=False),
        sa.Column("device", sa.Text(), server_default="", nullable=False),
        sa.Column("station", sa.Text(), server_default="", nullable=False),
        sa.Column("screen", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("step", sa.Text(), server_default="", nullable=False),
        sa.Column("warned", sa.Text(), server_default="", nullable=False),
        sa.Column("undo_seq", WHOLE, server_default="0", nullable=False),
        sa.Column("undo_screen", sa.Text(), server_default="", nullable=False),
        sa.Column("undo_state", sa.LargeBinary(), nullable=False),
        sa.Column("trail", sa.LargeBinary(), nullable=False),
        sa.Column("at", WHOLE, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("worker"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index(
        "session_station",
        "session",
        ["station"],
        unique=False,
        sqlite_where=sa.text("station <> ''"),
        postgresql_where=sa.text("station <> ''"),
    )
    op.create_table(
        "site",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("timezone", sa.Text(), server_default="UTC", nullable=False),
        sa.Column("gs1_company_prefix", sa.Text(), server_default="", nullable=False),
        sa.Column("sscc_serial", WHOLE, server_default="0", nullable=False),
        sa.Column("lpn_number", WHOLE, server_default="0", nullable=False),
        sa.Column("wave_number", WHOLE, server_default="0", nullable=False),
        sa.Column("task_number", WHOLE, server_default="0", nullable=False),
        sa.Column("epoch", WHOLE, server_default="1", nullable=False),
        sa.Column("aisles", WHOLE, server_default="0", nullable=False),
        sa.Column("blocks", WHOLE, server_default="0", nullable=False),
        sa.Column("aisle_pitch_mm", WHOLE, server_default="0", nullable=False),
        sa.Column("block_length_mm", WHOLE, server_default="0", nullable=False),
        sa.Column("cross_aisle_mm", WHOLE, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("code"),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_table(
        "station",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("location", sa.Text(), server_default="", nullable=False),
        sa.Column("zone", sa.Text(), server_default="", nullable=False),
        sa.Column("label_printer", sa.Text(), server_default="", nullable=False),
        sa.Column("slip_printer", sa.Text(), server_default="", nullable=False),
        sa.Column("scale", sa.Text(), server_default="", nullable=False),
        sa.Column("scanner", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("code"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "task",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("wave", sa.Text(), server_default="", nullable=False),
        sa.Column("cart", sa.Text(), server_default="", nullable=False),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.Column("item", sa.Text(), server_default="", nullable=False),
        sa.Column("priority", WHOLE, server_default="5", nullable=False),
        sa.Column("due", WHOLE, server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("created", WHOLE, server_default="0", nullable=False),
        sa.Column("worker", sa.Text(), server_default="", nullable=False),
        sa.Column("device", sa.Text(), server_default="", nullable=False),
        sa.Column("until", WHOLE, server_default="0", nullable=False),
        sa.Column("length_mm", WHOLE, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("task_queue", "task", ["kind", "state", "priority", "due"], unique=False)
    op.create_index("task_wave", "task", ["wave"], unique=False)
    op.create_index("task_worker", "task", ["worker", "state"], unique=False)
    op.create_table(
        "task_tote",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("order_code", sa.Text(), nullable=False),
        sa.Column("tote", sa.Text(), nullable=False),
        sa.Column("position", WHOLE, server_default="0", nullable=False),
        sa.Column("full", WHOLE, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("task", "order_code", "tote"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("task_tote_tote", "task_tote", ["tote"], unique=False)
    op.create_table(
        "wave",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="planned", nullable=False),
        sa.Column("cutoff", WHOLE, server_default="0", nullable=False),
        sa.Column("carrier", sa.Text(), server_default="", nullable=False),
        sa.Column("created", WHOLE, server_default="0", nullable=False),
        sa.Column("released", WHOLE, server_default="0", nullable=False),
        sa.Column("created_by", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("code"),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_table(
        "worker",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("badge", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("roles", sa.Text(), server_default="", nullable=False),
        sa.Column("pin_hash", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.Text(), server_default="en", nullable=False),
        sa.Column("size", sa.Text(), server_default="m", nullable=False),
        sa.Column("active", WHOLE, server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("code"),
        sa.UniqueConstraint("badge", name="badge_once"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
