"""Under which names our events are known abroad, also after a restore from a backup.

A restored server gives numbers out again that the ERP has seen before the disaster. So a restore raises the site's
epoch, and the epoch is part of every key. Events from before the restore keep the epoch they were sent under, else the
ERP would take them for new ones: that is why the journal's head is noted when an epoch is first seen, which is at the
follower's start, before the server takes its first scan.
"""

from sqlalchemy import bindparam, insert, select

from app.db import Tx
from app.schema.places import site as sites
from app.schema.sync import epoch
from app.stock import journal
from sync.messages import Identity

SITE_EPOCH = select(sites.c.epoch).where(sites.c.code == bindparam("code"))
EPOCHS = select(epoch.c.number, epoch.c.since_seq).order_by(epoch.c.number.desc())
NEW_EPOCH = insert(epoch).values(number=bindparam("n"), since_seq=bindparam("since"), at=bindparam("now"))


def identity(tx: Tx, site: str, now: int) -> Identity:
    """The site and its epochs, newest first. Notes a new epoch at the journal's head."""
    known = [(int(number), int(since)) for number, since in tx.rows(EPOCHS)]
    current = int(tx.value(SITE_EPOCH, code=site) or 1)
    if current > 1 and (not known or known[0][0] < current):
        since = tx.head[0] if tx.head else journal.last_seq(tx)
        tx.run(NEW_EPOCH, n=current, since=since, now=now)
        known.insert(0, (current, since))
    return Identity(site=site, epochs=(*known, (1, 0)))
