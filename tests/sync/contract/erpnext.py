"""`erpnext`: the fake on loopback, which keeps its books while it is down as a database does."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import msgspec

from app.config import ConnectorSettings
from sync.connectors.base import Connector
from sync.connectors.erpnext import ErpNextConnector
from sync.connectors.erpnext.fields import DOCUMENTS, KEY
from sync.connectors.erpnext.rest import Rest
from tests.sync.contract.faults import Fault
from tests.sync.contract.faulty import EVERYBODY, NAME, NOTHING_TO_SEE, WebSink
from tests.sync.contract.relay import Asked
from tests.sync.erpnext_company import item
from tests.sync.erpnext_fake import TOKEN, Fake


class FaultyErpNext(WebSink):
    kind = "erpnext"
    tested = "a fake on loopback that checks method, body and key; not tested live"
    long = True
    plays: ClassVar[Mapping[Fault, str]] = {
        "away": "broke before the answer came",
        "down": "answers 503: it is down or busy",
        "ill": "it stumbled",
        "late": "did not answer within 1 s",
        "lost_answer": "broke before the answer came",
        "nonsense": "talks nonsense: its answer cannot be read",
        "overtaken": "broke before the answer came",
        "twice": NOTHING_TO_SEE,
        "dies_after_apply": "broke before the answer came",
        "refuses_one": "Item GHOST not found",
        "stumbles_over_one": "it stumbled",
        **EVERYBODY,
    }
    cannot: ClassVar[Mapping[Fault, str]] = {
        "dies_after_half": "one call is one event and one transaction; dying between two calls is dying after the first",
        "clock_off": "it compares no clock of ours, and dates its documents itself",
        "full_disk": "the fake keeps its books in memory",
        "cannot_read_one": "it is told documents of its own, never our events",
    }

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.fake = Fake()
        for code in self.items:
            item(self.fake, code)
        self.begin(self.fake.port)

    def start(self) -> None:
        self.fake.start()

    def kill(self) -> None:
        self.fake.kill()

    def close(self) -> None:
        self.relay.close()
        self.fake.close()

    def settings(self, site: str) -> ConnectorSettings:
        return msgspec.structs.replace(self.fake.settings(NAME), address=f"http://127.0.0.1:{self.relay.port}")

    def impatient(self, site: str) -> Connector:
        settings = self.settings(site)
        return ErpNextConnector(NAME, Rest(settings.address, TOKEN, within_s=self.patience_s), settings.options)

    def posts(self, asked: Asked) -> bool:
        return asked.method in ("POST", "PUT") and KEY.encode() in asked.body and "Custom" not in asked.path

    def applied(self, site: str) -> list[str]:
        found = [row for document in DOCUMENTS for row in list(self.fake.books.tables[document].values())]
        return [row[KEY] for row in found if row[KEY].startswith(f"{site}.")]

    def mend(self) -> None:
        super().mend()
        self.fake.stumbles_over = ""
        if self.stranger not in self.fake.books.tables["Item"]:
            item(self.fake, self.stranger)

    def refuses_one(self) -> None:
        self.fake.books.tables["Item"].pop(self.stranger, None)

    def stumbles_over_one(self) -> None:
        self.mend()
        self.fake.stumbles_over = self.stranger
