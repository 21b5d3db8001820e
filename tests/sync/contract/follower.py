"""The follower alone in a process, so that it can be killed: `python -m tests.sync.contract.follower DATABASE SITE SETTINGS`."""

import sys
import time

import msgspec

from app.config import ConnectorSettings, Settings
from app.db import Database
from sync.switchboard import Switchboard

HURRY_S = 0.2

if __name__ == "__main__":
    database, site, told = sys.argv[1:4]
    settings = msgspec.json.decode(told, type=ConnectorSettings)
    switchboard = Switchboard(Database(database), Settings(site=site, connectors=(settings,)))
    switchboard.start()
    while True:
        time.sleep(HURRY_S)
        switchboard.retry_now(settings.name)
