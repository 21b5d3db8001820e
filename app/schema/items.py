"""The item master as the ERP sent it: items, their packs, their many barcodes, and the lots met on the floor."""

from sqlalchemy import Index

from app.schema import check, given, key, table, whole, words

item = table(
    "item",
    key("code"),
    words("owner"),
    words("name"),
    words("category"),
    words("unit", "each"),  # the base unit
    whole("lot_tracked"),
    whole("serial_tracked"),
    whole("expiry_tracked"),
    whole("min_shelf_days"),  # at receipt
    whole("weight_g"),
    whole("length_mm"),
    whole("width_mm"),
    whole("height_mm"),
    whole("standard_cost"),  # minor units, for limits only
    words("velocity", "C"),
    words("zone"),  # where it is put away; empty: anywhere
    whole("over_receipt_percent"),
    whole("over_receipt_quantity"),
    whole("active", 1),
    whole("version"),
    words("hazard_class"),  # 3, 8, …; empty: none
    words("temperature"),  # ambient, chilled, frozen; empty: anywhere
    whole("catch_weight"),  # each receipt is weighed, and the grams stay with the goods
    whole("min_weight_g"),  # of one base unit; 0: no bound
    whole("max_weight_g"),
    whole("measured"),  # µs; its measures were taken here, not told by the ERP
    given("item_owner", "owner", "code"),
    clustered=True,
)

pack = table("pack", key("item"), key("unit"), whole("quantity", 1), check("quantity > 0", "pack_of_something"))

item_barcode = table(
    "item_barcode",
    key("code"),
    key("item"),
    words("unit", "each"),
    whole("quantity", 1),  # base units one scan stands for
    words("supplier"),
    whole("valid_from"),
    whole("valid_to"),  # 0: no end
    check("quantity > 0", "barcode_of_something"),
    Index("item_barcode_item", "item"),
    clustered=True,
)

# Where item, weight or price stand in the house's own numbers: 21IIIIIWWWWWC.
restricted_number = table(
    "restricted_number",
    key("pattern"),
    whole("decimals"),
    whole("active", 1),
    check("decimals >= 0 AND decimals <= 3", "restricted_number_decimals"),
    clustered=True,
)

lot = table(
    "lot",
    key("item"),
    key("lot"),
    words("expiry"),  # ISO date, empty when it does not spoil
    words("held"),  # reason; empty when free. A held lot leaves by no path
    whole("seen"),  # µs of first receipt
    Index("lot_number", "lot"),
    clustered=True,
)
