"""Goods that change their status, or their number: internal shipments and inventories.

Between two places of the warehouse, or into the scrap, goods go by an internal shipment. What is found, lost, or counted
otherwise is an inventory of the place, which says how many are there now: what Tryton expects there, and the difference.
So is what came or went without a document of Tryton's, such as a parcel nobody had announced. An inventory has no field
for a key, so a note bears it; one that a broken line left without its note is a draft, and moves nothing.
"""

from collections import Counter, defaultdict

from sync.connectors.entries import Entry
from sync.connectors.tryton.plain.records import Records, Row, Values, goods, new_lines
from sync.connectors.tryton.rpc import ErpSaid

INTERNAL, INVENTORY = "stock.shipment.internal", "stock.inventory"
LOOKS = 3  # at what Tryton expects, when others post there meanwhile
INTERNAL_STEPS = (("draft", "wait"), ("waiting", "assign_force"), ("assigned", "do"))


def move(erp: Records, entry: Entry) -> list[str]:
    inner = [told for told in entry["moves"] if erp.holds(told["source"]) and erp.keeps(told["target"])]
    outer = [told for told in entry["moves"] if told not in inner]
    return _shipped(erp, entry["key"], inner) + counted(erp, entry["key"], outer)


def _shipped(erp: Records, key: str, moves: list[Entry]) -> list[str]:
    if not moves:
        return []
    found = erp.rows(INTERNAL, [["reference", "=", key]], "state")
    if not found:
        groups: defaultdict[tuple[str, str], list[Entry]] = defaultdict(list)
        for told in moves:
            groups[told["source"], told["target"]].append(told)
        erp.create(INTERNAL, [_internal(erp, key, *ends, told) for ends, told in groups.items()])
        found = erp.rows(INTERNAL, [["reference", "=", key]], "state")
    for shipment in found:
        erp.press(INTERNAL, shipment, *INTERNAL_STEPS)
    return [f"{INTERNAL},{one['id']}" for one in found]


def _internal(erp: Records, key: str, source_code: str, target_code: str, moves: list[Entry]) -> Values:
    source, target, today = erp.location(source_code), erp.location(target_code), erp.today()
    lines = []
    for told in moves:
        product = erp.product(told["item"])
        lines.append(goods(product, told["quantity"], source, target, erp.lot(product, told["lot"])))
    return {
        "reference": key, "from_location": source, "to_location": target, "planned_date": today,
        "planned_start_date": today, "moves": new_lines(lines),
    }  # fmt: skip


def counted(erp: Records, key: str, moves: list[Entry]) -> list[str]:
    """One inventory for each place of the warehouse among the moves' ends."""
    changes: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for told in moves:
        thing = (told["item"], told["lot"])
        if erp.holds(told["source"]):
            changes[told["source"]][thing] -= told["quantity"]
        if erp.holds(told["target"]):
            changes[told["target"]][thing] += told["quantity"]
    if not changes:
        return []
    found = [_inventory(erp, key, place, things) for place, things in changes.items()]
    for inventory, things in zip(found, changes.values(), strict=True):
        if inventory["state"] == "draft":
            _confirm(erp, inventory, list(things.items()))
    return [f"{INVENTORY},{one['id']}" for one in found]


def _inventory(erp: Records, key: str, place: str, things: Counter[tuple[str, str]]) -> Row:
    """The event's inventory of the place. It is a draft until a note claims it for the event; then it is confirmed."""
    claim = f"{key} counts {place}"
    claims = erp.rows("ir.note", [["message", "=", claim]], "resource")
    if not claims:
        [made] = erp.create(INVENTORY, [_draft(erp, place, things)])
        erp.create("ir.note", [{"resource": f"{INVENTORY},{made}", "message": claim}])
    id = int(claims[0]["resource"].partition(",")[2]) if claims else made
    return erp.one(INVENTORY, [["id", "=", id]], f"Inventory {id} is gone.", "state", "location.code")


def _draft(erp: Records, place: str, things: Counter[tuple[str, str]]) -> Values:
    lines = []
    for item, number in things:
        product = erp.product(item)
        lot = erp.lot(product, number)
        lines.append({"product": product["id"], **({"lot": lot} if lot else {})})
    return {"location": erp.location(place), "empty_quantity": "keep", "lines": new_lines(lines)}


def _confirm(erp: Records, inventory: Row, changes: list[tuple[tuple[str, str], int]]) -> None:
    """Counts are what Tryton expects and the change; looked at again, because Tryton expects anew with each write."""
    for _ in range(LOOKS):
        lines = erp.rows("stock.inventory.line", [["inventory", "=", inventory["id"]]], "expected_quantity", "quantity")
        lines.sort(key=lambda line: int(line["id"]))
        wanted = [(line, line["expected_quantity"] + n) for line, (_, n) in zip(lines, changes, strict=True)]
        if all(line["quantity"] == count for line, count in wanted):
            erp.call(f"{INVENTORY}.confirm", [inventory["id"]])
            return
        for (_, count), ((item, _), change) in zip(wanted, changes, strict=True):
            if count < 0:
                where = inventory["location."]["code"]
                words = f"Tryton has {count - change:g} × {item} in {where}, of which {-change} cannot be taken."
                raise ErpSaid("UserError", words)
        edits = [["write", [line["id"]], {"quantity": count}] for line, count in wanted]
        erp.write(INVENTORY, inventory["id"], {"lines": edits})
    raise ErpSaid("UserError", f"Others posted to inventory {inventory['id']} at the same moment, {LOOKS} times.")
