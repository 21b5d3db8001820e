"""The ERP of the proof: what it tells the house, through its own door and under its seal."""

import json
import time
from collections.abc import Sequence
from typing import Any

import httpx

from sync.signing import seal
from tests.proof.truth import Transfer
from tests.sync.sink import SECRET

HERE, THERE = "MAIN", "EAST"


def order_transfers(url: str, transfers: Sequence[Transfer]) -> None:
    """Goods go to the other site, and goods left it for us."""
    messages = []
    for one in transfers:
        source, target = (THERE, HERE) if one["arrives"] else (HERE, THERE)
        lines = [
            {
                "line": line["line"], "item": line["item"], "quantity": line["pallet"]["quantity"],
                "shipped": line["pallet"]["quantity"] if one["arrives"] else 0,
            }
            for line in one["lines"]
        ]  # fmt: skip
        messages.append({"code": one["code"], "version": 1, "source": source, "target": target, "lines": lines})
    _tell(url, "transfer.release", messages)


def cancel(url: str, orders: Sequence[str]) -> int:
    """Give up the orders of which nothing is there; how many."""
    _tell(url, "order.cancel", [{"code": order, "version": 9} for order in orders])
    return len(orders)


def _tell(url: str, type: str, messages: Sequence[dict[str, Any]]) -> None:
    if not messages:
        return
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    batch = [
        {
            "specversion": "1.0", "id": f"{type}-{data['code']}", "source": "erp", "type": type, "time": moment,
            "data": data,
        }
        for data in messages
    ]  # fmt: skip
    body = json.dumps(batch).encode()
    answer = httpx.post(f"{url}/api/inbox", content=body, headers=seal(SECRET, body), trust_env=False, timeout=30)
    answer.raise_for_status()
    refused = [one for one in answer.json() if one.get("state", one.get("outcome")) != "applied"]
    if refused:
        raise RuntimeError(f"What the ERP told was refused: {refused}")
