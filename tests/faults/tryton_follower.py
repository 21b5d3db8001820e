"""The follower alone in a process, so that it can be killed.

`python -m tests.faults.tryton_follower DATABASE SITE ADDRESS`: whether there is an inbox it finds out each time it starts.
"""

import sys
import time

from app.config import ConnectorSettings, Settings
from app.db import Database
from sync.switchboard import Switchboard
from tests.tryton.server import PASSWORD

if __name__ == "__main__":
    database, site, address = sys.argv[1:4]
    erp = ConnectorSettings(name="ERP", kind="tryton", address=address, secret=PASSWORD, batch=10)
    switchboard = Switchboard(Database(database), Settings(site=site, connectors=(erp,)))
    switchboard.start()
    while True:
        time.sleep(1)
        switchboard.retry_now("ERP")
