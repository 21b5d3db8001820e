"""`tryton`: a live trytond on PostgreSQL with the inbox module, behind a line that fails.

Half of a batch is there when it is killed (−9) while its rows arrive; what it stumbles over is a trigger that somebody
put into its database, as happens in grown houses.
"""

import threading
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import ClassVar

import psycopg

from app.config import ConnectorSettings
from app.stock.events import AnyEvent
from sync.connectors.base import Connector
from sync.connectors.tryton import TrytonConnector
from sync.connectors.tryton.places import PLACES
from sync.connectors.tryton.rpc import Rpc
from tests.sync.contract.faults import Fault, OddEvent
from tests.sync.contract.faulty import EVERYBODY, NAME, NOTHING_TO_SEE, WebSink, found
from tests.sync.contract.relay import Asked
from tests.sync.sink import until
from tests.sync.tryton_books import Erp
from tests.tryton import company, template
from tests.tryton.server import PASSWORD, Tryton

BROKE = "broke before the answer came"
INBOX = "pickface.inbox"
UNKNOWN = company.PRODUCTS + 1  # the number of a product it hears of in `mend`
TRIGGERED = company.item(5)
SOME, SOME_WITHIN_S = 5, 60.0  # of a batch

STUMBLE = f"""
CREATE OR REPLACE FUNCTION stumble() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'a trigger of the house wants no {TRIGGERED}'; END $$;
CREATE TRIGGER stumble BEFORE INSERT ON pickface_inbox FOR EACH ROW
    WHEN (NEW.document = 'item {TRIGGERED}') EXECUTE FUNCTION stumble();
"""
WALK_ON = "DROP TRIGGER IF EXISTS stumble ON pickface_inbox"


class FaultyTryton(WebSink):
    kind = "tryton"
    tested = "live: trytond on PostgreSQL with the inbox module"
    long = True
    patience_s = 15.0  # twenty events take two seconds there, and longer where the machine is busy
    told_within_s = 300.0
    items = tuple(company.item(number) for number in range(1, 5))
    plays: ClassVar[Mapping[Fault, str]] = {
        "away": BROKE,
        "down": "answers 503: it is down or busy",
        "ill": "answers 500: it is down or busy",
        "late": "did not answer within 15 s",
        "lost_answer": BROKE,
        "nonsense": "talks nonsense: its answer cannot be read",
        "overtaken": BROKE,
        "twice": NOTHING_TO_SEE,
        "dies_after_apply": BROKE,
        "dies_after_half": BROKE,
        "refuses_one": f"There is no product with the code {company.item(UNKNOWN)}",
        "stumbles_over_one": f"stumbled: a trigger of the house wants no {TRIGGERED}",
        **EVERYBODY,
    }
    cannot: ClassVar[Mapping[Fault, str]] = {
        "clock_off": "no clock is compared: a session is known by its token, and a move takes its day in Tryton",
        "full_disk": "PostgreSQL takes the transaction back whole and Tryton's answer is an error: that is `ill`",
        "cannot_read_one": "the connector writes each entry itself, and the inbox module reads it field by field",
    }

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._open = ExitStack()
        server = self._open.enter_context(template.copied())
        self._database = server.get_uri().replace("/postgres?", "/erp?")
        self._tryton = self._open.enter_context(Tryton(folder, server))
        self._erp = Erp(self._tryton)
        self._refuses = self._stumbles = False
        self.begin(self._tryton.port)

    def start(self) -> None:
        if self._tryton.is_dead():
            self._tryton.start()

    def kill(self) -> None:
        self._tryton.kill()

    def close(self) -> None:
        self.relay.close()
        self._open.close()

    def settings(self, site: str) -> ConnectorSettings:
        address = f"http://admin@127.0.0.1:{self.relay.port}/erp"
        return ConnectorSettings(name=NAME, kind="tryton", address=address, secret=PASSWORD)

    def impatient(self, site: str) -> Connector:
        return TrytonConnector(NAME, Rpc(self.settings(site).address, PASSWORD, within_s=self.patience_s), PLACES)

    def posts(self, asked: Asked) -> bool:
        return f"model.{INBOX}.post".encode() in asked.body

    def applied(self, site: str) -> list[str]:
        rows = self._erp.rows(INBOX, [["key", "like", f"{site}.%"]], "key")
        return [row["key"] for row in sorted(rows, key=lambda row: int(row["id"]))]

    def mend(self) -> None:
        super().mend()
        if self._stumbles:
            self._do(WALK_ON)
        if self._refuses:
            company.make_products(self._erp.books, UNKNOWN, UNKNOWN)
        self._refuses = self._stumbles = False

    def dies_after_half(self) -> None:
        enough = self._count() + SOME

        def die() -> None:
            until(lambda: self._count() >= enough, "some of the batch is there", SOME_WITHIN_S)
            self.kill()

        threading.Thread(target=die, daemon=True).start()

    def odd(self, fault: OddEvent) -> AnyEvent:
        return found(company.item(UNKNOWN) if fault == "refuses_one" else TRIGGERED)

    def refuses_one(self) -> None:
        self._refuses = True

    def stumbles_over_one(self) -> None:
        self._do(STUMBLE)
        self._stumbles = True

    def _count(self) -> int:
        return int(self._erp.books.call(f"{INBOX}.search_count", []))

    def _do(self, statement: str) -> None:
        with psycopg.connect(self._database, autocommit=True) as connection:
            connection.execute(statement.encode())
