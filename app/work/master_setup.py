"""What belongs to the house itself and comes from no ERP: the site, stations, carton types, putaway rules, workers,
the patterns of its own labels.

They come in by import (and in the demo), and again a second time changes nothing. The site's counters are not among
these facts: nothing that comes in may turn a number back.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta
from sqlalchemy import bindparam, func, insert, select, update

from app.db import Tx
from app.schema.people import worker
from app.schema.places import location, site, station
from app.schema.work import carton_type, putaway_strategy
from app.stock.ledger import By
from app.work import people, putaway_rows, receiving_rules, restricted_numbers
from app.work.master_terms import (
    KNOWN_ITEM,
    Amount,
    Code,
    Counted,
    Days,
    Far,
    Grams,
    Message,
    Millimetres,
    OptionalCode,
    Outcome,
    Percent,
    Text,
    UpTo,
    applied,
    dead,
    put,
    row_of,
)
from app.work.restricted_numbers import RestrictedSetup

SITE = select(site).where(site.c.code == bindparam("key"))
ANY_SITE = select(site.c.code).limit(1)
_FACTS = ("name", "timezone", "gs1_company_prefix", "aisles", "blocks", "aisle_pitch_mm", "block_length_mm")
_SITE_FACTS = (*_FACTS, "cross_aisle_mm")
ADD_SITE = insert(site).values({name: bindparam(name) for name in ("code", *_SITE_FACTS)})
SET_SITE = update(site).where(site.c.code == bindparam("key")).values({name: bindparam(name) for name in _SITE_FACTS})
EXTENT = select(func.max(location.c.aisle), func.max(location.c.block), func.max(location.c.position_mm)).where(
    (location.c.kind == "bin") | (location.c.kind == "reserve")
)
BADGE_OF = select(worker.c.code).where(worker.c.badge == bindparam("badge"))
WORKER = select(worker).where(worker.c.code == bindparam("key"))
PUT_WORKER = put(worker)
STATION_PLACE = select(location.c.code).where(location.c.code == bindparam("key"))


class SiteSetup(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="site"):
    """Aisles, blocks and lengths left at 0 are measured from the locations."""

    name: Text = ""
    timezone: Text = "UTC"
    gs1_company_prefix: OptionalCode = ""
    aisles: Counted = 0
    blocks: Counted = 0
    aisle_pitch_mm: Millimetres = 0
    block_length_mm: Far = 0
    cross_aisle_mm: Millimetres = 0


class StationSetup(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="station"):
    name: Text = ""
    location: OptionalCode = ""
    zone: OptionalCode = ""
    label_printer: OptionalCode = ""
    slip_printer: OptionalCode = ""
    scale: OptionalCode = ""
    scanner: OptionalCode = ""


class CartonTypeSetup(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="carton_type"):
    name: Text = ""
    length_mm: Millimetres
    width_mm: Millimetres
    height_mm: Millimetres
    weight_g: Grams = 0
    max_weight_g: Grams = 0


class StrategySetup(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="putaway_strategy"):
    """The rule tried at a position of the list; the code is that position."""

    code: Code = ""
    position: Amount
    rule: Literal["fixed", "same_item", "empty_in_zone", "empty", "any_room"]
    zone: OptionalCode = ""
    active: bool = True
    kind: Literal["", "bin", "reserve"] = ""
    hazard_class: OptionalCode = ""
    temperature: Literal["", "ambient", "chilled", "frozen"] = ""
    velocity: Literal["", "A", "B", "C"] = ""


class WorkerSetup(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="worker"):
    """Somebody with a badge. Without a PIN the old one stays; one who never had one cannot sign in.

    Skills, equipment and shift stay likewise where they are not told.
    """

    badge: Code
    name: Text = ""
    roles: Text = "worker"
    pin: Text = ""
    language: Code = "en"
    size: Literal["s", "m", "l", "xl"] = "m"
    active: bool = True
    skills: Text = ""
    equipment: Text = ""
    shift: OptionalCode = ""


class RuleSetup(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="receiving_rule"):
    """What holds for goods coming in of a PO, a supplier, an item; left empty: of any. What is not told is not said."""

    code: Code = ""
    po: OptionalCode = ""
    supplier: OptionalCode = ""
    item: OptionalCode = ""
    blind: bool | None = None
    over_percent: Percent | None = None
    over_quantity: UpTo | None = None
    min_shelf_days: Days | None = None
    spot_check_percent: Annotated[int, Meta(ge=0, le=100)] | None = None
    cross_dock: bool | None = None
    cross_dock_parts: bool = False  # and also for a part of an order
    measure: bool | None = None


RULE_SAYS = (
    "blind", "over_percent", "over_quantity", "min_shelf_days", "spot_check_percent", "cross_dock", "measure",
)  # fmt: skip
AnySetup = SiteSetup | StationSetup | CartonTypeSetup | StrategySetup | WorkerSetup | RuleSetup | RestrictedSetup


def set_up(tx: Tx, message: AnySetup, by: By) -> Outcome:
    match message:
        case SiteSetup():
            return _site(tx, message)
        case WorkerSetup():
            return _worker(tx, message)
        case StationSetup():
            if message.location and tx.value(STATION_PLACE, key=message.location) is None:
                return dead(f"Station {message.code} stands at {message.location}, which is no location.")
            return _plain(tx, station, f"Station {message.code}", message.code, row_of(message, "version"))
        case CartonTypeSetup():
            return _plain(tx, carton_type, f"Carton {message.code}", message.code, row_of(message, "version"))
        case StrategySetup():
            row = row_of(message, "version", "code")
            if told := putaway_rows.contradiction(tx, putaway_rows.Kept(**row)):
                return dead(f"Putaway rule {message.position}: {told}")
            return _plain(tx, putaway_strategy, f"Putaway rule {message.position}", message.position, row)
        case RuleSetup():
            return _rule(tx, message)
        case RestrictedSetup():
            return restricted_numbers.set_up(tx, message)


def measure_site(tx: Tx) -> None:
    """Fill in what the site's row does not say of its floor from where the bins are."""
    found = tx.row(select(site).order_by(site.c.code).limit(1))
    extent = tx.row(EXTENT)
    if found is None or extent is None or extent[0] is None:
        return
    facts = dict(zip(site.c.keys(), found, strict=True))
    measured = {"aisles": extent[0] + 1, "blocks": extent[1] + 1, "block_length_mm": extent[2]}
    tx.run(SET_SITE, key=facts["code"], **{name: facts[name] or measured.get(name, 0) for name in _SITE_FACTS})


def _site(tx: Tx, message: SiteSetup) -> Outcome:
    name, prefix = f"Site {message.code}", message.gs1_company_prefix
    if prefix and not (prefix.isascii() and prefix.isdigit() and 4 <= len(prefix) <= 12):
        return dead(f"{name}: a GS1 company prefix has 4 to 12 digits.")
    facts = row_of(message, "version", "code")
    found = tx.row(SITE, key=message.code)
    if found is None:
        tx.run(ADD_SITE, code=message.code, **facts)
        return applied(f"{name} is known.", is_new=True)
    known = dict(zip(site.c.keys(), found, strict=True))
    facts = {field: value or known[field] for field, value in facts.items()}
    if all(known[field] == value for field, value in facts.items()):
        return Outcome(state="same", sentence=f"{name} is already so.")
    tx.run(SET_SITE, key=message.code, **facts)
    return applied(f"{name} is changed.")


def _worker(tx: Tx, message: WorkerSetup) -> Outcome:
    name = f"Worker {message.code}"
    odd = next((role for role in message.roles.split() if role not in people.ROLES), "")
    if odd or not message.roles.split():
        return dead(f"{name}: {odd or 'no role'} is none of {', '.join(people.ROLES)}.")
    holder = tx.value(BADGE_OF, badge=message.badge)
    if holder not in (None, message.code):
        return dead(f"{name}: badge {message.badge} is {holder}'s.")
    if message.pin and not (message.pin.isascii() and message.pin.isdigit() and 4 <= len(message.pin) <= 8):
        return dead(f"{name}: a PIN has 4 to 8 digits.")
    known = tx.one(WORKER, people.Worker, key=message.code)
    kept = known.pin_hash if known else ""
    if message.pin and not (kept and people.pin_fits(kept, message.pin)):
        kept = people.hash_pin(message.pin)
    row = row_of(message, "version", "pin", roles=" ".join(message.roles.split()), pin_hash=kept)
    for field in ("skills", "equipment", "shift"):
        row[field] = " ".join(row[field].split()) or (getattr(known, field) if known else "")
    if known is not None and all(getattr(known, field) == value for field, value in row.items()):
        return Outcome(state="same", sentence=f"{name} is already so.")
    tx.run(PUT_WORKER, **row)
    return applied(f"{name} is known.", is_new=known is None)


def _rule(tx: Tx, message: RuleSetup) -> Outcome:
    of = [f"{name} {code}" for name in ("po", "supplier", "item") if (code := getattr(message, name))]
    name = f"Receiving rule for {' and '.join(of) or 'the house'}"
    if message.item and tx.value(KNOWN_ITEM, key=message.item) is None:
        return dead(f"{name}: there is no item {message.item}.")
    said = {
        field: receiving_rules.SAID_NOT if (value := getattr(message, field)) is None else int(value)
        for field in RULE_SAYS
    }
    if message.cross_dock_parts:
        said["cross_dock"] = receiving_rules.IN_PARTS
    row = receiving_rules.ReceivingRule(po=message.po, supplier=message.supplier, item=message.item, **said)
    known = [kept for kept in receiving_rules.everything(tx) if kept.scope == row.scope]
    if known == [row]:
        return Outcome(state="same", sentence=f"{name} is already so.")
    receiving_rules.change(tx, row)
    return applied(f"{name} is known.", is_new=not known)


_PUT = {table.name: put(table) for table in (station, carton_type, putaway_strategy)}
_FIND = {
    table.name: select(table).where(next(iter(table.primary_key)) == bindparam("key"))
    for table in (station, carton_type, putaway_strategy)
}


def _plain(tx: Tx, table: Any, name: str, key: str | int, row: dict[str, Any]) -> Outcome:
    known = tx.row(_FIND[table.name], key=key)
    if known is not None and tuple(known) == tuple(row[column.name] for column in table.c):
        return Outcome(state="same", sentence=f"{name} is already so.")
    tx.run(_PUT[table.name], **row)
    return applied(f"{name} is known.", is_new=known is None)
