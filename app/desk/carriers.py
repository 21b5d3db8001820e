"""Carriers: labels that were bought or wait for it, what each service takes and costs, and what a parcel would cost now.

`unknown` is the state this page exists for: the carrier did not say whether it made the label. It is asked by itself; a
person who knows better says so. An address that was refused is mended here, and the label comes out where it was wanted.
"""

from collections.abc import Collection, Mapping
from datetime import date

import msgspec
from sqlalchemy import bindparam, func, or_, select

from app import buying, clock
from app.config import PrinterSettings
from app.db import Tx
from app.desk.paging import Page, page_of, window
from app.desk.words import many, said, spelled
from app.printing import jobs
from app.schema.carriers import label_purchase as purchase
from app.work import people
from app.work.carriers import fitting, mending, purchases, services
from app.work.carriers.choosing import Choice
from app.work.carriers.parcel import Parcel, read_address
from app.work.carriers.purchases import Purchase
from app.work.carriers.services import Service

STATES = ["queued", "buying", "unknown", "refused", "bought", "voiding", "voided", "manifested", "cancelled"]
DECIDED_BY_A_PERSON = ("unknown", "refused")


class CarrierFilter(msgspec.Struct, frozen=True, kw_only=True):
    state: str = ""  # trouble: unknown or refused
    carrier: str = ""
    q: str = ""  # carton, order or tracking number
    page: int = 1
    to: str = ""  # dry run: an address
    grams: int = 0
    length: int = 0
    width: int = 0
    height: int = 0
    hazards: str = ""
    promised: str = ""  # ISO day

    @property
    def parcel(self) -> Parcel | None:
        if not self.grams:
            return None
        return Parcel(
            carton="", order="", to=read_address(self.to), weight_g=self.grams, length_mm=self.length,
            width_mm=self.width, height_mm=self.height, hazards=tuple(self.hazards.split()),
        )  # fmt: skip


class Board(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    counts: dict[str, int]
    page: Page[Purchase]
    services: tuple[Service, ...]
    carriers: tuple[str, ...]  # whose labels are bought
    parcel: Parcel | None = None
    choice: Choice | None = None
    today: date


_SEEN = [purchase.c[name] for name in Purchase.__struct_fields__]
LIST = (
    select(*_SEEN)
    .where(
        or_(
            bindparam("p_state") == "",
            purchase.c.state == bindparam("p_state"),
            (bindparam("p_state") == "trouble") & or_(*(purchase.c.state == state for state in DECIDED_BY_A_PERSON)),
        ),
        or_(bindparam("p_carrier") == "", purchase.c.carrier == bindparam("p_carrier")),
        or_(
            bindparam("p_q") == "",
            purchase.c.carton == bindparam("p_q"),
            purchase.c.order_code == bindparam("p_q"),
            purchase.c.tracking == bindparam("p_q"),
        ),
    )
    .order_by(purchase.c.created.desc(), purchase.c.id.desc())
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
COUNTS = select(purchase.c.state, func.count()).group_by(purchase.c.state)
WAITING = select(func.count()).where(or_(*(purchase.c.state == state for state in DECIDED_BY_A_PERSON)))


def board(tx: Tx, wanted: CarrierFilter, bought_from: Collection[str], *, export: bool = False) -> Board:
    found = tx.all(
        LIST, Purchase, p_state=wanted.state, p_carrier=wanted.carrier, p_q=wanted.q.strip(),
        **window(wanted.page, export=export),
    )  # fmt: skip
    counts = {str(state): int(number) for state, number in tx.rows(COUNTS)}
    parcel = wanted.parcel
    return Board(
        headline=headline(counts),
        counts=counts,
        page=page_of(found, wanted.page, export=export),
        services=tuple(services.everything(tx)),
        carriers=tuple(sorted(bought_from)),
        parcel=parcel,
        choice=None if parcel is None else fitting.weigh_up(tx, parcel, _day(wanted.promised)),
        today=fitting.now_here(tx).date(),
    )


def headline(counts: Mapping[str, int]) -> str:
    doubt, refused, waiting = counts.get("unknown", 0), counts.get("refused", 0), counts.get("queued", 0)
    told = []
    if doubt:
        told.append(f"{_labels(doubt)} in doubt: the carrier did not say whether it was made.")
    if refused:
        told.append(f"{_labels(refused)} refused by a carrier so far.")
    if waiting:
        told.append(f"{_labels(waiting)} on the way.")
    return " ".join(told) or "No label waits for a carrier."


def _labels(count: int) -> str:
    return said(f"{spelled(count)} label{'' if count == 1 else 's'}")


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
        clock.check_day(day)
    except ValueError:
        return None
    return day


# ── what a person decides ────────────────────────────────────────────────────────────────────────────────────────────
def was_bought(tx: Tx, key: str, number: str, printers: Mapping[str, PrinterSettings], *, who: str, device: str) -> str:
    """The carrier made it, under this number: our own label carries it. Raises NoNumber, PurchaseNotThere, NoPrinter."""
    found = purchases.was_bought(tx, key, number, who)
    people.note(tx, "label_decided", who, device, f"{found.carton}: bought as {found.tracking}")
    printer = printers.get(found.printer) or next((one for one in printers.values() if one.kind == "zpl"), None)
    if printer is not None:
        buying.put_on_paper(tx, found, printer)
    return f"Carton {found.carton} has number {found.tracking}."


def was_not_bought(tx: Tx, key: str, *, who: str, device: str) -> str:
    told = purchases.was_not_bought(tx, key, who)
    people.note(tx, "label_decided", who, device, told)
    return told


def void(tx: Tx, key: str, reason: str, *, who: str, device: str) -> str:
    told = purchases.void(tx, key, reason.strip()[:200], who)
    jobs.void(tx, purchases.find(tx, key).carton, "the label was voided")
    people.note(tx, "label_voided", who, device, told)
    return told


def mend(
    tx: Tx, order: str, address: str, carrier: str, service: str, printers: Mapping[str, PrinterSettings],
    bought_from: Collection[str], *, who: str, device: str,
) -> str:  # fmt: skip
    """Another address or carrier for an order; labels that were refused are bought again. Raises as `mending.mend`."""
    again = []
    for one in mending.mend(tx, order.strip(), address=address, carrier=carrier, service=service):
        if one.carrier in bought_from and purchases.last(tx, one.lpn) is not None:
            buying.ask_again(tx, one.lpn, printers, who)
            again.append(one.lpn)
    people.note(tx, "order_mended", who, device, f"{order}: {carrier} {service} {address}".strip()[:400])
    bought = f" {many(len(again), 'label')} bought again." if again else ""
    return f"Order {order.strip()} is mended.{bought}"


def save(tx: Tx, row: Service, *, who: str, device: str) -> str:
    """Raises BadService."""
    told = services.save(tx, row)
    people.note(tx, "carrier_changed", who, device, told)
    return told


def remove(tx: Tx, carrier: str, service: str, *, who: str, device: str) -> str:
    """Raises BadService."""
    told = services.remove(tx, carrier, service)
    people.note(tx, "carrier_changed", who, device, told)
    return told
