"""Tables that an ERP without JSON drops for us: a folder of them at a time, all of it or nothing.

A folder `NAME` in the inbox folder, with `orders.csv` and `order_lines.csv` and whatever else is the ERP's to say, is taken
when `NAME.done` stands beside it, empty or with the SHA-256 of each file as `sha256sum` writes them. It goes through the
rules of `pickface import`, so a single cell that cannot be read leaves all of it undone, and what was read before changes
nothing. Afterwards both lie in `done/` or in `failed/`, with `NAME.report` beside them; what failed is told at the desk, too.
"""

import hashlib
from pathlib import Path

from app import importing
from app.config import Settings
from app.db import Database
from app.importing_report import Report
from sync import inbox_folder, turned_away
from sync.doors import BAD_FILE
from sync.inbox_folder import PUT_AWAY

# The house's own tables (places, people, rules, opening stock) are never the ERP's to drop.
TABLES = (
    "parties", "items", "barcodes", "purchase_orders", "purchase_order_lines", "asns", "asn_lines", "orders", "order_lines",
    "rmas", "rma_lines",
)  # fmt: skip
MOST_FOLDERS = 20  # in one look
MOST_BYTES = 4 * 1_048_576  # of one folder: the writer has it in one piece, and the floor waits for that
LOOK_EVERY_S = 2.0


def read(db: Database, inbox: Path, settings: Settings) -> list[Report]:
    """Take the complete folders in, by name. Raises FolderShut."""
    reports: list[Report] = []
    stumbles = inbox_folder.Stumbles()
    for mark in inbox_folder.marks(inbox, ".done"):
        folder = mark.with_suffix("")
        with stumbles.over(folder):
            if len(reports) < MOST_FOLDERS and folder.is_dir() and folder.name not in PUT_AWAY:
                report = _read_one(db, folder, mark, settings)
                reports.append(report)
                _put_away(inbox / PUT_AWAY[not report.ok], folder, mark, report)
    stumbles.tell()
    return reports


def _read_one(db: Database, folder: Path, mark: Path, settings: Settings) -> Report:
    wrong = _not_whole(folder, mark)
    report = importing.refused(folder.name, wrong) if wrong else importing.run(db, folder, settings, TABLES)
    if not report.ok:
        _tell(db, folder.name, report)
    return report


def _not_whole(folder: Path, mark: Path) -> str:
    """Why the folder is not taken at all, or the empty text."""
    files = {file.name: file for file in folder.iterdir() if file.is_file()}
    if sum(file.stat().st_size for file in files.values()) > MOST_BYTES:
        most = f"{MOST_BYTES // 1_048_576} MiB"
        return (
            f"The tables are larger than {most} together: send them in parts, or have them read by `pickface import`."
        )
    lines = mark.read_text(encoding="utf-8", errors="replace").splitlines()
    named = {words[1].lstrip("*"): words[0].lower() for line in lines if len(words := line.split(maxsplit=1)) == 2}
    for name, file in files.items() if named else ():
        if named.get(name) != hashlib.sha256(file.read_bytes()).hexdigest():
            return f"The checksum of {name} in the done-file does not fit; nothing was taken."
    if missing := sorted(named.keys() - files.keys()):
        return f"{missing[0]} stands in the done-file and is not here; nothing was taken."
    return ""


def _tell(db: Database, name: str, report: Report) -> None:
    first = report.errors[0].in_words()
    more = len(report.errors) + report.more_errors - 1
    told = f"{first} (and {more} more; nothing of the folder was taken)" if more else f"{first} Nothing was taken."
    db.do(lambda tx: turned_away.write(tx, BAD_FILE, told, source=name))


def _put_away(target: Path, folder: Path, mark: Path, report: Report) -> None:
    """The mark goes first: what has none is not taken again. A name that was used before gets a number."""
    target.mkdir(exist_ok=True)
    name, number = folder.name, 1
    while (target / name).exists():
        number += 1
        name = f"{folder.name}-{number}"
    (target / f"{name}.report").write_text(f"{report.in_words()}\n", encoding="utf-8")
    mark.replace(target / f"{name}.done")
    folder.replace(target / name)
