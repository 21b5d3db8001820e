"""Who, when, with which device and which scan: the trail of an item names what was decided of it, an order's what came back."""

from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import insert

from app import schema
from app.db import Tx
from app.stock import ledger
from app.stock.events import ReturnReceived
from app.stock.slots import Slot
from app.work import holds_promises
from tests.desk.house import BY, Desk

Client = TestClient[Litestar]


def test_an_order_and_its_return_are_one_trail_and_a_hold_stands_in_the_items(client: Client) -> None:
    def happens(tx: Tx) -> None:
        tx.run(insert(schema.returns.rma).values(code="RMA-7", order_code="100490", state="receiving"))
        came = ReturnReceived(
            parcel="R-1", rma="RMA-7", order="100490", piece="R-1/1", item="CAN-12", quantity=1,
            target=Slot(location="Q-01", status="returned"),
        )  # fmt: skip
        ledger.post(tx, came, BY)
        holds_promises.stop(tx, "HON-500", "L2407-C", "hold", "glass found", BY)

    client.app.state.house.db.do(happens)
    vera = Desk(client, "vera")
    order = vera.see("/desk/trace?q=100490")
    assert "1 × CAN-12 came back in R-1" in order
    assert "/desk/trace?q=RMA-7" in order
    back = vera.see("/desk/trace?q=RMA-7")
    assert "<h1>RMA RMA-7 is receiving.</h1>" in back
    assert "]C1010400000000001510L2408-A" in back, "the raw scan that made it"
    assert "HH-01" in back
    assert "glass found" in vera.see("/desk/trace?q=HON-500&kind=item")
    assert "CAN-12 came back" in client.get("/desk/trace?q=RMA-7&format=csv").text
