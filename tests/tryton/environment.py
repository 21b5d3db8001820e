"""Where Tryton is installed: an environment of its own under the cache folder, one for each list of versions.

Tryton's licence is GPL-3 and its libraries are its own, so it never meets the product's environment: it is a program in
another process that the tests talk to. `PICKFACE_TEST_CACHE` names another folder than the user's cache.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
REQUIREMENTS = HERE / "requirements.txt"
MODULE = ROOT / "sync" / "connectors" / "tryton" / "module" / "pickface"
BUILD_WITHIN_S = 600
KEPT = 3  # of each kind; two working trees may need different ones


def cache() -> Path:
    named = os.environ.get("PICKFACE_TEST_CACHE")
    base = Path(named) if named else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pickface"
    base.mkdir(parents=True, exist_ok=True)
    return base


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """One builder at a time, also of several test processes."""
    with open(cache() / f"{name}.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def digest(*files: Path) -> str:
    found = hashlib.sha256(sys.version.encode())
    for file in files:
        found.update(file.name.encode() + b"\0" + file.read_bytes())
    return found.hexdigest()[:12]


def module_files() -> list[Path]:
    return sorted(file for file in MODULE.rglob("*") if file.suffix in (".py", ".xml", ".cfg"))


def programs() -> Path:
    """The folder of `trytond` and `trytond-admin`, with our module in it; installed when it is not there yet."""
    folder = cache() / f"tryton-{digest(REQUIREMENTS, *module_files())}"
    with locked("tryton"):
        if not (folder / "ready").exists():
            _install(folder)
            modules = next(folder.glob("lib/python*/site-packages/trytond/modules"))
            shutil.copytree(MODULE, modules / "pickface", ignore=shutil.ignore_patterns("__pycache__"))
            (folder / "ready").touch()
            prune("tryton-????????????")
    return folder / "bin"


def prune(pattern: str) -> None:
    """Only the newest of a kind are kept."""
    for old in sorted(cache().glob(pattern), key=os.path.getmtime)[:-KEPT]:
        shutil.rmtree(old) if old.is_dir() else old.unlink()


def _install(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    uv = shutil.which("uv") or next((str(found) for found in [ROOT / ".tools/bin/uv"] if found.exists()), "")
    python = str(folder / "bin" / "python")
    if uv:
        _run(uv, "venv", "--quiet", "--python", sys.executable, str(folder))
        _run(uv, "pip", "install", "--quiet", "--python", python, "-r", str(REQUIREMENTS))
    else:
        _run(sys.executable, "-m", "venv", str(folder))
        _run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(REQUIREMENTS))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, timeout=BUILD_WITHIN_S)
