"""The same events in EPCIS 2.0 and X12: valid by EPCIS's own schema, read whole by an X12 reader, told to the piece."""

import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import pyx12.x12file

from app import cli
from app.db import Database
from sync.mappings import epcis, x12
from sync.mappings.export import export
from sync.mappings.names import Names, check_digit
from tests import engines
from tests.contract import specs, stories
from tests.world import World, gtin13

AT = "2026-11-23T09:00:00Z"
NAMES = Names("MAIN", {"MUG": gtin13(1).zfill(14)})
SAID = [message for type_, message in stories.committed().items() if message["source"] == "MAIN"]


def of(type_: str, **event: Any) -> dict[str, Any]:
    """The example of a type, with other facts."""
    message = json.loads(json.dumps(stories.committed()[type_]))
    message["data"]["event"].update(event)
    return dict(message)


def read(text: str) -> list[list[str]]:
    """The segments an X12 reader finds, which must find nothing wrong with counts, numbers or shapes."""
    reader = pyx12.x12file.X12Reader(io.StringIO(text))
    segments = [segment.format("", "*", ">").split("*") for segment in reader]
    reader.cleanup()
    assert reader.pop_errors() == []
    return segments


def test_the_examples_are_epcis_by_its_own_schema() -> None:
    document = epcis.document(SAID, NAMES, AT)
    check = jsonschema.Draft7Validator(specs.published(specs.EPCIS), format_checker=specs.FORMATS)
    check.validate(document)
    told = document["epcisBody"]["eventList"]
    assert {event["bizStep"] for event in told} == set(epcis.STEPS.values())
    told[0]["bizStep"] = "juggling"
    assert not check.is_valid(document), "a schema that takes anything would prove nothing"


def test_goods_leave_by_their_gs1_names_with_lot_and_serial() -> None:
    assert NAMES.goods("MUG", "L 1", "S/1") == f"https://id.gs1.org/01/{gtin13(1).zfill(14)}/10/L%201/21/S%2F1"
    assert NAMES.goods("TEA", "L1") == "urn:pickface:MAIN:item:TEA:lot:L1"
    sscc = "34012345000000001"
    assert NAMES.lpn(sscc + check_digit(sscc)) == f"https://id.gs1.org/00/{sscc}{check_digit(sscc)}"
    assert NAMES.lpn("LPN-1") == "urn:pickface:MAIN:lpn:LPN-1"
    [event] = epcis.events(of("receipt.line_confirmed"), NAMES)
    assert (event["action"], event["bizStep"], event["disposition"]) == ("ADD", "receiving", "in_progress")
    assert event["quantityList"] == [{"epcClass": NAMES.goods("MUG"), "quantity": 48}]
    assert event["bizTransactionList"] == [{"type": "po", "bizTransaction": "urn:pickface:po:PO-1"}]
    assert epcis.events(of("reservation.taken"), NAMES) == []


def test_every_unit_a_message_moves_is_in_its_epcis_events() -> None:
    for message in SAID:
        moves = message.get("data", {}).get("movements", [])
        told = epcis.events(message, NAMES)
        if moves and message["type"] in epcis.STEPS:
            units = sum(len(one.get("epcList", ())) for one in told)
            units += sum(each["quantity"] for one in told for each in one.get("quantityList", ()))
            assert units == sum(move["quantity"] for move in moves), message["type"]


def test_the_examples_are_x12_by_a_readers_count() -> None:
    text, trouble = x12.interchange(SAID, NAMES, sender="MAIN", receiver="ACME", number=42, at=AT)
    assert trouble == []
    segments = read(text)
    assert [one[1] for one in segments if one[0] == "ST"].count("947") >= 3
    assert {one[1] for one in segments if one[0] == "ST"} == {"944", "945", "947"}
    assert segments[0][13] == segments[-1][2] == "000000042"
    broken = text.replace("SE*", "SE*9", 1)
    reader = pyx12.x12file.X12Reader(io.StringIO(broken))
    list(reader)
    assert reader.pop_errors(), "a reader that finds nothing would prove nothing"


def test_a_short_receipt_names_what_is_missing() -> None:
    lines = [
        {"line": "1", "item": "MUG", "ordered": 12, "received": 12},
        {"line": "2", "item": "TEA", "ordered": 10, "received": 7},
    ]
    text, _ = x12.interchange(
        [of("receipt.closed", po="4500187", lines=lines)], NAMES, sender="MAIN", receiver="ACME", number=1, at=AT
    )
    told = ["*".join(one) for one in read(text)]
    assert told[3].startswith("W17*F*20261123*")
    assert told[3].endswith("*4500187")
    assert told[5:11] == [
        f"W07*12*EA**SK*MUG*UK*{gtin13(1).zfill(14)}", "N9*LI*1", "W07*7*EA**SK*TEA", "N9*LI*2", "W13*3*EA*02", "W14*19",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("type_", "facts", "told"),
    [
        ("adjustment.posted", {"count": "C-1"}, "AA"),
        ("adjustment.posted", {"count": "", "change": -2}, "06"),
        ("writeoff.posted", {"reason": "damaged"}, "AU"),
        ("writeoff.posted", {"reason": "whatever"}, "07"),
    ],
)
def test_an_adjustment_says_why(type_: str, facts: dict[str, Any], told: str) -> None:
    text, _ = x12.interchange([of(type_, **facts)], NAMES, sender="MAIN", receiver="ACME", number=1, at=AT)
    assert [one[1] for one in read(text) if one[0] == "W19"] == [told]


def test_what_has_no_room_in_x12_is_named_and_the_rest_goes() -> None:
    long = of("receipt.closed", po="4" * 30)
    text, trouble = x12.interchange(
        [long, of("adjustment.posted")], NAMES, sender="MAIN", receiver="A", number=1, at=AT
    )
    assert [one[1] for one in read(text) if one[0] == "ST"] == ["947"]
    assert trouble == [f"{long['id']}: '{'4' * 30}' is longer than the 22 characters X12 has for it."]
    odd = of("receipt.closed", po="45*00~1>é")
    assert "*45 00 1 e" in x12.interchange([odd], NAMES, sender="MAIN", receiver="A", number=1, at=AT)[0]


def test_the_command_exports_a_stretch_of_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = engines.fresh("sqlite", tmp_path)
    database = Database(url)
    World(database, "A-01 MUG 10\nA-02 TEA 4 lot=L1")
    assert [json.loads(line)["id"] for line in export(database, "cloudevents", site="MAIN").text.splitlines()] == [
        "MAIN.1.1",
        "MAIN.1.2",
    ]
    database.close()
    monkeypatch.setenv("PICKFACE_DATABASE", url)
    assert cli.main(["export", "epcis", str(tmp_path / "events.json"), "--after", "1"]) == 0
    assert capsys.readouterr().out == f"Up to event 2 in {tmp_path / 'events.json'}.\n"
    [event] = json.loads((tmp_path / "events.json").read_text())["epcisBody"]["eventList"]
    assert event["quantityList"] == [{"epcClass": f"https://id.gs1.org/01/0{gtin13(2)}/10/L1", "quantity": 4}]
    assert cli.main(["export", "cloudevents", str(tmp_path / "one"), "--most", "1"]) == 0
    assert capsys.readouterr().out.endswith("Up to event 1 in " + str(tmp_path / "one") + "; go on with --after 1.\n")
    assert cli.main(["export", "x12", str(tmp_path / "none.x12")]) == 0
    assert (tmp_path / "none.x12").read_text() == ""
