"""The ERP hears of everything exactly once and in order, whatever happens on the way; each fault by itself: `contract`."""

import threading
import time
from pathlib import Path

import pytest

from app.stock.events import Adjusted
from app.stock.slots import Slot
from sync import connector_log
from sync.approvals import NotAsked
from sync.dead_letters import NotADeadLetter, NotProposed, ReasonMissing, SecondPersonNeeded
from sync.delivery import Batch
from tests.sync.sink import House, Sink, house, moved, opened, received, until


def drained(floor: House) -> None:
    until(floor.drained, "the backlog drains")


def test_a_confirmed_scan_reaches_the_ledger_at_once(floor: House, sink: Sink) -> None:
    waited = []
    for number in range(1, 4):
        drained(floor)
        time.sleep(0.1)
        start = time.monotonic()
        floor.post(received(str(number), "MUG", 12))
        until(lambda number=number: sink.stock() == {"MUG available": 12 * number}, "the ledger hears")  # type: ignore[misc]
        waited.append(time.monotonic() - start)
    assert min(waited) < 0.5  # rung awake, not polled once a second
    drained(floor)
    state = floor.state()
    assert state.sentence == "Everything up to event 3 is accepted."
    assert (state.sent, state.duplicates, state.oldest_unsent_s, state.circuit) == (3, 0, 0, "closed")


def test_on_hand_follows_status_and_correction(floor: House, sink: Sink) -> None:
    here = Slot(location="A-01")
    floor.post(opened("MUG", 10), moved("MUG", 4))
    floor.post(Adjusted(item="MUG", slot=here, change=-1, reason="broken", approver="2001"))
    drained(floor)
    assert sink.stock() == {"MUG available": 9}


def test_a_ledger_that_is_away_is_told_in_words_while_the_floor_goes_on(floor: House, sink: Sink) -> None:
    sink.kill()
    floor.post(received("1", "MUG"))
    until(lambda: floor.state().state == "waiting", "it is noticed")
    floor.post(received("2", "MUG"))
    state = floor.state()
    assert state.sentence.startswith(f"Nobody answers at {sink.url}. 2 events wait, none is lost;")
    assert state.failed >= 1
    sink.start()
    floor.erp.retry_now("ERP")
    drained(floor)
    until(lambda: floor.state().state == "sending", "it is said")
    assert sink.seqs() == [1, 2]


def test_a_poison_event_parks_its_document_only(floor: House, sink: Sink) -> None:
    sink.fail(unknown_items=["GHOST"])
    floor.post(received("A", "GHOST"), received("A", "MUG"), received("B", "MUG"), received("A", "CAP"))
    until(lambda: floor.letters() == [1], "a dead letter")
    floor.post(received("A", "MUG"), received("C", "MUG"))
    until(lambda: sink.seqs() == [3, 6], "the others go on")
    until(lambda: floor.letters("parked") == [2, 4, 5], "its document waits")
    state = floor.state()
    assert state.sentence.endswith("1 dead letter holds 3 later events of the same documents.")
    until(lambda: floor.state().sentence.startswith("All else up to event "), "what is parked is on no way")
    with floor.db.reading() as tx:
        (letter,) = floor.erp.letters(tx, "ERP")
        assert (letter.document, letter.answer) == ("po A", "Item GHOST is not known here.")
        assert '"item":"GHOST"' in floor.erp.request(tx, "ERP", letter.seq)

    floor.erp.replay("ERP", 1, by="2001")  # nothing was put right: it comes back, and its document still waits
    until(lambda: _attempts(floor, 1) == 2, "it was offered again")
    assert (floor.letters(), floor.letters("parked")) == ([1], [2, 4, 5])

    sink.fail()  # now the ERP knows the item
    floor.erp.replay("ERP", 1, by="2001")
    until(lambda: sink.seqs() == [3, 6, 1, 2, 4, 5], "the document follows in order")
    floor.post(received("A", "MUG"))
    until(lambda: sink.seqs()[-1] == 7, "and goes on as ever")
    until(lambda: (floor.letters(), floor.letters("parked"), floor.letters("waiting")) == ([], [], []), "all settled")


def _attempts(floor: House, seq: int) -> int:
    with floor.db.reading() as tx:
        return max((one.attempts for one in floor.erp.letters(tx, "ERP") if one.seq == seq), default=0)


def test_a_dead_letter_is_discarded_by_two_people_with_a_reason(floor: House, sink: Sink) -> None:
    sink.fail(unknown_items=["GHOST"])
    floor.post(received("A", "GHOST"), received("A", "MUG"))
    until(lambda: floor.letters() == [1], "a dead letter")
    with pytest.raises(NotProposed):
        floor.erp.second_discard("ERP", 1, by="2002")
    with pytest.raises(ReasonMissing):
        floor.erp.propose_discard("ERP", 1, "  ", by="2001")
    floor.erp.propose_discard("ERP", 1, "Test label, never real goods", by="2001")
    with pytest.raises(SecondPersonNeeded) as refused:
        floor.erp.second_discard("ERP", 1, by="2001")
    assert refused.value.sentence == "2001 proposed to discard event 1; somebody else must second it."
    assert floor.letters() == [1]
    floor.erp.second_discard("ERP", 1, by="2002")
    until(lambda: sink.seqs() == [2], "its document goes on")
    with floor.db.reading() as tx:
        (letter,) = floor.erp.letters(tx, "ERP", "discarded")
    assert (letter.reason, letter.decided_by, letter.seconded_by) == ("Test label, never real goods", "2001", "2002")
    with pytest.raises(NotADeadLetter):
        floor.erp.replay("ERP", 1, by="2001")


def test_a_warning_of_the_erp_waits_for_a_supervisor_and_is_never_skipped(floor: House, sink: Sink) -> None:
    sink.fail(doubtful_items=["GOLD"])
    floor.post(received("A", "GOLD", 500), received("A", "MUG"), received("B", "MUG"))
    until(lambda: floor.letters("asks") == [1], "the ERP asks")
    until(lambda: sink.seqs() == [3], "the others go on")
    assert floor.letters("parked") == [2]
    assert floor.state().sentence.endswith("1 warning holds 1 later events of the same documents.")
    floor.erp.retry_now("ERP")
    floor.erp.replay_all("ERP", by="2001")
    floor.restart()
    time.sleep(0.3)
    assert (floor.letters("asks"), sink.seqs()) == ([1], [3])  # nothing but a person moves it

    floor.erp.decline("ERP", 1, "Nobody bought 500", by="2001")
    assert floor.letters() == [1]
    with pytest.raises(NotAsked):
        floor.erp.approve("ERP", 1, by="2001")
    floor.erp.replay("ERP", 1, by="2001")
    until(lambda: floor.letters("asks") == [1], "offered again it is asked again")
    floor.erp.approve("ERP", 1, by="2001")
    until(lambda: sink.seqs() == [3, 1, 2], "accepted, its document follows in order")
    until(lambda: floor.letters("accepted") == [1], "and that is written down")
    with floor.db.reading() as tx:
        told = [(note.what, note.worker) for note in reversed(connector_log.of(tx, "ERP", 1))]
    assert told == [
        ("asks", ""), ("declined", "2001"), ("replayed", "2001"), ("asks", ""), ("approved", "2001"), ("accepted", ""),
    ]  # fmt: skip


def test_what_was_not_taken_keeps_its_request_and_answer_as_they_were(floor: House, sink: Sink) -> None:
    sink.fail(unknown_items=["GHOST"])
    floor.post(received("A", "GHOST"))
    until(lambda: floor.letters() == [1], "a dead letter")
    with floor.db.reading() as tx:
        (letter,) = floor.erp.letters(tx, "ERP")
        assert letter.request == floor.erp.request(tx, "ERP", 1)
    assert letter.raw == '{"id":"MAIN.1.1","outcome":"rejected","reason":"Item GHOST is not known here.","warning":""}'


def test_going_back_tells_nothing_twice_and_everything_a_ledger_lost(floor: House, sink: Sink) -> None:
    floor.post(*[received(str(number), "MUG") for number in range(10)])
    drained(floor)
    floor.erp.replay_from("ERP", 4, by="2001")
    until(lambda: floor.state().duplicates == 7, "seven are known")
    assert sink.stock() == {"MUG available": 10}
    sink.kill()
    for path in sink.database.parent.glob("central.db*"):
        path.unlink()
    sink.start()
    floor.erp.replay_from("ERP", 1, by="2001")
    until(lambda: sink.stock() == {"MUG available": 10}, "the new ledger is whole")
    assert sink.seqs() == list(range(1, 11))


def test_going_back_past_a_dead_letter_keeps_its_document_in_order(floor: House, sink: Sink) -> None:
    sink.fail(unknown_items=["GHOST"])
    floor.post(received("A", "MUG"), received("A", "GHOST"), received("A", "CAP"))
    until(lambda: floor.letters() == [2], "a dead letter")
    floor.erp.replay_from("ERP", 1, by="2001")
    until(lambda: floor.state().duplicates == 1, "the first is known")
    drained_but_parked = floor.state()
    assert (drained_but_parked.dead, drained_but_parked.parked, sink.seqs()) == (1, 1, [1])


def test_a_paused_connector_sends_nothing_until_somebody_resumes_it(floor: House, sink: Sink) -> None:
    floor.erp.pause("ERP", by="2001")
    floor.post(received("1", "MUG"))
    time.sleep(0.3)
    assert sink.seqs() == []
    assert floor.state().sentence == "Paused by 2001. 1 event waits."
    floor.restart()  # a pause outlives the server
    time.sleep(0.3)
    assert sink.seqs() == []
    floor.erp.resume("ERP", by="2001")
    until(lambda: sink.seqs() == [1], "resumed")


def test_what_happens_after_a_pause_is_not_sent_though_it_was_being_read(floor: House, sink: Sink) -> None:
    follower, about_to, go_on = floor.erp.followers["ERP"], threading.Event(), threading.Event()
    read = follower._read

    def held_up(after: int) -> Batch | None:
        about_to.set()
        go_on.wait(20)
        return read(after)

    follower._read = held_up  # type: ignore[method-assign]
    follower.retry_now()
    assert about_to.wait(20)
    floor.erp.pause("ERP", by="2001")
    floor.post(received("1", "MUG"))
    go_on.set()
    time.sleep(0.3)
    assert sink.seqs() == []
    floor.erp.resume("ERP", by="2001")
    until(lambda: sink.seqs() == [1], "resumed")


def test_batches_are_halved_until_the_ledger_takes_them(floor: House, sink: Sink) -> None:
    drained(floor)
    floor.erp.pause("ERP", by="2001")
    floor.post(*[received(str(number), "MUG") for number in range(120)])
    sink.fail(most_events=30)
    floor.erp.resume("ERP", by="2001")
    drained(floor)
    assert sink.seqs() == list(range(1, 121))
    assert floor.letters() == []


def test_one_event_the_ledger_stumbles_over_does_not_stop_the_house(floor: House, sink: Sink) -> None:
    sink.fail(stumble_items=["BOMB"])
    floor.post(received("A", "MUG"), received("B", "BOMB"), received("C", "MUG"))

    def dead() -> bool:
        floor.erp.retry_now("ERP")
        return floor.letters() == [2]

    until(dead, "it is put aside after a few tries")
    until(lambda: sink.seqs() == [1, 3], "the others go on")
    with floor.db.reading() as tx:
        assert "stumbled" in floor.erp.letters(tx, "ERP")[0].answer


def test_a_restore_tells_new_events_under_new_names(floor: House, sink: Sink) -> None:
    floor.post(received("1", "MUG"))
    drained(floor)
    floor.db.do(lambda tx: tx.connection.execute("INSERT INTO site (code, epoch) VALUES ('MAIN', 2)"))
    floor.restart()
    floor.post(received("2", "MUG"))
    drained(floor)
    floor.erp.replay_from("ERP", 1, by="2001")
    drained(floor)
    assert sink.keys() == ["MAIN.1.1", "MAIN.2.2"]


def test_what_is_to_be_offered_again_outlives_a_restart(floor: House, sink: Sink) -> None:
    sink.fail(unknown_items=["GHOST"])
    floor.post(received("ghost", "GHOST"), received("ghost", "MUG"))
    until(lambda: floor.letters() == [1], "what the ledger does not know is put aside")
    floor.erp.pause("ERP", by="2001")
    floor.post(received("last", "MUG"))
    sink.fail()
    floor.erp.replay("ERP", 1, by="2001")
    floor.restart()
    floor.erp.resume("ERP", by="2001")
    until(lambda: len(sink.seqs()) == 3, "the rest is told")
    drained(floor)
    assert sink.stock() == {"GHOST available": 1, "MUG available": 2}


def test_every_document_is_told_in_order_while_the_ledger_stumbles_and_the_desk_decides(
    tmp_path: Path, sink: Sink
) -> None:
    items = ["MUG", "CAP", "GHOST", "TEE"]
    with house(tmp_path, sink.url, batch=25) as floor:
        sink.fail(unknown_items=["GHOST"])

        def scan() -> None:
            for number in range(400):
                floor.post(received(f"{number % 13}", items[number % 4]))

        scanning = threading.Thread(target=scan)
        scanning.start()
        while scanning.is_alive():
            floor.erp.replay_all("ERP", by="2001")
            floor.erp.replay_from("ERP", 1, by="2001")
            time.sleep(0.05)
        scanning.join()
        sink.fail()
        until(lambda: floor.erp.replay_all("ERP", by="2001") >= 0 and len(sink.seqs()) == 400, "all is told", 20)
        until(floor.drained, "and written down")
        lanes: dict[int, list[int]] = {}
        for seq in sink.seqs():
            lanes.setdefault((seq - 1) % 13, []).append(seq)
        assert all(lane == sorted(lane) for lane in lanes.values())
        assert floor.state().dead == 0
