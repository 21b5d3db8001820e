"""A blind receipt through the real doors: what is expected occurs in no byte the device, its live line or its printer gets."""

import re
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import select

from app import clock, schema
from app.db import Database
from app.schema.printing import print_job
from app.schema.work import discrepancy
from app.web.live import Hub
from app.work import receiving_rules
from tests import engines
from tests.desk import house
from tests.workflows.inbound import announce, sscc

EXPECTED = 7919  # pieces: a number that occurs nowhere by chance
NOTED = 7907  # of them on the notice
RANDOM = re.compile(rb"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
JSON = {"accept": "application/json"}
PALLET, LOOSE_PO = sscc(50), "PO-70"


class Glass:
    """A handheld that keeps every byte it was sent."""

    def __init__(self, client: TestClient[Litestar]) -> None:
        self.client, self._sent, self.csrf = client, b"", ""
        told = client.post("/floor/pin", json={"badge": "B-mara", "pin": house.PIN, "takeover": True}, headers=JSON)
        self.keep(told.content, told.headers)
        self.csrf, self.step = told.json()["csrf"], told.json()["answer"]["step"]

    def keep(self, content: bytes, headers: Any) -> None:
        told = [pair for pair in headers.items() if pair[0] not in ("set-cookie", "content-length")]
        self._sent += content + repr(told).encode()

    @property
    def sent(self) -> bytes:
        """All but ids and tokens, in whose random digits any number stands sooner or later."""
        return RANDOM.sub(b"", self._sent).replace(self.csrf.encode(), b"")

    def turn(self, raw: str, kind: str = "scan") -> dict[str, Any]:
        """The answer as JSON, asked again as HTML (the same id, the same answer), and the whole page as both."""
        body = {"id": clock.new_id(), "after": self.step, "raw": raw, "kind": kind}
        answers = [
            self.client.post("/floor/scan", json=body, headers={"x-csrf": self.csrf, **accept})
            for accept in (JSON, {"accept": "text/html"})
        ] + [self.client.get("/floor", headers=accept) for accept in (JSON, {"accept": "text/html"})]
        for answer in answers:
            assert answer.status_code == 200, answer.text
            self.keep(answer.content, answer.headers)
        told: dict[str, Any] = answers[0].json()
        self.step = told["step"]
        return told

    def does(self, *steps: str) -> dict[str, Any]:
        """`scan`, `tap:name` or `type:text`, one after the other."""
        told: dict[str, Any] = {}
        for step in steps:
            kind, found, rest = step.partition(":")
            told = self.turn(rest, kind) if found and kind in ("tap", "type") else self.turn(step)
        return told


def test_the_expected_quantity_is_in_no_byte_of_a_blind_receipt(tmp_path: Path) -> None:
    url = engines.fresh_sqlite(tmp_path)
    database = Database(url)
    world = house.lay_out(database)
    world.location("DOCK-9", kind="dock")
    world.add(schema.places.station, code="IN", name="Inbound", location="DOCK-9", label_printer="P-2")
    for number, po in enumerate(("PO-70", "PO-71", "PO-72")):
        world.add(schema.documents.purchase_order, code=po, supplier="ACME")
        world.add(schema.documents.po_line, po=po, line="1", item="MUG-BLU", quantity=EXPECTED + number * 10_000)
        world.add(schema.documents.po_line, po=po, line="2", item="CAN-12", quantity=EXPECTED)
    known = announce(world, "A-70", {"sscc": PALLET, "po": "PO-71", "item": "MUG-BLU", "quantity": NOTED})
    assert known.startswith("applied")
    database.do(lambda tx: receiving_rules.change(tx, receiving_rules.ReceivingRule(supplier="ACME", blind=1)))
    database.close()
    pushed: list[str] = []

    with TestClient(house.open_house(url, tmp_path), base_url="http://127.0.0.1:8080") as client:
        hub: Hub = client.app.state.house.hub
        publish = hub.publish
        hub.publish = lambda *told: (pushed.append(repr(told)), publish(*told))[1]  # type: ignore[method-assign, func-returns-value]
        glass = Glass(client)
        mug, can = world.barcodes["MUG-BLU"], world.barcodes["CAN-12"]
        glass.does(
            "STN/IN", "tap:start:arrivals", "A-70", "DOCK-9", "tap:none", "tap:none", "tap:yes", "tap:yes", "tap:yes"
        )
        glass.does("tap:menu", "tap:start:receiving", mug, "tap:back", LOOSE_PO, mug)
        glass.does("type:8000", "LPN-700001", "tap:undo")
        told = glass.does("LPN-700001")  # more than ordered, and nothing says so
        assert told["verdict"]["sentence"] == "8000 each MUG-BLU on LPN LPN-700001"
        glass.does(
            can,
            "type:12",
            "tap:labels",
            "type:2",
            "tap:new_lpn",
            can,
            "tap:problem",
            "tap:reason:short_shelf_life",
            "LPN-700002",
        )
        glass.does("tap:look_up", LOOSE_PO, mug, "LPN-700001", "tap:back", "NO-SUCH", PALLET)
        told = glass.does(mug, "type:40", PALLET, PALLET, PALLET)
        assert told["verdict"]["sentence"].endswith("is counted."), told["verdict"]
        told = glass.does("tap:close", "A-70")
        assert told["verdict"]["sentence"] == "ASN A-70 is closed."
        glass.does(PALLET, LOOSE_PO, "tap:close")
        told = glass.does("tap:confirm")
        assert told["verdict"]["sentence"] == f"PO {LOOSE_PO} is closed."
        told = glass.does("tap:look_up", LOOSE_PO, "tap:back", "PO-72", can, "type:99999", "tap:no_lpn", "tap:close")
        glass.does("tap:confirm", "tap:look_up", "PO-72", "LPN-700001", "tap:menu", "tap:start:arrivals")

    database = Database(url)
    with database.reading() as tx:
        printed = b"".join(
            bytes(row[0]) + bytes(row[1]) for row in tx.rows(select(print_job.c.payload, print_job.c.label))
        )
        cases = tx.rows(
            select(discrepancy.c.document, discrepancy.c.kind, discrepancy.c.expected, discrepancy.c.found)
            .where(discrepancy.c.id != "d-1", discrepancy.c.expected > 0)
            .order_by(discrepancy.c.document, discrepancy.c.line)
        )
    database.close()
    assert b"8000" in glass.sent
    assert len(printed) > 500
    assert pushed
    for number in (EXPECTED, NOTED, 10_000 + EXPECTED, 20_000 + EXPECTED, 8000 - EXPECTED, NOTED - 40):
        for bytes_sent in (glass.sent, printed, "".join(pushed).encode()):
            assert _lacks(bytes_sent, number), number
    assert cases == [
        ("asn A-70", "short", NOTED, 40),
        ("po PO-70", "over", EXPECTED, 8000),
        ("po PO-70", "short", EXPECTED, 13),
        ("po PO-72", "short", 20_000 + EXPECTED, 0),
        ("po PO-72", "over", EXPECTED, 99_999),
    ], "the desk sees it all"


def _lacks(sent: bytes, number: int) -> bool:
    """Neither the number nor one with a thousands mark; differences of two digits may stand in a time or an id."""
    written = [str(number), f"{number:,}", f"{number:,}".replace(",", "."), f"{number:,}".replace(",", " ")]
    if number < 1000:
        written = [f"{number} {word}" for word in ("over", "short", "more", "too many", "left")]
    return not any(text.encode() in sent for text in written)
