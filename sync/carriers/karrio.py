"""Carriers through karrio, the open collection of carrier connections; an optional extra: `uv sync --extra karrio`.

`address` names karrio's connection (`dhl_express`, with the package karrio-dhl-express), `options` its account, and with
`shipper.` before the name the house's own address (`shipper.country_code`, `shipper.postal_code`, …). karrio passes a
reference on but cannot look a label up by it. So after an answer that did not come the purchase stays in doubt until a
person has looked at the carrier's own site and said at the desk what became of it; nothing is bought again by itself. A
label is voided and manifested by its shipment's identifier, which karrio says beside the tracking number.
"""

import base64
import importlib
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from app.config import CarrierSettings
from app.errors import CannotStart
from app.work.carriers.parcel import Bought, Parcel, Quote
from sync.carriers.port import Declined, NoAnswer

WORDS_KEPT = 200
SHIPPER = "shipper."
BROKE = "SHIPPING_SDK_INTERNAL_ERROR"  # karrio's word for whatever it did not expect, a broken line too


class KarrioCarrier:
    kind = "karrio"

    def __init__(self, name: str, connection: str, karrio: Any, gateway: Any, shipper: dict[str, str]) -> None:
        self.name = name
        self.address = connection
        self._karrio, self._gateway, self._shipper = karrio, gateway, shipper

    @classmethod
    def of(cls, settings: CarrierSettings) -> "KarrioCarrier":
        try:
            karrio = importlib.import_module("karrio.sdk")
        except ImportError:
            raise CannotStart(
                f"Carrier {settings.name} needs karrio: install it with `uv sync --extra karrio`."
            ) from None
        shipper = {key[len(SHIPPER) :]: value for key, value in settings.options.items() if key.startswith(SHIPPER)}
        account = {key: value for key, value in settings.options.items() if not key.startswith(SHIPPER)}
        try:
            gateway = karrio.gateway[settings.address].create(account)
        except Exception as problem:  # a package of a stranger's: whatever it raises, the start says which carrier
            raise CannotStart(f"karrio has no connection {settings.address} for {settings.name}: {problem}.") from None
        return cls(settings.name, settings.address, karrio, gateway, shipper)

    def quote(self, parcel: Parcel) -> list[Quote]:
        asked = {"shipper": self._shipper, "recipient": _recipient(parcel), "parcels": [_box(parcel)]}
        rates = self._call(lambda: self._karrio.Rating.fetch(asked).from_(self._gateway).parse(), buying=False)
        return [Quote(service=str(rate.service), cents=_cents(rate.total_charge)) for rate in rates or ()]

    def buy(self, key: str, parcel: Parcel) -> Bought:
        asked = {
            "service": parcel.service, "shipper": self._shipper, "recipient": _recipient(parcel),
            "parcels": [_box(parcel)], "reference": key, "order_id": parcel.order, "label_type": "ZPL",
        }  # fmt: skip
        made = self._call(lambda: self._karrio.Shipment.create(asked).from_(self._gateway).parse(), buying=True)
        zpl = made.docs.zpl_label or (made.docs.label if made.label_type == "ZPL" else "")
        cents = _cents(made.selected_rate.total_charge) if made.selected_rate else 0
        number, shipment = str(made.tracking_number), str(made.shipment_identifier or "")
        if not zpl:  # a PDF: our own paper carries the carrier's number
            return Bought(tracking=number, shipment=shipment, cents=cents)
        return Bought(tracking=number, shipment=shipment, form="zpl", label=base64.b64decode(zpl), cents=cents)

    def lookup(self, key: str) -> Bought | None:
        raise NoAnswer(f"karrio cannot look a label up. Look at {self.name}'s own site for {key}, and say at the desk.")

    def void(self, key: str, shipment: str) -> None:
        asked = {"shipment_identifier": shipment}
        self._call(lambda: self._karrio.Shipment.cancel(asked).from_(self._gateway).parse(), buying=False)

    def manifest(self, key: str, shipments: Sequence[str]) -> str:
        asked = {"shipment_identifiers": list(shipments), "address": self._shipper, "reference": key}
        made = self._call(lambda: self._karrio.Manifest.create(asked).from_(self._gateway).parse(), buying=False)
        return str(getattr(made, "id", "") or key)

    def track(self, tracking: str) -> str:
        asked = {"tracking_numbers": [tracking]}
        found = self._call(lambda: self._karrio.Tracking.fetch(asked).from_(self._gateway).parse(), buying=False)
        events = found[0].events if found else ()
        return str(events[0].description) if events else f"Nothing is known of {tracking} yet."

    def close(self) -> None: ...

    def _call(self, work: Any, *, buying: bool) -> Any:
        """karrio answers with details, or with messages that say why not. A line that broke is an exception."""
        try:
            made, messages = work()
        except Exception as problem:  # a package of a stranger's: what it raises says nothing of what the carrier did
            raise NoAnswer(f"{self.name} through karrio: {problem}"[:WORDS_KEPT], unknown=buying) from None
        if made is None and any(one.code == BROKE for one in messages):  # its own stumble, not the carrier's word
            raise NoAnswer(f"{self.name} through karrio: {messages[0].message}"[:WORDS_KEPT], unknown=buying)
        if made is None:
            told = "; ".join(str(one.message) for one in messages)[:WORDS_KEPT] or "It says no without a reason."
            raise Declined(told, about="address" if "address" in told.lower() else "parcel")
        return made


def _recipient(parcel: Parcel) -> dict[str, Any]:
    to = parcel.to
    lines = (*to.lines, "", "")
    return {
        "person_name": to.name, "address_line1": lines[0], "address_line2": lines[1], "postal_code": to.postcode,
        "city": to.city, "country_code": to.country,
    }  # fmt: skip


def _box(parcel: Parcel) -> dict[str, Any]:
    centimetres = {
        name: side / 10
        for name, side in (("length", parcel.length_mm), ("width", parcel.width_mm), ("height", parcel.height_mm))
        if side
    }
    return {"weight": parcel.weight_g / 1000, "weight_unit": "KG", "dimension_unit": "CM", **centimetres}


def _cents(amount: object) -> int:
    try:
        return round(Decimal(str(amount)) * 100)
    except InvalidOperation:
        return 0
