"""The ERP's answers by the batch: what a site reads of them is what the ERP said, event by event."""

from sync.connectors.base import Applied, Held, NeedsApproval, Rejected
from sync.connectors.nats_answers import LARGEST, ToTry, read, written
from sync.nats_line import Names

NAMES = Names.of("NORTH")


def test_answers_lie_with_their_neighbours_and_keep_their_words() -> None:
    warned = ToTry.of("NORTH.1.199", NeedsApproval(why="Too warm.", warning="W-7"))
    told = [
        ToTry.of("NORTH.1.198", Applied()),
        warned,
        ToTry.of("NORTH.1.200", Held()),
        ToTry.of("NORTH.2.199", Held()),
    ]
    messages = written(NAMES, told)
    assert [subject for subject, _ in messages] == [
        "pickface.answered.NORTH.1.1",
        "pickface.answered.NORTH.1.2",
        "pickface.answered.NORTH.2.1",
    ]
    assert messages[0][1] == (
        b'[{"id":"NORTH.1.198","outcome":"applied"},'
        b'{"id":"NORTH.1.199","outcome":"needs_approval","reason":"Too warm.","warning":"W-7"}]'
    )
    meant = read(messages[0][1])[1].meaning
    assert isinstance(meant, NeedsApproval)
    assert (meant.why, meant.warning, "Too warm." in meant.raw) == ("Too warm.", "W-7", True)


def test_a_batch_of_long_refusals_fits_into_messages_and_loses_none() -> None:
    told = [ToTry.of(f"NORTH.1.{seq}", Rejected(why="no " * 10_000)) for seq in range(100)]
    messages = written(NAMES, told)
    assert max(len(body) for _, body in messages) <= LARGEST
    assert [one for _, body in messages for one in read(body)] == told


def test_what_has_no_key_of_ours_is_told_to_nobody() -> None:
    assert written(NAMES, [ToTry.of(id_, Applied()) for id_ in ("", "x", "NORTH.1.x", "a b.1.2", "NORTH.1.²")]) == []
