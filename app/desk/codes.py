"""A sheet of codes to print, or to scan off the glass: commands, jobs and their answers, places, and what waits in each job.

Whoever sets up a house, trains somebody or tries the product needs codes before every shelf has its label. Each key of the
glass is a code as well: `CMD/` and its name, with `/` and its value where it has one, so that a gloved hand need not touch
the glass. Numbers for new totes and LPNs are made from the clock, so a sheet printed tomorrow has others.
"""

from sqlalchemy import bindparam, select

from app import clock
from app.db import Tx
from app.desk.codes_of import Group, group
from app.desk.codes_waiting import waiting
from app.floor.flows import flows
from app.schema.places import location, station
from app.work import reasons
from app.work.returns import ways

MOST = 12  # codes of a group
NEW = 6  # numbers of a kind
COMMANDS = (
    ("CMD/NEXT", "my next task"), ("CMD/WHY", "why this task?"), ("CMD/CONFIRM", "the big button"),
    ("CMD/UNDO", "take my last step back"), ("CMD/BACK", "back"), ("CMD/MENU", "menu"),
    ("CMD/LOOK-UP", "look up, and come back"), ("CMD/SHORT", "fewer are there"), ("CMD/SKIP", "later"),
    ("CMD/FULL", "tote or carton is full"), ("CMD/NEW-LPN", "new LPN"), ("CMD/CLOSE", "close"),
    ("CMD/NOTHING", "nothing else here"), ("CMD/YES", "yes"), ("CMD/NO", "no"), ("CMD/LOG-OUT", "sign out"),
)  # fmt: skip
REASONS = (  # kind, where it is asked
    ("adjust", "Correct stock: why"), ("write_off", "Write off: why"), ("hold", "Hold a lot: why"),
    ("status", "Change status: why"), ("return", "Returns: why it came back"), ("short", "Short: why"),
)  # fmt: skip
STATUSES = ("quarantine", "damaged", "expired", "available")
PLACES = (
    ("dock", "Doors", "where trucks stand"),
    ("staging", "Docks and staging", "where goods arrive and stand"), ("cart", "Carts", "to begin a walk"),
    ("lane", "Lanes", "where cartons wait for their truck"), ("truck", "Trucks", "where they are loaded"),
)  # fmt: skip

OF_KIND = (
    select(location.c.code, location.c.barcode, location.c.carrier)
    .where(location.c.kind == bindparam("of_kind"))
    .order_by(location.c.code)
    .limit(MOST)
)
STATIONS = select(station.c.code, station.c.name).order_by(station.c.code).limit(MOST)


def sheet(tx: Tx, *, samples: bool = False) -> tuple[Group, ...]:
    """Every group that has any code. With `samples`, goods kept by lot get a label as a supplier would print it.

    One snapshot.
    """
    groups = [
        group("Commands", "they do what the keys do", COMMANDS),
        group("Jobs", "scanned anywhere, it begins", ((_command("start", job.name), job.title) for job in flows())),
        *waiting(tx, samples=samples),
        group("New LPNs", "a pallet nobody has used", _new("LPN")),
        group("New totes", "one for each order of a cart", _new("T")),
        group(
            "Stations",
            "stand there: printers and scale are yours",
            ((f"STN/{code}", name or code) for code, name in tx.rows(STATIONS)),
        ),
    ]
    for kind, title, hint in PLACES:
        found = tx.rows(OF_KIND, of_kind=kind)
        groups.append(
            group(title, hint, ((barcode or f"LOC/{code}", f"{code} {carrier}") for code, barcode, carrier in found))
        )
    groups.append(
        group("Grades", "what a returned piece is like", ((_command("grade", one), one) for one in ways.GRADES))
    )
    groups.append(group("Change status: to", "", ((_command("to", one), one) for one in STATUSES)))
    for kind, title in REASONS:
        known = reasons.of_kind(tx, kind)
        groups.append(group(title, "", ((_command("reason", one.code), one.words) for one in known)))
    return tuple(one for one in groups if one.codes)


def _command(name: str, value: str) -> str:
    """`CMD/START/PUT-BACK`: a key with its value."""
    return f"CMD/{name}/{value}".upper().replace("_", "-")


def _new(prefix: str) -> list[tuple[str, str]]:
    first = clock.now() // clock.SECOND % 10**8
    return [(f"{prefix}-{first + n:08d}", "") for n in range(NEW)]
