"""`file`: a real folder, on a disk that can be full and can be taken away."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import msgspec

from app.config import ConnectorSettings
from sync.connectors.base import Connector
from sync.connectors.build import connect
from tests.sync.contract.faults import Fault
from tests.sync.contract.faulty import EVERYBODY, NAME, FaultySink
from tests.sync.contract.small_disk import SmallDisk

NO_ANSWER = "a folder gives no answer: what is written and synced is there"
NO_LINE = "there is no line between us and a folder"
NO_PROCESS = "a folder has no process of its own; ours is killed half way in the last row"
NO_OPINION = (
    "a folder takes every event; an importer that does not says so later (`event.refused`, tests/sync/test_refusals.py)"
)


class FaultyFolder(FaultySink):
    kind = "file"
    can_be_asked = False
    tested = "live: folders on a real disk, also a full one"
    plays: ClassVar[Mapping[Fault, str]] = {
        "away": r"cannot be written: (File exists|Not a directory)\.",
        "full_disk": r"cannot be written: No space left on device\.",
        **EVERYBODY,
    }
    cannot: ClassVar[Mapping[Fault, str]] = {
        "down": NO_ANSWER,
        "ill": NO_ANSWER,
        "late": NO_ANSWER,
        "lost_answer": NO_LINE,
        "nonsense": NO_ANSWER,
        "overtaken": NO_LINE,
        "twice": NO_LINE,
        "dies_after_apply": NO_PROCESS,
        "dies_after_half": NO_PROCESS,
        "clock_off": "no clock is compared: a drop is known by its numbers",
        "refuses_one": NO_OPINION,
        "stumbles_over_one": NO_OPINION,
        "cannot_read_one": NO_OPINION,
    }

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._disk = SmallDisk(folder / "disk")
        self._drop = self._disk.folder / "drop"
        self._away = self._disk.folder / "drop.away"
        self.start()

    def start(self) -> None:
        if self._away.exists():
            self._drop.unlink()
            self._away.rename(self._drop)
        self._drop.mkdir(exist_ok=True)

    def kill(self) -> None:
        """The share is taken away while somebody writes to it."""
        self._drop.rename(self._away)
        self._drop.touch()

    def close(self) -> None:
        self._disk.close()

    def settings(self, site: str) -> ConnectorSettings:
        return ConnectorSettings(name=NAME, kind="file", address=str(self._drop))

    def impatient(self, site: str) -> Connector:
        return connect(self.settings(site), site)

    def applied(self, site: str) -> list[str]:
        """What an importer may take: a drop without its done-file is not finished yet."""
        finished = [path for path in self._drop.glob(f"{site}.*.jsonl") if path.with_suffix(".done").exists()]
        files = sorted(finished, key=lambda path: path.stat().st_mtime_ns)
        return [msgspec.json.decode(line)["id"] for path in files for line in path.read_bytes().splitlines()]

    def offered(self, site: str) -> Counter[str]:
        return Counter()

    def mend(self) -> None:
        self._disk.clear()
        self.start()

    def full_disk(self) -> None:
        self._disk.fill()
