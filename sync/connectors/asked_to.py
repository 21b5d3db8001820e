"""How far an ERP was asked for its news, as it is written down: with whose news those are.

After a restart it is asked from there on, so what it called off while we were down is heard, however long that was. Where
the address or the warehouse is another one by then, the asking begins anew.
"""

import msgspec


class AskedTo(msgspec.Struct, frozen=True, kw_only=True):
    of: str = ""  # whose news: the ERP's address, its database, its warehouse
    to: str = ""  # how far, in the connector's own words


def written(of: str, to: str) -> str:
    return msgspec.json.encode(AskedTo(of=of, to=to)).decode() if to else ""


def read(since: str, of: str) -> str:
    """How far these were asked; empty: not yet."""
    at = msgspec.json.decode(since, type=AskedTo) if since else AskedTo()
    return at.to if at.of == of else ""
