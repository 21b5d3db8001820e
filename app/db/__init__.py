"""The database door: one writer, many readers, SQLite and PostgreSQL alike. Nothing else calls the drivers.

`Database` opens connections and lends readers; `Writer` is the one thread that writes; `Tx` is what either hands out:
statements are SQLAlchemy Core constants compiled once to driver SQL and run on the driver's own cursor, which is three
times the speed of `Connection.execute`.
"""

from app.db.database import Database
from app.db.jobs import LOCK_HEAD, SET_HEAD, Job, Plain, is_storage
from app.db.tx import Row, Tx, Values
from app.db.writer import GROUP, RETRIES, Writer

__all__ = [
    "GROUP",
    "LOCK_HEAD",
    "RETRIES",
    "SET_HEAD",
    "Database",
    "Job",
    "Plain",
    "Row",
    "Tx",
    "Values",
    "Writer",
    "is_storage",
]
