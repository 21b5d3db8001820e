"""What the ERP sends is applied once, answered alike for ever, and waits where something is missing."""

import asyncio
import hashlib
import json
import time
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlalchemy import select

from app import clock, main
from app.config import Settings
from app.db import Database, Tx
from app.errors import Busy
from app.schema.documents import purchase_order, sales_order
from app.schema.inbound import asn
from app.schema.items import item
from app.schema.places import location, site
from app.schema.quality import lot_hold
from app.schema.returns import rma
from app.schema.storage import transfer
from app.schema.sync import inbox, turned_away
from app.work.duties import SamePerson
from sync import alarms, doors, envelopes, inbound, signing
from tests.sync.sink import until


def give(database: Database, id: str, type: str, subject: str, version: int = 1, **data: Any) -> str:
    """Push one message; the answer as `applied: Item TEA is known.`"""
    body = json.dumps(data).encode()
    answer = database.do(
        lambda tx: inbound.accept(tx, source="erp", id=id, type=type, subject=subject, version=version, body=body)
    )
    return f"{answer.state}: {answer.sentence}"


def look(database: Database, *columns: Any) -> list[tuple[Any, ...]]:
    with database.reading() as tx:
        return [tuple(row) for row in tx.rows(select(*columns).order_by(*columns))]


def tea(quantity: int = 2) -> list[dict[str, Any]]:
    return [{"line": "1", "item": "TEA", "quantity": quantity}]


def test_the_same_id_gets_the_same_answer_and_is_applied_once(database: Database) -> None:
    assert give(database, "1", "item.upsert", "TEA", name="Tea") == "applied: Item TEA is known."
    assert give(database, "2", "item.upsert", "TEA", 2, name="Green tea") == "applied: Item TEA is known."
    assert give(database, "1", "item.upsert", "TEA", name="Tea") == "applied: Item TEA is known."
    assert look(database, item.c.name) == [("Green tea",)]


def test_the_same_id_with_other_content_is_refused_and_changes_nothing(database: Database) -> None:
    give(database, "1", "item.upsert", "TEA", name="Tea")
    with pytest.raises(inbound.IdReused):
        give(database, "1", "item.upsert", "TEA", name="Coffee")
    assert look(database, item.c.name) == [("Tea",)]
    assert look(database, inbox.c.id) == [("1",)]


def test_an_older_message_is_stale_and_an_equal_one_the_same(database: Database) -> None:
    give(database, "1", "item.upsert", "TEA", 5, name="Tea")
    assert give(database, "2", "item.upsert", "TEA", 4).startswith("stale: Item TEA is already at version 5")
    assert give(database, "3", "item.upsert", "TEA", 5) == "same: Item TEA is already so."
    assert give(database, "4", "location.upsert", "A-01", 7).startswith("applied")
    assert (
        give(database, "5", "location.upsert", "A-01", 6, zone="B") == "stale: Location A-01 is already at version 7."
    )


def test_an_order_for_an_unknown_item_is_replayed_when_the_item_arrives(database: Database) -> None:
    assert give(database, "1", "order.release", "7", lines=tea()) == (
        "dead: Order 7 needs item TEA, which is not known yet."
    )
    assert look(database, inbox.c.state, inbox.c.missing) == [("dead", "item TEA")]
    give(database, "2", "item.upsert", "TEA")
    assert look(database, sales_order.c.code, sales_order.c.state) == [("7", "pool")]
    assert give(database, "1", "order.release", "7", lines=tea()) == "applied: Order 7 is released."


def test_an_order_that_waits_for_its_item_rings_after_an_hour(database: Database) -> None:
    def ringing(after: int) -> list[str]:
        with database.reading() as tx, clock.frozen(now + after):
            return [alarm.sentence for alarm in alarms.of_house(tx, 10)]

    now = clock.now()
    with clock.frozen(now):
        give(database, "1", "order.release", "7", lines=tea())
    assert ringing(59 * clock.MINUTE) == []
    assert ringing(60 * clock.MINUTE) == ["1 of the ERP's messages waits longer than an hour for something else."]
    give(database, "2", "item.upsert", "TEA", name="Tea")
    assert ringing(61 * clock.MINUTE) == []


def test_a_cancel_that_overtook_its_order_still_cancels_it(database: Database) -> None:
    give(database, "1", "item.upsert", "TEA")
    assert give(database, "3", "order.cancel", "7", 2).startswith("dead: Order 7 is not known yet")
    give(database, "2", "order.release", "7", 1, lines=tea())
    assert look(database, sales_order.c.state, sales_order.c.version) == [("cancelled", 2)]


def test_a_poison_letter_behind_an_item_does_not_stop_the_item(database: Database) -> None:
    give(database, "1", "order.release", "7", lines=tea() + tea())
    give(database, "2", "order.release", "8", lines=tea())
    assert [row[0] for row in look(database, inbox.c.state)] == ["dead", "dead"]
    assert give(database, "3", "item.upsert", "TEA").startswith("applied")
    assert look(database, sales_order.c.code) == [("8",)]


def test_nonsense_is_kept_with_a_sentence_and_can_be_discarded_with_a_reason(database: Database) -> None:
    assert give(database, "1", "weather.upsert", "sun").startswith(
        "dead: Messages of type 'weather.upsert' are not known"
    )
    assert give(database, "2", "item.upsert", "TEA", weight="heavy").startswith(
        "dead: The content of item.upsert is wrong: Object contains unknown field `weight`"
    )
    assert give(database, "3", "item.upsert", "TEA", code="MUG") == (
        "dead: The envelope says code TEA, the content says 'MUG'."
    )
    deep = b"[" * 50_000
    answer = database.do(lambda tx: inbound.accept(tx, source="erp", id="4", type="item.upsert", body=deep))
    assert answer.sentence.startswith("The content is not JSON")
    with pytest.raises(inbound.NoReason):
        database.do(lambda tx: inbound.discard(tx, "erp", "1", reason=" ", by="lena", second="ruth"))
    with pytest.raises(SamePerson):
        database.do(lambda tx: inbound.discard(tx, "erp", "1", reason="sent by mistake", by="lena", second="lena"))
    gone = database.do(lambda tx: inbound.discard(tx, "erp", "1", reason="sent by mistake", by="lena", second="ruth"))
    assert gone.sentence.startswith("Discarded by lena and ruth: sent by mistake. It was: Messages of type")
    assert database.do(lambda tx: inbound.replay(tx, "erp", "1")).state == "discarded"


def test_a_place_of_a_site_this_house_has_not_is_refused_and_one_of_its_second_site_is_not(database: Database) -> None:
    assert give(database, "1", "location.upsert", "A-00", site="MAIN").startswith("applied")  # the house is empty yet
    database.do(lambda tx: tx.run(site.insert().values(code="MAIN")))
    told = give(database, "2", "location.upsert", "N-01", site="NORTH")
    assert told == "dead: Location N-01 names site NORTH; this house has MAIN."
    database.do(lambda tx: tx.run(site.insert().values(code="SOUTH")))
    assert give(database, "3", "location.upsert", "S-01", site="SOUTH").startswith("applied")
    assert give(database, "4", "location.upsert", "A-01").startswith("applied")
    assert look(database, location.c.code, location.c.site) == [("A-00", "MAIN"), ("A-01", "MAIN"), ("S-01", "SOUTH")]
    assert look(database, inbox.c.id, inbox.c.code)[1] == ("2", "no_such_site")
    database.do(lambda tx: tx.run(site.insert().values(code="NORTH")))
    assert database.do(lambda tx: inbound.replay(tx, "erp", "2")).state == "applied"


def test_a_letter_waiting_for_an_item_that_came_another_way_is_swept_up(database: Database) -> None:
    give(database, "1", "order.release", "7", lines=tea())
    database.do(lambda tx: tx.run(item.insert().values(code="TEA")))
    assert database.do(inbound.sweep) == 1
    assert look(database, sales_order.c.code) == [("7",)]
    assert database.do(inbound.sweep) == 0


def unheard_of(database: Database) -> None:
    """As many names as one sweep takes, which nobody ever sends, and all of them before any other."""

    def ask(tx: Tx) -> None:
        for number in range(inbound.REPLAYED_AT_ONCE):
            order = {"lines": [{"line": "1", "item": f"A-{number:03}", "quantity": 1}]}
            inbound.accept(
                tx, source="old", id=f"{number}", type="order.release", subject=f"OLD-{number}", version=1,
                body=json.dumps(order).encode(),
            )  # fmt: skip

    database.do(ask)


def test_names_nobody_ever_sends_hide_nothing_that_is_there(database: Database) -> None:
    unheard_of(database)
    give(database, "1", "order.release", "7", lines=tea())
    for kind in ("order.cancel", "purchase_order.cancel", "asn.cancel", "rma.cancelled", "transfer.cancel"):
        assert "is not known yet" in give(database, kind, kind, "ZZ", 2)
    assert "is not known yet" in give(database, "8", "stock.release", "ZZ", 2)
    assert database.do(inbound.sweep) == 0
    here = {
        item: {"code": "TEA"}, sales_order: {"code": "ZZ"}, purchase_order: {"code": "ZZ"}, asn: {"code": "ZZ"},
        rma: {"code": "ZZ"}, transfer: {"code": "ZZ"}, lot_hold: {"id": "ZZ", "item": "TEA", "lot": "L1"},
    }  # fmt: skip
    for table, row in here.items():
        database.do(lambda tx, table=table, row=row: tx.run(table.insert().values(**row)))  # type: ignore[misc]
    assert inbound.sweep_gently(database) == 7
    assert inbound.sweep_gently(database) == 0
    still = [name for state, name in look(database, inbox.c.state, inbox.c.missing) if state == "dead" and name]
    assert len(still) == inbound.REPLAYED_AT_ONCE


def test_the_count_of_an_item_of_which_there_is_nothing_is_refused_once_and_for_all(database: Database) -> None:
    def ask(id: str, kind: str) -> tuple[str, str, str]:
        body = json.dumps({"item": "TEA"}).encode()
        answer = database.do(
            lambda tx: inbound.accept(tx, source="erp", id=id, type=kind, subject=f"C-{id}", body=body)
        )
        return answer.state, answer.code, answer.missing

    nowhere = "The books have TEA nowhere, and no pick face is its own: there is no place to count."
    assert ask("1", "count.request") == ask("2", "adjustment.request") == ("dead", "waits", "item TEA")
    give(database, "3", "item.upsert", "TEA")
    assert ask("1", "count.request") == ask("2", "adjustment.request") == ("dead", "nothing_to_count", "")
    assert ask("4", "count.request") == ("dead", "nothing_to_count", "")
    assert {words for state, words in look(database, inbox.c.state, inbox.c.sentence) if state == "dead"} == {nowhere}
    assert database.do(inbound.sweep) == 0, "it waits for nothing"


def test_who_names_a_partner_nobody_told_us_hears_so_and_waits_for_nothing(database: Database) -> None:
    give(database, "1", "item.upsert", "TEA")
    assert give(database, "2", "order.release", "7", customer="C-1", lines=tea()) == "applied: Order 7 is released."
    give(database, "3", "party.upsert", "S-1", kind="supplier", name="Tea Traders")
    assert give(database, "4", "order.release", "8", customer="C-1", lines=tea()) == "applied: Order 8 is released."
    assert give(database, "5", "purchase_order.upsert", "P-1", supplier="S-1", lines=tea()) == (
        "applied: Purchase order P-1 is known."
    )
    assert give(database, "6", "purchase_order.upsert", "P-2", supplier="S-2", lines=tea()) == (
        "applied: Purchase order P-2 is known. Supplier S-2 is not known here."
    )
    assert look(database, purchase_order.c.code, purchase_order.c.supplier) == [("P-1", "S-1"), ("P-2", "S-2")]


def test_a_running_house_sweeps_by_itself_and_goes_on_after_a_round_that_failed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "SWEEP_EVERY_S", 0.05)
    swept, sweep_gently = 0, inbound.sweep_gently

    def failing_once(db: Database) -> int:
        nonlocal swept
        swept += 1
        if swept == 1:
            raise Busy()
        return sweep_gently(db)

    monkeypatch.setattr(inbound, "sweep_gently", failing_once)
    for number in range(inbound.BETWEEN_SCANS + 5):
        give(database, str(number), "order.release", f"O-{number}", lines=tea())
    app = main.build(Settings(database=database.url), end=False)
    database.close()
    with TestClient(app):
        home = app.state.house.db
        home.do(lambda tx: tx.run(item.insert().values(code="TEA")))
        until(lambda: len(look(home, sales_order.c.code)) == inbound.BETWEEN_SCANS + 5, "all letters are applied")
        assert {state for (state,) in look(home, inbox.c.state)} == {"applied"}


# ── the push door ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_only_a_fresh_and_true_signature_opens_the_door() -> None:
    body = b'{"id": "1"}'
    seal = signing.seal("secret", body)
    doors.check_signature("secret", body, seal[signing.TIMESTAMP], seal[signing.SIGNATURE])
    old = signing.seal("secret", body, int(time.time()) - 301)
    for secret, sent, stamp in (
        ("other", body, seal),
        ("secret", body + b" ", seal),
        ("secret", body, old),
        ("", body, seal),
    ):
        with pytest.raises(doors.BadSignature):
            doors.check_signature(secret, sent, stamp[signing.TIMESTAMP], stamp[signing.SIGNATURE])


def test_a_push_is_one_event_or_a_list_and_anything_else_is_refused() -> None:
    event = {"specversion": "1.0", "id": "1", "source": "erp", "type": "item.upsert", "subject": "TEA", "data": {}}
    assert [getattr(e, "id", "") for e in envelopes.read_events(json.dumps(event).encode())] == ["1"]
    assert len(envelopes.read_events(json.dumps([event] * 100).encode())) == 100
    for body in (
        json.dumps([event] * 101).encode(),
        b"",
        b"[" * 90_000,
        b"7 ",
        b"\xff",
        b'[{"id": "1"}, ',
    ):
        with pytest.raises(envelopes.BadEnvelope):
            envelopes.read_events(body)


def test_every_event_of_a_push_gets_its_own_answer_in_order(database: Database) -> None:
    batch = [
        event("1", "order.release", "7", lines=tea()),
        event("2", "item.upsert", "TEA"),
        event("1", "order.release", "8", lines=tea()),
        event("3", "order.hold", "7"),
    ]
    answers = asyncio.run(doors.push(database, f"[{','.join(batch)}]".encode()))
    assert [(answer.id, answer.state) for answer in answers] == [
        ("1", "dead"),
        ("2", "applied"),
        ("1", "refused"),
        ("3", "same"),
    ]
    assert look(database, sales_order.c.code, sales_order.c.state) == [("7", "pool")]


# ── the folder ───────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def folder(tmp_path: Path) -> Path:
    drop = tmp_path / "drop"
    drop.mkdir()
    return drop


def event(id: str, type: str, subject: str, **data: Any) -> str:
    return json.dumps({"id": id, "source": "erp", "type": type, "subject": subject, "version": 1, "data": data})


def drop(folder: Path, name: str, *lines: str, checksum: str = "") -> None:
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / f"{name}.done").write_text(checksum, encoding="ascii")


def test_a_finished_file_is_taken_in_and_put_away_with_its_report(database: Database, folder: Path) -> None:
    drop(folder, "1.jsonl", event("1", "item.upsert", "TEA"), "", event("2", "order.release", "7", lines=tea()))
    (folder / "2.jsonl").write_text(event("3", "item.upsert", "HALF-WRITTEN"), encoding="utf-8")
    [report] = doors.read_folder(database, folder)
    assert (report.file, report.applied, report.ok) == ("1.jsonl", 2, True)
    assert sorted(path.name for path in (folder / "done").iterdir()) == ["1.jsonl", "1.jsonl.done", "1.jsonl.report"]
    assert look(database, item.c.code) == [("TEA",)]
    drop(folder, "1.jsonl", event("1", "item.upsert", "TEA"), event("2", "order.release", "7", lines=tea()))
    [again] = doors.read_folder(database, folder)
    assert (again.applied, look(database, inbox.c.id)) == (2, [("1",), ("2",)])


def test_a_broken_line_is_named_and_the_others_are_taken(database: Database, folder: Path) -> None:
    drop(folder, "1.jsonl", "not json", event("1", "item.upsert", "TEA"), "x" * (envelopes.MOST_BODY + 10))
    [report] = doors.read_folder(database, folder)
    assert [words.split(":")[0] for words in report.unread] == ["Line 1", "Line 3"]
    assert look(database, item.c.code) == [("TEA",)]
    answers = (folder / "failed" / "1.jsonl.report").read_text(encoding="utf-8").splitlines()[1:]
    assert [json.loads(answer)["state"] for answer in answers] == ["refused", "applied", "refused"]
    assert look(database, turned_away.c.source, turned_away.c.message, turned_away.c.code) == [
        ("1.jsonl", "line 1", "bad_file"), ("1.jsonl", "line 3", "bad_file"),
    ]  # fmt: skip


def test_a_file_in_another_encoding_is_seen_at_the_desk_and_its_other_lines_are_taken(
    database: Database, folder: Path
) -> None:
    bad = event("1", "item.upsert", "TEA", name="Käse").replace("\\u00e4", "ä").encode("latin-1")
    (folder / "1.jsonl").write_bytes(b"\n".join([bad] * 30 + [event("2", "item.upsert", "MUG").encode()]))
    (folder / "1.jsonl.done").touch()
    [report] = doors.read_folder(database, folder)
    assert (len(report.unread), report.applied) == (30, 1)
    kept = look(database, turned_away.c.sentence, turned_away.c.body)
    assert (len(kept), bytes(kept[0][1])) == (doors.MOST_KEPT, bad + b"\n"), "the rest is in the report"
    with database.reading() as tx:
        [alarm] = alarms.of_house(tx, 10)
        assert (alarm.code, alarm.sentence) == (
            "turned_away", "1 file of the ERP could not be read whole since yesterday.",
        )  # fmt: skip
        with clock.frozen(clock.now() + 25 * clock.HOUR):
            assert alarms.of_house(tx, 10) == []


def test_a_file_whose_checksum_differs_is_not_touched(database: Database, folder: Path) -> None:
    drop(folder, "1.jsonl", event("1", "item.upsert", "TEA"), checksum="0" * 64)
    [report] = doors.read_folder(database, folder)
    assert report.unread == ("The checksum in the done-file does not fit; nothing was taken.",)
    assert look(database, item.c.code) == []
    assert look(database, turned_away.c.code, turned_away.c.source, turned_away.c.sentence) == [
        ("bad_file", "1.jsonl", *report.unread)
    ]
    line = event("2", "item.upsert", "MUG")
    drop(folder, "2.jsonl", line, checksum=hashlib.sha256(f"{line}\n".encode()).hexdigest())
    assert doors.read_folder(database, folder)[0].ok
