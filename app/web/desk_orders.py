"""Orders and lines, filtered by address: where the wave board's numbers lead, down to one order's lines."""

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromQuery

from app.db import Tx
from app.desk import ledger, order_detail, order_lines, orders
from app.desk.ledger import JournalFilter
from app.desk.order_lines import LineFilter
from app.desk.orders import STATES, OrderFilter
from app.errors import State
from app.web.desk_pages import export, exports, moment, page, plain, wanted
from app.web.doors import house

TOPICS = ("orders", "waves")
ORDER_CSV = {
    "order": plain("code"), "customer": plain("customer"), "name": plain("name"), "carrier": plain("carrier"),
    "cut-off": moment("cutoff"), "priority": plain("priority"), "state": plain("state"), "wave": plain("wave"),
    "lines": plain("lines"), "units": plain("units"), "picked": plain("picked"), "packed": plain("packed"),
    "shipped": plain("shipped"), "short": plain("short"), "owner": plain("owner"),
}  # fmt: skip
LINE_CSV = {
    "order": plain("order"), "line": plain("line"), "item": plain("item"), "state": plain("state"),
    "wave": plain("wave"), "cut-off": moment("cutoff"), "quantity": plain("quantity"),
    "allocated": plain("allocated"), "picked": plain("picked"), "packed": plain("packed"),
    "shipped": plain("shipped"), "short": plain("short"), "cancelled": plain("cancelled"),
}  # fmt: skip


class NoSuchOrder(State):
    code, title, http = "no_such_order", "No such order", 404
    says = "There is no order {order} here."


@get("/orders", opt={"policy": "viewer"}, summary="Orders by state, wave, cut-off, carrier, item")
async def order_list(request: Request[Any, Any, Any]) -> Response[Any]:
    asked = wanted(request, OrderFilter)
    if exports(request):
        return await export(
            request, "orders", ORDER_CSV, lambda tx: {"rows": orders.listing(tx, asked, export=True).rows}
        )

    def look(tx: Tx) -> dict[str, Any]:
        found = orders.listing(tx, asked)
        return {"b": found, "told": orders.told_orders(asked, found), "f": asked, "states": STATES}

    return await page(request, "orders", "Orders", look, topics=TOPICS)


@get("/lines", opt={"policy": "viewer"}, summary="Order lines by wave, order, item, state")
async def line_list(request: Request[Any, Any, Any]) -> Response[Any]:
    asked = wanted(request, LineFilter)
    if exports(request):
        return await export(
            request, "lines", LINE_CSV, lambda tx: {"rows": order_lines.lines(tx, asked, export=True).rows}
        )

    def look(tx: Tx) -> dict[str, Any]:
        found = order_lines.lines(tx, asked)
        return {"b": found, "told": order_lines.told_lines(asked, found), "f": asked}

    return await page(request, "lines", "Lines", look, topics=TOPICS)


@get("/order", opt={"policy": "viewer"}, summary="One order: lines, promises, cartons, history")
async def one_order(request: Request[Any, Any, Any], code: FromQuery[str]) -> Response[Any]:
    def look(tx: Tx) -> dict[str, Any]:
        found = order_detail.detail(tx, code.replace("\0", ""))
        if found is None:
            raise NoSuchOrder(order=code[:80])
        sync = house(request).sync
        connectors = sync.states(tx) if sync is not None else ()
        trail = ledger.ledger(tx, JournalFilter(document=f"order {found.order.code}"), connectors)
        return {"b": found, "told": order_detail.told_order(found.order, found.off), "trail": trail}

    return await page(request, "order", f"Order {code[:40]}", look, topics=("journal", "exceptions", *TOPICS))


HANDLERS = [order_list, line_list, one_order]
