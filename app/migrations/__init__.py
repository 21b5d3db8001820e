"""Brings a database to today's schema, forward only, and refuses one that a newer Pickface already wrote."""

import logging
from pathlib import Path

import pysqlite3.dbapi2
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.engine import Engine
from sqlalchemy.pool import NullPool

from app.db import Database
from app.errors import CannotStart


def migrate(database: Database) -> None:
    """Apply what is missing. Raises CannotStart for a database from a newer version."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    engine = _engine(database)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    with engine.begin() as connection:
        standing = MigrationContext.configure(connection).get_current_revision()
        if standing is not None and standing not in known:
            raise CannotStart(
                f"The database was written by a newer Pickface (schema {standing}): install that version or restore."
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()


def _engine(database: Database) -> Engine:
    if database.dialect == "sqlite":
        return create_engine("sqlite://", creator=database.connect, poolclass=NullPool, module=pysqlite3.dbapi2)
    return create_engine(
        "postgresql+psycopg://",
        creator=database.connect,
        poolclass=NullPool,
    )
