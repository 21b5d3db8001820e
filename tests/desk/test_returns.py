"""Returns at the desk: what waits with its photos, decisions in place, what returns bring back, the rows they are judged by."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from app import schema
from app.db import Database
from app.stock.ledger import By
from app.work import master
from app.work.returns import ways
from tests import engines
from tests.desk import house
from tests.desk.house import Desk
from tests.desk.test_pages import headline, links
from tests.workflows.test_returning import authorise, photo, ship
from tests.world import Hand, World

Client = TestClient[Litestar]
HALF = ("no:sealed", "yes:complete", "yes:sound")


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A house in which five pieces came back: one restocked, one held, one claimed, one scrapped, one on the table."""
    url = engines.fresh(request.param, tmp_path)
    database = Database(url)
    world = house.lay_out(database)
    _came_back(world, tmp_path)
    database.close()
    with TestClient(house.open_house(url, tmp_path, house.used_doors()), base_url="http://127.0.0.1:8080") as client:
        client.app.state.house.photos.keep((tmp_path / "photos" / "scratch.jpg").read_bytes())
        yield Desk(client, "ruth")
    engines.remove(url)


def _came_back(world: World, folder: Path) -> None:
    (folder / "photos").mkdir()
    world.location("RET-1", kind="staging", zone="RETURNS")
    world.add(schema.places.station, code="RET", name="Returns 1", location="RET-1")
    world.item("MUG", standard_cost=8_00)
    world.item("KETTLE", serial_tracked=1, standard_cost=49_00, category="electrical", name="Kettle gooseneck 1 l")
    world.add(
        schema.documents.party, code="S-1", kind="supplier", name="Kettle works", address="Werkstr. 1\n88131 Lindau"
    )
    world.add(schema.documents.purchase_order, code="4500900", supplier="S-1")
    world.add(schema.documents.po_line, po="4500900", line="1", item="KETTLE", quantity=50)
    ship(world, "100700", "KETTLE", "KG-1", "KG-2")
    ship(world, "100700", "MUG", quantity=10)
    ship(world, "100701", "MUG", quantity=200, customer="C-12")
    authorise(world, "20931", "100700", KETTLE=2, MUG=10)
    world.change(schema.returns.rma_line, schema.returns.rma_line.c.item == "KETTLE", reason="defect")
    hand: Hand = world.worker("mara").scan("STN/RET").tap("start:returning")
    hand.scan("20931", "#MUG").type("8").tap("grade:A").scan("LPN-000771")
    hand.scan("#KETTLE", "KG-9", "KG-9", "CMD/GRADE:A", "LPN-000772")
    hand.scan("#KETTLE", "KG-1").tap(*HALF, "no:works", "grade:D")
    photo(world, hand, folder / "photos").scan("LPN-000773")
    hand.scan("#MUG").tap("no:sealed", "no:complete", "no:sound", "grade:D")
    photo(world, hand, folder / "photos").tap("confirm")
    hand.scan("#MUG").tap(*HALF, "grade:B")


def rows(desk: Desk, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(desk.client.get(path).text.removeprefix("\ufeff"))))


def test_the_queue_shows_what_waits_with_its_photos_and_each_link_leads_somewhere(desk: Desk) -> None:
    page = desk.see("/desk/returns")
    assert headline(page) == "One return waits for your decision."
    assert [row["piece"] for row in rows(desk, "/desk/returns?format=csv")] == ["R-00001/2", "R-00001/5", "R-00001/3"]
    assert "another serial than shipped" in page.lower()
    assert 'alt="Photo 1 of R-00001/3, KETTLE"' in page
    every = rows(desk, "/desk/returns?format=csv&stage=all")
    assert {row["piece"][-1]: row["way"] for row in every} == {
        "1": "restock", "2": "quarantine", "3": "vendor_claim", "4": "scrap", "5": "",
    }  # fmt: skip
    assert [row["piece"] for row in rows(desk, "/desk/returns?format=csv&stage=all&way=scrap")] == ["R-00001/4"]
    seen = {link for path in ("/desk/returns", "/desk/returns?stage=all", "/desk/recovery", "/desk/returns/rules")
            for link in links(desk.see(path))}  # fmt: skip
    for link in sorted(seen):
        assert desk.client.get(link, headers={"Accept": "text/html"}).status_code == 200, link
    assert desk.client.get("/desk/returns?page=x", headers={"Accept": "text/html"}).status_code == 400


def test_a_held_piece_is_decided_in_place_with_a_reason(desk: Desk) -> None:
    assert "/desk/returns/decide" in desk.see("/desk/returns")
    bare = desk.press("/desk/returns/decide", piece="R-00001/2", way="return_to_customer", reason="")
    assert (bare.status_code, "needs a reason" in bare.text) == (409, True)
    told = desk.press("/desk/returns/decide", piece="R-00001/2", way="return_to_customer", reason="not ours")
    assert "R-00001/2: Back to customer. The floor is told." in told.text
    assert headline(desk.see("/desk/returns")) == "Nothing to decide; 3 pieces on the way."
    again = desk.press("/desk/returns/decide", piece="R-00001/4", way="restock", reason="why not")
    assert again.headers["X-Refusal"] == "not_received", "what was scrapped is not here"
    assert desk.press("/desk/returns/decide", piece="R-00099/1", way="restock", reason="x").status_code == 409
    viewer = Desk(desk.client, "vera")
    assert "/desk/returns/decide" not in viewer.see("/desk/returns")
    assert viewer.press("/desk/returns/decide", piece="R-00001/3", way="scrap", reason="x").status_code == 403


def test_a_claim_has_its_document_and_leaves_under_a_number(desk: Desk) -> None:
    claim = desk.see("/desk/returns/claim?piece=R-00001/3")
    assert headline(claim) == "Claim R-00001/3"
    for words in ("Kettle works", "PO 4500900", "KG-1", "not: unopened, works", "/desk/photos/"):
        assert words in claim, words
    assert desk.client.get("/desk/returns/claim?piece=R-00001/1").status_code == 404
    told = desk.press("/desk/returns/gone", piece="R-00001/3", to="Kettle works", reference="DN-7")
    assert "left the house to Kettle works (vendor claim, DN-7)" in told.text
    assert [row["under"] for row in rows(desk, "/desk/returns?format=csv&stage=left")] == ["DN-7"]
    assert desk.press("/desk/returns/gone", piece="R-00001/3").headers["X-Refusal"] == "not_received"
    assert desk.press("/desk/returns/gone", piece="R-00001/2").status_code == 200, (
        "quarantined goods may be handed over"
    )


def test_an_unknown_parcel_is_given_to_its_rma_in_place(desk: Desk) -> None:
    refused = desk.press("/desk/returns/identify", parcel="R-00001", to="20931")
    assert (refused.headers["X-Refusal"], "belongs to RMA 20931" in refused.text) == ("parcel_known", True)
    assert desk.press("/desk/returns/identify", parcel="R-00055", to="20931").headers["X-Refusal"] == "no_such_parcel"
    assert Desk(desk.client, "vera").press("/desk/returns/identify", parcel="R-00001", to="1").status_code == 403


def test_a_parcel_left_open_is_closed_once_all_of_it_went_its_way(desk: Desk) -> None:
    assert desk.press("/desk/returns/close", parcel="R-00001").headers["X-Refusal"] == "still_to_judge"
    assert desk.press("/desk/returns/close", parcel="R-00077").headers["X-Refusal"] == "parcel_not_open"


def test_recovery_says_what_came_of_it_why_it_came_and_whom_to_look_at(desk: Desk) -> None:
    page = desk.see("/desk/recovery")
    assert headline(page) == "11 units came back; 64 % of their value is recovered."
    found = {row["code"]: row for row in rows(desk, "/desk/recovery?format=csv")}
    assert (found["restock"]["units"], found["restock"]["recovered in cents"]) == ("8", "6400")
    assert (found["vendor_claim"]["value in cents"], found["vendor_claim"]["recovered in cents"]) == ("4900", "4410")
    defects = [row for row in rows(desk, "/desk/recovery?format=csv&part=reasons") if row["reason"] == "defect"]
    assert [(row["supplier name"], row["units"], row["quality"]) for row in defects] == [("Kettle works", "2", "True")]
    (named,) = rows(desk, "/desk/recovery?format=csv&part=customers")
    assert named["customer"] == "C-77"
    assert named["why"] == (
        "Sent back 12 of 12 units (100%); nobody else any; 1 piece with another serial than shipped; "
        "1 unit worn though only not wanted."
    )
    assert rows(desk, "/desk/recovery?format=csv&item=TEE-M-WHT") == []
    assert headline(desk.see("/desk/recovery?item=TEE-M-WHT")) == "Nothing came back."


def test_an_admin_changes_a_rule_and_one_that_contradicts_is_refused(desk: Desk) -> None:
    assert desk.press("/desk/returns/rules/rule", disposition="donate").status_code == 403
    ada = Desk(desk.client, "ada")
    against = ada.press("/desk/returns/rules/rule", grade="A", value_from="10.00", disposition="donate")
    assert against.headers["X-Refusal"] == "rule_contradicts"
    assert "For grade A there is already a rule that says Restock; this one says Donate." in against.text
    told = ada.press(
        "/desk/returns/rules/rule", grade="A", reason="undeliverable", disposition="discount", words="once out"
    )
    assert "For undeliverable, grade A: Sell at a discount." in told.text
    assert "once out" in ada.see("/desk/returns/rules")
    way = {"code": "restock", "words": "Restock", "status": "damaged", "next_task": "putaway"}
    assert "only what may be sold goes to a bin" in ada.press("/desk/returns/rules/way", **way).text
    off = {"code": "scrap", "words": "Scrap", "status": "returned", "place": "scrap", "label": "none", "active": "no"}
    assert "it is still wanted by the rule for grade D" in ada.press("/desk/returns/rules/way", **off).text
    loop = {"code": "liquidate", "words": "Liquidate", "status": "damaged", "otherwise": "repair"}
    assert "the last one" in ada.press("/desk/returns/rules/way", **loop).text
    new = {
        "code": "rent_out",
        "words": "Rent out",
        "status": "returned",
        "next_task": "clean",
        "recovers_percent": "40",
    }
    assert "Rent out is so." in ada.press("/desk/returns/rules/way", **new).text
    assert "never sold again" in ada.press("/desk/returns/rules/category", code="hygiene", opened_goes="restock").text
    assert ada.press("/desk/returns/rules/check", code="clean", words="Clean", worst="E").status_code == 409
    assert "Clean: saved." in ada.press("/desk/returns/rules/check", code="clean", words="Clean", worst="C").text
    policy = {"blind": "no", "photo_from": "B", "unusual_times": "2", "unusual_units": "0", "window_days": "30"}
    assert ada.press("/desk/returns/rules/policy", **policy).headers["X-Refusal"] == "bad_rule"
    assert "The policy is so." in ada.press("/desk/returns/rules/policy", **{**policy, "unusual_units": "3"}).text
    assert "Rent out" in ada.see("/desk/returns/rules")
    assert "may" not in Desk(desk.client, "vera").see("/desk/returns/rules").split("Rules")[0]


def test_who_is_named_is_explained_by_the_others_share() -> None:
    from app.desk.recovery import Customer, explain

    policy = ways.Policy()
    one = Customer(customer="C-77", name="", returned=12, shipped=14, worn=3, other_serial=0, value=0)
    assert explain(one, 9, 100, policy) == (
        "Sent back 12 of 14 units (86%); all others 9.0%: 9.5 times as much; 3 units worn though only not wanted."
    )
    assert explain(one, 60, 100, policy) == "", "where many send back, nobody stands out"
    few = Customer(customer="C-78", name="", returned=4, shipped=4, worn=0, other_serial=0, value=0)
    assert explain(few, 9, 100, policy) == "", "four units are too few to say"


def test_order_return_and_exchange_are_one_trail(desk: Desk) -> None:
    db = desk.client.app.state.house.db
    told = {"code": "20931", "version": 2, "decision": "replacement", "sentence": "sent anew", "replacement": "100471"}
    db.do(lambda tx: master.apply(tx, master.decode("rma.decided", told), By(cause="erp")))
    for q in ("20931", "JD20931", "R-00001"):
        page = desk.see(f"/desk/trace?q={q}&kind=rma")
        assert headline(page).startswith("RMA 20931 is receiving, "), q
        assert "replacement" in page
        assert links(page) >= {"/desk/trace?q=100700&kind=order", "/desk/trace?q=100471&kind=order"}
    for q in ("100700", "100471"):
        rows_of = rows(desk, f"/desk/trace?q={q}&kind=order&format=csv")
        assert {"order 100700", "rma 20931"} <= {row["document"] for row in rows_of}, q
        assert "return_decided" in {row["what"] for row in rows_of}
        assert "/desk/trace?q=20931&kind=rma" in links(desk.see(f"/desk/trace?q={q}&kind=order"))
    assert "rma 20931" not in {row["document"] for row in rows(desk, "/desk/trace?q=100480&kind=order&format=csv")}


def test_customer_service_finds_a_return_and_reads_no_names_and_no_prices(desk: Desk) -> None:
    phone = Desk(desk.client, "sara")
    for q in ("20931", "JD20931", "R-00001"):
        assert headline(phone.see(f"/desk/service?q={q}")) == "Return 20931: 12 units came back.", q
    page = phone.see("/desk/service?q=100700")
    for words in ("Return 20931", "is being received", "8 × Mug", "goes back on the shelf", "1 × Kettle gooseneck 1 l"):
        assert words in page, words
    assert not [word for word in ("mara", "Mara", "49.00", 'hx-post="/desk/returns') if word in page]
    assert headline(phone.see("/desk/service?q=R-00099")) == "Nothing here is called R-00099."
    assert desk.client.get("/desk/returns", headers={"Accept": "text/html"}).status_code == 403
