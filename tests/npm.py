"""One file out of an npm package, fetched once into `var/npm` and checked by its hash: what only the tests need.

Nothing of it is shipped. Where npm is missing there is None, and the test that wanted it says so.
"""

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

KEPT = Path(__file__).parents[1] / "var" / "npm"
FETCH_S = 120


def fetched(package: str, version: str, sha256: str, member: str, name: str) -> Path | None:
    """`member` of the package as `var/npm/<name>`; None where it is not there and cannot be fetched."""
    kept = KEPT / name
    npm = shutil.which("npm")
    if kept.is_file() or npm is None:
        return kept if kept.is_file() else None
    with tempfile.TemporaryDirectory() as folder:
        asked = [npm, "pack", "--silent", "--pack-destination", folder, f"{package}@{version}"]
        if subprocess.run(asked, capture_output=True, timeout=FETCH_S, check=False, cwd=folder).returncode:
            return None
        [tgz] = Path(folder).glob("*.tgz")
        packed = tgz.read_bytes()
        assert hashlib.sha256(packed).hexdigest() == sha256, f"{package} {version} is not what it was"
        with tarfile.open(tgz) as archive:
            file = archive.extractfile(member)
            assert file is not None
            content = file.read()
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=kept.parent, delete=False) as part:
        part.write(content)
    Path(part.name).replace(kept)  # two runs at once both end with the whole file
    return kept
