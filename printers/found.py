"""Asking an address whether a label printer lives there, so gently that nothing is ever printed.

Only addresses the settings allow are tried, few at once and not many. Opening the port costs nobody paper. Asking who it
is does neither on what this house prints with: a receipt printer answers `DLE EOT` beside its text, a Zebra skips that and
answers `~HI` with its model, resolution and firmware, and only then the SGD question for its name. An office printer could
print such a line; therefore asking is a choice of whoever presses the button, and closed where only the port is wanted.
"""

import ipaddress
import re
import socket
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Literal

import msgspec

from printers import addresses
from printers.addresses import RAW_PORT, AddressRefused
from printers.printer import Reach

ASK_RECEIPT, ASK_MODEL = b"\x10\x04\x01", b"~HI\r\n"
ASK_NAME = b'! U1 getvar "device.friendly_name"\r\n'
MOST_ADDRESSES = 256
AT_ONCE = 8
CONNECT_S, ANSWER_S = 0.5, 0.7
PAUSE_S = 0.02  # before each address
MAX_ANSWER = 1024

_MODEL = re.compile(rb"\x02([^,\x03]{1,60}),([^,\x03]{1,40}),(\d{1,2}),[^\x03]{0,60}\x03")
_DPI: dict[int, Literal[203, 300, 600]] = {8: 203, 12: 300, 24: 600}


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """An address where something takes print jobs. `kind` is empty where it did not say, or was not asked, what it is."""

    host: str
    port: int
    kind: Literal["zpl", "escpos", ""] = ""
    model: str = ""
    firmware: str = ""
    dpi: Literal[203, 300, 600] = 203
    name: str = ""


def spread(wanted: str, reach: Reach, port: int = RAW_PORT) -> list[str]:
    """The addresses of `192.168.7.0/24, 192.168.8.20-40, 192.168.9.7`. Raises AddressRefused for what is not allowed."""
    hosts: list[str] = []
    for part in wanted.replace(";", ",").split(","):
        if part.strip():
            hosts += _hosts(part.strip())
        if len(hosts) > MOST_ADDRESSES:
            raise AddressRefused(f"At most {MOST_ADDRESSES} addresses are tried at once.")
    if not hosts:
        raise AddressRefused("Name an address, a range such as 192.168.7.20-40, or a network such as 192.168.7.0/24.")
    return [addresses.allowed(host, port, reach.networks, reach.ports) for host in dict.fromkeys(hosts)]


def _hosts(part: str) -> list[str]:
    try:
        if "/" in part:
            network = ipaddress.IPv4Network(part, strict=False)
            if network.num_addresses > MOST_ADDRESSES:
                raise AddressRefused(f"{part} is more than {MOST_ADDRESSES} addresses.")
            return [str(host) for host in network.hosts()]
        first, _, last = part.partition("-")
        begin = ipaddress.IPv4Address(first.strip())
        end = int(last) if last.strip() else int(begin) & 0xFF
        if not int(begin) & 0xFF <= end <= 255:
            raise ValueError
        return [str(begin + step) for step in range(end - (int(begin) & 0xFF) + 1)]
    except ValueError:
        raise AddressRefused(f"{part[:40]!r} is no address, range or network of IPv4.") from None


def probe(hosts: Sequence[str], *, port: int = RAW_PORT, ask: bool = False) -> list[Found]:
    """Those of at most 256 numeric addresses where the port is open, in order; with `ask`, what each says it is."""
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="printers-found") as together:
        tried = together.map(partial(_try, port=port, ask=ask), hosts[:MOST_ADDRESSES])
        return [found for found in tried if found is not None]


def _try(host: str, *, port: int, ask: bool) -> Found | None:
    time.sleep(PAUSE_S)
    try:
        with socket.create_connection((host, port), CONNECT_S) as line:
            with suppress(OSError):
                if ask:
                    return _identity(line, host, port)
            return Found(host=host, port=port)
    except OSError:
        return None


def _identity(line: socket.socket, host: str, port: int) -> Found:
    receipt = _answer(line, ASK_RECEIPT, lambda answer: any(byte & 0x93 == 0x12 for byte in answer))
    if any(byte & 0x93 == 0x12 for byte in receipt):
        return Found(host=host, port=port, kind="escpos", model="Receipt printer")
    told = _MODEL.search(_answer(line, ASK_MODEL, lambda answer: _MODEL.search(answer) is not None))
    if told is None:
        return Found(host=host, port=port)
    name = _answer(line, ASK_NAME, lambda answer: answer.count(b'"') >= 2).decode("utf-8", "replace").strip().strip('"')
    return Found(
        host=host, port=port, kind="zpl", model=told[1].decode("ascii", "replace"),
        firmware=told[2].decode("ascii", "replace"), dpi=_DPI.get(int(told[3]), 203),
        name="" if name == "?" else "".join(sign for sign in name if sign.isprintable())[:40],
    )  # fmt: skip


def _answer(line: socket.socket, question: bytes, whole: Callable[[bytes], bool]) -> bytes:
    """What came within a moment; empty where it stays silent."""
    until, answer = time.monotonic() + ANSWER_S, b""
    line.sendall(question)
    while not whole(answer) and len(answer) < MAX_ANSWER and (rest := until - time.monotonic()) > 0:
        line.settimeout(rest)
        try:
            piece = line.recv(MAX_ANSWER)
        except TimeoutError:
            break
        if not piece:
            break
        answer += piece
    return answer
