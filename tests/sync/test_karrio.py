"""karrio's own classes at the other end: what we call is there, takes what we give, and answers what we read.

Its carriers are packages of their own, and none is asked here: a connection of ours stands in for one, and everything between
it and us is karrio's real code. Without the extra there is nothing to compare with.
"""

from importlib import import_module
from typing import Any

import pytest

from app.work.carriers.parcel import Address, Parcel
from sync.carriers.karrio import KarrioCarrier

sdk: Any = pytest.importorskip("karrio.sdk", reason="karrio is an extra and not installed here: uv sync --extra karrio")
core, models, utils, gateway, hooks, mapper, proxy, attr = (
    import_module(name)
    for name in (
        "karrio.core", "karrio.core.models", "karrio.core.utils", "karrio.api.gateway", "karrio.api.hooks",
        "karrio.api.mapper", "karrio.api.proxy", "attr",
    )
)  # fmt: skip

PARCEL = Parcel(
    carton="C-1", order="482", service="express", weight_g=950, length_mm=300, width_mm=200, height_mm=150,
    to=Address(name="Jane Doe", lines=("1 High Street", "Yard"), postcode="LS1 4AB", city="Leeds", country="GB"),
)  # fmt: skip
WHO = {"carrier_name": "ours", "carrier_id": "ours"}


class Asked(mapper.Mapper):  # type: ignore[name-defined, misc]
    """Keeps what karrio made of our words, and answers in karrio's."""

    seen: list[Any]

    def _keep(self, payload: Any) -> Any:
        self.seen.append(payload)
        return utils.Serializable(payload)

    create_rate_request = create_shipment_request = create_cancel_shipment_request = _keep
    create_manifest_request = create_tracking_request = _keep

    def parse_rate_response(self, _: Any) -> Any:
        return [models.RateDetails(**WHO, service="express", total_charge=3.9, currency="GBP")], []

    def parse_shipment_response(self, _: Any) -> Any:
        docs = models.Documents(label="XlhBXlha", zpl_label="XlhBXlha")
        rate = models.RateDetails(**WHO, service="express", total_charge=4.1)
        return models.ShipmentDetails(
            **WHO, tracking_number="T-1", shipment_identifier="S-1", docs=docs, label_type="ZPL", selected_rate=rate
        ), []

    def parse_cancel_shipment_response(self, _: Any) -> Any:
        return models.ConfirmationDetails(**WHO, success=True, operation="cancel"), []

    def parse_manifest_response(self, _: Any) -> Any:
        return models.ManifestDetails(**WHO, id="M-1", doc=models.ManifestDocument(manifest="")), []

    def parse_tracking_response(self, _: Any) -> Any:
        event = models.TrackingEvent(date="2026-11-22", description="At the depot")
        return [models.TrackingDetails(**WHO, tracking_number="T-1", events=[event])], []


class Wire(proxy.Proxy):  # type: ignore[name-defined, misc]
    def _answer(self, request: Any, *_: Any) -> Any:
        return utils.Deserializable(request)

    get_rates = create_shipment = cancel_shipment = create_manifest = get_tracking = _answer


def test_every_call_of_ours_is_one_karrio_has_and_no_word_of_it_is_lost() -> None:
    asked, account = Asked(core.Settings(carrier_id="ours")), core.Settings(carrier_id="ours")
    asked.seen = []
    connection = gateway.Gateway(
        is_hub=False,
        proxy=Wire(account),
        mapper=asked,
        tracer=utils.Tracer(),
        settings=account,
        hooks=hooks.Hooks(account),
    )
    carrier = KarrioCarrier("X", "ours", sdk, connection, {"postal_code": "88131", "country_code": "DE"})
    assert [(one.service, one.cents) for one in carrier.quote(PARCEL)] == [("express", 390)]
    bought = carrier.buy("key-1", PARCEL)
    assert (bought.tracking, bought.form, bought.label, bought.cents) == ("T-1", "zpl", b"^XA^XZ", 410)
    assert bought.shipment == "S-1"
    carrier.void("key-1", bought.shipment)
    assert carrier.manifest("key-2", [bought.shipment]) == "M-1"
    assert carrier.track("T-1") == "At the depot"
    quoted, shipped, cancelled, listed, tracked = (attr.asdict(one) for one in asked.seen)
    for made in (quoted, shipped):
        assert (made["shipper"]["postal_code"], made["recipient"]["address_line2"]) == ("88131", "Yard")
        box = made["parcels"][0]
        assert (box["weight"], box["weight_unit"], box["length"], box["dimension_unit"]) == (0.95, "KG", 30, "CM")
    assert (shipped["reference"], shipped["order_id"], shipped["label_type"]) == ("key-1", "482", "ZPL")
    assert cancelled["shipment_identifier"] == "S-1"
    assert (listed["shipment_identifiers"], listed["reference"]) == (["S-1"], "key-2")
    assert tracked["tracking_numbers"] == ["T-1"]
