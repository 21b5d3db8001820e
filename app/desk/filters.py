"""What the filters of all lists share: one left empty lets everything through, and what somebody searches for is text.

A `%` typed into a search box is a letter, never a pattern.
"""

from typing import Any

from sqlalchemy import ColumnElement, bindparam, or_


def any_or(name: str, column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whatever stands in the column where the value `name` is empty, else only that."""
    return or_(bindparam(name) == "", column == bindparam(name))


def letters(text: str) -> str:
    r"""For a LIKE whose escape is `\`: its wildcards are letters here."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
