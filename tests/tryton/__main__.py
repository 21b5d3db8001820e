"""`python -m tests.tryton` installs Tryton and builds its database, where they are not there yet, and tells the time."""

import time

from tests.tryton import environment, template

begun = time.monotonic()
print(f"Tryton's programs: {environment.programs()} ({time.monotonic() - begun:.1f} s)")
begun = time.monotonic()
print(f"its database: {template.archive()} ({time.monotonic() - begun:.1f} s)")
