"""A server that lies: it answers before COMMIT. The history check must find it out, or the check proves nothing.

python -m tests.faults.sabotage --config settings.json serve
"""

import sys
import time
from typing import Any

import granian
from litestar import Litestar

from app import cli, main
from app.db import Writer

BETWEEN_S = 0.03  # from the lie to the truth


class Lying:
    """The writer's connection, with a COMMIT that comes late."""

    def __init__(self, connection: Any, lie: Any) -> None:
        self._connection = connection
        self._lie = lie

    def execute(self, statement: str, *values: Any) -> Any:
        if statement == "COMMIT":
            self._lie()
            time.sleep(BETWEEN_S)
        return self._connection.execute(statement, *values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def create() -> Litestar:
    honest = Writer._write

    def write(self: Writer, connection: Any, group: list[Any]) -> set[str]:
        return honest(self, Lying(connection, lambda: self._answer(group)), group)

    Writer._write = write  # type: ignore[method-assign]
    return main.create()


class Elsewhere(granian.Granian):  # type: ignore[misc,valid-type,unused-ignore]
    """Granian's processes build their application from a name: ours."""

    def __init__(self, target: str, **options: Any) -> None:
        super().__init__("tests.faults.sabotage:create", **options)


if __name__ == "__main__":
    granian.Granian = Elsewhere  # type: ignore[assignment]
    sys.exit(cli.main())
