"""Several servers may share one PostgreSQL database; each has followers of its own, and people decide at any of them.

What is decided at one server its own followers hear at once. The others look into the database now and then: a pause, a
setting, what is to be offered or told again and what the ERP calls our places count `EVERY_S` after they were written at
whichever server speaks to the ERP (see `lease.py`), from the next batch on. What people decide is a line in the log.
"""

from collections.abc import Callable, Mapping

import msgspec

from app.db import Database, Tx
from sync import connector_log, connector_names, untold
from sync.follower import Follower

EVERY_S = 2.0


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """What people decided of one connector, as far as its follower goes by it."""

    lines: int  # of its log: all that people decide is one
    names: dict[str, int]  # ours → version
    untold: str  # the first wish that events be told again

    @classmethod
    def of(cls, tx: Tx, follower: Follower) -> "Decided":
        wishes = untold.waiting(tx, follower.name)
        return cls(
            lines=connector_log.lines(tx, follower.name),
            names={ours: one.version for ours, one in connector_names.changed(tx, follower.name).items()},
            untold=wishes[0].id if wishes else "",
        )


class Neighbours:
    """`take_up_names` has a follower go by the names that are written."""

    def __init__(
        self, db: Database, followers: Mapping[str, Follower], take_up_names: Callable[[Follower], None]
    ) -> None:
        self._db = db
        self._followers = followers
        self._take_up_names = take_up_names
        self._known: dict[str, Decided] = {}

    def look(self) -> None:
        """Raises Busy, where a follower does not come to it; the next look tries again."""
        for name, follower in self._followers.items():
            with self._db.reading() as tx:
                decided = Decided.of(tx, follower)
            known = self._known.get(name)
            if decided == known:
                continue
            if known is None or decided.names != known.names:
                self._take_up_names(follower)
            follower.look_again()
            self._known[name] = decided
