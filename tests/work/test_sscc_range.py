"""Two sites of one company, each with a database of its own: no pallet of the one ever has a number of the other."""

from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from app import main, schema
from app.config import Settings
from app.db import Database
from app.errors import CannotStart
from app.schema.work import exception
from app.work import numbers, sscc_range
from app.work.chores import Chore
from tests import engines

SITE = schema.places.site
PREFIX = "4012345"
CHORE = Chore(name="numbers", every_s=1, do=sscc_range.tell, look=sscc_range.running_out)


def house(folder: Path, code: str, first: int = 0, last: int = 0, engine: str = "sqlite") -> Database:
    database = Database(engines.fresh(engine, folder))
    database.do(lambda tx: tx.run(insert(SITE).values(code=code, gs1_company_prefix=PREFIX)))
    assert database.do(lambda tx: sscc_range.settle(tx, first, last)) == ""
    return database


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_two_sites_of_one_prefix_never_give_out_the_same_number(tmp_path: Path, engine: str) -> None:
    north, south = (
        house(tmp_path, "NORTH", 0, 19, engine),
        house(tmp_path, "SOUTH", 5_000_000_000, 5_000_000_019, engine),
    )
    given = [[database.do(numbers.lpn) for _ in range(15)] for database in (north, south)]
    assert not set(given[0]) & set(given[1])
    assert (given[0][0], given[1][0]) == ("040123450000000016", "540123450000000004")
    assert north.do(lambda tx: [numbers.is_ours(tx, code) for code in (given[0][0], given[1][0])]) == [True, False]
    for database in (north, south):
        database.close()


def test_at_ninety_percent_the_admin_knows_and_at_the_end_no_number_is_given_out(tmp_path: Path) -> None:
    database = house(tmp_path, "NORTH", 100, 109)
    for _ in range(8):
        database.do(numbers.sscc)
    assert CHORE.walk(database) is None
    database.do(numbers.sscc)
    for _ in range(2):
        CHORE.walk(database)
    with database.reading() as tx:
        [[sentence, owner]] = tx.rows(select(exception.c.sentence, exception.c.owner))
        assert sentence.startswith("90 % of the SSCC serials 100 to 109 of site NORTH are used: give it another range")
        assert owner == "admin"
        assert sscc_range.warnings(tx, carried=True) == [sentence]
    assert database.do(numbers.sscc)[8:17] == "000000109"
    for _ in range(2):
        with pytest.raises(numbers.RangeUsedUp, match="serial 109: the ones after it are another site's"):
            database.do(numbers.sscc)
    assert database.do(lambda tx: sscc_range.settle(tx, 200, 300)) == ""
    assert database.do(numbers.sscc)[8:17] == "000000200"
    database.close()


def test_a_range_that_cannot_hold_stops_the_start(tmp_path: Path) -> None:
    database = house(tmp_path, "NORTH")
    database.close()
    for first, last, words in (
        (9, 3, "holds nothing"),
        (0, 10**10, f"the company prefix {PREFIX} has the serials 0 to"),
    ):
        with pytest.raises(CannotStart, match=words):
            main.preflight(Settings(database=database.url, sscc_from=first, sscc_to=last))
    main.preflight(Settings(database=database.url, sscc_from=500, sscc_to=900))
    again = Database(database.url)
    assert again.do(numbers.sscc)[8:17] == "000000500"
    again.close()


def test_a_site_that_tells_a_hub_is_asked_for_its_range(tmp_path: Path) -> None:
    database = house(tmp_path, "NORTH")
    with database.reading() as tx:
        assert sscc_range.warnings(tx, carried=False) == []
        [told] = sscc_range.warnings(tx, carried=True)
    assert "give each a range of its own (sscc_from and sscc_to" in told
    database.do(lambda tx: tx.run(update(SITE).values(gs1_company_prefix="")))
    with database.reading() as tx:
        assert sscc_range.warnings(tx, carried=True) == []
    database.close()
