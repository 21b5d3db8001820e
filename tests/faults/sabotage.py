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


def create() -> Litestar:
    honest = Writer._commit

    def commit(self: Writer, connection: Any, group: list[Any]) -> None:
        self._answer(group)
        time.sleep(BETWEEN_S)
        honest(self, connection, group)

    Writer._commit = commit  # type: ignore[method-assign]
    return main.create()


class Elsewhere(granian.Granian):  # type: ignore[misc,valid-type,unused-ignore]
    """Granian's processes build their application from a name: ours."""

    def __init__(self, target: str, **options: Any) -> None:
        super().__init__("tests.faults.sabotage:create", **options)


if __name__ == "__main__":
    granian.Granian = Elsewhere  # type: ignore[assignment]
    sys.exit(cli.main())
