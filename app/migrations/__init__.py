"""Brings a database to today's schema, forward only and whole or not at all, with the rows every house begins with.

Refuses a database that a newer Pickface already wrote, and one that belongs to another program.
"""

import logging
from pathlib import Path

import pysqlite3.dbapi2
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from app.db import Database
from app.errors import CannotStart
from app.work import defaults

ONE_AT_A_TIME = 7_425_223  # our advisory lock's number: several nodes of one PostgreSQL database may start at once


def migrate(database: Database) -> None:
    """Apply what is missing. Raises CannotStart for a database from a newer version, of another program, or full."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    engine = _engine(database)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    try:
        with engine.begin() as connection:
            # Our connections begin nothing by themselves: half a schema after a kill would refuse every later start.
            connection.exec_driver_sql("BEGIN IMMEDIATE" if database.dialect == "sqlite" else "BEGIN")
            if database.dialect == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})")
            _refuse_foreign(connection, known)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            defaults.settle(connection)
    except DBAPIError as problem:
        told = " ".join(str(problem.orig).split()).rstrip(".")
        raise CannotStart(f"The database cannot be brought to today's schema: {told}.") from None
    finally:
        engine.dispose()


def require_today(database: Database) -> None:
    """Raises CannotStart unless the database is there, ours and of today's schema. Changes and makes nothing."""
    if database.path is not None and not database.path.is_file():
        raise CannotStart(f"There is no database at {database.path}.")
    scripts = ScriptDirectory(str(Path(__file__).parent))
    engine = _engine(database)
    try:
        with engine.connect() as connection:
            standing = MigrationContext.configure(connection).get_current_revision()
            _refuse_foreign(connection, {script.revision for script in scripts.walk_revisions()})
    finally:
        engine.dispose()
    if standing != scripts.get_current_head():
        raise CannotStart("The database has an older schema: start the server once, it brings it to today's.")


def _refuse_foreign(connection: Connection, known: set[str]) -> None:
    standing = MigrationContext.configure(connection).get_current_revision()
    if standing is not None and standing not in known:
        raise CannotStart(
            f"The database was written by a newer Pickface (schema {standing}): install that version or restore."
        )
    if standing is None and (found := inspect(connection).get_table_names()):
        raise CannotStart(f"The database belongs to another program (it has a table {found[0]}): name an empty one.")


def _engine(database: Database) -> Engine:
    if database.dialect == "sqlite":
        return create_engine("sqlite://", creator=database.connect, poolclass=NullPool, module=pysqlite3.dbapi2)
    return create_engine(
        "postgresql+psycopg://",
        creator=database.connect,
        poolclass=NullPool,
    )
