"""What the reference ledger and our connector say to each other at its three doors, held against the AsyncAPI document."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema
import pytest

from sync.connectors.base import Applied, Duplicate, Held, Rejected
from sync.connectors.http import TALK, HttpConnector
from sync.contract import asyncapi
from tests.sync.sink import SECRET, Sink, running_sink
from tests.sync.test_connectors import message

DOCUMENT = asyncapi.document()
DOORS = {"/lookup": ("lookup.keys", "lookup.known"), "/snapshot": ("snapshot.as_of", "snapshot.stock")}


@pytest.fixture
def sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sink]:
    with running_sink(tmp_path_factory.mktemp("ledger")) as running:
        yield running


def fits(name: str, told: Any) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    check = jsonschema.Draft202012Validator(schema)
    check.validate(told)
    for less in told:  # a schema that takes anything would be none
        assert not check.is_valid({key: value for key, value in told.items() if key != less}), f"{name} without {less}"


def test_what_is_said_at_the_erps_doors_is_as_the_document_says(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    send = httpx.Client.send

    def overheard(client: httpx.Client, request: httpx.Request, **how: Any) -> httpx.Response:
        response = send(client, request, **how)
        asked, answered = DOORS.get(request.url.path, ("", "events.answers"))
        if asked:
            fits(asked, json.loads(request.read()))
        fits(answered, json.loads(response.read()))
        said.extend(filter(None, (asked, answered)))
        return response

    sink.fail(unknown_items=["GHOST"])
    monkeypatch.setattr(httpx.Client, "send", overheard)
    ledger = HttpConnector("ERP", sink.url, SECRET)
    mug, ghost, behind = message("MAIN", 1), message("MAIN", 2, "GHOST", po="PO-1"), message("MAIN", 3, po="PO-1")
    taken, refused, held = ledger.post([mug, ghost, behind])
    assert (taken, held, isinstance(refused, Rejected)) == (Applied(), Held(), True)
    assert ledger.post([mug]) == [Duplicate()]
    assert ledger.lookup([mug.key, ghost.key]) == {mug.key}
    assert [one.quantity for one in ledger.snapshot(3)] == [1]
    ledger.close()
    assert set(said) == set(TALK)


def test_every_word_of_it_is_in_an_operation_of_the_document() -> None:
    named = {
        one["$ref"].rpartition("/")[2]
        for operation in DOCUMENT["operations"].values()
        for one in [*operation["messages"], *operation.get("reply", {}).get("messages", [])]
    }
    assert named >= set(TALK)
