"""The columns of the table: connectors, and the sink each is played against. A new one is a line here."""

from tests.sync.contract.erpnext import FaultyErpNext
from tests.sync.contract.faulty import FaultySink
from tests.sync.contract.folder import FaultyFolder
from tests.sync.contract.hub import FaultyHub
from tests.sync.contract.ledger import FaultyLedger
from tests.sync.contract.odoo import FaultyOdoo
from tests.sync.contract.tryton import FaultyTryton

_ALL = (FaultyLedger, FaultyFolder, FaultyHub, FaultyTryton, FaultyOdoo, FaultyErpNext)
SINKS: dict[str, type[FaultySink]] = {one.kind: one for one in _ALL}
