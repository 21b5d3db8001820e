"""Carriers at the desk: rows an admin keeps, what a parcel would cost and why, and labels a person decides about."""

import html
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from msgspec.structs import replace
from sqlalchemy import insert, update

from app import schema
from app.config import CarrierSettings
from app.db import Tx
from app.main import build
from app.work.carriers import purchases
from app.work.carriers.parcel import Address, Parcel
from printers import labels
from printers.labels import ShippingLabel
from sync.carriers.virtual import VirtualCarrier
from tests import engines
from tests.desk import house
from tests.desk.house import Desk

Client = TestClient[Litestar]
SECRET = "between us and the carrier"
ROW = {"carrier": "DPD", "service": "Classic", "prices": "2000: 3.90, 31500: 5.90", "most_g": 31_500, "days": 2}


@pytest.fixture
def carrier() -> Iterator[VirtualCarrier]:
    with VirtualCarrier(secret=SECRET) as carrier:
        yield carrier


@pytest.fixture
def client(tmp_path: Path, carrier: VirtualCarrier) -> Iterator[Client]:
    """The desk's house, on SQLite, with a carrier DPD whose labels are bought over HTTP."""
    settings = house.settings(tmp_path, engines.fresh("sqlite", tmp_path))
    dpd = CarrierSettings(name="DPD", address=carrier.address, secret=SECRET)
    app = build(replace(settings, carriers=(dpd,)), end=False)
    house.lay_out(app.state.house.db)
    with TestClient(app, base_url="http://testserver") as client:
        yield client


def said(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", text))


def closed_carton(client: Client, address: str) -> str:
    """Order 100473 in one weighed carton whose label is asked of DPD; the key."""

    def work(tx: Tx) -> str:
        order, parcel = (
            "100473",
            Parcel(carton="C-1", order="100473", service="Classic", weight_g=900, to=Address(city=address)),
        )
        table = schema.documents.sales_order
        tx.run(update(table).where(table.c.code == order).values(state="packing", carrier="DPD", service="Classic"))
        tx.run(insert(schema.stock.lpn).values(code="C-1", kind="carton", location="PACK-1"))
        tx.run(
            insert(schema.work.carton).values(
                lpn="C-1", order_code=order, state="weighed", weight_g=900, carrier="DPD", service="Classic"
            )
        )
        own = labels.encode(ShippingLabel(carton="C-1", order=order, customer="Ada"))
        return purchases.ask(
            tx, parcel, carrier="DPD", own=own, printer="P-2", worker="mara", station="PACK-1"
        ).id  # fmt: skip

    return str(client.app.state.house.db.do(work))


def wait_for(client: Client, key: str, state: str) -> str:
    """The page until the purchase is so; the buyer works on its own thread."""
    for _ in range(100):
        with client.app.state.house.db.reading() as tx:
            found = purchases.find(tx, key)
        if found.state == state:
            return found.tracking
        time.sleep(0.05)
    raise AssertionError(f"still {found.state}: {found.sentence}")


def test_services_are_kept_by_an_admin_and_a_dry_run_says_what_a_parcel_costs_and_why(client: Client) -> None:
    assert "/desk/carriers/save" not in Desk(client, "ruth").see("/desk/carriers"), "a supervisor reads"
    ada = Desk(client, "ada")
    assert "DPD Classic is added." in ada.press("/desk/carriers/save", **ROW).text
    dear = {
        **ROW,
        "carrier": "GLS",
        "service": "Now",
        "prices": "31500: 9.00",
        "days": 1,
        "leaves": "16:30",
        "countries": "de",
    }
    assert "GLS Now is added." in ada.press("/desk/carriers/save", **dear).text
    for change, code, says in (
        ({"prices": ""}, "bad_carrier_service", "it needs 1 to 20 prices"),
        ({"prices": "x"}, "bad_carrier_service", "like 2000: 3.90"),
        ({"prices": "2000: 1.00"}, "bad_carrier_service", "its prices end at 2000 g, but it takes 31500 g"),
        ({"countries": "Germany"}, "bad_carrier_service", "GERMANY is no country"),
        ({"service": "cheapest"}, "bad_carrier_service", "the choice is left to us"),
    ):
        answer = ada.press("/desk/carriers/save", **{**ROW, **change})
        assert (answer.headers.get("x-refusal"), says in said(answer.text)) == (code, True), answer.text
    page = said(ada.see("/desk/carriers?grams=1900&to=1+High+Street,+20457+Hamburg,+DE"))
    assert re.search(r"DPD Classic 3\.90, \w+, the cheapest; GLS Now 9\.00\.", page)
    assert "it does not deliver to GB" in said(ada.see("/desk/carriers?grams=1900&to=1+High+Street,+Leeds,+UK"))
    told = said(ada.press("/desk/carriers/ask", grams=1900, to="20457 Hamburg").text)
    assert "DPD: Standard 4.10, Express 9.10." in told, "asked of the carrier itself"
    assert "GLS Now is removed." in ada.press("/desk/carriers/remove", carrier="GLS", service="Now").text


def test_a_refused_address_is_mended_at_the_desk_and_the_label_is_bought_and_voided(
    client: Client, carrier: VirtualCarrier
) -> None:
    ruth, key = Desk(client, "ruth"), closed_carton(client, "Nowhere")
    wait_for(client, key, "refused")
    page = ruth.see("/desk/carriers?state=trouble")
    assert "One label refused by a carrier so far." in said(page)
    assert "No street of ours" in said(page)
    assert "about carton C-1 of order 100473" in said(ruth.see("/desk/exceptions"))
    vera = Desk(client, "vera").press("/desk/carriers/mend", order="100473", address="Quay 1, 20457 Hamburg")
    assert vera.status_code == 403
    told = Desk(client, "ruth").press("/desk/carriers/mend", order="100473", address="Quay 1, 20457 Hamburg").text
    assert "Order 100473 is mended. 1 label bought again." in said(told)
    with client.app.state.house.db.reading() as tx:
        again = purchases.last(tx, "C-1")
    assert again is not None
    number = wait_for(client, again.id, "bought")
    ruth = Desk(client, "ruth")
    assert number in ruth.see("/desk/order?code=100473")
    assert "No label waits for a carrier." in said(ruth.see("/desk/carriers"))
    where = ruth.press("/desk/carriers/track", carrier="DPD", tracking=number)
    assert f"DPD: {number} for Hamburg: made." in said(where.text)
    refused = ruth.press("/desk/carriers/mend", order="100473", carrier="GLS")
    assert refused.headers["x-refusal"] == "carton_has_label"
    assert "is voided at DPD" in said(ruth.press("/desk/carriers/void", purchase=again.id, reason="torn").text)
    wait_for(client, again.id, "voided")
    assert [one.state for one in carrier.books.made.values()] == ["void"]


def test_a_person_says_what_became_of_a_label_in_doubt(client: Client, carrier: VirtualCarrier) -> None:
    carrier.faults.busy = True
    key = closed_carton(client, "Hamburg")
    wait_for(client, key, "unknown")
    ruth = Desk(client, "ruth")
    assert "Was the label for C-1 made?" in said(ruth.see("/desk/carriers?state=unknown"))
    assert (
        ruth.press("/desk/carriers/was-bought", purchase=key, number=" ").headers["x-refusal"] == "no_tracking_number"
    )
    assert "Carton C-1 has number X-77." in said(
        ruth.press("/desk/carriers/was-bought", purchase=key, number="X-77").text
    )
    assert "X-77" in client.get("/desk/carriers?format=csv").text
    assert "shipping" in said(ruth.see("/desk/prints?q=C-1")), "our own label with the carrier's number"
    assert ruth.press("/desk/carriers/was-not", purchase=key).headers["x-refusal"] == "label_purchase_state"
