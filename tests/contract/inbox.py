"""The examples of what comes in: one message of each type, taken by a floor in this order, each answered `applied`."""

import json
from typing import Any

from app.db import Database, Tx
from app.stock import journal, ledger
from app.stock.events import Deallocated, TransferShipped
from app.stock.slots import Claim, Slot
from app.work import progress, transfers_promised
from sync import delivery, inbound
from sync.availability.feed import Feed
from tests.contract.stories import steady, told
from tests.world import BY, World

STOCK = """
    A-01  MUG  40
    A-02  TEA  12  lot=L1 expiry=2027-05-01
"""
DUE = "2026-11-24T15:00:00Z"

# Type, what it names, its content; the envelope is made around it.
MESSAGES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("party.upsert", "S-7", {"kind": "supplier", "name": "Potters & Co"}),
    ("location.upsert", "B-01-02", {"site": "MAIN", "zone": "B", "kind": "bin", "aisle": 1, "position_mm": 2400, "level": 1}),
    (
        "item.upsert", "TEE-M-WHT",
        {
            "name": "T-shirt, white, M", "weight_g": 180, "standard_cost": 420, "packs": [{"unit": "case", "quantity": 12}],
            "barcodes": [{"code": "4012345000016"}, {"code": "4012345000023", "unit": "case"}],
        },
    ),
    ("barcode.upsert", "0614141000036", {"item": "TEE-M-WHT", "supplier": "S-7"}),
    ("inspection.plan", "P1", {"letter": "A", "aql": "1.0", "size": 2, "accept": 0, "reject": 1}),
    ("inspection.letter", "L1", {"level": "HOUSE", "lot_from": 2, "lot_to": 90, "letter": "A"}),
    ("inspection.check", "sealed", {"words": "Is it sealed?", "kind": "judge"}),
    ("inspection.rule", "R1", {"supplier": "S-7", "level": "II", "aql": "1.0"}),
    (
        "purchase_order.upsert", "4500187",
        {"supplier": "S-7", "due": DUE, "lines": [{"line": "10", "item": "TEE-M-WHT", "quantity": 48}]},
    ),
    (
        "asn.upsert", "ASN-1",
        {
            "supplier": "S-7", "due": DUE,
            "lines": [
                {"line": "1", "sscc": "340123450000000017", "po": "4500187", "po_line": "10", "item": "TEE-M-WHT", "quantity": 48}
            ],
        },
    ),
    ("asn.cancel", "ASN-1", {}),
    ("purchase_order.cancel", "4500187", {}),
    (
        "order.release", "100482",
        {
            "customer": "C-1", "name": "Ada Lovelace", "address": "1 Mill Lane", "cutoff": DUE,
            "lines": [{"line": "1", "item": "MUG", "quantity": 4}, {"line": "2", "item": "TEA", "quantity": 2}],
        },
    ),
    (
        "order.change", "100482",
        {
            "customer": "C-1", "name": "Ada Lovelace", "address": "2 Mill Lane", "cutoff": DUE,
            "lines": [{"line": "1", "item": "MUG", "quantity": 3}],
        },
    ),
    ("order.hold", "100482", {"reason": "payment"}),
    ("order.cancel", "100482", {"reason": "changed their mind"}),
    ("stock.hold", "H-1", {"item": "TEA", "lot": "L1", "reason": "lab asks for a sample"}),
    ("stock.release", "H-1", {"reason": "sample is good"}),
    ("stock.recall", "RC-1", {"item": "TEA", "lot": "L1", "reason": "glass found"}),
    ("count.request", "CR-1", {"place": "A-01", "reason": "year end"}),
    ("adjustment.request", "AR-1", {"item": "TEA", "change": -2, "reason": "books differ"}),
    ("transfer.release", "TR-2", {"source": "MAIN", "target": "NORTH", "lines": [{"line": "1", "item": "MUG", "quantity": 1}]}),
    ("transfer.cancel", "TR-2", {}),
    ("transfer.release", "TR-1", {"source": "MAIN", "target": "NORTH", "lines": [{"line": "1", "item": "MUG", "quantity": 6}]}),
    ("transfer.arrived", "TR-1", {"lines": [{"line": "1", "quantity": 6}], "closed": True}),
    (
        "transfer.announced", "TR-NORTH-00003",
        {
            "source": "NORTH", "target": "MAIN", "event": "NORTH.1.42", "to_go": 0,
            "lines": [{"line": "1", "item": "TEA", "quantity": 6, "lot": "L7", "expiry": "2097-06-01"}],
        },
    ),
    (
        "rma.authorised", "RMA-9",
        {"customer": "C-1", "lines": [{"line": "1", "item": "MUG", "quantity": 1, "reason": "damaged", "wish": "refund"}]},
    ),
    ("rma.decided", "RMA-9", {"decision": "refund", "sentence": "Refunded in full."}),
    ("rma.cancelled", "RMA-9", {}),
    ("event.refused", "MAIN.1.1", {"reason": "Account 1310 is closed.", "raw": "import 0815, line 1: E-4711 account closed"}),
)  # fmt: skip


def message(number: int, type_: str, subject: str, data: dict[str, Any]) -> dict[str, Any]:
    """The whole CloudEvent."""
    return {
        "specversion": "1.0", "id": f"erp-{number}", "source": "erp", "type": type_, "subject": subject, "version": number,
        "time": f"2026-11-23T08:00:{number:02}Z", "datacontenttype": "application/json", "data": data,
    }  # fmt: skip


def taken(database: Database) -> dict[str, tuple[dict[str, Any], str]]:
    """By type: the message, and the floor's answer as `applied: Item … is known.`"""
    World(database, STOCK)
    found = {}
    for number, (type_, subject, data) in enumerate(MESSAGES, start=1):
        body = json.dumps(data).encode()
        event = message(number, type_, subject, data)
        if type_ == "transfer.arrived":
            database.do(_leaves)
        if type_ == "event.refused":
            database.do(_drops)
        answer = database.do(
            lambda tx, e=event, b=body: inbound.accept(  # type: ignore[misc]
                tx, source=e["source"], id=e["id"], type=e["type"], subject=e["subject"], version=e["version"], body=b
            )
        )
        assert answer.state == "applied", f"{type_}: {answer.sentence}"
        found[type_] = (event, f"{answer.state}: {answer.sentence}")
    return found


def examples(database: Database) -> dict[str, Any]:
    """By type, what came in, and what the floor said of it that no other story tells."""
    return {type_: event for type_, (event, _) in taken(database).items()} | told(database, ("return_decided",))


def fed(database: Database) -> dict[str, Any]:
    """By type, what a shop hears of the floor that took them: a snapshot, one change, the stock."""
    World(database, STOCK)
    feed = Feed(database, "MAIN")
    feed.open()
    lines = [{"line": "1", "item": "MUG", "quantity": 3}]
    body = json.dumps({"lines": lines}).encode()
    database.do(lambda tx: inbound.accept(tx, source="erp", id="1", type="order.release", subject="100482", body=body))
    feed.look()
    changes = feed.since(feed.name, 0) or []
    said = [json.loads(one) for one in (feed.snapshot(["TEA"]), *changes, feed.stock())]
    return {one["type"]: steady(one) for one in said}


def _leaves(tx: Tx) -> None:
    """The floor sends the transfer's goods off."""
    serving = TransferShipped(
        transfer="TR-1", line="1", item="MUG", quantity=6, source=Slot(location="A-01"), door="DOCK-1", to_site="NORTH"
    )
    [back] = transfers_promised.of(tx, "TR-1")
    claim = Claim(line=back.line, item=back.item, quantity=-back.quantity, slot=back.slot)
    for event in (Deallocated(order=transfers_promised.name_of("TR-1"), claimed=(claim,)), serving):
        ledger.post(tx, event, BY)
        progress.apply(tx, event)


def _drops(tx: Tx) -> None:
    """A connector has told all there is."""
    last = journal.last_seq(tx)
    delivery.open_connector(tx, "ERP", "MAIN")
    delivery.write_outcome(
        tx, "ERP", delivery.Outcome(after=0, last=last, fresh=last, again=0, late=0, aside=[]), now=0
    )
