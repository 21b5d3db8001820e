"""Whether what went to somebody tells a figure of the books. The same digits in an id are chance, and tell nothing."""

import re


def tells(said: bytes, figure: int) -> bool:
    return re.search(rb"(?<![0-9A-Fa-f-])%d(?![0-9A-Fa-f-])" % figure, said) is not None
