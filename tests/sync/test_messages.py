"""What a ledger reads: CloudEvents with the movements spelled out, whatever the event."""

from typing import get_args

import msgspec
import pytest

from app import clock
from app.stock.events import AnyEvent, Counted, Picked, Received, Shipped
from app.stock.journal import Entry
from app.stock.slots import CUSTOMER, Movement, Slot
from sync.messages import TYPES, Identity, as_message

NOON = 1_795_600_800_000_000
HERE = Identity(site="MAIN")


def entry(event: AnyEvent, seq: int = 42, **header: str) -> Entry:
    told = {"worker": "", "device": "", "station": "", "cause": "", "owner": "", **header}
    kind = str(type(event).__struct_config__.tag)
    body = msgspec.json.encode(event)
    return Entry(seq=seq, kind=kind, at=NOON, document=event.document, body=body, hash=b"", **told)


def test_every_event_has_one_name_abroad() -> None:
    kinds = {str(event.__struct_config__.tag) for event in get_args(AnyEvent)}
    assert TYPES.keys() == kinds
    assert len(set(TYPES.values())) == len(TYPES)
    assert all("." in name and name == name.lower() for name in TYPES.values())


def test_a_received_line_reads_as_a_cloud_event_byte_for_byte() -> None:
    target = Slot(location="DOCK-1", lpn="P-1", lot="L7", status="inspection")
    event = Received(po="4500187", line="10", item="TEE-M", quantity=24, target=target, unit="case", pack=12)
    message = as_message(entry(event, worker="1007", device="HH-07", cause="scan-1"), HERE)
    assert clock.as_datetime(NOON).isoformat() == "2026-11-25T10:00:00+00:00"
    assert message.body.decode() == (
        '{"specversion":"1.0","datacontenttype":"application/json","id":"MAIN.1.42","source":"MAIN",'
        '"type":"receipt.line_confirmed","time":"2026-11-25T10:00:00Z","sequence":"0000000000000042",'
        '"dataschema":"urn:pickface:receipt.line_confirmed:1",'
        '"data":{"movements":[{"item":"TEE-M","quantity":24,'
        '"source":{"location":"~supplier","ours":false,"status":"available"},'
        '"target":{"location":"DOCK-1","ours":true,"status":"inspection","lpn":"P-1"},"lot":"L7"}],'
        '"event":{"event":"received","po":"4500187","line":"10","item":"TEE-M","quantity":24,'
        '"target":{"location":"DOCK-1","lpn":"P-1","lot":"L7","status":"inspection"},"unit":"case","pack":12},'
        '"worker":"1007","device":"HH-07"},"correlationid":"po 4500187","causationid":"scan-1"}'
    )


def test_serials_leave_one_by_one_and_the_customers_shelf_is_not_ours() -> None:
    carton = Slot(location="TRUCK", lpn="C-1")
    moves = tuple(
        Movement(item="CAM", quantity=1, source=carton, target=Slot(location=CUSTOMER), serial=serial, line="S1/1")
        for serial in ("A", "B")
    )
    body = as_message(entry(Shipped(order="S1", load="LD-1", cartons=("C-1",), contents=moves)), HERE).body
    told = msgspec.json.decode(body)["data"]["movements"]
    assert [move["serial"] for move in told] == ["A", "B"]
    assert all(move["source"]["ours"] and not move["target"]["ours"] for move in told)


def test_a_count_moves_nothing() -> None:
    body = as_message(entry(Counted(task="C1", item="MUG", slot=Slot(location="A-01"), quantity=3)), HERE).body
    assert msgspec.json.decode(body)["data"]["movements"] == []


def test_the_same_row_gives_the_same_bytes() -> None:
    tote = Slot(location="@1007", lpn="T-1")
    row = entry(Picked(line="S1/1", pick="p", item="MUG", quantity=2, source=Slot(location="A-01"), target=tote))
    assert as_message(row, HERE) == as_message(row, HERE)


@pytest.mark.parametrize(("seq", "key"), [(900, "MAIN.1.900"), (1000, "MAIN.1.1000"), (1001, "MAIN.2.1001")])
def test_a_restore_names_only_what_came_after_it_anew(seq: int, key: str) -> None:
    assert Identity(site="MAIN", epochs=((2, 1000), (1, 0))).key(seq) == key
