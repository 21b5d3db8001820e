"""An auditor of many sites who trusts nobody: plain SQL and JSON on the files, none of Pickface's own code.

From the journals it takes what each site says it sent, took in and heard of; from the balances what each holds; from the
central ledger what it was told. Then, for every item and lot, over all sites:

    on hand + in transit + written off − found over  =  what was there in the beginning

where in transit is what was sent and neither received nor written off. While the sites work, nothing may be heard of
before it happened: heard ≤ received ≤ sent. When all is quiet, transit is what the balances say; each site holds of each
status what its journal says came in, left, broke and was written off; and the ledger has each event of each site once, in
order, and the same stock by item, lot and status.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

Key = tuple[str, str, str]  # transfer, item, lot
Goods = tuple[str, str]  # item, lot
Kept = tuple[str, str, str]  # item, lot, status
NOWHERE = ("~lost", "~scrap")


class Site:
    """What one site's file says, read at one moment."""

    def __init__(self, file: Path) -> None:
        self.opened, self.over, self.lost_on_the_way = Counter[Goods](), Counter[Goods](), Counter[Goods]()
        self.sent, self.received, self.heard = Counter[Key](), Counter[Key](), Counter[Key]()
        self.transit, self.held, self.lost, self.said = (
            Counter[Goods](),
            Counter[Kept](),
            Counter[Kept](),
            Counter[Kept](),
        )
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)) as books:
            books.execute("BEGIN")
            for kind, body in books.execute("SELECT kind, body FROM journal ORDER BY seq"):
                self._count(kind, json.loads(body))
            self.seqs = [row[0] for row in books.execute("SELECT seq FROM journal ORDER BY seq")]
            moved = "SELECT item, lot, source_status, quantity, source FROM movement WHERE target IN (?, ?)"
            for item, lot, status, quantity, source in books.execute(moved, NOWHERE):
                if source == "~transit":
                    self.lost_on_the_way[item, lot] += quantity
                else:
                    self.lost[item, lot, status] += quantity
            lies = "SELECT item, lot, status, location, quantity FROM balance"
            for item, lot, status, location, quantity in books.execute(lies):
                if location == "~transit":
                    self.transit[item, lot] += quantity
                elif not location.startswith("~"):
                    self.held[item, lot, status] += quantity

    def _count(self, kind: str, event: dict[str, Any]) -> None:
        match kind:
            case "opening_stock":
                self.opened[event["item"], event["target"].get("lot", "")] += event["quantity"]
                self.said[_kept(event, "target")] += event["quantity"]
            case "transfer_shipped":
                self.sent[_key(event, event["source"])] += event["quantity"]
                self.said[_kept(event, "source")] -= event["quantity"]
            case "transfer_received":
                over = event.get("over", 0)
                self.received[_key(event, event["target"])] += event["quantity"] - over
                self.over[event["item"], event["target"].get("lot", "")] += over
                self.said[_kept(event, "target")] += event["quantity"]
            case "transfer_delivered":
                self.heard[_key(event, event)] += event["quantity"]
            case "status_changed":
                self.said[_kept(event, "source")] -= event["quantity"]
                self.said[_kept(event, "target")] += event["quantity"]


def never_ahead(files: Mapping[str, Path]) -> list[str]:
    """While they work: what was heard of is read first, then what was received, then what was sent."""
    heard, received, sent = (_all(files, what) for what in ("heard", "received", "sent"))
    return [
        f"{key}: {heard[key]} heard of, {received[key]} received, {sent[key]} sent"
        for key in heard.keys() | received.keys()
        if not heard[key] <= received[key] <= sent[key]
    ]


def unsettled(files: Mapping[str, Path], ledger: Path) -> list[str]:
    """When all is quiet: everything that does not add up, in sentences; empty is proven."""
    sites = {name: Site(file) for name, file in files.items()}
    wrong = never_ahead(files)
    sent, received, heard = (
        _sum(getattr(site, what) for site in sites.values()) for what in ("sent", "received", "heard")
    )
    wrong += [
        f"{key}: {received[key]} received, the sender heard of {heard[key]}"
        for key in received
        if heard[key] != received[key]
    ]
    for name, site in sites.items():
        wrong += [
            f"{name} {kept}: {site.said[kept]} by its journal, {site.lost[kept]} of it written off, {site.held[kept]} on hand"
            for kept in sorted(site.said.keys() | site.held.keys())
            if site.held[kept] != site.said[kept] - site.lost[kept]
        ]
    there, transit, lost_on_the_way, over = (
        _sum(getattr(site, what) for site in sites.values())
        for what in ("opened", "transit", "lost_on_the_way", "over")
    )
    stock, written_off = (_sum(getattr(site, what) for site in sites.values()) for what in ("held", "lost"))
    held, lost = _of_any_status(stock), _of_any_status(written_off)
    for goods in sorted(there.keys() | held.keys() | transit.keys()):
        on_the_way = sum(n for key, n in sent.items() if key[1:] == goods) - sum(
            n for key, n in received.items() if key[1:] == goods
        )
        if transit[goods] != on_the_way - lost_on_the_way[goods]:
            wrong.append(f"{goods}: {transit[goods]} in transit, {on_the_way} sent and not received")
        found = held[goods] + transit[goods] + lost[goods] + lost_on_the_way[goods] - over[goods]
        if found != there[goods]:
            wrong.append(f"{goods}: {there[goods]} in the beginning, {found} now")
    for (item, lot), quantity in transit.items():
        stock[item, lot, "in_transit"] += quantity
    return wrong + list(_told(sites, stock, ledger))


def _told(sites: Mapping[str, Site], stock: Counter[Kept], ledger: Path) -> Iterator[str]:
    with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True, timeout=30)) as books:
        keys = [row[0].split(".") for row in books.execute("SELECT key FROM event ORDER BY n")]
        summed = "SELECT item, lot, status, sum(quantity) AS n FROM stock GROUP BY item, lot, status HAVING n <> 0"
        rows = books.execute(summed)
        told = {(item, lot, status): quantity for item, lot, status, quantity in rows}
    for name, site in sites.items():
        seqs = [int(seq) for of, _, seq in keys if of == name]
        if seqs != site.seqs:
            yield f"{name}: the ledger has {len(seqs)} events, {len(set(seqs))} different; the journal {len(site.seqs)}"
    if told != dict(stock):
        yield f"the ledger's stock is {told}, the sites' {dict(stock)}"


def _key(event: dict[str, Any], slot: dict[str, Any]) -> Key:
    return event["transfer"], event["item"], slot.get("lot", "")


def _kept(event: dict[str, Any], end: str) -> Kept:
    return event["item"], event[end].get("lot", ""), event[end].get("status", "available")


def _of_any_status(kept: Counter[Kept]) -> Counter[Goods]:
    total: Counter[Goods] = Counter()
    for (item, lot, _), quantity in kept.items():
        total[item, lot] += quantity
    return total


def _all(files: Mapping[str, Path], what: str) -> Counter[Key]:
    return _sum(getattr(Site(file), what) for file in files.values())


def _sum(parts: Iterator[Counter[Any]]) -> Counter[Any]:
    total: Counter[Any] = Counter()
    for part in parts:
        total.update(part)
    return Counter({key: n for key, n in total.items() if n})
