"""The bare handler B1 is held against: the least any server of this kind must do to keep a scan.

Same Litestar, same granian settings, same writer with its group commit and durable commit: msgspec in, one journal row,
msgspec out. No session, no screen, no barcode, no stock. What ours costs on top of this is what the floor costs.
Started as `python -m tests.bench.bare SETTINGS`; like ours it takes its settings from the file PICKFACE_CONFIG names.
"""

import os
import sys
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar, get, post

from app import config
from app.db import Database, Plain, Tx
from app.stock.ledger import WRITE_JOURNAL

LINK = b"\0" * 32


class In(msgspec.Struct, frozen=True):
    id: str
    after: str
    raw: str
    at: int


class Out(msgspec.Struct, frozen=True):
    id: str
    seq: int


def create() -> Litestar:
    database = Database(config.load(Path(os.environ["PICKFACE_CONFIG"])).database)

    @post("/bare", status_code=200)
    async def bare(data: In) -> Out:
        def work(tx: Tx) -> Out:
            assert tx.head is not None
            seq = tx.head[0] + 1
            row: dict[str, Any] = {
                "kind": "bare",
                "at": data.at,
                "worker": "",
                "device": "",
                "station": "",
                "cause": "",
            }
            tx.run(WRITE_JOURNAL, seq=seq, **row, document="", owner="", body=data.raw.encode(), hash=LINK)
            tx.head = (seq, LINK)
            return Out(id=data.id, seq=seq)

        return await database.write(Plain[Out](work, quick=True))

    @get("/health")
    async def health() -> dict[str, str]:
        return {"state": "ready"}

    return Litestar([bare, health], openapi_config=None)


def main(settings_file: str) -> None:
    from granian import Granian
    from granian.constants import Interfaces, Loops

    settings = config.load(Path(settings_file))
    os.environ["PICKFACE_CONFIG"] = settings_file
    Granian(
        "tests.bench.bare:create",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        loop=Loops.asyncio,
        factory=True,
        workers=1,
        websockets=False,
        log_access=False,
    ).serve()


if __name__ == "__main__":
    main(sys.argv[1])
