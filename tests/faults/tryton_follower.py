"""The follower alone in a process, so that it can be killed.

`python -m tests.faults.tryton_follower DATABASE SITE ADDRESS INBOX`, the last as the option of that name.
"""

import sys
import time

from app.config import ConnectorSettings, Settings
from app.db import Database
from sync.switchboard import Switchboard
from tests.tryton.server import PASSWORD

if __name__ == "__main__":
    database, site, address, inbox = sys.argv[1:5]
    erp = ConnectorSettings(
        name="ERP", kind="tryton", address=address, secret=PASSWORD, batch=10, options={"inbox": inbox}
    )
    switchboard = Switchboard(Database(database), Settings(site=site, connectors=(erp,)))
    switchboard.start()
    while True:
        time.sleep(1)
        switchboard.retry_now("ERP")
