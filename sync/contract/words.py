"""What a field means, in the words that stand behind it in the source: `pack: int = 1  # base units in the unit scanned`.

So there is one place for it, beside the field, and whoever reads the schema reads the same as whoever reads the code.
"""

import inspect
import re
import textwrap
from functools import cache
from typing import Any

OURS = ("app", "sync")
_FIELD = re.compile(r"^    (\w+): [^#]*?(?:\s#\s(?P<told>.+))?$")


@cache
def of_fields(struct: type[Any]) -> dict[str, str]:
    """The comment behind each field of a struct and of those it extends."""
    told: dict[str, str] = {}
    for one in reversed(struct.__mro__):
        if one.__module__.partition(".")[0] not in OURS:
            continue
        for line in textwrap.dedent(inspect.getsource(one)).splitlines():
            found = _FIELD.match(line)
            if found and found["told"] and found[1] in struct.__struct_fields__:
                told[found[1]] = _sentence(found["told"])
    return told


def of_struct(struct: type[Any]) -> str:
    """Its own docstring, in one line; the empty text where it has none."""
    own = struct.__doc__ if "__doc__" in vars(struct) else ""
    return " ".join(inspect.cleandoc(own).split()) if own else ""


def _sentence(told: str) -> str:
    told = told.strip()
    return told[:1].upper() + told[1:]
