"""A disk that can be full: a file system of a few megabytes, so that writing to it fails as it does in a warehouse.

Mounting one takes root. Where that is not ours the folder is an ordinary one, and filling it ends the test with the reason.
"""

import contextlib
import shutil
import subprocess
from pathlib import Path

import pytest

MIB = 16


class SmallDisk:
    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self._filler = folder / "filler"
        mount = ["mount", "-t", "tmpfs", "-o", f"size={MIB}m", "tmpfs", str(folder)]
        self._why_not = subprocess.run(mount, capture_output=True, text=True, check=False).stderr.strip()

    def fill(self) -> None:
        if self._why_not:
            pytest.skip(f"No small disk can be mounted here: {self._why_not}")
        free = shutil.disk_usage(self.folder).free
        with self._filler.open("wb", buffering=0) as filler, contextlib.suppress(OSError):
            filler.write(bytes(free + MIB))
        assert shutil.disk_usage(self.folder).free == 0

    def clear(self) -> None:
        self._filler.unlink(missing_ok=True)

    def close(self) -> None:
        if not self._why_not:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=False)
