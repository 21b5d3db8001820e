"""What the ERP asks for: purchase orders to receive, customer orders to ship, and the parties they name.

Each row keeps the sender's version: an older message is refused, an equal one is answered alike.
"""

from sqlalchemy import Index

from app.schema import check, key, table, whole, words

party = table("party", key("code"), words("kind"), words("name"), words("address"), whole("version"))

purchase_order = table(
    "purchase_order",
    key("code"),
    words("owner"),
    words("supplier"),
    words("state", "open"),  # open, receiving, closed, cancelled
    whole("due"),
    whole("version"),
    clustered=True,
)

po_line = table(
    "po_line",
    key("po"),
    key("line"),
    words("item"),
    whole("quantity"),
    whole("received"),
    words("state", "open"),  # open, closed
    check("quantity > 0", "po_line_of_something"),
    check("received >= 0", "po_line_received_whole"),
    Index("po_line_item", "item", "state"),
    clustered=True,
)

sales_order = table(
    "sales_order",
    key("code"),
    words("owner"),
    words("customer"),
    words("name"),
    words("address"),
    words("carrier"),
    words("service"),
    whole("cutoff"),  # µs UTC
    whole("priority", 5),  # 1 is most urgent
    whole("ship_complete"),
    # pool, waved, picking, picked, packing, packed, staged, loaded, shipped, held, cancelled, backordered
    words("state", "pool"),
    words("wave"),
    words("lane"),  # pinned by the first carton staged
    whole("version"),
    whole("promised"),  # to the customer by the end of that day, µs UTC; 0: no day
    Index("sales_order_state", "state", "cutoff"),
    Index("sales_order_wave", "wave"),
    clustered=True,
)

order_line = table(
    "order_line",
    key("id"),  # "order/line"
    words("order_code"),
    words("line"),
    words("item"),
    whole("quantity"),
    whole("allocated"),  # promised, not yet picked
    whole("picked"),
    whole("packed"),
    whole("shipped"),
    whole("short"),  # given up: backordered at the ERP
    whole("cancelled"),
    check("quantity > 0", "order_line_of_something"),
    check("picked >= 0 AND packed >= 0 AND shipped >= 0 AND short >= 0 AND allocated >= 0", "order_line_whole"),
    check("picked + short + cancelled <= quantity", "order_line_never_over"),
    check("packed <= picked AND shipped <= packed", "order_line_in_sequence"),
    Index("order_line_order", "order_code"),
    Index("order_line_item", "item"),
    clustered=True,
)
