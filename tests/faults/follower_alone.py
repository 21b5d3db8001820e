"""A follower alone in a process, so that it can be killed: `python -m tests.faults.follower_alone DATABASE SITE CONNECTOR`.

The connector is its settings as JSON.
"""

import sys
import time

import msgspec

from app.config import ConnectorSettings, Settings
from app.db import Database
from sync.switchboard import Switchboard

if __name__ == "__main__":
    database, site, connector = sys.argv[1:4]
    erp = msgspec.json.decode(connector, type=ConnectorSettings)
    switchboard = Switchboard(Database(database), Settings(site=site, connectors=(erp,)))
    switchboard.start()
    while True:
        time.sleep(1)
        switchboard.retry_now(erp.name)
