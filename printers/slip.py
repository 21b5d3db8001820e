"""The tokens of ESC/POS: one command, or one run of text, at a time.

`take` cuts by the lengths in the commands, so that dots of an image are never taken for a command. The virtual printer
answers questions by it, tests count commands by it, and `slip_picture` draws by it.
"""

from __future__ import annotations

from collections.abc import Iterator

CUT, DRAWER, PAPER_ASKED, STATUS_ASKED = b"\x1dV", b"\x1bp", b"\x1dr", b"\x10\x04"
PAGE_CHOSEN, CELL, PICTURE, BARS = b"\x1bt", b"\x1b*", b"\x1dv", b"\x1dk"
PAGES = {16: "cp1252", 17: "cp866", 18: "cp852"}

# Length of the whole command, where it is fixed.
_LENGTHS = {b"\x1b@": 2, b"\x1b2": 2, b"\x1bp": 5, b"\x10\x04": 3, b"\x10\x14": 5}
_LENGTHS |= {bytes([0x1B, letter]): 3 for letter in b"!-3EGJMRatd{"}
_LENGTHS |= {bytes([0x1D, letter]): 3 for letter in b"!BHfhwr"}
_LEADS = b"\x1b\x1d\x10"
_TALL = (32, 33)  # modes of ESC * with three bytes a column


def take(stream: bytes) -> bytes | None:
    """The first token of a stream, or None while it is not there whole."""
    if not stream:
        return None
    if stream[0] not in _LEADS:
        end = next((n for n, byte in enumerate(stream) if byte in _LEADS or byte == 0x0A), len(stream))
        return stream[: max(1, end)]
    if len(stream) < 2:
        return None
    length = _LENGTHS.get(stream[:2], 2)
    match stream[:2]:
        case b"\x1dV":
            length = 4 if len(stream) > 2 and stream[2] in (65, 66) else 3
        case b"\x1dk" if len(stream) > 3:
            end = stream.find(b"\0", 3)
            length = 4 + stream[3] if stream[2] >= 65 else (end + 1 if end > 0 else len(stream) + 1)
        case b"\x1dk":
            return None
        case b"\x1dv":
            if len(stream) < 8:
                return None
            length = 8 + int.from_bytes(stream[4:6], "little") * int.from_bytes(stream[6:8], "little")
        case b"\x1b*":
            if len(stream) < 5:
                return None
            length = 5 + int.from_bytes(stream[3:5], "little") * (3 if stream[2] in _TALL else 1)
    return stream[:length] if len(stream) >= length else None


def tokens(payload: bytes) -> Iterator[bytes]:
    while (token := take(payload)) is not None:
        yield token
        payload = payload[len(token) :]


def is_text(token: bytes) -> bool:
    return token[0] not in _LEADS


def is_on_paper(payload: bytes) -> bool:
    """Does anything of it leave a mark?"""
    return any(is_text(token) or token[:2] in (CELL, PICTURE, BARS) for token in tokens(payload))


def text_of(payload: bytes) -> str:
    """What is printed as text, line by line."""
    page, told = PAGES[16], list[str]()
    for token in tokens(payload):
        if is_text(token):
            told.append(token.decode(page, "replace"))
        elif token[:2] == PAGE_CHOSEN:
            page = PAGES.get(token[2], page)
    return "".join(told)
