"""The folder in which the ERP drops what it has for us: may we read it, and put away what was read?

Asked at each look, because nobody sees a folder without rights: listed it is simply empty, while the ERP drops on. One
file that cannot be read (the ERP wrote it for itself alone) keeps no other waiting. Whatever is wrong is raised at the
end of the look, in words for whoever looks after the server, and rings.
"""

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sync.failing import in_words

PUT_AWAY = ("done", "failed")
_RIGHTS = ((os.R_OK, "read"), (os.W_OK, "write in"), (os.X_OK, "enter"))


class FolderShut(Exception):
    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def marks(folder: Path, ending: str) -> list[Path]:
    """The done-files, by name. Raises FolderShut."""
    check(folder)
    return sorted(folder / name for name in os.listdir(folder) if name.endswith(ending))


def check(folder: Path) -> None:
    """Raises FolderShut with the folder and the right that is missing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        pass  # it is told below
    except OSError as problem:
        raise FolderShut(
            f"Pickface runs as {_user()} and cannot reach the inbox folder {folder}, nor make it: {problem.strerror}."
        ) from None
    _check_rights(folder)
    for name in PUT_AWAY:
        if os.path.lexists(folder / name):
            _check_rights(folder / name)


def _check_rights(place: Path) -> None:
    if not place.is_dir():
        raise FolderShut(f"{place} is no folder: something else of that name is in its place.")
    missing = [words for right, words in _RIGHTS if not os.access(place, right, effective_ids=True)]
    if missing:
        raise FolderShut(f"Pickface runs as {_user()}, who may not {' or '.join(missing)} {place}.")


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:  # a container without a name for it
        return f"user {os.geteuid()}"


class Stumbles:
    """What went wrong with single files of one look."""

    def __init__(self) -> None:
        self._told: list[str] = []

    @contextmanager
    def over(self, file: Path) -> Iterator[None]:
        try:
            yield
        except OSError as problem:
            self._told.append(f"{file.name} cannot be read and put away. {in_words(problem)}")

    def tell(self) -> None:
        """Raises FolderShut where there was one."""
        if self._told:
            more = len(self._told) - 1
            raise FolderShut(f"{self._told[0]}{f' {more:,} more like it.' if more else ''}")
