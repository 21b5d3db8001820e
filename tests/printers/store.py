"""A job store on SQLite, as small as it can be: what the spooler asks of the app, for its own tests.

`python -m tests.printers.store DATABASE ADDRESS` runs a spooler on it until killed.
"""

from __future__ import annotations

import sqlite3
import sys
import threading
from pathlib import Path

from printers.printer import Printer, State
from printers.spooler import Job, Spooler
from tests.printers.samples import HERE


class SqliteStore:
    def __init__(self, path: Path) -> None:
        self.lock = threading.Lock()
        self.database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.database.execute("PRAGMA synchronous=FULL")
        self.database.execute(
            "CREATE TABLE IF NOT EXISTS job (n INTEGER PRIMARY KEY, printer TEXT, payload BLOB, state TEXT,"
            " attempts INTEGER DEFAULT 0, sentence TEXT DEFAULT '')"
        )

    def queue(self, printer: str, payload: bytes) -> None:
        with self.lock:
            insert = "INSERT INTO job (printer, payload, state) VALUES (?, ?, 'queued')"
            self.database.execute(insert, (printer, payload))

    def claim(self, printer_name: str) -> Job | None:
        with self.lock:
            row = self.database.execute(
                "UPDATE job SET state = 'sending', attempts = attempts + 1 WHERE n = (SELECT min(n) FROM job"
                " WHERE printer = ? AND state IN ('queued', 'failed')) RETURNING n, payload, attempts",
                (printer_name,),
            ).fetchone()
        return None if row is None else Job(id=str(row[0]), printer=printer_name, payload=row[1], attempts=row[2])

    def finish(self, job_id: str, outcome: State, sentence: str) -> None:
        with self.lock:
            self.database.execute(
                "UPDATE job SET state = ?, sentence = ? WHERE n = ?", (outcome, sentence, int(job_id))
            )

    def recover(self) -> int:
        with self.lock:
            update = "UPDATE job SET state = 'unknown', sentence = 'The server stopped.' WHERE state = 'sending'"
            return self.database.execute(update).rowcount

    def states(self) -> list[str]:
        with self.lock:
            return [row[0] for row in self.database.execute("SELECT state FROM job ORDER BY n")]

    def attempts(self) -> list[int]:
        with self.lock:
            return [row[0] for row in self.database.execute("SELECT attempts FROM job ORDER BY n")]


if __name__ == "__main__":
    dock = Printer(name="Dock 1", address=sys.argv[2], two_way=True)
    Spooler([dock], SqliteStore(Path(sys.argv[1])), reach=HERE).start()
    threading.Event().wait()
