"""An event becomes a document of Tryton's own, which bears the event's key: whoever finds the key finds the document.

A document takes several calls, and any of them may be the last before the line breaks. So every step reads first how far
the document is, and goes on from there; what is there already is never made again. The last step is a note on the
document with the key, the floor's words, the reason and who approved it: an event is in the books when its note is.

    a line of a purchase comes in    a supplier shipment, received and done
    an order leaves                  its customer shipment, done
    a return comes in                its customer return, line by line; done when the floor closes it
    counts, finds, losses            an inventory
    a change of status, scrap        an internal shipment
"""

from collections.abc import Callable, Mapping, Sequence

from sync.connectors.entries import Entry
from sync.connectors.tryton.plain import arriving, inside, leaving, returning
from sync.connectors.tryton.plain.records import OURS, Records
from sync.connectors.tryton.rpc import ErpSaid, Rpc

Document = str  # "stock.shipment.in,12"
EFFECTS: dict[str, Callable[[Records, Entry], list[Document]]] = {
    "note": lambda erp, entry: [],
    "move": inside.move,
    "undo": arriving.undo,
    "receive": arriving.receive,
    "receipt_closed": lambda erp, entry: [],  # each line is done by itself; what is short stays open in the purchase
    "take_back": returning.take_back,
    "return_closed": returning.close,
    "ship": leaving.ship,
}


class PlainBooks:
    in_words = "by its plain API, without the inbox module"
    rest_in = "reference"

    def __init__(self, rpc: Rpc, places: Mapping[str, str]) -> None:
        self._erp = Records(rpc, places)

    def is_ours(self, said: str) -> bool:
        return OURS in said

    def post(self, entries: Sequence[Entry]) -> list[Mapping[str, str]]:
        answers: list[Mapping[str, str]] = []
        refused: set[str] = set()
        for entry in entries:
            if entry["document"] and entry["document"] in refused:
                answers.append({"outcome": "held"})
                continue
            answers.append(self._take(entry))
            if answers[-1]["outcome"] in ("rejected", "approval"):
                refused.add(entry["document"])
        return answers

    def known(self, keys: Sequence[str]) -> set[str]:
        if not keys:
            return set()
        begins = [["message", "like", f"{key}\n%"] for key in keys]
        notes = self._erp.rows("ir.note", [["OR", *begins]], "message")
        return {note["message"].partition("\n")[0] for note in notes} & set(keys)

    def on_hand(self, codes: Sequence[str]) -> list[tuple[str, str, str, float]]:
        """Location by location, because a quantity here is a field of the product that depends on where one looks."""
        found: list[tuple[str, str, str, float]] = []
        for place in self._erp.rows("stock.location", [["code", "in", list(codes)]], "code"):
            where = {"locations": [place["id"]], "with_childs": False, "stock_date_end": self._erp.today()}
            some = [["quantity", "!=", 0]]
            goods = self._erp.rows("product.product", some, "code", "quantity", context=where)
            lots = self._erp.rows("stock.lot", some, "number", "product", "product.code", "quantity", context=where)
            of_lots: dict[int, float] = {}
            for lot in lots:
                of_lots[lot["product"]] = of_lots.get(lot["product"], 0.0) + lot["quantity"]
                found.append((lot["product."]["code"], lot["number"], place["code"], lot["quantity"]))
            for one in goods:
                found.append((one["code"], "", place["code"], one["quantity"] - of_lots.get(one["id"], 0.0)))
        return [row for row in found if row[3]]

    def _take(self, entry: Entry) -> Mapping[str, str]:
        approved: list[str] = entry["approved"]
        try:
            for name in approved:  # a supervisor accepted it on the floor's desk, for this event and no other
                self._erp.call("res.user.warning.skip", name)
            documents = EFFECTS[entry["effect"]](self._erp, entry)
            if approved:
                self._erp.forget_warnings(approved)
        except ErpSaid as said:
            if approved:
                self._erp.forget_warnings(approved)
            outcome = "approval" if said.kind == "UserWarning" else "rejected"
            return {"outcome": outcome, "reason": said.words, "warning": said.warning}
        noted = [self._note(document, entry) for document in documents]
        return {"outcome": "duplicate" if noted and not any(noted) else "applied"}

    def _note(self, document: Document, entry: Entry) -> bool:
        """Is it new there? The floor's words on the document, once."""
        begins = f"{entry['key']}\n"
        if self._erp.rows("ir.note", [["resource", "=", document], ["message", "like", begins + "%"]]):
            return False
        serials = [serial for move in entry.get("moves", ()) for serial in move["serials"]]
        named = {
            "reason": entry["reason"],
            "approved by": entry["approver"],
            "worker": entry["worker"],
            "tracking": entry.get("tracking", ""),
            "serials": " ".join(serials),
        }
        words = "\n".join(
            filter(None, [entry["told"], *(f"{name}: {value}" for name, value in named.items() if value)])
        )
        self._erp.create("ir.note", [{"resource": document, "message": begins + words}])
        return True
