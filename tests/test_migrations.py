"""A database is brought to today's schema whole or not at all, forward only; a stranger's is left alone."""

import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, create_engine, inspect

from app.db import Database
from app.errors import CannotStart
from app.migrations import migrate
from app.schema import metadata
from tests import engines

ROOT = Path(__file__).parents[1]


def _tables(database: Database) -> set[str]:
    if database.dialect == "sqlite":
        engine = create_engine("sqlite://", creator=database.connect, module=sqlite)
    else:
        engine = create_engine("postgresql+psycopg://", creator=database.connect)
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def _empty(engine: str, folder: Path) -> Database:
    if engine == "sqlite":
        return Database(f"sqlite:///{folder / 'empty.db'}")
    url = engines.fresh_postgresql()
    database = Database(url)
    connection = database.connect()
    connection.execute("DROP SCHEMA public CASCADE")
    connection.execute("CREATE SCHEMA public")
    connection.close()
    return database


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_an_empty_database_gets_every_table_and_a_second_start_changes_nothing(engine: str, tmp_path: Path) -> None:
    database = _empty(engine, tmp_path)
    migrate(database)
    assert _tables(database) == set(metadata.tables) | {"alembic_version"}
    migrate(database)
    with database.reading() as tx:
        assert tx.connection.execute("SELECT seq FROM journal_head").fetchall() == [(0,)]
    database.close()


def test_the_migrations_make_what_the_schema_says(database: Database) -> None:
    """Tables, columns, indexes and keys: a schema changed without its migration fails here."""
    maker: dict[str, Any] = {"module": sqlite} if database.dialect == "sqlite" else {}
    name = "sqlite://" if database.dialect == "sqlite" else "postgresql+psycopg://"
    engine = create_engine(name, creator=database.connect, **maker)
    found = MetaData()
    found.reflect(engine)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    assert differences == []
    for table in metadata.tables.values():
        assert [column.name for column in found.tables[table.name].columns] == [c.name for c in table.columns]


def test_no_index_over_balances_makes_sqlite_prepare_a_taking_of_stock_anew(tmp_path: Path) -> None:
    """`WHERE column = 'literal'` would: every parameter bound to that column is then compared with the literal."""
    with closing(Database(engines.fresh_sqlite(tmp_path)).connect()) as connection:
        wheres = connection.execute(
            "SELECT name, substr(sql, instr(sql, ' WHERE ') + 7) FROM sqlite_master "
            "WHERE type = 'index' AND tbl_name = 'balance' AND sql LIKE '% WHERE %'"
        ).fetchall()
    assert "balance_inspection" in dict(wheres)
    assert not [name for name, where in wheres if re.search(r"(^|AND |OR )\(?[a-z_]+ = ", where)]


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_database_of_a_newer_pickface_is_refused_and_left_alone(engine: str, tmp_path: Path) -> None:
    database = Database(engines.fresh(engine, tmp_path))
    connection = database.connect()
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(CannotStart, match=r"written by a newer Pickface \(schema 9999\)"):
        migrate(database)
    assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",)
    connection.close()
    database.close()


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_database_of_another_program_is_refused_and_left_alone(engine: str, tmp_path: Path) -> None:
    database = _empty(engine, tmp_path)
    connection = database.connect()
    connection.execute("CREATE TABLE wp_posts (id int)")
    connection.close()
    with pytest.raises(CannotStart, match="belongs to another program"):
        migrate(database)
    assert _tables(database) == {"wp_posts"}
    database.close()


def test_a_migration_on_a_full_disk_leaves_nothing_half_and_works_later(tmp_path: Path) -> None:
    database = _empty("sqlite", tmp_path)
    honest: Callable[..., Any] = database.connect

    def small(**options: Any) -> Any:
        connection = honest(**options)
        connection.execute("PRAGMA max_page_count=30").fetchall()
        return connection

    database.connect = small  # type: ignore[method-assign]
    with pytest.raises(CannotStart, match=r"cannot be brought to today's schema: database or disk is full\.$"):
        migrate(database)
    database.connect = honest  # type: ignore[method-assign]
    assert _tables(database) == set(), "half a schema would refuse every later start"
    migrate(database)
    assert "journal" in _tables(database)
    database.close()


def test_a_migration_that_fails_leaves_nothing_half_on_postgresql(tmp_path: Path) -> None:
    database = _empty("postgresql", tmp_path)
    connection = database.connect()
    connection.execute("CREATE FUNCTION refuse_change() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    with pytest.raises(CannotStart, match="refuse_change"):
        migrate(database)
    assert _tables(database) == set()
    connection.execute("DROP FUNCTION refuse_change()")
    connection.close()
    migrate(database)
    database.close()


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_two_nodes_that_start_at_once_migrate_once(engine: str, tmp_path: Path) -> None:
    database = _empty(engine, tmp_path)
    code = f"from app.db import Database; from app.migrations import migrate; migrate(Database({database.url!r}))"
    nodes = [
        subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    told = [node.communicate(timeout=60)[1] for node in nodes]
    assert [node.returncode for node in nodes] == [0, 0, 0], told
    assert "journal" in _tables(database)
    database.close()
