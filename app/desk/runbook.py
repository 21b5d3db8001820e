"""The runbook: for each alarm what it means, what the floor may go on doing, and what to do, in that order.

Written once, here: the desk draws it at `/desk/runbook`, and `python -m app.desk.runbook > docs/runbook.md` writes it for
whoever reads on paper. It is read at two in the morning by somebody who did not build this, so it names keys and pages,
not parts.
"""

import sys

import msgspec

HEAD = """# Runbook

For each alarm of the integration monitor: what it means, what the floor may go on doing, what to do. The same text is at
the desk (`/desk/runbook`), one click from each alarm. Written by `python -m app.desk.runbook`; change it there.

Whatever rings here, the floor scans on: the journal keeps every event until each ERP has said that it has it.
"""


class Chapter(msgspec.Struct, frozen=True, kw_only=True):
    code: str  # of the alarm
    title: str
    means: str
    floor: str
    steps: tuple[str, ...]


RUNBOOK = (
    Chapter(
        code="late",
        title="The ERP is behind",
        means="The oldest event the ERP has not accepted is older than five minutes (a setting of the connector).",
        floor="Everything. Only what the ERP shows is old: shops may sell what has just been picked.",
        steps=(
            "Open the connector's page. Is it draining (events a second above 0)? Then wait and look again.",
            "If its circuit is open, go on at “The ERP does not answer”.",
            "If a dead letter or a warning holds the oldest event, decide that one; only its document waits.",
        ),
    ),
    Chapter(
        code="very_late",
        title="The ERP is far behind",
        means="The same for an hour (a setting of the connector). It is a case with an owner.",
        floor="Everything. Nobody should promise stock from the ERP's figures until it has caught up.",
        steps=(
            "Do what “The ERP is behind” says.",
            "Call whoever runs the ERP, with the last answer from the connector's page, word for word.",
            "Tell the shops that stock is old. When the ERP is back it catches up by itself, a day in minutes.",
        ),
    ),
    Chapter(
        code="circuit",
        title="The ERP does not answer",
        means="Five tries in a row had no answer. It is tried again by itself, at most a minute apart.",
        floor="Everything. Nothing is lost and nothing is sent twice: before the next offer the ERP is asked what it has.",
        steps=(
            "Read the last answer on the connector's page: nobody there, a wrong signature, or the ERP's own trouble?",
            "“Does not accept our signature”: compare the secret on both sides, then the clocks; five minutes apart is too much.",
            "Mended? Press “Try now” instead of waiting for the next try.",
        ),
    ),
    Chapter(
        code="unasked",
        title="Nobody can ask the ERP what it wants",
        means="It is asked every five seconds for orders, items and changes, and gave no answer for five minutes (a setting).",
        floor="Everything that is here already. What was ordered or called off there meanwhile is not known yet.",
        steps=(
            "Read the sentence beside the alarm: nobody there, a key that ran out, a right its user has lost?",
            "Have it mended there. It is asked on from where it was; nothing is left out, however long it took.",
            "Before a truck leaves, ask the office whether one of its orders was called off meanwhile.",
        ),
    ),
    Chapter(
        code="stopped",
        title="Nobody tells the ERP anything",
        means="The follower of this connector ended with the database, or stumbles over a fault of ours each time.",
        floor="Everything, as long as scans are answered.",
        steps=(
            "Restart Pickface (the service unit, or the container). It goes on where it stood.",
            "If it stumbles again, keep the sentence on the page and the server's log, and call the maker.",
        ),
    ),
    Chapter(
        code="paused",
        title="The connector is paused",
        means="A person paused it, or it paused itself after a thousand rejections, when the mapping must be wrong.",
        floor="Everything. The ERP hears nothing until somebody resumes it.",
        steps=(
            "The log on the connector's page says who paused it, and why.",
            "After a thousand rejections: mend the mapping or the ERP's master data first, then resume, then replay all.",
            "Otherwise press “Go on”.",
        ),
    ),
    Chapter(
        code="dead_letter",
        title="The ERP refused an event",
        means="It said no, in the words on the event's page. Later events of the same document wait behind it, in order.",
        floor="Everything. The goods are where the floor says; only the ERP does not know it yet.",
        steps=(
            "Open the event: what was offered, what was answered. Mostly an item, a lot or an account is missing there.",
            "Put it right in the ERP, then press “Replay now”. What waited behind follows by itself.",
            "Only what must never reach the ERP is discarded: with a reason, and by two people. Stock differs from then on.",
        ),
    ),
    Chapter(
        code="warning",
        title="The ERP warns",
        means="It would take the event if a person says so: more than was ordered, a closed period, a negative stock there.",
        floor="Everything. Later events of the same document wait.",
        steps=(
            "Read the warning, and look at the document on the floor: did it happen so?",
            "It did: accept. The same event is offered again with this warning accepted, and no other.",
            "It did not, or you are not sure: decline with a reason. It is a dead letter then, and two people decide.",
        ),
    ),
    Chapter(
        code="drift",
        title="Stock differs and no event explains it",
        means="The last reconciliation found a difference that is neither unsent, in flight, refused nor discarded.",
        floor="Everything but promising the items named: they may be fewer than one of the two believes.",
        steps=(
            "The connector's page names item, lot, status and the last event of it that both have.",
            "“Never had event N”: the ERP lost it (a restore?). Press “Replay from” N; what it has is not booked twice.",
            "Otherwise count the item. Right here: the ERP's people correct theirs. Wrong here: approve the count, it is told.",
            "Never change a balance by hand on either side. Reconcile again; the case closes itself.",
        ),
    ),
    Chapter(
        code="not_compared",
        title="The last reconciliation came to nothing",
        means="The ERP did not answer when it was asked for its stock. By night it is asked again every half hour, six times.",
        floor="Everything.",
        steps=("Press “Reconcile now” on the connector's page when the ERP answers again.",),
    ),
    Chapter(
        code="night_missed",
        title="A night passed without a reconciliation",
        means="From two o'clock to six the ERP's stock was compared with the floor's by nobody, and by nobody since.",
        floor="Everything. Whether the two have drifted apart is not known just now.",
        steps=(
            "Read the sentence beside the alarm: it says what the ERP answered, if it was asked.",
            "Is the ERP closed at night (a backup, a restart)? Have that moved out of the hours from two to half past four.",
            "Press “Reconcile now” on the connector's page. A comparison that comes to something ends the alarm.",
            "“Nobody tried”: restart Pickface, keep the server's log, and call the maker.",
        ),
    ),
    Chapter(
        code="inbox_folder",
        title="The inbox folder is shut",
        means="For five minutes Pickface could not read what the ERP drops there, or could not put it away afterwards.",
        floor="Everything that is here already. Orders and changes that lie in the folder are not known yet.",
        steps=(
            "The alarm names the folder or the file, the user Pickface runs as, and the right that user lacks.",
            "The folder itself, done/ and failed/ in it: that user must be able to read, write in and enter each.",
            "A single file: the ERP wrote it for itself alone. Have it write files its group can read; the others are taken.",
            "A network drive: is it there, is it mounted to be written on, is it full?",
            "Nothing need be dropped again: what lies there is taken in seconds after, and nothing of it twice.",
        ),
    ),
    Chapter(
        code="shop_feed",
        title="Shops are not told of the stock",
        means="The stock was not read for thirty seconds. Shops are answered 503 (`stock_is_old`) and should sell nothing.",
        floor="Everything. Orders that shops have sold already come in and are picked as ever.",
        steps=(
            "Right after a start of a large house: wait a minute, all of the stock is read once.",
            "Read the sentence beside the alarm: is the database away or slow? Have that mended; it reads on by itself.",
            "If it stays, restart Pickface; if it comes again, keep the sentence and the server's log, and call the maker.",
            "Ask the shops whether they stopped. One that sold on its last figures may have sold what is gone.",
        ),
    ),
    Chapter(
        code="work_fails",
        title="Something the house does by itself is not done",
        means="The work named in the alarm has failed each time for five minutes, or began half an hour ago and never ended.",
        floor="Everything. Only what the work would have done stays undone: a count that falls due, a case that escalates.",
        steps=(
            "Read the sentence beside the alarm: a disk that is full, a file without rights, a database that is slow?",
            "Mend that. The work is tried again by itself, and makes up for what it missed; the alarm goes when it succeeds.",
            "It hangs, or the sentence names a fault of ours: restart Pickface, keep the server's log, and call the maker.",
        ),
    ),
    Chapter(
        code="inbox",
        title="Messages of the ERP could not be taken in",
        means="An order, an item or a change cannot be understood or is not possible any more. It was answered so.",
        floor="Everything; an order that could not be taken in is simply not there.",
        steps=(
            "Open the inbox: each says in a sentence what is wrong with it.",
            "What waits for an item or an order is replayed by itself when that comes. After an hour: have that sent.",
            "Whatever else: the ERP sends it anew, mended, and the old one is discarded: with a reason, and by two people.",
        ),
    ),
    Chapter(
        code="turned_away",
        title="Somebody was turned away at the ERP's door",
        means="A push with a wrong signature, an old timestamp, too large, for another site or of a newer schema; or"
        " a file of the inbox folder that could not be read, whole or in some lines.",
        floor="Everything. Nothing of it was taken.",
        steps=(
            "The inbox page lists what was turned away, with a code and the first bytes.",
            "bad_signature right after a change of the secret: the ERP still has the old one. Out of nowhere: a stranger.",
            "newer_schema: the ERP was updated before Pickface; update, and have it sent again.",
            "bad_file: the file, or the folder of tables, lies in failed/ in the inbox folder, with its report. Have it"
            " dropped again, mended; what was read of it is not done twice.",
            "id_reused: two messages of the ERP have one id; the first was taken, the second is not known here.",
        ),
    ),
    Chapter(
        code="disk",
        title="The disk fills up",
        means="More than 80 % of the disk under the database is used. At 95 % it is a case.",
        floor="Everything, until it is full: then scans are refused and nothing is confirmed that is not kept.",
        steps=(
            "Find what grows (backups, logs, photographs, another program) and move it away.",
            "Never delete files beside the database file: -wal and -shm belong to it.",
            "A backlog is not the reason: events are kept once, however many ERPs are behind.",
        ),
    ),
    Chapter(
        code="brimful",
        title="The disk is nearly full",
        means="More than 95 % of the disk under the database is used.",
        floor="What must go out today. When it is full the server refuses scans until there is room, and loses none.",
        steps=("Make room now, as “The disk fills up” says.", "It goes on by itself; no restart is needed."),
    ),
)  # fmt: skip


def as_markdown() -> str:
    parts = [HEAD]
    for chapter in RUNBOOK:
        steps = "\n".join(f"{n}. {step}" for n, step in enumerate(chapter.steps, 1))
        parts.append(
            f"## {chapter.title}\n`{chapter.code}`\n\n**What it means.** {chapter.means}\n\n"
            f"**What the floor may go on doing.** {chapter.floor}\n\n**What to do.**\n{steps}\n"
        )
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(as_markdown())
