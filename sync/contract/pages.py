"""The two pages people read: every message with an example, and who owns which field."""

import json
from collections.abc import Mapping
from typing import Any

from app.work import field_owners, master
from sync import messages
from sync.availability.said import FEEDS
from sync.contract import VERSION, words

# The words logistics has for what an ERP hears, and under which of our types it hears it: (in words, X12, our types).
FAMILIES = (
    ("goods came in", "944, 861", ("receipt.line_confirmed", "receipt.pallet_confirmed", "receipt.unplanned",
     "receipt.closed", "receipt.asn_closed", "receipt.discrepancy_settled", "arrival.at_door", "arrival.unloaded")),
    ("looked at, status changed", "947", ("inspection.unit_recorded", "inspection.decided", "status.changed", "lot.held",
     "lot.released")),
    ("moved inside the house", "–", ("stock.opened", "putaway.completed", "stock.moved", "stock.replenished", "step.undone")),
    ("promised, backordered", "846, 945", ("reservation.taken", "reservation.released", "order.cancelled", "order.held",
     "order.resumed")),
    ("picked, short", "945", ("pick.confirmed", "pick.short", "pick.put_back", "package.short")),
    ("packed, shipped", "945, 856", ("package.opened", "package.line_packed", "package.packed", "package.staged",
     "package.loaded", "package.unloaded", "shipment.confirmed", "order.backordered", "manifest.closed")),
    ("between sites", "943 / 944", ("transfer.shipped", "transfer.received", "transfer.delivered", "transfer.closed")),
    ("counted, corrected", "947", ("count.completed", "adjustment.posted", "writeoff.posted")),
    ("came back", "180", ("return.received", "return.inspected", "return.dispositioned", "return.left",
     "return.identified", "return.closed", "return.decided")),
    ("proposals and decisions", "832", ("dims.measured", "barcode.learned", "override.recorded", "exception.raised",
     "exception.settled")),
)  # fmt: skip

MADE = "<!-- Made by `python -m tests.contract`; a test compares it. -->"
OWNERS_MADE = "<!-- Made by `pickface contract docs/contract`; a test compares it. -->"


def messages_page(examples: Mapping[str, Mapping[str, Any]]) -> str:
    """Each message with an example the floor itself made; `examples` by type."""
    parts = [
        f"# Messages\n\n{MADE}\n",
        f"Contract {VERSION}. Every message is a CloudEvent 1.0; the JSON Schema of each is in `contract/`, all of them in "
        "`contract/asyncapi.json`. The examples below were said by a floor that was worked by scans in the tests.\n\n"
        "`id` is site, epoch and seq: kept with the effect, an event is applied once whatever the line does; a restored backup "
        "opens a new epoch. `data.movements` is all a ledger needs: on hand is what went into places that are `ours` less what "
        "left them, per item, lot and status. `data.event` is the event as the floor knows it. `correlationid` is the document, "
        "in order; `causationid` the scan. What an order goes without (`backordered`) is told by `reservation.taken`, "
        "`pick.short`, `package.short` and, of goods that came for it, by the receipt; what it went without in the end by "
        "`order.backordered`, once, when it has left.\n",
        "## What goes out\n",
    ]
    for told, x12, types in FAMILIES:
        parts.append(f"### {told[:1].upper()}{told[1:]} (X12: {x12})\n")
        parts += [_section(type_, _struct_of(type_), examples.get(type_)) for type_ in types]
    parts.append("## What a shop asks for\n")
    parts += [_section(type_, struct, examples.get(type_)) for type_, struct in FEEDS.items()]
    parts.append("## What comes in\n")
    parts += [_section(type_, struct, examples.get(type_)) for type_, struct in sorted(master.TYPES.items())]
    return "\n".join(parts)


def _struct_of(type_: str) -> type[Any]:
    return next(messages.EVENTS[kind] for kind, name in messages.TYPES.items() if name == type_)


def _section(type_: str, struct: type[Any], example: Mapping[str, Any] | None) -> str:
    told = f"#### `{type_}`\n\n{words.of_struct(struct)}\n"
    if example is None:
        return told
    return f"{told}\n```json\n{json.dumps(example, indent=1, ensure_ascii=False)}\n```\n"


def owners_page() -> str:
    """Who owns each field: the ERP's are those its messages have, the floor's stand in `app/work/field_owners.py`."""
    parts = [
        f"# Who owns which field\n\n{OWNERS_MADE}\n",
        "A field has one owner. The ERP owns what a thing is and what is wanted; the floor what is there, where, in what status, "
        "and what became of it, until it is posted. A message that sets a field of the floor is refused whole, with the code "
        "`owned_by_floor` and what to send instead (`app/work/field_owners.py`); nothing moves. The floor changes no field of "
        "the ERP: what it learned (`dims.measured`) is a proposal, kept here until the ERP says otherwise.\n",
        "| message | fields of the ERP |\n| --- | --- |",
    ]
    for type_, struct in sorted(master.TYPES.items()):
        fields = ", ".join(f"`{name}`" for name in struct.__struct_fields__ if name not in ("code", "version"))
        parts.append(f"| `{type_}` | {fields or '–'} |")
    parts.append("\n| thing | fields of the floor | instead |\n| --- | --- | --- |")
    for owned in field_owners.FLOOR:
        where = f"{owned.thing}, each line" if owned.lines else owned.thing
        parts.append(f"| {where} | {', '.join(f'`{name}`' for name in owned.fields)} | {owned.instead} |")
    kinds = ", ".join(f"`{name}.…`" for name in sorted(field_owners.FLOOR_SAYS))
    parts.append(f"\nMessages only the floor can say, but for those listed above: {kinds}.\n")
    return "\n".join(parts)
