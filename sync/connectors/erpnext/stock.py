"""What lies in ERPNext's warehouses by its own books, to reconcile with.

A Bin is the balance of one item in one warehouse (https://docs.frappe.io/erpnext/user/manual/en/bin); for an item with lots
its batches are asked for one by one, expired ones too, because they lie there all the same.
"""

from collections.abc import Iterator, Sequence

from sync.connectors.erpnext.rest import Filter, Rest

# A whitelisted method: github.com/frappe/erpnext/blob/version-15/erpnext/stock/doctype/batch/batch.py
BATCHES = "erpnext.stock.doctype.batch.batch.get_batch_qty"


def on_hand(rest: Rest, warehouses: Sequence[str]) -> Iterator[tuple[str, str, str, int]]:
    """Item, lot, warehouse, pieces. Raises TransportError or Refused."""
    with_lots = {row["name"] for row in rest.all_rows("Item", [["has_batch_no", "=", 1]], [])}
    here: list[Filter] = [["warehouse", "in", list(warehouses)], ["actual_qty", "!=", 0]]
    for row in rest.all_rows("Bin", here, ["item_code", "warehouse", "actual_qty"]):
        item, warehouse = row["item_code"], row["warehouse"]
        if item not in with_lots:
            yield item, "", warehouse, round(row["actual_qty"])
            continue
        for batch in rest.call(
            BATCHES, item_code=item, warehouse=warehouse, for_stock_levels=1, ignore_reserved_stock=1
        ):
            yield item, batch["batch_no"], warehouse, round(batch["qty"])
