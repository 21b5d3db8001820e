"""Labels at the desk: a run of them printed, a template changed with its drawing beside it, and the way back."""

import io
import re
from html import unescape
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from PIL import Image

from app import label_templates, print_routes
from app.config import PrinterSettings
from app.db import Tx
from app.desk import template_forms
from app.desk.label_kinds import KINDS
from app.printing import decisions
from app.printing.jobs import OF_SUBJECT, PrintJob
from app.printing.queueing import queue_chosen
from printers import labels, picture, templates
from printers.labels import LocationLabel, LpnLabel, ToteLabel
from printers.layout import AnyField, Box, Layout, Symbol, Text, encode
from tests.desk.house import Desk
from tests.desk.test_people import database

Client = TestClient[Litestar]


# The SQL of these is the same as that of the others: one engine will do.
ON_SQLITE = pytest.mark.parametrize("client", ["sqlite"], indirect=True)


def jobs(client: Client, subject: str) -> list[PrintJob]:
    with database(client).reading() as tx:
        return tx.all(OF_SUBJECT, PrintJob, subject=subject)


def drawn(client: Client, job: str) -> tuple[bytes, Any]:
    with database(client).reading() as tx:
        row = tx.row(decisions.BYTES, id=job)
    assert row is not None
    return bytes(row[0]), labels.decode(bytes(row[1]))


def form(client: Client, name: str, **changes: Any) -> list[tuple[str, str]]:
    """What the page's form sends, as a browser reads it off the page."""
    with database(client).reading() as tx:
        template = label_templates.named(tx, name)
    found = [("name", name), ("before", str(template.version)), ("note", "tried")]
    return found + fields_of(template.layout, changes.get("rows"))


def fields_of(layout: Layout, rows: list[template_forms.Row] | None = None) -> list[tuple[str, str]]:
    found = [("foot_mm", f"{layout.foot_mm:g}"), ("least_mm", f"{layout.least_mm:g}")]
    for row in rows or template_forms.rows(layout):
        found += [(column, getattr(row, column)) for column in template_forms.COLUMNS]
    return found


def send(desk: Desk, path: str, fields: list[tuple[str, str]]) -> Any:
    given: dict[str, list[str]] = {}
    for name, value in fields:
        given.setdefault(name, []).append(value)
    return desk.client.post(path, data=given, headers={"X-CSRF": desk.csrf, "HX-Request": "true"})


def test_the_locations_of_an_aisle_come_out_one_by_one(client: Client) -> None:
    desk = Desk(client, "ruth")
    assert "Print labels" in desk.see("/desk/print-labels")
    answer = desk.press("/desk/print-labels", kind="location", first="A-01-01", last="A-01-99", printer="P-2")
    assert answer.status_code == 200, answer.text
    assert "2 labels for P-2: A-01-01 to A-01-02." in answer.text
    [job] = jobs(client, "A-01-01")
    _, label = drawn(client, job.id)
    assert isinstance(label, LocationLabel)
    assert label.barcode == "LOC/A-01-01"
    assert (job.template, job.template_version, job.worker) == ("location", 0, "ruth")
    again = {"kind": "location", "first": "A-01-01", "last": "A-01-99", "printer": "P-2"}
    answer = desk.press("/desk/print-labels", **again)
    assert answer.headers["X-Refusal"] == "printed_before"
    assert "A-01-01 and 1 more were printed before." in answer.text
    assert len(jobs(client, "A-01-01")) == 1
    assert "2 copies among them" in desk.press("/desk/print-labels", **again, reason="beam was painted").text
    copy = jobs(client, "A-01-01")[0]
    assert (copy.copy, copy.reason, copy.worker) == (1, "beam was painted", "ruth")
    assert "COPY 1" in picture.texts(drawn(client, copy.id)[0])


@ON_SQLITE
def test_a_serial_comes_out_once_unmarked_and_a_lots_labels_as_often_as_there_are_goods(client: Client) -> None:
    desk, first = Desk(client, "ruth"), {"item": "KET-1L", "kind": "serial", "first": "SN-08", "printer": "P-1"}
    assert "1 label" in desk.press("/desk/print-labels", **first).text
    for more in ({}, {"last": "SN-09"}, {"reason": " "}):
        assert desk.press("/desk/print-labels", **first, **more).headers["X-Refusal"] == "printed_before", more
    assert not jobs(client, "SN-09"), "all of them or none"
    assert desk.press("/desk/print-labels", **{**first, "item": "MUG-BLU"}).status_code == 200, "another item's SN-08"
    assert "1 copy among them" in desk.press("/desk/print-labels", **first, last="SN-09", reason="torn").text
    assert [job.copy for job in jobs(client, "SN-09")] == [0]
    assert sorted(job.copy for job in jobs(client, "SN-08")) == [0, 0, 1]
    twice = desk.press("/desk/print-labels", **{**first, "first": "SN-10"}, copies="2")
    assert twice.headers["X-Refusal"] == "no_reason", "two of one serial at once are a copy, too"
    for _ in range(2):
        lot = {"kind": "lot", "item": "HON-500", "first": "L2408-A", "printer": "P-1"}
        assert desk.press("/desk/print-labels", **lot, copies="2").status_code == 200


def test_a_roll_of_totes_and_one_of_serials_count_on(client: Client) -> None:
    desk = Desk(client, "ruth")
    assert (
        "T-0008 to T-0011"
        in desk.press("/desk/print-labels", kind="tote", first="T-0008", last="T-0011", printer="P-1").text
    )
    assert len(jobs(client, "T-0010")) == 1
    answer = desk.press("/desk/print-labels", kind="serial", item="KET-1L", first="SN-9", last="SN-9", printer="P-1")
    assert "SN-9" in answer.text
    sheet = desk.press("/desk/print-labels", kind="command_sheet", copies="2", printer="P-1")
    assert "labels for P-1: commands." in sheet.text
    assert (
        "1 label for P-1: HON-500 lot L2408-A."
        in desk.press("/desk/print-labels", kind="lot", item="HON-500", first="L2408-A", printer="P-1").text
    )
    for kind in KINDS:
        assert Desk(client, "ada").see(f"/desk/print-labels?kind={kind}").count("<svg") >= 1


REFUSED = (
    ({"kind": "tote", "first": "T-0008", "last": "T-0001"}, "bad_range"),
    ({"kind": "tote", "first": "T-0001", "last": "T-9999"}, "too_many_labels"),
    ({"kind": "tote", "first": "A-01-01", "last": "A-01-02"}, "not_an_own_number"),
    ({"kind": "location", "first": "X", "last": "Y"}, "nothing_to_print"),
    ({"kind": "item", "first": "A", "last": "Z", "copies": "101"}, "too_many_labels"),
    ({"kind": "badge", "first": "a", "last": "z"}, "forbidden"),
    ({"kind": "poster", "first": "A", "last": "Z"}, "nothing_to_print"),
    ({"kind": "tote", "first": "T-001", "printer": "P-9"}, "no_such_printer"),
)


@ON_SQLITE
def test_what_cannot_be_printed_is_said(client: Client) -> None:
    desk = Desk(client, "ruth")
    for fields, code in REFUSED:
        answer = desk.press("/desk/print-labels", **{"printer": "P-2", **fields})
        assert answer.headers["X-Refusal"] == code, fields


def test_a_template_is_changed_printed_by_and_taken_back(client: Client) -> None:
    desk = Desk(client, "ada")
    assert "<svg" in desk.see("/desk/label-templates?name=tote")
    rows = template_forms.rows(templates.TOTE)
    rows[0] = template_forms.Row(
        kind="text", y="0", w="50%", h="9%", text="Wash {code} weekly", lines="1", style="left"
    )
    fields = form(client, "tote", rows=rows)
    assert "This can be saved." in send(desk, "/desk/label-templates/preview", fields).text
    drawn_by_code = template_forms.Row(kind="code", text="^FO600,16^BQN,2,3^FDQA,x^FS")
    told = send(desk, "/desk/label-templates/preview", form(client, "tote", rows=[*rows, drawn_by_code])).text
    assert "This can be saved. Not drawn here: ^BQ; print a test label." in told
    assert "Saved: version 1" in send(desk, "/desk/label-templates/save", fields).text
    desk.press("/desk/print-labels", kind="tote", first="T-0001", printer="P-2")
    [job] = jobs(client, "T-0001")
    payload, _ = drawn(client, job.id)
    assert "Wash T-0001 weekly" in picture.texts(payload)
    assert (job.template, job.template_version) == ("tote", 1)
    page = desk.see("/desk/label-templates?name=tote&version=1")
    assert "Wash {code} weekly" in page.split('class="diff"')[1]
    again = send(desk, "/desk/label-templates/save", fields)
    assert again.headers["X-Refusal"] == "template_changed"
    assert "as version 0 was" in desk.press("/desk/label-templates/back", name="tote", version="0", before="1").text
    with database(client).reading() as tx:
        assert label_templates.named(tx, "tote").layout == templates.TOTE
        assert [one.version for one in label_templates.versions(tx, "tote")] == [2, 1, 0]


@ON_SQLITE
def test_a_template_an_older_version_let_through_is_refused_in_words_before_a_label_is_made(client: Client) -> None:
    code = next(one for one in templates.TOTE.fields if isinstance(one, Symbol))
    saved_in_spring(client, Box(x=code.x, y=code.y, w="20%", h="20%"))
    desk = Desk(client, "ruth")
    assert "tote is not sound" not in text_of(desk.see("/desk/devices")), "nobody wanted a label of it yet"
    for _ in range(2):
        answer = desk.press("/desk/print-labels", kind="tote", first="T-0001", printer="P-2")
        assert answer.headers["X-Refusal"] == "label_not_possible"
        assert "Version 1 of the template tote is not sound:" in answer.text
    assert jobs(client, "T-0001") == []
    desk.press("/desk/print-labels", kind="location", first="A-01-01", printer="P-2")
    assert jobs(client, "A-01-01"), "every other label is printed"
    wall, admin = text_of(desk.see("/desk/devices")), Desk(client, "ada")
    assert re.search(r"P-2 printer .*Version 1 of the template tote is not sound: .* till an admin mends it\.", wall), (
        wall
    )
    assert "Not sound" in text_of(admin.see("/desk/label-templates")), "whichever label is shown"
    admin.press("/desk/label-templates/back", name="tote", version="0", before="1")
    for page in ("/desk/devices", "/desk/label-templates?name=tote"):
        assert "ot sound" not in text_of(admin.see(page))


@ON_SQLITE
def test_the_page_of_a_template_that_cannot_even_be_drawn_opens_and_says_why(client: Client) -> None:
    saved_in_spring(client, Text(x="0", y="0", w="90%", h="9%", text="{colour}"))
    admin = Desk(client, "ada")
    why = "{colour} is not on this label."
    assert text_of(admin.see("/desk/label-templates?name=tote")).count(why) == 2, "in the list, and under the label"
    assert why in text_of(admin.see("/desk/print-labels?kind=tote"))


def saved_in_spring(client: Client, more: AnyField) -> None:
    """The tote's template with a field that nobody could save today."""
    kept = encode(msgspec.structs.replace(templates.TOTE, fields=(*templates.TOTE.fields, more)))
    database(client).do(
        lambda tx: tx.run(label_templates.SAVE, of="tote", at_version=1, kept=kept, why="in spring", who="ada", now=1)
    )


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html.split("<main", 1)[1])).split())


def test_every_built_in_template_survives_its_own_form() -> None:
    for _, layout in templates.BUILT_IN.values():
        assert template_forms.read(fields_of(layout)) == layout


@ON_SQLITE
def test_a_broken_template_is_drawn_in_words_and_not_saved(client: Client) -> None:
    desk = Desk(client, "ada")
    rows = template_forms.rows(templates.TOTE)
    rows[2] = template_forms.Row(kind="text", y="0", h="9%", text="{colour}")
    fields = form(client, "tote", rows=rows)
    assert "Field 3: {colour} is not on this label." in send(desk, "/desk/label-templates/preview", fields).text
    answer = send(desk, "/desk/label-templates/save", fields)
    assert answer.headers["X-Refusal"] == "template_broken"
    assert "Field 3" in answer.text
    for bad in (fields[:-1], [*fields, ("kind", "text")], [("name", "poem"), ("before", "0")], [("name", "tote")]):
        assert send(desk, "/desk/label-templates/save", bad).status_code in (400, 404, 409, 422)
    assert Desk(client, "ruth").client.get("/desk/label-templates").status_code == 403


def test_the_logo_is_taken_in_and_printed(client: Client) -> None:
    desk, file = Desk(client, "ada"), io.BytesIO()
    Image.new("L", (40, 40), 0).save(file, "PNG")
    headers = {"X-CSRF": desk.csrf, "HX-Request": "true"}

    def give(name: str, content: bytes) -> Any:
        sent = {"picture": ("logo.png", content, "image/png")}
        return client.post("/desk/label-templates/picture", data={"name": name}, files=sent, headers=headers)

    assert "Taken in" in give("logo", file.getvalue()).text
    assert give("logo", b"no picture").headers["X-Refusal"] == "template_broken"
    assert give("../x", file.getvalue()).headers["X-Refusal"] == "template_broken"
    logo = template_forms.Row(kind="picture", x="40%", y="0", w="8mm", h="4mm", text="logo")
    rows = [row for row in template_forms.rows(templates.TOTE) if row.kind] + [logo]
    assert "Saved" in send(desk, "/desk/label-templates/save", form(client, "tote", rows=rows)).text
    desk.press("/desk/print-labels", kind="tote", first="T-0002", printer="P-2")
    assert b":Z64:" in drawn(client, jobs(client, "T-0002")[0].id)[0]


def test_a_label_is_routed_by_kind_station_zone_and_health(client: Client) -> None:
    desk, home = Desk(client, "ada"), database(client)
    for route in (
        {"kind": "hold", "printer": "P-2"},
        {"kind": "lpn", "zone": "DOCK", "printer": "P-2"},
        {"kind": "lpn", "station": "ST-1", "printer": "P-1"},
        {"kind": "lpn", "station": "ST-1", "position": "2", "printer": "P-2"},
    ):
        assert desk.press("/desk/print-routes/save", **route).status_code == 200
    assert (
        desk.press("/desk/print-routes/save", kind="hold", printer="P-9").headers["X-Refusal"] == "route_not_possible"
    )
    page = desk.see("/desk/label-templates")
    assert len(re.findall(r"Take away", page)) == 4
    printers = client.app.state.house.ports.printers

    def where(kind: str, station: str = "", zone: str = "", sick: tuple[str, ...] = ()) -> str:
        with home.reading() as tx:
            found = print_routes.choose(
                tx, kind, station=station, zone=zone, own="P-1", printers=printers, paper="zpl", sick=sick
            )
        assert found is not None
        return found.name

    assert where("item") == "P-1"
    assert where("hold") == "P-2"
    assert where("lpn", zone="DOCK") == "P-2"
    assert where("lpn", station="ST-1", zone="DOCK") == "P-1"
    assert where("lpn", station="ST-1", sick=("P-1",)) == "P-2"
    assert where("lpn", station="ST-1", sick=("P-1", "P-2")) == "P-1"  # it waits where it belongs
    desk.press("/desk/print-routes/drop", kind="hold", position="1")
    assert where("hold") == "P-1"


@ON_SQLITE
def test_a_script_no_font_here_has_is_said_with_the_job(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("printers.bitmap.undrawn", lambda text: "北京" if "北" in text else "")
    label = ToteLabel(code="T-0003", kind="北京")
    printer = PrinterSettings(name="P-2")
    database(client).do(lambda tx: queue_chosen(tx, label, printer, subject="T-0003", worker="ada"))
    [job] = jobs(client, "T-0003")
    assert job.reason == "北京 came out as ?: no font here has it, fonts-noto-cjk brings one."


@ON_SQLITE
def test_a_copy_says_so_on_any_printer_and_a_moved_label_prints_once(client: Client) -> None:
    printers = client.app.state.house.ports.printers
    label = LpnLabel(lpn="340123450000000017", item="MUG-BLU", name="Mug", quantity=4, unit="each")

    def wander(tx: Tx) -> str:
        """In one step, so that no printer takes a job in between: the printers fail in turn."""
        job = queue_chosen(tx, label, printers["P-2"], subject=label.lpn, worker="ruth")
        for number in (1, 2):
            job = decisions.reprint(tx, job, printers["P-2"], reason="torn", worker="ruth", station="")
            for name in ("P-1", "P-2", "P-1"):
                job = decisions.move(tx, job, printers[name], reason="paper out", worker="ruth")
            decisions.decide(tx, job, "cancelled", reason=f"after copy {number}")
        return job

    last = database(client).do(wander)
    found = jobs(client, label.lpn)
    assert len(found) == 9
    assert [job.printer for job in found if job.state not in ("moved", "cancelled")] == ["P-2"]  # the first one alone
    [job] = [job for job in found if job.id == last]
    assert (job.copy, job.printer) == (2, "P-1")
    said = picture.texts(drawn(client, last)[0])
    assert [text for text in said if text.startswith("COPY")] == ["COPY 2"]
    assert sum(">;>800340123450000000017" in text for text in said) == 1  # never a new SSCC
