"""The fallback every ERP understands: files in a folder, one CloudEvent a line or a table, each with its checksum.

A batch becomes `MAIN.1.1-100.jsonl`, written aside, synced and renamed, so a half file is never seen. What it holds is
then noted in `.delivered.json`, and only after that comes `MAIN.1.1-100.done` (readable by `sha256sum -c`), the sign
that the ERP may take the file away. So a key is never dropped twice by itself: a crash before the note finds the file
still there and notes it, a crash after the note finds the note. Only what counts as untold (`sync/untold.py`) is dropped
once more, in a file of its own: `MAIN.1.5-9.again-1.jsonl`. Another server may have dropped files since we last did: what
we remember of the note counts while it is the same file.
"""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import msgspec

from app.config import ConnectorSettings
from app.errors import CannotStart
from sync.connectors.base import Answer, Applied, Duplicate, TransportError, Untold
from sync.connectors.file_formats import FORMATS
from sync.connectors.file_note import Dropped, Note
from sync.messages import Message

NOTE_FILE = ".delivered.json"
GATHER_S = 1.0  # one file a second is plenty for any importer


class FileConnector:
    kind = "file"
    way = ""
    gather_s = GATHER_S

    def __init__(self, name: str, folder: Path, format: str = "jsonl") -> None:
        self.name = name
        self._format = format
        self.address = str(folder)
        self._folder = folder
        self._dropped: Dropped | None = None  # None: look at the folder first
        self._note_was: tuple[int, int] | None = None  # the note `_dropped` was read from or written to

    @classmethod
    def of(cls, settings: ConnectorSettings) -> "FileConnector":
        if not settings.address:
            raise CannotStart(f"Connector {settings.name} needs a folder as its address.")
        options = {"format": "jsonl", **settings.options}
        if len(options) > 1 or options["format"] not in FORMATS:
            raise CannotStart(f"Connector {settings.name} has one option, format: {' or '.join(FORMATS)}.")
        return cls(settings.name, Path(settings.address), options["format"])

    def post(self, batch: Sequence[Message]) -> list[Answer]:
        try:
            dropped = self._noted()
            known = {message.key for message in batch if message.key in dropped}
            fresh = [message for message in batch if message.key not in known]
            if fresh:
                self._dropped = None  # until the drop is whole, trust the folder, not our memory
                self._drop(fresh, dropped)
                self._remember(dropped)
        except OSError as problem:
            raise self._trouble(problem) from None
        return [Duplicate() if message.key in known else Applied() for message in batch]

    def lookup(self, keys: Sequence[str]) -> set[str]:
        self._dropped = None  # who asks is in doubt
        try:
            dropped = self._noted()
        except OSError as problem:
            raise self._trouble(problem) from None
        return {key for key in keys if key in dropped}

    def forget(self, untold: Sequence[Untold]) -> None:
        try:
            dropped = self._noted()
            self._dropped = None
            if dropped.forget(untold):
                self._place(self._folder / NOTE_FILE, dropped.written())
                self._remember(dropped)
        except OSError as problem:
            raise self._trouble(problem) from None

    def snapshot(self, as_of: int) -> None:
        """A folder keeps no stock."""

    def pull(self, since: str) -> None:
        """What is dropped for us is taken from `inbox_folder`."""

    def close(self) -> None:
        self._dropped = None

    def _drop(self, fresh: list[Message], dropped: Dropped) -> None:
        body = FORMATS[self._format].written(fresh)
        stem = quote(dropped.name(fresh), safe="")
        path = self._folder / f"{stem}.{self._format}"
        self._place(path, body)
        for message in fresh:
            dropped.add(message.key)
        self._finish(path, body, dropped)

    def _finish(self, path: Path, body: bytes, dropped: Dropped) -> None:
        self._place(self._folder / NOTE_FILE, dropped.written())
        seal = f"{hashlib.sha256(body).hexdigest()}  {path.name}\n"
        self._place(path.with_suffix(".done"), seal.encode())

    def _noted(self) -> Dropped:
        """What was dropped so far, after finishing what a crash left half done."""
        if self._dropped is not None and self._note_was == self._note_is():
            return self._dropped
        self._folder.mkdir(parents=True, exist_ok=True)
        for half in self._folder.glob("*.part"):
            half.unlink()
        note = self._folder / NOTE_FILE
        try:
            dropped = Dropped.read(note.read_bytes())
        except FileNotFoundError:
            dropped = Dropped(Note(dropped={}))
        except msgspec.DecodeError:
            raise TransportError(
                f"{note} was changed by somebody and cannot be read: restore it, else events could be dropped twice.",
                permanent=True,
            ) from None
        for path in sorted(self._folder.iterdir()):
            written = FORMATS.get(path.suffix.removeprefix("."))
            if written is not None and not path.with_suffix(".done").exists():
                body = path.read_bytes()
                for key in written.keys(body):
                    dropped.add(key)
                self._finish(path, body, dropped)
        self._remember(dropped)
        return dropped

    def _remember(self, dropped: Dropped) -> None:
        self._dropped, self._note_was = dropped, self._note_is()

    def _note_is(self) -> tuple[int, int] | None:
        """Each note is a new file."""
        try:
            found = (self._folder / NOTE_FILE).stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns

    def _place(self, path: Path, body: bytes) -> None:
        """Write aside, sync, rename, sync the folder: after this the file is there whole, or not at all."""
        aside = path.with_name(f"{path.name}.part")
        with open(aside, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        aside.rename(path)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _trouble(self, problem: OSError) -> TransportError:
        return TransportError(
            f"The folder {self.address} cannot be written: {problem.strerror or problem}.",
            permanent=isinstance(problem, (PermissionError, NotADirectoryError)),
            raw=str(problem),
        )
