"""The packing station's page: what is still to scan at its left; carton, weight and label at its right.

Every screen of the packing job shows the same page, so that a packer's eye finds the same thing at the same place from
the first piece to the label. Nothing here decides anything.
"""

from datetime import UTC
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec.structs import replace

from app import clock
from app.db import Tx
from app.errors import Refusal, State
from app.floor.floor import Floor
from app.floor.prompt import CartonView, Key, Prompt, Row
from app.floor.screens import Screen, build
from app.work import carton_proposals, packing, parcels
from app.work.allocation import TIMEZONE
from app.work.parcels import Expected

PAGE = "floor/pack.html"


class NoStation(State):
    code, title = "no_packing_station", "No station"
    says = "You do not stand at a packing station."
    todo = "Scan the station's label."


def place(floor: Floor) -> str:
    """Where cartons of this station stand. Raises NoStation."""
    if floor.station is None or not floor.station.location:
        raise NoStation()
    return floor.station.location


def station_name(floor: Floor) -> str:
    return f"Station {floor.station.name or floor.station.code}" if floor.station else "Packing"


def page(
    floor: Floor,
    order: str,
    headline: str,
    *,
    rows: tuple[Row, ...] = (),
    carton: CartonView | None = None,
    keys: tuple[Key, ...] = (),
    speech: str = "",
) -> Prompt:
    """The frame; a screen fills in the rest by `msgspec.structs.replace`."""
    head = packing.order(floor.tx, order)
    all_of = packing.tally(floor.tx, order)
    return Prompt(
        job=station_name(floor),
        subject=f"Order {order}",
        headline=headline,
        hint=hurry(floor.tx, head.carrier, head.service, head.cutoff),
        progress=(sum(one.packed for one in all_of), sum(one.picked for one in all_of)),
        progress_of="units",
        rows=rows,
        carton=carton,
        keys=keys,
        template=PAGE,
        speech=speech or headline,
    )


def hurry(tx: Tx, carrier: str, service: str, cutoff: int) -> str:
    """`Parcel North Express · cut-off 16:00, in 1 h 28`."""
    words = [" ".join(word for word in (carrier, service) if word)]
    if cutoff:
        try:
            zone: ZoneInfo | None = ZoneInfo(str(tx.value(TIMEZONE) or "UTC"))
        except (ZoneInfoNotFoundError, ValueError):
            zone = None
        at = clock.as_datetime(cutoff).astimezone(zone or UTC)
        minutes = (cutoff - clock.now()) // clock.MINUTE
        left = "is over" if minutes < 0 else f"in {minutes // 60} h {minutes % 60:02d}" if minutes < 24 * 60 else ""
        words.append(f"cut-off {at:%H:%M}" + (f", {left}" if left else f" on {at:%d.%m.}"))
    return " · ".join(word for word in words if word)


def rows_to_scan(floor: Floor, order: str, last: str = "") -> tuple[Row, ...]:
    """What is left first, the item just scanned on top; what is all in sinks to the end."""
    loose = packing.loose(floor.tx, order)
    here = floor.station.location if floor.station else ""
    told: list[Row] = []
    for one in sorted(packing.tally(floor.tx, order), key=lambda t: (t.left == 0, t.item != last, t.item)):
        if not one.picked:
            continue
        mine = [row for row in loose if row.item == one.item]
        lots = sorted({row.lot for row in mine if row.lot})
        places = sorted({row.place for row in mine if row.location != here and row.place})
        detail = [one.item]
        detail += [f"lot {' or '.join(lots)}"] if lots else []
        detail += ["scan the serial too"] if one.serial_tracked and one.left else []
        detail += [f"in {', '.join(places)}"] if places and len(places) < 3 else []
        told.append(
            Row(
                name=one.name or one.item,
                left=str(one.left),
                detail=" · ".join(detail) if one.left else "",
                right=f"{one.packed} of {one.picked}",
                state="seen" if not one.left else "now" if one.item == last else "",
            )
        )
    return tuple(told)


def rows_inside(floor: Floor, order: str) -> tuple[Row, ...]:
    """All that is packed, as done."""
    return tuple(
        Row(name=one.name or one.item, right=f"{one.packed} of {one.picked}", state="seen" if not one.left else "")
        for one in packing.tally(floor.tx, order)
        if one.packed
    )


def size_of(floor: Floor, type: str) -> str:
    found = next((one for one in carton_proposals.carton_types(floor.tx) if one.carton == type), None)
    return f"{found.length_mm} × {found.width_mm} × {found.height_mm} mm" if found else ""


def on_scale(floor: Floor) -> tuple[int, str]:
    """What stands on the station's scale, in grams; −1 and why where there is none, or it cannot tell."""
    if floor.station is None or not floor.station.scale:
        return -1, "There is no scale here. Type what another one shows."
    try:
        return floor.ports.weigh(floor.station.scale), ""
    except Refusal as refusal:
        return -1, refusal.sentence


def weight_now(floor: Floor) -> int:
    return on_scale(floor)[0]


def has_scale(floor: Floor) -> bool:
    return floor.station is not None and bool(floor.station.scale)


def weighing(floor: Floor, order: str, carton: str, *, recounted: bool = False) -> Screen:
    """The question for a carton's weight: put it on the scale, or type it where there is none."""
    tag = "packing.weigh" if has_scale(floor) else "packing.type_weight"
    return build(tag, order=order, carton=carton, recounted=recounted)


def weighed(view: CartonView, expected: Expected | None) -> CartonView:
    """With the scale bar, where there is something to compare."""
    if expected is None or expected.unknown:
        return view
    return replace(view, expected_g=expected.grams, low_g=expected.low_g, high_g=expected.high_g)


def expected_of(floor: Floor, carton: str, type: str) -> Expected | None:
    return parcels.expected(floor.tx, carton, type) if carton else None


def kg(grams: int) -> str:
    return f"{grams / 1000:.3f} kg"
