"""What lies under `docs/contract`: the AsyncAPI document, a JSON Schema a message, the owners' page, and the versions so far.

`versions.json` keeps the digest of each version. So a contract that changed cannot be written under its old number.
"""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from app.errors import CannotStart
from sync.contract import VERSION, asyncapi, pages, schemas

VERSIONS = "versions.json"


@cache
def made() -> dict[str, str]:
    """By path below the folder, all that is made, but for the versions."""
    found = {"asyncapi.json": _text(asyncapi.document()), "owners.md": pages.owners_page()}
    for folder, each in (("out", schemas.outgoing()), ("in", schemas.incoming()), ("feed", schemas.feeds())):
        found |= {f"{folder}/{type_}.json": _text(schema) for type_, schema in each.items()}
    return found


def digest() -> str:
    """Of all that is promised, whatever its number."""
    document = asyncapi.document()
    del document["info"]
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def versions(folder: Path) -> dict[str, str]:
    file = folder / VERSIONS
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else {}


def write(folder: Path) -> list[str]:
    """Make the folder so; the paths that were not so before. Raises CannotStart where the number was not raised."""
    known, now = versions(folder), digest()
    if known.get(VERSION, now) != now:
        raise CannotStart(
            f"The contract is not what {VERSION} was: raise VERSION in sync/contract/__init__.py and say so in the changelog."
        )
    wanted = made() | {VERSIONS: _text(known | {VERSION: now})}
    old = {str(path.relative_to(folder)) for part in ("out", "in", "feed") for path in (folder / part).glob("*.json")}
    changed = sorted(name for name, text in wanted.items() if _read(folder / name) != text)
    for name in changed:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(wanted[name], encoding="utf-8")
    for name in sorted(old - wanted.keys()):
        (folder / name).unlink()
    return changed + sorted(old - wanted.keys())


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _text(told: Any) -> str:
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"
