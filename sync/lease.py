"""Which of the house's servers speaks to one ERP. Several may share a PostgreSQL database; two of them telling one ERP the
same events would lose the order, and an ERP without keys of its own would book them twice.

It is an advisory lock per connector on the server's own connection (`app/db/node.py`). The others look every
`LOOK_EVERY_S` whether it is free: after kill −9 at once, after a power cut when PostgreSQL has knocked in vain. Whoever has
it asks PostgreSQL before each batch, right before it is sent, whether the lock is its own still. What is left: a batch on
its way when the lock was lost. Whoever takes over lets `SETTLE_S` pass and asks the ERP what it has before it offers
anything; a batch the ERP is busy with even longer is offered a second time, and then the event's key in the ERP decides.
An SQLite file has one server, whose lease this always is, and nobody is asked.
"""

from app.db.node import Node
from app.errors import State

OUR_CONNECTORS = 7_425_225  # the first half of the locks' number, beside OUR_NODES; the second is the connector's name
LOOK_EVERY_S = 1.0
SETTLE_S = 2.0  # for the last batch of a server that was cut off


class ToldElsewhere(State):
    code, title = "told_elsewhere", "At another server"
    says = "{connector} is told by another server of this house, which alone can do that: {where}."
    todo = "Do it at that server's desk."


class LeaseLost(Exception):
    """Another server may be speaking to the ERP by now: nothing was sent."""


class Lease:
    """Of one server, for one connector. `elsewhere` may be read from any thread."""

    def __init__(self, node: Node, connector: str) -> None:
        self._node = node
        self._connector = connector
        self.elsewhere = ""  # who had it when we last looked, where it was not us

    def take(self) -> bool:
        """Is it ours now?"""
        if self._node.take(OUR_CONNECTORS, self._connector):
            return True
        self.elsewhere = self._node.holder(OUR_CONNECTORS, self._connector) or "it has just ended"
        return False

    def settled(self) -> None:
        """It is ours, and whoever had it before is asked after."""
        self.elsewhere = ""

    def is_ours(self) -> bool:
        return self._node.holds(OUR_CONNECTORS, self._connector)

    def insist(self) -> None:
        """Raises LeaseLost."""
        if not self.is_ours():
            raise LeaseLost()

    def give_up(self) -> None:
        self._node.give_up(OUR_CONNECTORS, self._connector)
