"""What a supervisor sees and does, through the real doors: numbers that lead to their rows, and buttons that act."""

import csv
import io
import re

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import update

from app import schema
from app.db import Database, Tx
from app.schema.documents import order_line, sales_order
from app.stock import journal
from app.web.desk_pages import safe_cell
from app.work import exceptions
from tests.desk import house
from tests.desk.house import Desk

Client = TestClient[Litestar]
PAGES = (
    "/desk/codes", "/desk/counts",
    "/desk/waves", "/desk/orders", "/desk/orders?state=pool", "/desk/orders?lacking=1", "/desk/orders?short=1&item=KET-1L",
    "/desk/lines", "/desk/lines?state=open", "/desk/lines?state=short&item=KET-1L", "/desk/order?code=100471",
    "/desk/loads", "/desk/load?code=LOAD-T1-001", "/desk/carriers", "/desk/carriers?grams=900&to=20457+Hamburg",
    "/desk/prints", "/desk/prints?state=trouble", "/desk/devices", "/desk/ledger", "/desk/ledger?worker=mara&kind=picked",
    "/desk/ledger?document=order+100471", "/desk/ledger?item=HON-500", "/desk/inbox", "/desk/exceptions",
    "/desk/variances", "/desk/variances?state=all&sort=value&zone=A&abc=A&above=10",
    "/desk/exceptions?state=all&code=short", "/desk/trace", "/desk/trace?q=L2408-A", "/desk/trace?q=TEE-M-WHT",
    "/desk/trace?q=LPN-0001", "/desk/trace?q=100471", "/desk/trace?q=4500187", "/desk/trace?q=A-01-01",
    "/desk/triggers", "/desk/trigger?code=stock-low&run=1", "/desk/rules", "/desk/unusual", "/desk/unusual?state=all",
    "/desk/own-numbers?number=2112345009871", "/desk/returns", "/desk/recovery", "/desk/returns/rules",
    "/desk/service", "/desk/service?q=100471", "/desk/trace?q=mara", "/desk/trace?q=nobody-knows-this", "/desk/wall",
)  # fmt: skip


def headline(page: str) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page, re.S)
    assert found is not None
    return found[1]


def links(page: str) -> set[str]:
    main = page.split("<main", 1)[1].split("</main>", 1)[0]
    return {link.replace("&amp;", "&") for link in re.findall(r'href="(/desk/[^"]+)"', main)}


def database(client: Client) -> Database:
    found = client.app.state.house.db
    assert isinstance(found, Database)
    return found


def state_of(client: Client, job: str) -> str:
    with database(client).reading() as tx:
        table = schema.printing.print_job
        return str(tx.value(table.select().with_only_columns(table.c.state).where(table.c.id == job)))


def test_every_page_is_drawn_and_every_link_on_it_leads_somewhere(client: Client) -> None:
    desk = Desk(client, "ruth")
    seen: set[str] = set()
    for path in PAGES:
        seen |= links(desk.see(path))
    assert len(seen) > 60
    for link in sorted(seen):
        answer = client.get(link.partition("#")[0], headers={"Accept": "text/html"})
        assert answer.status_code == 200, link


def test_the_boards_say_in_words_what_is_wrong(client: Client) -> None:
    house.kill_delivery(database(client), 11, "po 4500187")
    desk = Desk(client, "vera")
    told = {path: headline(desk.see(path)) for path in PAGES}
    assert told["/desk/waves"] == "One of two waves may miss its cut-off."
    assert told["/desk/orders?lacking=1"] == "1 order the stock does not serve whole."
    assert told["/desk/lines?state=short&item=KET-1L"] == "1 line with a short of KET-1L."
    assert told["/desk/prints"] == "One label is in doubt: did it come out?"
    assert told["/desk/devices"] == "One of five devices needs a hand."
    assert told["/desk/ledger"] == "books refused 1 event."
    assert told["/desk/inbox"] == "One message of the ERP waits for something else."
    assert told["/desk/exceptions"] == "One decision is overdue."
    assert told["/desk/trace?q=L2408-A"] == "Lot L2408-A: 72 here."
    assert told["/desk/trace?q=mara"] == "Mara Keller carries 4 units."
    assert told["/desk/trace?q=nobody-knows-this"] == "Nobody knows nobody-knows-this."


def test_a_viewer_sees_no_button_that_is_refused(client: Client) -> None:
    desk = Desk(client, "vera")
    for path in PAGES:
        page = desk.see(path)
        assert re.findall(r'hx-post="([^"]+)"', page.split("<main", 1)[1].split("</main>", 1)[0]) in (
            [],
            ["/desk/waves/create"],  # the frame of the order list; it has nothing to send
        )
    assert desk.press("/desk/waves/create").status_code == 403


def test_a_cancelled_order_shows_on_its_page_what_it_was(client: Client) -> None:
    def cancelled(tx: Tx) -> None:
        tx.run(update(sales_order).where(sales_order.c.code == "100480").values(state="cancelled"))
        tx.run(update(order_line).where(order_line.c.order_code == "100480").values(cancelled=order_line.c.quantity))

    database(client).do(cancelled)
    desk = Desk(client, "ruth")
    page = desk.see("/desk/order?code=100480")
    assert "MUG-BLU" in page
    assert "0 of 0" not in page
    assert "100480" not in desk.see("/desk/lines?item=MUG-BLU"), "but nobody looks for it among what is to be done"


def test_a_wave_is_made_from_the_pool_released_and_pulled_back(client: Client) -> None:
    desk = Desk(client, "ruth")
    made = desk.press("/desk/waves/create", order="100480")
    assert "Wave W-0003 is made." in made.text
    assert "100480" in desk.see("/desk/orders?wave=W-0003")
    out = desk.press("/desk/waves/release", wave="W-0003")
    assert "Wave W-0003 is on the floor: 1 walk, 1 line" in out.text, out.text
    assert "W-0003" in desk.see("/desk/waves?state=released")
    back = desk.press("/desk/waves/pull-back", wave="W-0003")
    assert "its orders are in the pool again" in back.text
    assert "100480" in desk.see("/desk/orders?state=pool")


def test_two_ticked_orders_make_one_wave(client: Client) -> None:
    desk = Desk(client, "ruth")
    form = "order=100480&order=100481"
    headers = {"X-CSRF": desk.csrf, "Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/desk/waves/create", content=form, headers=headers).status_code == 200
    assert headline(desk.see("/desk/orders?wave=W-0003")) == "2 orders of wave W-0003."


def test_a_wave_of_nothing_is_refused_and_one_of_all_must_be_meant(client: Client) -> None:
    desk = Desk(client, "ruth")
    assert "Tick the orders first." in desk.press("/desk/waves/create").text
    assert "Wave W-0003 is made." in desk.press("/desk/waves/create", all="yes").text
    assert "No order in the pool fits this wave." in desk.press("/desk/waves/create", all="yes").text


def test_a_wave_somebody_picks_for_cannot_be_pulled_back_and_the_desk_is_told_why(client: Client) -> None:
    desk = Desk(client, "ruth")
    answer = desk.press("/desk/waves/pull-back", wave="W-0001")
    assert answer.status_code == 409
    assert "The first pick of wave W-0001 is done" in answer.text
    assert 'role="alert"' in answer.text
    assert "/desk/waves/pull-back" not in desk.see("/desk/waves").split('data-of="W-0001"')[1].split("</tr>")[0]


def test_a_label_in_doubt_is_settled_by_somebody_who_looked(client: Client) -> None:
    desk = Desk(client, "ruth")
    assert state_of(client, "job-doubt") == "unknown"
    assert desk.press("/desk/prints/came-out", job="job-doubt", out="yes").status_code == 200
    assert state_of(client, "job-doubt") == "printed"
    again = desk.press("/desk/prints/came-out", job="job-doubt", out="no")
    assert again.status_code == 409
    assert "is printed" in again.text


def test_a_copy_needs_a_reason_and_is_marked(client: Client) -> None:
    desk = Desk(client, "ruth")
    refused = desk.press("/desk/prints/reprint", job="job-done", reason="  ")
    assert refused.status_code == 409
    assert "needs a reason" in refused.text
    assert "A copy is queued for P-2." in desk.press("/desk/prints/reprint", job="job-done", reason="torn").text
    assert "lpn copy 1" in desk.see("/desk/prints")


def test_a_job_in_doubt_is_cancelled_with_the_reason_kept(client: Client) -> None:
    desk = Desk(client, "ruth")
    assert desk.press("/desk/prints/cancel", job="job-doubt", reason="pallet gone").status_code == 200
    assert state_of(client, "job-doubt") == "cancelled"
    assert "pallet gone (ruth)" in desk.see("/desk/prints?state=cancelled")


def test_a_device_test_really_tries_and_an_unknown_device_is_named(client: Client) -> None:
    desk = Desk(client, "ruth")
    tried = desk.press("/desk/devices/test", device="P-1")
    assert tried.status_code == 200
    assert "P-1: failed." in tried.text
    assert "There is no device ghost here." in desk.press("/desk/devices/test", device="ghost").text


def test_discarding_takes_a_reason_and_a_second_person_with_badge_and_pin(client: Client) -> None:
    house.kill_delivery(database(client), 11, "po 4500187")
    desk = Desk(client, "ruth")
    assert "Item HON-500 is unknown there" in desk.see("/desk/ledger")

    def discard(**who: str) -> tuple[int, str]:
        answer = desk.press("/desk/ledger/discard", connector="books", seq=11, **who)
        return answer.status_code, answer.text

    assert discard(reason="twice", badge="B-ruth", pin=house.PIN)[0] == 403  # the same person
    assert discard(reason="twice", badge="B-mara", pin=house.PIN)[0] == 403  # no supervisor
    assert discard(reason="twice", badge="B-lena", pin="0000")[0] == 403
    assert discard(reason="", badge="B-lena", pin=house.PIN)[0] == 409
    status, said = discard(reason="booked twice", badge="B-lena", pin=house.PIN)
    assert (status, "decided by Ruth Vogel and Lena Second" in said) == (200, True)
    assert "discarded" in desk.see("/desk/ledger?document=po+4500187")


def test_a_dead_letter_is_replayed_and_a_connector_paused_and_resumed(client: Client) -> None:
    house.kill_delivery(database(client), 11, "po 4500187")
    desk = Desk(client, "ruth")
    raw = client.get("/desk/ledger/request?connector=books&seq=11")
    assert raw.status_code == 200
    assert "4500187" in raw.text
    assert desk.press("/desk/ledger/pause", connector="books").status_code == 200
    assert "books is paused" in headline(desk.see("/desk/ledger"))
    assert desk.press("/desk/ledger/replay", connector="books", seq=11).status_code == 200
    assert desk.press("/desk/ledger/replay", connector="books", seq=11).status_code == 409  # not dead any more
    assert desk.press("/desk/ledger/resume", connector="books").status_code == 200
    assert desk.press("/desk/ledger/retry", connector="nobody").status_code == 404


def test_a_message_of_the_erp_is_tried_again_or_discarded_by_two_people_with_a_reason(client: Client) -> None:
    desk = Desk(client, "ruth")
    page = desk.see("/desk/inbox?state=dead")
    assert ("It waits for nothing" in page) == (page.index("Discard, two people") < page.index("Try it again"))
    assert desk.press("/desk/inbox/replay", source="erp", id="m-1").status_code == 200
    message = {"source": "erp", "id": "m-1", "badge": "B-lena", "pin": house.PIN}
    assert desk.press("/desk/inbox/discard", **message, reason="").status_code == 409
    alone = desk.press("/desk/inbox/discard", source="erp", id="m-1", reason="sent by mistake")
    assert (alone.status_code, alone.headers["x-refusal"]) == (403, "wrong_pin")
    twice = desk.press("/desk/inbox/discard", **{**message, "badge": "B-ruth"}, reason="sent by mistake")
    assert (twice.status_code, twice.headers["x-refusal"]) == (403, "same_person")
    assert "m-1" in desk.see("/desk/inbox?state=dead")
    assert desk.press("/desk/inbox/discard", **message, reason="sent by mistake").status_code == 200
    assert "Discarded by ruth and lena: sent by mistake." in desk.see("/desk/inbox?state=discarded")


def test_an_exception_is_closed_once_with_who_and_why(client: Client) -> None:
    desk = Desk(client, "ruth")
    assert desk.press("/desk/exceptions/close", source="discrepancy", id="d-1", reason="").status_code == 409
    said = desk.press("/desk/exceptions/close", source="discrepancy", id="d-1", reason="rest comes Friday")
    assert said.status_code == 200
    assert desk.press("/desk/exceptions/close", source="discrepancy", id="d-1", reason="again").status_code == 409
    assert "rest comes Friday" in desk.see("/desk/exceptions?state=closed")


def test_the_trail_names_the_worker_the_device_and_the_raw_scan(client: Client) -> None:
    page = Desk(client, "vera").see("/desk/trace?q=TEE-M-WHT")
    trail = page.split('aria-label="Trail"')[1]
    for words in ("4 × TEE-M-WHT, A-01-01 → @mara", "Mara Keller", "HH-01", "]C1010400000000001510L2408-A"):
        assert words in trail


@pytest.mark.parametrize("path", ["waves", "orders", "lines", "prints", "devices", "ledger", "inbox", "exceptions"])
def test_lists_come_as_csv_with_the_same_filter(client: Client, path: str) -> None:
    Desk(client, "vera")
    answer = client.get(f"/desk/{path}?format=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) > 1
    assert len({len(row) for row in rows}) == 1


def test_a_customer_called_like_a_formula_stays_text(client: Client) -> None:
    Desk(client, "vera")
    text = client.get("/desk/orders?format=csv&wave=W-0002").text
    assert "'=HYPERLINK(1)" in text
    assert "100471" not in text  # the filter holds for the export
    for hostile in ("=1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"):
        assert safe_cell(hostile) == f"'{hostile}"
    assert safe_cell("A-01") == "A-01"
    assert safe_cell(-4) == -4  # our own number, no text


def test_hostile_names_and_addresses_are_only_ever_text(client: Client) -> None:
    desk = Desk(client, "ruth")
    nasty = "<script>alert(1)</script>"
    for path in ("/desk/trace", "/desk/orders", "/desk/prints"):
        assert nasty not in desk.see(f"{path}?q={nasty}")
    for bad in ("/desk/orders?cutoff=x", "/desk/orders?page=x", "/desk/ledger?page=1.5"):
        assert client.get(bad, headers={"Accept": "application/json"}).status_code == 400
    for odd in ("/desk/trace?q=%00", "/desk/trace?q=%25%27", "/desk/orders?page=999999", "/desk/orders?q=_%25"):
        desk.see(odd)
    assert client.get("/desk/order?code=nothing", headers={"Accept": "text/html"}).status_code == 404
    assert desk.press("/desk/prints/came-out", job="job-doubt", out="maybe").status_code == 400
    assert desk.press("/desk/prints/came-out", job="job-doubt", out="yes", more="x").status_code == 400


def test_nothing_the_desk_reads_changes_the_books(client: Client) -> None:
    desk = Desk(client, "ruth")
    with database(client).reading() as tx:
        before = journal.last_seq(tx)
    for path in PAGES:
        desk.see(path)
    with database(client).reading() as tx:
        assert journal.last_seq(tx) == before


def test_the_manifest_of_a_load_is_opened_and_exported(client: Client) -> None:
    desk = Desk(client, "vera")
    assert headline(desk.see("/desk/loads")) == "0 trucks being loaded, 1 load left."
    page = desk.see("/desk/load?code=LOAD-T1-001")
    assert headline(page) == "LOAD-T1-001 left with 1 carton of 1 order."
    assert "seal SEAL-7" in page
    rows = list(csv.DictReader(io.StringIO(client.get("/desk/load?code=LOAD-T1-001&format=csv").text.lstrip("\ufeff"))))
    assert [(row["carton"], row["order"], row["grams"]) for row in rows] == [("C-900", "100490", "2400")]
    assert client.get("/desk/load?code=NONE").status_code == 404
    assert desk.press("/desk/loads/slip", load="LOAD-T1-001", printer="P-1").status_code == 403
    assert (
        "no slip printer P-1" in Desk(client, "ruth").press("/desk/loads/slip", load="LOAD-T1-001", printer="P-1").text
    )


def test_a_supervisor_ends_what_is_missing_at_packing(client: Client) -> None:
    """The packer reported it; nothing of it is in the tote on the books either: it is closed, and nothing moves."""
    database(client).do(
        lambda tx: exceptions.add(
            tx, "pack_short", "2 × MUG-BLU were not in T-1.", document="order 100471", item="MUG-BLU"
        )
    )
    desk = Desk(client, "ruth")
    page = desk.see("/desk/order?code=100471")
    key = re.search(r'name="id" value="([^"]+)"', page)
    assert key is not None
    assert "Give up the rest" in page
    assert "Found after all" in desk.see("/desk/exceptions?code=pack_short")
    told = desk.press("/desk/exceptions/missing", id=key[1], decision="found")
    assert "MUG-BLU is found: packing of order 100471 goes on." in told.text
    assert desk.press("/desk/exceptions/missing", id=key[1], decision="give_up").status_code == 409
    assert "Give up the rest" not in desk.see("/desk/order?code=100471")
