"""`odoo`: a fake that keeps real books, behind a line that fails.

An event takes several calls there, and most only ask, so what goes wrong with the one that moves goods goes wrong at the
fake itself. It lives in a thread: `kill` closes its door between two calls; what was committed stays, as on a disk.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import msgspec

from app.config import ConnectorSettings
from sync.connectors.base import Connector
from sync.connectors.odoo.connector import OdooConnector
from sync.connectors.odoo.json2 import Json2
from sync.connectors.odoo.places import WAREHOUSE, places_of
from sync.connectors.odoo.references import key_of
from tests.sync.contract.faults import Fault
from tests.sync.contract.faulty import EVERYBODY, NAME, NOTHING_TO_SEE, WebSink
from tests.sync.contract.relay import Asked
from tests.sync.odoo_fake import KEY, OdooFake

VALIDATES = "/stock.picking/button_validate"
BROKE = "broke before the answer came"
SOME = 5  # of a batch


class FaultyOdoo(WebSink):
    kind = "odoo"
    tested = "a fake that checks method, body and key; killed, it shuts its door between two calls. Not live"
    long = True
    hears_duplicates = False  # what is delivered twice is validated once, and both answers say so
    plays: ClassVar[Mapping[Fault, str]] = {
        "away": BROKE,
        "down": "answers 503: it is down or busy",
        "ill": "it stumbled over stock.picking.button_validate",
        "late": "did not answer within 1 s",
        "lost_answer": BROKE,
        "nonsense": "talks nonsense: its answer cannot be read",
        "overtaken": BROKE,
        "twice": NOTHING_TO_SEE,
        "dies_after_apply": BROKE,
        "dies_after_half": BROKE,
        "refuses_one": "no product with the internal reference GHOST",
        "stumbles_over_one": "it stumbled over stock.picking.button_validate",
        **EVERYBODY,
    }
    cannot: ClassVar[Mapping[Fault, str]] = {
        "clock_off": "no clock is compared: the API key is a bearer token, and a transfer takes its date in Odoo",
        "full_disk": "PostgreSQL takes the transaction back whole and Odoo's answer is an error: that is `ill`",
        "cannot_read_one": "there is no schema but Odoo's fields, and the connector writes each call itself",
    }

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.odoo = OdooFake()
        self.odoo.start()
        for item in self.items:
            self.odoo.books.product(item)
        self._ghost = self.odoo.books.product(self.stranger)
        self.begin(self.odoo.port)

    def start(self) -> None:
        self.odoo.start()

    def kill(self) -> None:
        self.odoo.stop()

    def close(self) -> None:
        self.odoo.stop()
        self.relay.close()

    def settings(self, site: str) -> ConnectorSettings:
        return ConnectorSettings(name=NAME, kind="odoo", address=self._address, secret=KEY)

    def impatient(self, site: str) -> Connector:
        odoo = Json2(self._address, KEY, within_s=self.patience_s)
        return OdooConnector(NAME, odoo, WAREHOUSE, places_of(WAREHOUSE, {}))

    def posts(self, asked: Asked) -> bool:
        return asked.path.endswith(VALIDATES)

    def applied(self, site: str) -> list[str]:
        """By when each was validated."""
        done = self.odoo.books.search("stock.picking", [["state", "=", "done"]])
        keys = [key_of(row["name"]) for row in sorted(done, key=lambda row: str(row["write_date"]))]
        return [key for key in keys if key.startswith(f"{site}.")]

    def offered(self, site: str) -> Counter[str]:
        """How often each event's transfer was to be validated."""
        ids = [id for path, _, body in self.odoo.written if path.endswith(VALIDATES) for id in _ids(body)]
        keys = [key_of(self.odoo.books.of("stock.picking", id)["name"]) for id in ids]
        return Counter(key for key in keys if key.startswith(f"{site}."))

    def mend(self) -> None:
        self.odoo.fail()
        self.odoo.books.change("product.product", self._ghost, default_code=self.stranger)
        super().mend()

    def late(self) -> None:
        self.odoo.fail(late_s=2.5 * self.patience_s)

    def lost_answer(self) -> None:
        self.odoo.fail(validated="cut")

    def nonsense(self) -> None:
        self.odoo.fail(validated="nonsense")

    def overtaken(self) -> None:
        self.odoo.fail(held=True)

    def twice(self) -> None:
        self.odoo.fail(twice=True)

    def dies_after_apply(self) -> None:
        self.odoo.fail(lives=1)

    def dies_after_half(self) -> None:
        self.odoo.fail(lives=SOME)

    def refuses_one(self) -> None:
        self.odoo.books.change("product.product", self._ghost, default_code="")

    def stumbles_over_one(self) -> None:
        self.odoo.fail(poison=frozenset({self.stranger}))

    @property
    def _address(self) -> str:
        return f"http://127.0.0.1:{self.relay.port}"


def _ids(body: bytes) -> list[int]:
    found: list[int] = msgspec.json.decode(body)["ids"]
    return found
