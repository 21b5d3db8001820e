"""What an ERP is found to say when it is asked: in the words of the inbox, as if it had pushed it."""

import hashlib
from typing import Any

import msgspec


class News(msgspec.Struct, frozen=True, kw_only=True):
    """What an ERP says of one thing, and which version of it that is (µs)."""

    type: str
    subject: str
    version: int
    body: dict[str, Any]

    def event(self, source: str) -> bytes:
        """As the inbox wants it; what says something else never has the same id."""
        data = msgspec.json.encode(self.body)
        id = f"{self.type} {self.subject} {self.version} {hashlib.sha256(data).hexdigest()[:8]}"
        facts = {"id": id, "source": source, "type": self.type, "subject": self.subject, "version": self.version}
        return msgspec.json.encode({"specversion": "1.0", **facts, "data": msgspec.Raw(data)})
