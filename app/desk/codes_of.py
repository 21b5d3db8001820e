"""What a sheet of codes is made of: a group has a title, a hint what it is for, and codes with a word or two to each."""

from collections.abc import Iterable

import msgspec


class Code(msgspec.Struct, frozen=True, kw_only=True):
    text: str  # what the bars say
    words: str = ""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    hint: str
    codes: tuple[Code, ...]


def group(title: str, hint: str, pairs: Iterable[tuple[str, str]]) -> Group:
    """A group of (code, words); the same code is shown once."""
    told = dict(reversed([(text, words) for text, words in pairs]))
    codes = tuple(Code(text=text, words=words.strip()) for text, words in reversed(told.items()))
    return Group(title=title, hint=hint, codes=codes)
