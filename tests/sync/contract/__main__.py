"""`python -m tests.sync.contract`: write the table of connector × fault to docs/connectors.md."""

from pathlib import Path

from tests.sync.contract import page

PAGE = Path(__file__).parents[3] / "docs" / "connectors.md"

if __name__ == "__main__":
    PAGE.write_text(page.text(), encoding="utf-8")
    print(f"Written: {PAGE}")
