"""Receiving a delivery by its notice (ASN): its pallets one by one, then the end.

1. Scan each pallet's SSCC as it comes off the truck. What lies loose is counted: scan the item.
2. When the truck is empty: scan the delivery's number again, or Close. Pallets nobody saw, and what came otherwise than
   declared, are named.
3. Confirm, or scan the delivery's number again. POs that are complete by it close with it; or leave it open for later.
"""

from app.floor.floor import Floor
from app.floor.prompt import Key, Prompt, Row
from app.floor.readings import DocumentReading, ItemReading, LocationReading, LpnReading
from app.floor.screens import Screen, build
from app.work import arrivals, asn_closing, asns, discrepancies, receiving_rules
from app.workflows import receiving_close
from app.workflows import receiving_goods as goods
from app.workflows import receiving_pallet as pallet

_STATES = {"expected": "", "received": "in", "counting": "being counted", "counted": "counted"}


def is_blind(floor: Floor, asn: str) -> bool:
    return any(receiving_rules.is_blind(floor.tx, line.po) for line in asns.lines(floor.tx, asn))


class AtAsn(Screen, frozen=True, kw_only=True, tag="receiving.asn"):
    """The next pallet, or what lies loose."""

    asn: str
    location: str

    def prompt(self, floor: Floor) -> Prompt:
        blind = is_blind(floor, self.asn)
        all_of_it = asns.pallets(floor.tx, self.asn)
        here = [one for one in all_of_it if one.state != "expected"]
        return Prompt(
            job=f"ASN {self.asn}",
            headline="Scan SSCC or item",
            hint=f"at {self.location} · all in? Scan {self.asn} again",
            progress=None if blind or not all_of_it else (len(here), len(all_of_it)),
            progress_of="pallets",
            big="lines",
            rows=self._rows(floor, here if blind else all_of_it, blind=blind),
            keys=(
                Key(name="close", label="Close"),
                Key(name="later", label="Later", note="rest comes later"),
                Key(name="problem", label="Problem"),
            ),
            speech="Scan the next pallet.",
        )

    def _rows(self, floor: Floor, shown: list[asns.Pallet], *, blind: bool) -> tuple[Row, ...]:
        """What waits first, then what is in; loose goods of the notice below."""
        told = asns.lines(floor.tx, self.asn)
        on = {one.sscc: sum(1 for line in told if line.sscc == one.sscc) for one in shown}
        pallets = [
            Row(
                name=arrivals.short(one.sscc),
                detail="" if blind else "1 line" if on[one.sscc] == 1 else f"{on[one.sscc]} lines",
                right=_STATES[one.state],
                state="seen" if one.state in ("received", "counted") else "",
            )
            for one in sorted(shown, key=lambda one: (one.state in ("received", "counted"), one.sscc))
        ]
        loose = [line for line in told if not line.sscc and (line.received or not blind)]
        return tuple(pallets) + tuple(
            Row(
                name=line.item,
                left=str(line.received) if blind else f"{line.received} / {line.quantity}",
                detail=line.name,
                state="seen" if not blind and line.received >= line.quantity else "",
            )
            for line in loose
        )

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        return pallet.take(floor, read.lpn, self.location)

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        asns.open_asn(floor.tx, self.asn)
        po = asns.po_of_item(floor.tx, self.asn, read.item)
        return goods.begin(floor, po, self.location, read, asn=self.asn)

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        arrivals.check_place(floor.tx, read.location)
        floor.ok(f"Now at {read.location}")
        return AtAsn(asn=self.asn, location=read.location)

    def on_document(self, floor: Floor, read: DocumentReading) -> Screen:
        """Its own number again, once something came: that is all of it."""
        if (read.of, read.document) == ("asn", self.asn) and any(
            one.received for one in asns.lines(floor.tx, self.asn)
        ):
            return self.tap_close(floor)
        following = build("receiving.start").on_document(floor, read)  # type: ignore[attr-defined]
        assert isinstance(following, Screen)
        return following

    def tap_close(self, floor: Floor) -> Screen:
        asns.open_asn(floor.tx, self.asn)
        return ReviewAsn(asn=self.asn, location=self.location)

    def tap_problem(self, floor: Floor) -> Screen:
        return build("receiving.problem", asn=self.asn, location=self.location)

    def tap_later(self, floor: Floor) -> Screen:
        floor.ok(f"ASN {self.asn} stays open.")
        return build("receiving.start")

    def tap_back(self, floor: Floor) -> Screen:
        return build("receiving.start")


class ReviewAsn(Screen, frozen=True, kw_only=True, tag="receiving.asn_review"):
    """Close this delivery?"""

    asn: str
    location: str

    def prompt(self, floor: Floor) -> Prompt:
        main = Key(name="confirm", label="Close delivery")
        keys = (Key(name="later", label="Rest comes later"),)
        if is_blind(floor, self.asn):
            return Prompt(
                job=f"ASN {self.asn}", headline="Close this delivery?", ask="press", hint="The office compares.",
                keys=keys, main=main, speech="Close the delivery?",
            )  # fmt: skip
        found = asn_closing.outcomes(floor.tx, self.asn)
        lost = asns.missing(floor.tx, self.asn)
        off = [one for one in found if one.lacks or one.over]
        return Prompt(
            job=f"ASN {self.asn}",
            headline="Close this delivery?",
            ask="press",
            hint="All came as declared." if not off else f"{len(off)} of {len(found)} lines differ.",
            progress=(len(found) - len(off), len(found)),
            progress_of="lines",
            big="lines",
            rows=tuple(
                Row(
                    name=one.line.item,
                    left=f"{one.line.received} / {one.line.quantity}",
                    detail=arrivals.named(one.line.sscc) if one.line.sscc else one.line.name,
                    right=one.difference,
                )
                for one in sorted(found, key=lambda one: not (one.lacks or one.over))
            ),
            why=tuple(f"→ {arrivals.named(one.sscc)} did not come" for one in lost)
            + tuple(f"→ {one.line.item}: {one.difference}" for one in off),
            why_title="Discrepancies" if off or lost else "",
            keys=keys,
            main=main,
            speech=f"Close the delivery? {len(off)} lines differ.",
        )

    def tap_confirm(self, floor: Floor) -> Screen:
        tx = floor.tx
        asns.open_asn(tx, self.asn)
        blind = is_blind(floor, self.asn)
        found = asn_closing.outcomes(tx, self.asn)
        floor.post(asn_closing.as_event(tx, self.asn), undoable=False)
        off = discrepancies.note(tx, f"asn {self.asn}", asn_closing.differences(found), floor.worker)
        closed = asn_closing.complete_pos(tx, self.asn)
        for po, lines in sorted(closed.items()):
            receiving_close.close(floor, po, lines)
        receiving_close.unloaded(floor, f"asn {self.asn}")
        told = "all as declared" if not off else "1 discrepancy" if off == 1 else f"{off} discrepancies"
        floor.step(f"ASN {self.asn} is closed" + ("." if blind else f": {told}."))
        return build("receiving.start")

    def on_document(self, floor: Floor, read: DocumentReading) -> Screen:
        """The same number again closes it; another one is the next delivery, and this stays open."""
        if read.of == "asn" and read.document == self.asn:
            return self.tap_confirm(floor)
        following = build("receiving.start").on_document(floor, read)  # type: ignore[attr-defined]
        assert isinstance(following, Screen)
        return following

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        return pallet.take(floor, read.lpn, self.location)

    def tap_later(self, floor: Floor) -> Screen:
        floor.ok(f"ASN {self.asn} stays open.")
        return build("receiving.start")

    def tap_back(self, floor: Floor) -> Screen:
        return AtAsn(asn=self.asn, location=self.location)
