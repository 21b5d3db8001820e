"""`python -m tests.contract`: write the contract, the examples and the page of messages anew, by running the floor."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from app.db import Database
from sync.contract import files, pages
from tests import engines
from tests.contract import inbox, stories

PAGE = stories.FOLDER.parent / "messages.md"
QUIET = ("-p", "no:randomly", "-p", "no:cacheprovider")


def outgoing() -> dict[str, Any]:
    """Run the stories and gather what they told."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pytest", *QUIET, *stories.nodes()]
        subprocess.run(command, check=True, env={**os.environ, stories.NOTED: folder}, cwd=stories.FOLDER.parents[1])
        return {
            type_: message
            for path in sorted(Path(folder).glob("*.json"))
            for type_, message in json.loads(path.read_text(encoding="utf-8")).items()
        }


def of_the_inbox() -> dict[str, Any]:
    """Give one floor a message of each type, and ask another what a shop may sell."""
    with tempfile.TemporaryDirectory() as folder:
        first, second = (Database(engines.fresh("sqlite", Path(folder))) for _ in range(2))
        try:
            return inbox.examples(first) | inbox.fed(second)
        finally:
            first.close()
            second.close()


def examples_made() -> dict[str, Any]:
    """All of them, by type."""
    return dict(sorted((outgoing() | of_the_inbox()).items()))


def main() -> int:
    engines.be_quick()
    examples = examples_made()
    stories.EXAMPLES.write_text(json.dumps(examples, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(pages.messages_page(examples), encoding="utf-8")
    changed = files.write(stories.FOLDER)
    print(f"{len(examples)} examples in {PAGE}; {len(changed)} files of the contract written.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
