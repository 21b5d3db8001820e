"""The contract is what the structs say: committed byte for byte, sound by its own standards, changed only on purpose."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from app.db import Database
from app.errors import CannotStart
from app.stock.events import decode
from app.stock.journal import Entry
from app.work import master
from sync import messages
from sync.contract import VERSION, files, pages, schemas
from tests import engines
from tests.contract import inbox, specs, stories
from tests.contract.__main__ import examples_made
from tests.stock.test_events import read

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "contract"
AGAIN = "run `pickface contract docs/contract`"


def test_the_committed_contract_is_the_one_the_structs_make() -> None:
    differing = [name for name, text in files.made().items() if (FOLDER / name).read_text(encoding="utf-8") != text]
    assert not differing, f"The contract changed: raise its VERSION, say so in the changelog, and {AGAIN}."
    kept = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.json")} - {"examples.json"} | {"owners.md"}
    assert kept == {*files.made(), files.VERSIONS}


def test_a_changed_contract_has_a_new_number_and_a_line_in_the_changelog() -> None:
    assert files.versions(FOLDER)[VERSION] == files.digest(), f"raise VERSION, then {AGAIN}"
    assert f"Contract {VERSION}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_a_contract_that_changed_is_not_written_under_its_old_number(tmp_path: Path) -> None:
    assert files.VERSIONS in files.write(tmp_path)
    assert files.write(tmp_path) == [], "what is so already is not written again"
    (tmp_path / files.VERSIONS).write_text(json.dumps({VERSION: "another"}))
    with pytest.raises(CannotStart, match="raise VERSION"):
        files.write(tmp_path)


def test_the_asyncapi_document_is_one_by_asyncapis_own_schema() -> None:
    document = json.loads(files.made()["asyncapi.json"])
    jsonschema.Draft7Validator(specs.published(specs.ASYNCAPI)).validate(document)
    named = {one["$ref"] for one in _all(document) if isinstance(one.get("$ref"), str)}
    for name in named:
        part: Any = document
        for step in name.removeprefix("#/").split("/"):
            part = part[step]
        assert part, name


def _all(told: Any) -> list[dict[str, Any]]:
    inner = told.values() if isinstance(told, dict) else told if isinstance(told, list) else ()
    return ([told] if isinstance(told, dict) else []) + [one for part in inner for one in _all(part)]


def test_every_schema_is_one_and_stands_by_itself() -> None:
    jsonschema.Draft202012Validator.check_schema({"$defs": schemas.as_parts("#/$defs/")})
    for schema in (schemas.outgoing() | schemas.incoming() | schemas.feeds()).values():
        named = {one["$ref"] for one in _all(schema) if "$ref" in one}
        assert named <= {f"#/$defs/{name}" for name in schema.get("$defs", ())}
        for pattern in re.findall(r'"pattern": "([^"]*)"', json.dumps(schema)):
            assert "\\\\Z" not in pattern, "only Python ends a text so"


@pytest.mark.parametrize("kind", sorted(messages.TYPES))
def test_what_leaves_the_house_keeps_to_its_schema(kind: str) -> None:
    body = bytes(read(kind).body)
    event = decode(body)
    header = {"worker": "1007", "device": "HH-1", "station": "", "cause": "scan-1", "owner": ""}
    row = Entry(seq=7, kind=kind, at=1_795_600_800_000_000, document=event.document, body=body, hash=b"", **header)
    told = json.loads(messages.as_message(row, messages.Identity(site="MAIN")).body)
    schema = schemas.outgoing()[told["type"]]
    check = jsonschema.Draft202012Validator(schema, format_checker=specs.FORMATS)
    check.validate(told)
    assert told["dataschema"] == schema["$id"]
    needed = schema["$defs"][messages.EVENTS[kind].__name__]["required"]
    for name in needed:  # and a schema that takes anything would be none
        less = {
            **told,
            "data": {**told["data"], "event": {k: v for k, v in told["data"]["event"].items() if k != name}},
        }
        assert not check.is_valid(less), f"{kind} without {name}"


ORDER = {"lines": [{"line": "1", "item": "TEA", "quantity": 2}]}


@pytest.mark.parametrize(
    ("type_", "subject", "data", "good"),
    [
        ("order.release", "7", ORDER, True),
        ("order.release", "", {"code": "7", **ORDER}, True),
        ("order.release", None, ORDER, False),
        ("order.release", "7", {"lines": []}, False),
        ("order.release", "7", {"lines": [{"line": "1", "item": "TEA", "quantity": -2}]}, False),
        ("order.release", "7", {**ORDER, "colour": "red"}, False),
        ("order.hold", "7", {}, True),
        ("item.upsert", "TEA\t", {}, False),
        ("adjustment.request", "A-1", {"item": "TEA", "change": -3}, True),
        ("adjustment.request", "A-1", {}, False),
    ],
)
def test_a_schema_takes_what_the_inbox_takes_and_nothing_else(
    type_: str, subject: str | None, data: dict[str, Any], good: bool
) -> None:
    event = {"id": "1", "source": "erp", "type": type_, "data": data} | (
        {} if subject is None else {"subject": subject}
    )
    assert jsonschema.Draft202012Validator(schemas.incoming()[type_]).is_valid(event) is good
    try:
        master.decode(type_, json.dumps(data).encode(), subject=subject or "")
    except master.Unreadable:
        assert not good
    else:
        assert good


def test_every_message_has_an_example_that_keeps_to_its_schema_and_the_page_shows_it() -> None:
    examples, known = stories.committed(), schemas.outgoing() | schemas.incoming() | schemas.feeds()
    assert sorted(examples) == sorted(known), "run `python -m tests.contract`"
    for type_, example in examples.items():
        jsonschema.Draft202012Validator(known[type_], format_checker=specs.FORMATS).validate(example)
    page = (FOLDER.parent / "messages.md").read_text(encoding="utf-8")
    assert page == pages.messages_page(examples), "run `python -m tests.contract`"


@pytest.mark.faults
def test_the_examples_are_word_for_word_what_the_floor_says_today() -> None:
    assert examples_made() == stories.committed(), "run `python -m tests.contract`"


def test_the_examples_that_come_in_are_taken_as_documented(tmp_path: Path) -> None:
    first, second = (Database(engines.fresh("sqlite", tmp_path)) for _ in range(2))
    try:
        said = inbox.examples(first) | inbox.fed(second)
    finally:
        first.close()
        second.close()
    known = stories.committed()
    assert {type_: known.get(type_) for type_ in said} == said, "run `python -m tests.contract`"


def test_the_pages_name_every_message_once() -> None:
    told = [type_ for _, _, types in pages.FAMILIES for type_ in types]
    assert sorted(told) == sorted(messages.TYPES.values())
