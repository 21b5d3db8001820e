"""History is unalterable: the database itself refuses to change a journal row or a movement, whoever asks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.db import Database, Tx
from tests import engines
from tests.world import World

Build = Callable[[str], World]
HISTORY = ["journal", "movement"]


def _refused(world: World, statement: str) -> str:
    """What the engine says to a statement that somebody with the database's password types."""
    connection = world.db.connect()
    try:
        with pytest.raises(Exception, match="history is unalterable") as caught:
            connection.execute(statement)
    finally:
        connection.close()
    world.check()
    return str(caught.value)


@pytest.mark.parametrize("table", HISTORY)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET seq = seq + 100",
        "UPDATE {table} SET seq = seq",
        "DELETE FROM {table}",
        "DELETE FROM {table} WHERE seq = 1",
    ],
)
def test_rows_are_neither_changed_nor_deleted(build: Build, table: str, statement: str) -> None:
    world = build("A-01-01 TEE-M 10\nA-02-01 MUG 4")
    assert "history is unalterable" in _refused(world, statement.format(table=table))


@pytest.mark.parametrize("table", HISTORY)
@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "REPLACE"])
def test_a_row_is_not_replaced_on_sqlite(tmp_path: Path, table: str, verb: str) -> None:
    """REPLACE deletes rows past the triggers unless recursive triggers are on; ours refuses the insert as well."""
    world = World(Database(engines.fresh("sqlite", tmp_path)), "A-01-01 TEE-M 10")
    statement = f"{verb} INTO {table} SELECT * FROM {table} WHERE seq = 1"
    assert "history is unalterable" in _refused(world, statement)
    connection = world.db.connect()
    connection.execute("PRAGMA recursive_triggers=OFF")  # another program's connection
    with pytest.raises(Exception, match="history is unalterable"):
        connection.execute(statement)
    connection.close()
    world.db.close()


@pytest.mark.parametrize("table", HISTORY)
@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE {table}",
        "TRUNCATE {table} CASCADE",
        "INSERT INTO {table} SELECT * FROM {table} WHERE seq = 1 ON CONFLICT (seq{more}) DO UPDATE SET seq = 99",
        "MERGE INTO {table} t USING (SELECT 1 AS seq) s ON t.seq = s.seq WHEN MATCHED THEN DELETE",
    ],
)
def test_a_table_is_not_emptied_on_postgresql(tmp_path: Path, table: str, statement: str) -> None:
    world = World(Database(engines.fresh("postgresql", tmp_path)), "A-01-01 TEE-M 10")
    more = ", n" if table == "movement" else ""
    assert "history is unalterable" in _refused(world, statement.format(table=table, more=more))
    world.db.close()


def test_an_attempt_inside_the_writer_fails_that_job_alone(build: Build) -> None:
    world = build("A-01-01 TEE-M 10")

    def vandal(tx: Tx) -> Any:
        return tx.connection.execute("UPDATE journal SET worker = 'nobody'")

    with pytest.raises(Exception, match="history is unalterable"):
        world.db.do(vandal)
    assert world.db.writer.failed is None
    world.check()
