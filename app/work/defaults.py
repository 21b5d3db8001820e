"""What a new house begins with: the usual limits, exception codes and reasons, as rows anybody may change.

They are put in at each start where they are missing, so that a newer Pickface brings its new codes along. A row that
somebody changed stays as it is; one that is not wanted is switched off (`active` 0), not deleted, else it comes back.
A module that has usual rows of its own adds one line to ROWS.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from app.schema.counting import count_class, count_setting, count_trigger
from app.schema.directing import task_weight
from app.schema.people import worker_limit
from app.schema.quality import inspection_check, sample_letter, sample_plan, status_change
from app.schema.returns import disposition, disposition_rule, item_category, return_check, return_policy
from app.schema.watching import trigger_rule
from app.schema.work import exception_code, reason_code
from app.work import directing_weights, exception_codes, limits, reallocating, reasons, set_aside, status_changes
from app.work.counting import rules as counting
from app.work.inspections import plans, rules
from app.work.returns import usual
from app.work.triggers import rules as triggers

FOLLOW = (set_aside, reallocating)  # imported, so that what the usual codes let follow is there from the first case on

ROWS: tuple[tuple[Table, Sequence[Mapping[str, Any]]], ...] = (
    (worker_limit, limits.DEFAULTS),
    (exception_code, exception_codes.DEFAULTS),
    (reason_code, reasons.DEFAULTS),
    (task_weight, directing_weights.DEFAULTS),
    (disposition, usual.DEFAULT_WAYS),
    (disposition_rule, usual.DEFAULT_RULES),
    (return_check, usual.DEFAULT_CHECKS),
    (item_category, usual.DEFAULT_CATEGORIES),
    (return_policy, usual.DEFAULT_POLICY),
    (count_setting, counting.DEFAULT_SETTINGS),
    (count_class, counting.DEFAULT_CLASSES),
    (count_trigger, counting.DEFAULT_TRIGGERS),
    (sample_letter, plans.LETTER_DEFAULTS),
    (sample_plan, plans.PLAN_DEFAULTS),
    (inspection_check, rules.CHECK_DEFAULTS),
    (status_change, status_changes.DEFAULTS),
    (trigger_rule, triggers.DEFAULTS),
)


def settle(connection: Connection) -> None:
    """Put in what is missing, in the migration's own transaction."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    for table, rows in ROWS:
        connection.execute(insert(table).on_conflict_do_nothing(), [dict(row) for row in rows])
