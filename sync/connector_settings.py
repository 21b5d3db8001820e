"""What a connector goes by: how much at once, of what, and when the desk is told that the ERP is behind.

The settings file says where the ERP is, how things are named there and who we are; that is changed with a restart, by
whoever holds the machine, and each start with another file is written down, before and after; of a secret only that it
is another one. What is here an admin changes at the desk: each change is a version, with who, what it was and what it
became, and somebody else's change in between is never overwritten unseen. Who tried and may not: see `refused.py`.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping

import msgspec
from sqlalchemy import bindparam, select

from app import clock
from app.config import ConnectorSettings
from app.db import Tx
from app.errors import BadAmount, State
from app.schema.sync import connector_setting
from app.work.master_terms import put
from sync import connector_log
from sync.stories import TOPIC


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A setting there is, and the least and most it may be."""

    name: str
    words: str
    least: int
    most: int
    usual: int

    @property
    def is_switch(self) -> bool:
        return (self.least, self.most) == (0, 1)


KNOWN = (
    Known(name="batch", words="events offered at once, at most", least=1, most=500, usual=100),
    Known(name="moves", words="told of goods that only change their bin", least=0, most=1, usual=0),
    Known(name="late_min", words="minutes behind until the desk is warned", least=1, most=1440, usual=5),
    Known(name="very_late_min", words="minutes behind until it is a case", least=1, most=10080, usual=60),
)
FINGERPRINT_COST = 2**13  # of scrypt: some 20 ms at each start
SECRET = ("secret", "token", "password")  # of the settings file, kept nowhere else
_BY_NAME = {known.name: known for known in KNOWN}

OF = select(connector_setting).where(connector_setting.c.connector == bindparam("c"))
PUT = put(connector_setting)


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """As it stands; version 0: as the house began."""

    connector: str
    name: str
    value: int
    version: int
    changed_by: str
    changed: int

    @property
    def known(self) -> Known:
        return _BY_NAME[self.name]

    @property
    def said(self) -> str:
        """The value as people say it."""
        return ("no", "yes")[self.value] if self.known.is_switch else f"{self.value:,}"


class NoSuchSetting(BadAmount):
    code, title, http = "no_such_setting", "No such setting", 404
    says = "A connector has no setting {scanned}."


class BadSetting(BadAmount):
    code, title = "bad_setting", "Not possible"
    says = "{name} is {least} to {most}, not {scanned}."


class ChangedMeanwhile(State):
    code, title = "changed_meanwhile", "Changed meanwhile"
    says = "{person} has set {name} to {value} meanwhile."
    todo = "Look at the page again, then decide."


def begins(settings: ConnectorSettings) -> dict[str, int]:
    """What the settings file says of those that can be changed at the desk."""
    return {"batch": settings.batch, "moves": int(settings.moves)}


def of(tx: Tx, connector: str, begins: Mapping[str, int]) -> dict[str, Setting]:
    """All settings by name."""
    kept = {one.name: one for one in tx.all(OF, Setting, c=connector)}
    return {
        known.name: kept.get(known.name)
        or Setting(
            connector=connector, name=known.name, value=begins.get(known.name, known.usual), version=0, changed_by="", changed=0
        )
        for known in KNOWN
    }  # fmt: skip


def change(tx: Tx, connector: str, name: str, value: int, *, version: int, by: str, begins: Mapping[str, int]) -> None:
    """Make it so. `version` is what the person looked at. Raises NoSuchSetting, BadSetting, ChangedMeanwhile."""
    known, before = _BY_NAME.get(name), of(tx, connector, begins).get(name)
    if known is None or before is None:
        raise NoSuchSetting(scanned=name)
    if not known.least <= value <= known.most:
        raise BadSetting(name=known.words, least=known.least, most=known.most, scanned=value)
    if before.version != version:
        raise ChangedMeanwhile(person=before.changed_by, name=known.words, value=before.value)
    if value == before.value:
        return
    tx.run(PUT, connector=connector, name=name, value=value, version=version + 1, changed_by=by, changed=clock.now())
    connector_log.note(
        tx, connector, "changed", words=f"{name}, version {version + 1}", was=str(before.value), becomes=str(value),
        worker=by,
    )  # fmt: skip
    tx.tell(TOPIC)


def configured(tx: Tx, settings: ConnectorSettings) -> None:
    """The house starts with this of the settings file; written down where it is another than the last time."""
    told = msgspec.to_builtins(settings)
    becomes = msgspec.json.encode({name: told[name] for name in told if name not in SECRET}, order="sorted").decode()
    was = connector_log.became(tx, settings.name, "configured")
    if becomes != was:
        connector_log.note(
            tx, settings.name, "configured", words="by the settings file, at the start", was=was, becomes=becomes
        )
    print_ = connector_log.became(tx, settings.name, "secret")
    if settings.secret and not hmac.compare_digest(print_, _fingerprint(settings.secret, print_.partition(":")[0])):
        anew = _fingerprint(settings.secret, secrets.token_hex(8))
        words = "another one, by the settings file, at the start" if print_ else "its first, by the settings file"
        connector_log.note(tx, settings.name, "secret", words=words, was=print_, becomes=anew)


def _fingerprint(secret: str, salt: str) -> str:
    """Tells another secret from the same one, and nobody what it is."""
    digest = hashlib.scrypt(secret.encode(), salt=salt.encode(), n=FINGERPRINT_COST, r=8, p=1, dklen=4)
    return f"{salt}:{digest.hex()}"
