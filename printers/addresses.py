"""Which network addresses a printer may have. A printer's address is typed by an administrator and opened by the
server, so without this list it would be a way to make the server talk to anything it can reach.

A name is resolved once, every answer is judged, and the connection goes to the address that was judged, so a name
cannot change in between. Link-local (where cloud metadata lives), multicast and unspecified are refused even when
listed; loopback is allowed only where the list names it.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence

from printers.printer import PRINTER_PORTS

RAW_PORT = 9100
METADATA = frozenset({"169.254.169.254", "fd00:ec2::254", "100.100.100.200"})

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class AddressRefused(ValueError):
    """The server may not, or cannot, connect there; the sentence says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def split(address: str) -> tuple[str, int]:
    """'host:port' or '[v6]:port'; the port may be left out for 9100."""
    host, colon, port = address.strip().rpartition(":")
    if not colon or "]" in port:
        host, port = address.strip(), str(RAW_PORT)
    host = host.removeprefix("[").removesuffix("]")
    if not host or not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise AddressRefused(f"{address[:80]!r} is not an address of the form host:port.")
    return host, int(port)


def allowed(host: str, port: int, networks: Sequence[str], ports: Sequence[int] = PRINTER_PORTS) -> str:
    """The numeric address to connect to, if the port and all addresses of `host` are listed; else AddressRefused."""
    if (ports and port not in ports) or (not ports and port < 1024):
        raise AddressRefused(f"Port {port} is not a printer port in the settings.")
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressRefused(f"The printer's name {host[:80]!r} cannot be resolved.") from error
    within = [ipaddress.ip_network(network, strict=False) for network in networks]
    found = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
    for text in found:
        reason = _refusal(text, within)
        if reason:
            raise AddressRefused(f"{host[:80]} ({text}) {reason}.")
    if not found:
        raise AddressRefused(f"The printer's name {host[:80]!r} has no address.")
    return found[0]


def _refusal(text: str, within: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> str:
    address: Address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if str(address) in METADATA or address.is_link_local or address.is_multicast or address.is_unspecified:
        return "is never a printer's address"
    same = [network for network in within if network.version == address.version]
    # A list such as 0.0.0.0/0 does not mean loopback: that has to be named.
    named = [network for network in same if network.is_loopback] if address.is_loopback else same
    if any(address in network for network in named):
        return ""
    if address.is_loopback:
        return "is this machine itself; printer_loopback = true in the settings allows it"
    return "is outside the printer networks in the settings"
