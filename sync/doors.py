"""The two doors the ERP comes through: signed pushes to `/api/inbox`, and files dropped in a folder.

Both carry CloudEvents and end in `inbound.accept`, one transaction per message, so a batch cut off in the middle is
simply sent again. A file `NAME.jsonl` (one event a line) is taken when `NAME.jsonl.done` stands beside it, holding
nothing or the file's sha-256; afterwards both lie in `done/`, or in `failed/` when a line could not be read, with
`NAME.jsonl.report` beside them: one answer a line. What could not be read is kept for the desk as well: nobody looks into
a folder at night.
"""

import hashlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from app.db import Database, Tx
from app.errors import Refusal
from sync import inbound, inbox_folder, signing, turned_away
from sync.envelopes import MOST_BODY, BadEnvelope, Envelope, Unread, read_events
from sync.inbound import Answer
from sync.rounds import Round

MOST_FILES = 50  # in one look at the folder
MOST_FILE = 64 * 1_048_576
LOOK_EVERY_S = 2.0
SWEEP_EVERY_S = 10.0
AT_ONCE = 20  # messages in one turn of the writer
MOST_KEPT = 20  # unreadable lines of one file kept for the desk; all of them are in its report
BAD_FILE = "bad_file"  # the code of a file, or a line of one, that could not be read


class BadSignature(Refusal):
    code, title, http = "bad_signature", "Not signed", 401
    says = "{reason}"


class FileReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one file. `unread` names lines that are no messages; dead letters wait in the inbox."""

    file: str
    lines: int = 0
    applied: int = 0
    same: int = 0
    stale: int = 0
    dead: int = 0
    unread: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.unread


def check_signature(secret: str, body: bytes, timestamp: str, signature: str) -> None:
    """Raises BadSignature unless `body` was sealed with our secret within five minutes of now."""
    reason = signing.why_refused(secret, body, timestamp, signature)
    if reason:
        raise BadSignature(reason=reason)


def accept_event(tx: Tx, event: Envelope | Unread) -> Answer:
    """Take one event in; one that cannot be taken is answered as well, and kept, so that a batch goes on."""
    if isinstance(event, Unread):
        turned_away.write(
            tx, event.code, event.sentence, source=event.source, message=event.id, type=event.type, body=event.body
        )
        return Answer(source=event.source, id=event.id, state="refused", sentence=event.sentence, code=event.code)
    try:
        return inbound.accept(
            tx,
            source=event.source,
            id=event.id,
            type=event.type,
            subject=event.subject,
            version=event.version,
            body=bytes(event.data),
        )
    except inbound.IdReused as refusal:
        turned_away.write(
            tx,
            refusal.code,
            refusal.sentence,
            source=event.source,
            message=event.id,
            type=event.type,
            body=bytes(event.data),
        )
        return Answer(source=event.source, id=event.id, state="refused", sentence=refusal.sentence, code=refusal.code)


async def push(db: Database, body: bytes, site: str = "") -> list[Answer]:
    """Take a signed push in, after `check_signature`; one answer per event, in order. Raises BadEnvelope."""
    return [await db.ado(lambda tx, event=event: accept_event(tx, event)) for event in read_events(body, site)]  # type: ignore[misc]


def read_folder(db: Database, folder: Path, site: str = "") -> list[FileReport]:
    """Take the complete files in, by name; then replay dead letters that no longer miss anything. Raises FolderShut."""
    reports: list[FileReport] = []
    stumbles = inbox_folder.Stumbles()
    for mark in inbox_folder.marks(folder, ".jsonl.done"):
        file = mark.with_suffix("")
        with stumbles.over(file):
            if len(reports) < MOST_FILES and file.is_file():
                report, answers = _read_file(db, file, mark, site)
                reports.append(report)
                _put_away(folder / ("done" if report.ok else "failed"), file, mark, report, answers)
    if reports:
        db.do(inbound.sweep)
    stumbles.tell()
    return reports


def rounds(db: Database, folder: str, site: str = "") -> list[Round]:
    """What is looked after while the house is open: letters that wait, and the folder where one is named."""
    found = [Round("inbox sweep", SWEEP_EVERY_S, lambda: inbound.sweep_gently(db))]
    if folder:
        look = partial(read_folder, db, Path(folder), site)
        found.append(Round("inbox folder", LOOK_EVERY_S, look, rings="inbox_folder"))
    return found


def _read_file(db: Database, file: Path, mark: Path, site: str) -> tuple[FileReport, list[Answer]]:
    wrong = _not_whole(file, mark)
    if wrong:
        size = file.stat().st_size
        db.do(lambda tx: turned_away.write(tx, BAD_FILE, wrong, source=file.name, size=size))
        return FileReport(file=file.name, unread=(wrong,)), []
    answers: list[Answer] = []
    unread: list[str] = []
    waiting: list[Envelope | Unread] = []

    def take() -> None:
        events = tuple(waiting)
        waiting.clear()
        answers.extend(db.do(lambda tx: [accept_event(tx, event) for event in events]))

    lines = 0
    for number, line in _lines(file):
        lines = number
        if not line.strip():
            continue
        try:
            for event in read_events(line, site):
                if isinstance(event, Unread):
                    unread.append(f"Line {number}: {event.sentence}")
                waiting.append(event)
        except BadEnvelope as problem:
            unread.append(f"Line {number}: {problem.sentence}")
            if len(unread) <= MOST_KEPT:
                lost = {"source": file.name, "id": f"line {number}", "body": line}
                waiting.append(Unread(code=BAD_FILE, sentence=problem.sentence, **lost))  # type: ignore[arg-type]
        if len(waiting) >= AT_ONCE:
            take()
    take()
    unread += [f"{answer.id}: {answer.sentence}" for answer in answers if answer.code == inbound.IdReused.code]
    counts: dict[str, Any] = {
        state: sum(answer.state == state for answer in answers) for state in ("applied", "same", "stale", "dead")
    }
    return FileReport(file=file.name, lines=lines, unread=tuple(unread), **counts), answers


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    """Numbered lines; of one that is too long, only so much that it is seen to be."""
    with file.open("rb") as handle:
        number = 0
        while line := handle.readline(MOST_BODY + 2):
            number += 1
            whole = line.endswith(b"\n")
            while not whole and (rest := handle.readline(MOST_BODY)):
                whole = rest.endswith(b"\n")
            yield number, line


def _not_whole(file: Path, mark: Path) -> str:
    """Why the file is not taken at all, or the empty text."""
    if file.stat().st_size > MOST_FILE:
        return f"The file is larger than {MOST_FILE // 1_048_576} MiB; send it in parts."
    with file.open("rb") as handle:
        found = hashlib.file_digest(handle, "sha256").hexdigest()
    words = mark.read_text(encoding="ascii", errors="replace")[:200].split()
    if words and words[0].lower() != found:
        return "The checksum in the done-file does not fit; nothing was taken."
    return ""


def _put_away(target: Path, file: Path, mark: Path, report: FileReport, answers: list[Answer]) -> None:
    target.mkdir(exist_ok=True)
    told = [msgspec.json.encode(report), *(msgspec.json.encode(answer) for answer in answers)]
    (target / f"{file.name}.report").write_bytes(b"\n".join(told) + b"\n")
    mark.replace(target / mark.name)
    file.replace(target / file.name)
