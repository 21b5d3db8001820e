"""A new counter scale at the desk: its label is tried by a pattern nobody saved yet, then the pattern is, by an admin."""

import html

from litestar import Litestar
from litestar.testing import TestClient

from app.db import Tx
from app.work import restricted_numbers
from devices.trade_numbers import check_digit
from tests.desk.house import Desk

LABEL = "211234500987" + check_digit("211234500987")
PATTERN = "21IIIIIWWWWWC"
TRY = "/desk/own-numbers?number={}&pattern={}&decimals={}"


def test_a_pattern_is_tried_on_a_scanned_label_before_it_is_saved(client: TestClient[Litestar]) -> None:
    ruth = Desk(client, "ruth")
    seen = ruth.see(TRY.format(f"]E0{LABEL}", PATTERN, ""))
    assert f"{LABEL} is a number for use inside one house, not a GTIN, and no rule here" in seen, "as it is now"
    assert "Item number 12345, which nobody knows: make it a barcode of the item." in seen, "as it would be"
    assert "22IIIIIVPPPPC is not about this number." in ruth.see(TRY.format(LABEL, "22IIIIIVPPPPC", ""))
    assert "Z means nothing in a pattern" in ruth.see(TRY.format(LABEL, "21ZZZZZWWWWWC", ""))
    assert "is a GTIN, not a number for use inside one house" in ruth.see(TRY.format("4006381333931", PATTERN, ""))
    assert "is no number of 8, 12, 13 or 14 digits" in ruth.see(TRY.format("2112345009999", PATTERN, ""))
    assert "No label of our own has a pattern yet." in seen
    assert "Add pattern" not in seen, "a supervisor tries"
    assert ruth.press("/desk/own-numbers", pattern=PATTERN).status_code == 403


def test_an_admin_saves_it_and_who_and_when_stand_beside_it(client: TestClient[Litestar]) -> None:
    ada, db = Desk(client, "ada"), client.app.state.house.db
    assert "is known" in ada.press("/desk/own-numbers", pattern=PATTERN.lower()).text
    seen = ada.see("/desk/own-numbers")
    assert "1 pattern for labels of our own is in use." in seen
    assert f"pattern {PATTERN}: usual decimals, in use" in seen
    for form, says in (
        ({"pattern": "2112IIIWWWWWC"}, "contradicts 21IIIIIWWWWWC: a number could be read by both. Switch one off."),
        ({"pattern": "40IIIIIWWWWWC"}, "It must begin with 02, 04 or 20 to 29"),
        ({"pattern": PATTERN, "decimals": "x"}, "Decimals are 0 to 3, or left empty, not x."),
    ):
        answer = ada.press("/desk/own-numbers", **form)
        assert (answer.headers.get("x-refusal"), says in html.unescape(answer.text)) == ("own_number_refused", True)
    assert "is switched off" in ada.press("/desk/own-numbers", pattern=PATTERN, decimals="2", active="no").text

    def kept(tx: Tx) -> list[restricted_numbers.Row]:
        return restricted_numbers.everything(tx)

    assert db.do(kept) == [restricted_numbers.Row(pattern=PATTERN, decimals=2, active=0)]
    assert f"pattern {PATTERN}: 2 decimals, switched off" in ada.see("/desk/own-numbers")
