"""Finds a Chromium for the browser tests, or installs Debian's when we are root; otherwise says in one sentence what to do.

Order: PICKFACE_CHROMIUM, Playwright's own download, the PATH, `apt-get install chromium` as root.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path


def find_chromium() -> str | None:
    """Path of a usable Chromium, or None."""
    if named := os.environ.get("PICKFACE_CHROMIUM"):
        return named if Path(named).exists() else None
    downloads = Path.home() / ".cache" / "ms-playwright"
    for candidate in sorted(downloads.glob("chromium-*/chrome-linux*/chrome"), reverse=True):
        return str(candidate)
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    return None


def install_chromium() -> str | None:
    """Try Debian's package, which only root may install."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return None
    subprocess.run(["apt-get", "update", "-q"], check=False, stdout=subprocess.DEVNULL)
    subprocess.run(
        ["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"],
        check=False,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
    )
    return find_chromium()


def main() -> int:
    path = find_chromium() or install_chromium()
    if path is None:
        print(
            "No Chromium for the browser tests: install it (as root: apt-get install chromium) "
            "or set PICKFACE_CHROMIUM to its path.",
            file=sys.stderr,
        )
        return 1
    print(f"Browser tests use {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
