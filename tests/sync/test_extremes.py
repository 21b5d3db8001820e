"""The ends of every field an ERP may send: each message is taken or refused in words, and the house goes on all the same.

For each field of each message a value at and beyond its bounds, the rest as in the example of the contract. None may meet
a defect of ours, no page of the desk may fail on what was taken, and every document is scanned on the floor.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from litestar.testing import TestClient
from msgspec import inspect
from sqlalchemy import select

from app.db import Database, Tx
from app.schema.sync import inbox
from app.work import master
from sync import inbound
from tests import engines
from tests.contract.inbox import MESSAGES
from tests.desk import house
from tests.desk.house import Desk
from tests.desk.test_pages import PAGES

STOCK = ("C-01 MUG 4000", "C-02 TEA 1200 lot=L1 expiry=2097-05-01")
ODD = "a/b?c=d&e#f%00\"'<i>{x}\u202e\U0001f600é"
TEXTS = ("", "0", ODD, "a  b", "~", "@x", "%s %(", "\n", "9999-12-31", "0001-01-01", "soon", "٣", "{0}")
NUMBERS = (0, 1, -1, 2**31, 2**40, 2**53, 2**63 - 1, 2**63, -(2**63), 10**30)
MOMENTS = (
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+14:00",
    "2199-12-31T23:59:59-12:00",
    "2000-01-01T00:00:00+14:00",
)
DAYS = ("9999-12-31", "0001-01-01", "2199-12-31", "2000-01-01", "2026-02-29")
ALONE = ("cancel", "cancelled", "change", "arrived", "decided", "release")  # of a thing that must be there


def ends(of: inspect.Type) -> list[Any]:
    """Values at, near and beyond the bounds of a field."""
    match of:
        case inspect.IntType():
            return [*NUMBERS, *(bound for bound in (of.ge, of.le) if bound is not None)]
        case inspect.StrType():
            most = of.max_length or 1_000
            return [*(text[:most] for text in TEXTS), "x" * most, "\U0001f600" * most, "x" * (most + 1)]
        case inspect.DateTimeType():
            return list(MOMENTS)
        case inspect.DateType():
            return list(DAYS)
        case inspect.LiteralType():
            return list(of.values)
        case inspect.BoolType():
            return [True, False, 1]
        case inspect.UnionType():
            return [value for one in of.types for value in ends(one)]
        case inspect.VarTupleType(item_type=inspect.StrType()):
            return [[], ["s" * 20] * 3, [ODD[:20]], [str(number) for number in range(1_000)]]
    return [None]


def variants(kind: str, subject: str, content: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(subject, content): one field, or one field of one line, at an end of it."""
    told = inspect.type_info(master.TYPES[kind])
    assert isinstance(told, inspect.StructType)
    keeps = kind.endswith(ALONE) and kind not in ("order.release", "transfer.release")
    number = 0
    for field in told.fields:
        kinds = field.type.types if isinstance(field.type, inspect.UnionType) else (field.type,)
        rows = next((one for one in kinds if isinstance(one, inspect.VarTupleType)), None)
        if field.name == "code":
            yield from ((code, content) for code in ends(field.type))
        elif rows is not None and isinstance(rows.item_type, inspect.StructType):
            first = (content.get(field.name) or [{}])[0]
            for part in rows.item_type.fields:
                for value in ends(part.type):
                    number += 1
                    yield (
                        subject if keeps else f"{subject}-{number}",
                        {**content, field.name: [{**first, part.name: value}]},
                    )
        elif field.name != "version":
            for value in ends(field.type):
                number += 1
                yield subject if keeps else f"{subject}-{field.name}-{number}"[:64], {**content, field.name: value}


def give(database: Database, key: str, kind: str, subject: str, content: dict[str, Any]) -> str:
    def take(tx: Tx) -> str:
        body = json.dumps(content).encode()
        return inbound.accept(tx, source="erp", id=key, type=kind, subject=subject, body=body).code

    return database.do(take)


@pytest.mark.faults
@pytest.mark.timeout(600)
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_nothing_an_erp_may_say_breaks_a_message_a_page_or_a_scan(engine: str, tmp_path: Path) -> None:
    url = engines.fresh(engine, tmp_path)
    database = Database(url)
    world = house.lay_out(database)
    for line in STOCK:
        world.stock(line)
    broken = []
    for number, (kind, subject, content) in enumerate(MESSAGES):
        give(database, f"{number}", kind, subject, content)
        for at, (code, odd) in enumerate(variants(kind, subject, content)):
            if give(database, f"{number}-{at}", kind, code, odd) == "our_fault":
                broken.append((kind, code, str(odd)[:200]))
    assert not broken
    taken = world.rows(select(inbox.c.type, inbox.c.subject).where(inbox.c.state == "applied").distinct())
    assert len(taken) > 500
    mara = world.worker("mara")
    for _, subject in taken[::3]:
        mara.badge_in()
        mara.scan(subject)
    database.close()
    found = [
        f"/desk/{'order?code' if kind.startswith('order.') else 'trace?q'}={quote(one, safe='')}" for kind, one in taken
    ]
    with TestClient(house.open_house(url, tmp_path), base_url="http://127.0.0.1:8080") as client:
        desk = Desk(client, "ada")
        for page in (*PAGES, *dict.fromkeys(found[::3])):
            answer = desk.client.get(page, headers={"Accept": "text/html"})
            assert answer.status_code < 500, page
    engines.remove(url)
