"""The auditor: holds the floor's database against the ledger's, the crew's log, the papers and what physically lies there.

It imports nothing of ours: plain SQL by sqlite3 and psycopg, sums made here. What it says is a list of sentences, each a
fault; none means that floor, ledger, shelves and papers agree to the piece, and that no scan was lost, doubled or invented.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg

ENDLESS = ("~supplier", "~customer", "~lost", "~scrap")
MOST_TOLD = 5  # differences named one by one; the rest is only counted

Rows = list[tuple[Any, ...]]
Sums = Mapping[Any, int]


def rows(database: str, sql: str) -> Rows:
    """The rows of one query; `database` is the URL of the settings file."""
    if database.startswith("sqlite"):
        connection = sqlite3.connect(database.removeprefix("sqlite:///"))
        try:
            return [tuple(row) for row in connection.execute(sql)]
        finally:
            connection.close()
    with psycopg.connect(database.replace("postgresql+psycopg://", "postgresql://")) as there:
        return [tuple(row) for row in there.execute(sql).fetchall()]


def last_event(database: str) -> int:
    return int(rows(database, "SELECT coalesce(max(seq), 0) FROM journal")[0][0])


def unserved(database: str) -> list[str]:
    """Orders that went back to the pool because nothing of them is there."""
    return [
        row[0] for row in rows(database, "SELECT code FROM sales_order WHERE state IN ('pool', 'waved') ORDER BY code")
    ]


def check(floor: str, ledger: Path, truth: Path, log: Path, physical: Path) -> Iterator[str]:
    """Every fault found, as a sentence."""
    papers = json.loads(truth.read_text())
    scans = [json.loads(line) for line in log.read_text().splitlines()]
    shelves = json.loads(physical.read_text())
    yield from _stock(floor, f"sqlite:///{ledger}")
    yield from _journal(floor, f"sqlite:///{ledger}")
    yield from _scans(floor, scans)
    yield from _orders(floor, papers)
    yield from _shorts(floor, papers)
    yield from _shelves(floor, f"sqlite:///{ledger}", papers, shelves)
    yield from _inspections(floor, papers)
    yield from _left_open(floor)
    yield from _serials(floor, papers, shelves)


# ── floor and ledger ─────────────────────────────────────────────────────────────────────────────────────────────────
def _stock(floor: str, ledger: str) -> Iterator[str]:
    """Per item, lot and status: the movements' sum, the balances, and the ledger's own totals."""
    moved: Counter[tuple[str, str, str]] = Counter()
    sql = "SELECT item, lot, quantity, source, source_status, target, target_status FROM movement"
    for item, lot, quantity, source, source_status, target, target_status in rows(floor, sql):
        if source not in ENDLESS:
            moved[item, lot, source_status] -= quantity
        if target not in ENDLESS:
            moved[item, lot, target_status] += quantity
    on_hand = Counter[tuple[str, str, str]]()
    for item, lot, status, quantity in rows(floor, "SELECT item, lot, status, quantity FROM balance"):
        on_hand[item, lot, status] += quantity
    told = {(row[0], row[1], row[2]): row[3] for row in rows(ledger, "SELECT item, lot, status, quantity FROM stock")}
    if not moved:
        yield "there are no movements at all"
    yield from _differences("balance and movements", on_hand, moved)
    yield from _differences("ledger and floor", told, on_hand)


def _journal(floor: str, ledger: str) -> Iterator[str]:
    seqs = [row[0] for row in rows(floor, "SELECT seq FROM journal ORDER BY seq")]
    if seqs != list(range(1, len(seqs) + 1)):
        yield "the journal has a gap"
    keys = [int(row[0].rpartition(".")[2]) for row in rows(ledger, "SELECT key FROM event")]
    if sorted(keys) != seqs:
        missing = sorted(set(seqs) - set(keys))
        yield f"the ledger has {len(keys)} of {len(seqs)} events; missing {missing[:MOST_TOLD]}"


# ── scans ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _scans(floor: str, scans: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Each scan the crew sent is there once, with the end the crew was told; none is there that nobody sent."""
    kept = {row[0]: row[1:] for row in rows(floor, "SELECT id, outcome, seq, raw, kind FROM scan")}
    sent = Counter(scan["id"] for scan in scans)
    doubled = [key for key, times in sent.items() if times > 1]
    if doubled:
        yield f"{len(doubled)} scans were answered to the crew twice"
    lost = [key for key in sent if key not in kept]
    if lost:
        yield f"{len(lost)} scans were lost: {lost[:MOST_TOLD]}"
    invented = [key for key in kept if key not in sent]
    if invented:
        yield f"{len(invented)} scans were invented: {invented[:MOST_TOLD]}"
    other = [
        s["id"] for s in scans if s["id"] in kept and kept[s["id"]] != (s["outcome"], s["seq"], s["raw"], s["kind"])
    ]
    if other:
        yield f"{len(other)} scans ended otherwise than the crew was told: {other[:MOST_TOLD]}"
    posted = [seq for _, seq, *_ in kept.values() if seq]
    if len(posted) != len(set(posted)):
        yield "two scans name the same event"
    wrong = [scan for scan in scans if scan["wrong"]]
    if len(scans) > 2000 and len(wrong) < 0.01 * len(scans):
        yield f"only {len(wrong)} of {len(scans)} scans were wrong on purpose"
    for scan in wrong:
        if scan["outcome"] not in scan["expected"] or scan["seq"]:
            yield f"the wrong {scan['wrong']} {scan['raw']} got {scan['outcome']}, event {scan['seq']}"
    held = sum(scan["outcome"] == "held" for scan in scans)
    if held:
        yield f"{held} scans were held"


# ── papers ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def _orders(floor: str, papers: dict[str, Any]) -> Iterator[str]:
    """Line by line: ordered = shipped + short + cancelled, and shipped is what really went to the customer for it."""
    gone = Counter[str]()
    for line, quantity in rows(floor, "SELECT line, quantity FROM movement WHERE target = '~customer'"):
        gone[line] += quantity
    sql = "SELECT id, item, quantity, shipped, short, cancelled FROM order_line"
    lines = {row[0]: row[1:] for row in rows(floor, sql)}
    wanted = {
        f"{code}/{line['line']}": (line["item"], line["quantity"])
        for code, order in papers["orders"].items()
        for line in order["lines"]
    }
    if lines.keys() != wanted.keys():
        yield f"{len(lines)} order lines are there, {len(wanted)} were ordered"
    for line, (item, ordered) in wanted.items():
        if line not in lines:
            continue
        of, quantity, shipped, short, cancelled = lines[line]
        if (of, quantity) != (item, ordered):
            yield f"line {line} is {quantity} × {of}, {ordered} × {item} were ordered"
        if shipped + short + cancelled != ordered:
            yield f"line {line}: {ordered} ordered, {shipped} shipped, {short} short, {cancelled} cancelled"
        if gone[line] != shipped:
            yield f"line {line}: {shipped} shipped, {gone[line]} left the house"
    if stray := gone.keys() - wanted.keys():
        yield f"goods left for lines nobody ordered: {sorted(stray)[:MOST_TOLD]}"


def _shorts(floor: str, papers: dict[str, Any]) -> Iterator[str]:
    """Each planted short was found and reported, and nothing else was."""
    found = {
        (row[0], row[1]): row[2] - row[3]
        for row in rows(floor, "SELECT document, line, expected, found FROM discrepancy WHERE kind = 'short'")
    }
    planted = {(f"po {short['po']}", short["line"]): short["missing"] for short in papers["receipt_shorts"]}
    planted |= {
        (f"asn {short['asn']}", short["asn_line"]): short["missing"]
        for short in papers["receipt_shorts"]
        if short["asn"]
    }
    yield from _differences("short receipts, found and planted", found, planted)
    given_up = Counter[str]()
    for item, short, cancelled in rows(floor, "SELECT item, short, cancelled FROM order_line"):
        given_up[item] += short + cancelled
    unfillable = {short["item"]: short["unfillable"] for short in papers["bin_shorts"]}
    yield from _differences("units not shipped and units missing", given_up, unfillable)
    reported = {row[0] for row in rows(floor, "SELECT item FROM exception WHERE code = 'short_pick'")}
    counted = {
        item for item, quantity in _corrected(floor).items() if quantity
    }  # somebody counted before anybody picked
    if imagined := sorted(counted - unfillable.keys()):
        yield f"counts of {imagined} took pieces out of the books, where nothing was missing"
    reported |= counted
    if unreported := sorted(unfillable.keys() - reported):
        yield f"nobody was told of the short bins of {unreported}"
    if imagined := sorted(reported - unfillable.keys()):
        yield f"short picks of {imagined} were reported, where nothing was missing"


def _corrected(floor: str) -> Counter[str]:
    """item → pieces the books gave up as lost."""
    lost: Counter[str] = Counter()
    for item, quantity, target in rows(
        floor, "SELECT item, quantity, target FROM movement WHERE source = '~lost' OR target = '~lost'"
    ):
        lost[item] += quantity if target == "~lost" else -quantity
    return lost


# ── shelves ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def _shelves(floor: str, ledger: str, papers: dict[str, Any], shelves: dict[str, Any]) -> Iterator[str]:
    """The books say of each place what lies there, and as what; of the planted bins they still say what is missing.

    The ledger, which knows no places, has the same in sum.
    """
    lies: Counter[tuple[str, ...]] = Counter()
    for place, piles in shelves.items():
        for item, lot, quantity, _, status in piles if place not in ENDLESS else ():
            lies[place, item, lot, status] += quantity
    corrected = _corrected(floor)
    missing = {short["item"]: short["missing"] - corrected[short["item"]] for short in papers["bin_shorts"]}
    missing = {item: quantity for item, quantity in missing.items() if quantity}
    books: Counter[tuple[str, ...]] = Counter()
    for *at, quantity in rows(floor, "SELECT location, item, lot, status, quantity FROM balance WHERE quantity > 0"):
        books[tuple(at)] += quantity
    first: dict[str, tuple[str, ...]] = {}
    for key in sorted(books):
        if key[1] in missing and books[key] - lies[key] >= missing[key[1]]:
            first.setdefault(key[1], key)
    for item, key in first.items():
        books[key] -= missing[item]
    if absent := sorted(missing.keys() - first.keys()):
        yield f"the books do not have what is missing of {absent}"
    yield from _differences("books and shelves", books, lies)
    told = Counter({tuple(row[:3]): row[3] for row in rows(ledger, "SELECT item, lot, status, quantity FROM stock")})
    for item, key in first.items():
        told[key[1:]] -= missing[item]
    together: Counter[tuple[str, ...]] = Counter()
    for key, quantity in lies.items():
        together[key[1:]] += quantity
    yield from _differences("ledger and shelves", told, together)


def _inspections(floor: str, papers: dict[str, Any]) -> Iterator[str]:
    """Each lot that had to be looked at was, once, and by somebody who had not received it."""
    lots = Counter(
        (delivery["item"], pallet["lot"])
        for delivery in papers["deliveries"]
        if papers["items"][delivery["item"]]["inspected"]
        for pallet in delivery["pallets"]
    )
    sql = "SELECT item, lot, receiver, inspector, decided FROM inspection"
    looked = rows(floor, sql)
    yield from _differences("lots to inspect, and inspections", lots, Counter((row[0], row[1]) for row in looked))
    for item, lot, receiver, inspector, decided in looked:
        if not decided or not inspector or inspector == receiver:
            yield f"{item} {lot}, received by {receiver}, was judged by {inspector or 'nobody'}: {decided or 'not yet'}"


def _left_open(floor: str) -> Iterator[str]:
    """What was stopped was set free, by somebody else; each truck at a door was unloaded."""
    sql = "SELECT item, lot, state, held_by, cleared_by FROM lot_hold"
    for item, lot, state, held_by, cleared_by in rows(floor, sql):
        if state != "cleared" or held_by == cleared_by:
            yield f"lot {lot} of {item}, held by {held_by}, is {state} by {cleared_by or 'nobody'}"
    for document, door in rows(floor, "SELECT document, door FROM arrival WHERE state <> 'unloaded'"):
        yield f"the truck of {document} still stands at {door}"


def _serials(floor: str, papers: dict[str, Any], shelves: dict[str, Any]) -> Iterator[str]:
    """Each serial that came in is known once, and where it lies or that it has gone."""
    lies = {
        (item, serial): place
        for place, piles in shelves.items()
        for item, _, _, serials, _ in piles
        for serial in serials
    }
    came = {
        (delivery["item"], serial)
        for delivery in papers["deliveries"]
        for pallet in delivery["pallets"]
        for serial in pallet["serials"]
    }
    known = {(row[0], row[1]): row[2] for row in rows(floor, "SELECT item, serial, location FROM serial")}
    if known.keys() != came:
        yield f"{len(known)} serials are known, {len(came)} came in"
    for key in came & known.keys():
        expected = lies.get(key, "~customer")
        if known[key] != expected:
            yield f"serial {key[1]} of {key[0]} is at {expected}, the books say {known[key]}"


def _differences(what: str, one: Sums, other: Sums) -> Iterator[str]:
    different = [key for key in sorted({*one, *other}, key=str) if one.get(key, 0) != other.get(key, 0)]
    yield from (f"{what}: {_name(key)} {one.get(key, 0)} and {other.get(key, 0)}" for key in different[:MOST_TOLD])
    if len(different) > MOST_TOLD:
        yield f"{what}: {len(different) - MOST_TOLD} more differ"


def _name(key: object) -> str:
    parts: Iterable[object] = key if isinstance(key, tuple) else (key,)
    return " ".join(str(part) for part in parts if part)
