"""What a floor tells Odoo in these tests: events in a house's order, and the connector that carries them."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.config import ConnectorSettings
from app.stock.events import AnyEvent, Received, Shipped
from app.stock.slots import CUSTOMER, Movement, Slot
from sync.connectors.odoo.connector import OdooConnector
from sync.messages import Identity, Message, as_message
from tests.sync.odoo_fake import DATABASE, KEY, OdooFake
from tests.sync.odoo_records import Row
from tests.sync.test_messages import entry

SITE = Identity(site="MAIN_1")


def settings(odoo: OdooFake, **facts: str) -> ConnectorSettings:
    told = {"address": odoo.url, "secret": KEY, **facts}
    return ConnectorSettings(name="ERP", kind="odoo", options={"database": DATABASE}, **told)  # type: ignore[arg-type]


@contextmanager
def told_by(odoo: OdooFake) -> Iterator[OdooConnector]:
    built = OdooConnector.of(settings(odoo))
    try:
        yield built
    finally:
        built.close()


def messages(*events: AnyEvent, first: int = 1) -> list[Message]:
    """As the follower offers them: numbered from `first`."""
    return [as_message(entry(event, seq), SITE) for seq, event in enumerate(events, first)]


def receipt(odoo: OdooFake, order: Row, item: str, quantity: int, *, lot: str = "", status: str = "available",
            serials: tuple[str, ...] = ()) -> Received:  # fmt: skip
    """Of the order's first line of this item."""
    books = odoo.books
    [line, *_] = [
        line
        for line in books.search("purchase.order.line", [["order_id", "=", order["id"]]])
        if books.of("product.product", line["product_id"])["default_code"] == item
    ]
    there = Slot(location="DOCK-1", lot=lot, status=status)  # type: ignore[arg-type]
    return Received(
        po=order["name"], line=str(line["id"]), item=item, quantity=quantity, target=there, serials=serials
    )  # fmt: skip


def shipment(order: str, *goods: tuple[str, int, str], complete: bool = True, lot: str = "") -> Shipped:
    """`goods` are item, quantity and the line of the order."""
    there = Slot(location="TRUCK", lot=lot)
    contents = tuple(
        Movement(item=item, quantity=quantity, source=there, target=there.at(CUSTOMER), line=f"{order}/{line}")
        for item, quantity, line in goods
    )
    return Shipped(order=order, load="LD-1", cartons=("C1",), contents=contents, complete=complete)


def lines_of(odoo: OdooFake, picking: Row) -> list[str]:
    """The numbers of a transfer's open moves, as the floor knows its lines."""
    rows = odoo.books.search("stock.move", [["picking_id", "=", picking["id"]], ["state", "!=", "done"]])
    return [str(row["id"]) for row in rows]
