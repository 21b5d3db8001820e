"""The sample screens a worker may meet, one of each kind: what the pictures show, and the long words no picture shows."""

import msgspec

from app.floor.last_label import shown
from app.floor.prompt import Answer, CartonView, Fact, Goods, Key, LastLabel, Prompt, Row, Verdict
from app.workflows.lookup_pages import paged

LABEL_WAITS = LastLabel(sentence="Label waits for LABEL-2: Out of labels.")
LABEL_DOUBT = LastLabel(sentence="Did the label come out of LABEL-2?", asks=True)
TEE = Goods(code="TEE-M-WHT", name="T-shirt organic, white, M")
HONEY = Goods(code="HON-500", name="Blossom honey 500 g", note="case = 12 each")
CART = tuple(f"T-020{n}" for n in range(1, 7))
SHORT, MORE, QUANTITY = (
    Key(name="short", label="Short"),
    Key(name="skip", label="Skip"),
    Key(name="count", label="Quantity"),
)
PICK = Prompt(
    job="Pick cart 4",
    headline="Scan location",
    progress=(3, 12),
    under_way=True,
    big="place",
    place="A-14-03",
    item=TEE,
    quantity=4,
    unit="each",
    tote="T-0203",
    totes=CART,
    keys=(SHORT, MORE),
    can_undo=True,
    expects=("location",),
)
PUTAWAY = Prompt(
    job="Put away",
    subject="LPN …0 4417",
    headline="Scan bin",
    big="place",
    place="B-07-01",
    item=Goods(code="48 each", name="Blossom honey 500 g", note="lot L2408-A"),
    why=("Same item and lot is here: 24", "Room for 96, you bring 48", "Dry food, 40 m from you"),
    why_title="Why this bin",
    keys=(Key(name="other", label="Other bin"), Key(name="skip", label="Later")),
    can_undo=True,
)
RECEIVE = Prompt(
    job="PO 4500187",
    headline="Scan next case",
    progress=(2, 5),
    progress_of="lines",
    big="item",
    item=HONEY,
    facts=(
        Fact(label="Lot", value="L2408-A", note="from label"),
        Fact(label="Expiry", value="31 Aug 2026", note="from label"),
        Fact(label="LPN", value="…0 4417", note="new"),
    ),
    quantity=36,
    of=48,
    unit="each",
    quantity_is="received",
    keys=(
        QUANTITY,
        Key(name="close", label="Close"),
        Key(name="same", label="Same again"),
        Key(name="damaged", label="Damaged"),
    ),
    can_undo=True,
    repeats=True,
)
TILES = (
    ("receiving", "Receive", "2 at dock", "receive"),
    ("putaway", "Put away", "9 LPNs", "putaway"),
    ("picking", "Pick", "4 carts", "pick"),
    ("packing", "Pack", "3 totes", "pack"),
    ("counting", "Count", "12 tasks", "count"),
    ("loading", "Load", "1 truck", "load"),
    ("moving", "Move", "", "move"),
    ("lookup", "Look up", "", "look"),
)
MENU = Prompt(
    job="Zone A · printer P-2",
    headline="Scan anything to start",
    hint="cart, LPN, PO, location — or choose",
    template="floor/menu.html",
    choices=tuple(
        Key(name="start", value=name, label=label, note=note, icon=icon) for name, label, note, icon in TILES
    ),
    main=Key(
        name="next", value="picking", label="Next: pick cart 4", note="12 lines, 6 totes · cut-off 16:00", icon="pick"
    ),
)
WHOLE_CODE = msgspec.structs.replace(
    MENU,
    main=Key(name="next", value="picking", label="Next: pick cart W-0001-1", note="12 lines, 6 totes", icon="pick"),
)
MANY_JOBS = msgspec.structs.replace(
    MENU,
    choices=(*MENU.choices, *(Key(name="start", value=f"job{n}", label="Another job") for n in range(6))),
    can_undo=True,
)
PACK = Prompt(
    job="Station P-2",
    subject="Order 100482",
    headline="Scan an item",
    hint="Parcel North Express · cut-off 16:00, in 1 h 28",
    template="floor/pack.html",
    progress=(5, 9),
    rows=(
        Row(name="Mug 350 ml blue", left="1", detail="MUG-BLU-35", right="1 of 2", state="now"),
        Row(name="Blossom honey 500 g", left="2", detail="HON-500 · lot L2408-A", right="0 of 2"),
        Row(name="Kettle gooseneck 1 l", left="1", detail="KET-1L · scan the serial too", right="0 of 1"),
        Row(name="Lavender soap 90 g", right="3 of 3", state="seen"),
        Row(name="T-shirt organic, white, M", right="1 of 1", state="seen"),
    ),
    carton=CartonView(
        type="C3",
        size="300 × 200 × 150 mm",
        why=("Smallest that fits, 62 % full", "✕ C2 is too low for the kettle"),
        weight_g=1482,
        expected_g=1480,
        low_g=1450,
        high_g=1510,
        label="Prints by itself when 9 of 9 are seen and weighed.",
    ),
    keys=(Key(name="carton", label="Other carton"), Key(name="full", label="Carton full"), SHORT),
    can_undo=True,
    repeats=True,
)
_DE = Goods(code="GESCHIRRTUCH-DGR-50X70", name="Baumwollgeschirrtuch, dunkelgrün gestreift")


FOUND = (
    *(Row(name=f"A-1{n}-03", left=f"{n * 7}", detail=f"LPN LPN-000041{n} · lot L240{n} · 12 promised") for n in range(3, 7)),
    Row(name="36 × TEA-EARL-100, LPN-0000412 → A-01-02; 12 × TEA-ASSAM-100, LPN-0000412 → A-01-03; and 4 more",
        detail="Mara Kowalska · 21 Nov 16:40", right="#10412", state="seen"),
    Row(name="1 × KETTLE-GOOSENECK-1L, the supplier → 340123450000000078", detail="Ben · 20 Nov 09:10", right="#96",
        state="seen"),
    *(Row(name=f"{n} × TEA-EARL-100, A-14-03 → T-0203", detail=f"Mara · {n} Nov 11:3{n}", right=f"#{n}", state="seen")
      for n in range(1, 6)),
)  # fmt: skip
KNOWN = (
    Fact(label="Free", value="128"), Fact(label="Stands at", value="A-14-03"), Fact(label="State", value="open"),
    Fact(label="Holds", value="LPN-0000413, LPN-0000414, LPN-0000415, LPN-0000416"),
)  # fmt: skip


def _looked_up() -> dict[str, Answer]:
    name = "Earl Grey loose leaf tea 100 g"
    pages = paged(name, KNOWN, FOUND, summed=True)
    return {
        f"lookup-{n}": _answer(
            Prompt(
                job="Look up", subject="Item TEA-EARL-100", headline="Scan the next", big="lines",
                item=Goods(code="TEA-EARL-100", name=name), facts=page.facts, rows=page.rows,
                quantity=140 if n == 1 else None, unit="each" if n == 1 else "", quantity_is="on hand" if n == 1 else "",
                keys=(Key(name="page", label=f"Page 2 of {len(pages)}"), Key(name="back", label="Back to work")),
                expects=("item", "location"),
            ),
            _ok("TEA-EARL-100: 42 at A-16-03 and 11 more"),
        )
        for n, page in enumerate(pages, 1)
    }  # fmt: skip


def _answer(prompt: Prompt, verdict: Verdict | None = None) -> Answer:
    return Answer(id="a", step="s0", prompt=prompt, verdict=verdict, worker="Mara K.")


def _ok(words: str) -> Verdict:
    return Verdict(kind="ok", sentence=words)


SAMPLES: dict[str, Answer] = {
    "menu": _answer(MENU),
    "menu-code": _answer(WHOLE_CODE),
    "menu-said": _answer(MENU, Verdict(kind="step", sentence="Cart 3 is done. 4 carts wait.")),
    "menu-more": _answer(MANY_JOBS),
    "menu-more-said": _answer(MANY_JOBS, Verdict(kind="step", sentence="LPN-0000412 lies in A-03-02.")),
    "pick": _answer(PICK, _ok("2 × Mug 350 ml blue in tote 1")),
    "pick-item": _answer(
        Prompt(
            job="Pick cart 4", headline="Scan item again", progress=(6, 12), big="item", done=("A-19-02",),
            item=Goods(code="CAN-12", name="Candle beeswax 12 cm", note="any lot"), quantity=1, of=2, unit="each",
            tote="T-0205", totes=CART, keys=(SHORT, MORE), can_undo=True,
        ),
        _ok("Right location"),
    ),
    "pick-tote": _answer(
        Prompt(
            job="Pick cart 4", headline="Scan tote 5", progress=(6, 12), big="tote", done=("at A-19-02",), place="A-19-02",
            hint="T-0205",
            item=Goods(code="CAN-12", name="Candle beeswax 12 cm"), quantity=2, unit="each", tote="T-0205", totes=CART,
            keys=(SHORT, Key(name="full", label="Tote full"), MORE), can_undo=True,
        )
    ),
    "pick-de": _answer(
        Prompt(
            job="Sammelwagen 4", headline="Lagerplatz scannen", progress=(3, 12), big="place", place="A-14-03", item=_DE,
            quantity=4, unit="Stück", tote="T-0203", totes=CART,
            keys=(Key(name="short", label="Fehlmenge"), Key(name="skip", label="Später")), can_undo=True,
        ),
        _ok("2 × Edelstahl-Isolierkanne in Behälter 1"),
    ),
    "place-long": _answer(
        Prompt(
            job="Load truck 7", headline="Scan lane", big="place", place="STAGE-OUT-NORTH-04", subject="Carton C-000123",
            item=Goods(code="C-000123"), facts=(Fact(label="Order", value="100482"), Fact(label="Carrier", value="Parcel North")),
        )
    ),
    "putaway": _answer(PUTAWAY),
    "label-waits": _answer(shown(RECEIVE, LABEL_WAITS), _ok("+ 12 each, one case")),
    "label-doubt": _answer(shown(PICK, LABEL_DOUBT)),
    "label-doubt-putaway": _answer(shown(PUTAWAY, LABEL_DOUBT)),
    "label-doubt-menu": _answer(shown(MENU, LABEL_DOUBT)),
    "receive": _answer(RECEIVE, _ok("+ 12 each, one case")),
    "expiry": _answer(
        Prompt(
            job="PO 4500187", headline="Set expiry", ask="date", progress=(3, 5), progress_of="lines",
            item=Goods(code="TEA-G", name="Green tea 100 g", note="lot GT-118"),
            hint="None on the label. Expiry: day, month, year?", keys=(Key(name="none", label="None on goods"),),
            expects=("date",),
        )
    ),
    "quantity": _answer(
        Prompt(
            job="PO 4500187", headline="Add pieces", ask="quantity", progress=(2, 5), progress_of="lines", item=HONEY,
            hint="36 received, 12 open", unit="each", of=12, keys=(Key(name="cases", label="Cases"),), can_undo=True,
            expects=("quantity", "item"),
        ),
        _ok("+ 12 each, one case"),
    ),
    "short": _answer(
        Prompt(
            job="Short at A-14-03", headline="Why?", ask="quantity", progress=(3, 12), progress_of="lines", item=TEE,
            hint="type how many you found", big="quantity", quantity=3, of=4, quantity_is="missing", unit="each",
            keys=(Key(name="found", label="Found 1"),), why_title="Then", expects=("quantity",),
            why=("→ 3 more from A-19-02, 60 m on", "# A-14-03 is counted today"),
            choices=(
                Key(name="reason", value="empty", label="Bin empty", pressed=True),
                Key(name="reason", value="damaged", label="Damaged"),
                Key(name="reason", value="wrong", label="Wrong item in bin"),
                Key(name="reason", value="blocked", label="Bin blocked"),
            ),
            main=Key(name="confirm", label="Confirm 3 short", note="bin empty"),
        )
    ),
    "pad-and-more": _answer(
        Prompt(
            job="Replenish A-14", headline="Take that many", ask="quantity", item=HONEY, unit="each", of=12,
            hint="type how many are at R-02-03", facts=(Fact(label="Lot", value="L2408-A", note="from label"),),
            why=("→ the rest comes from R-04-01",), keys=(Key(name="none", label="None"),),
            main=Key(name="all", label="All 12 are there"), expects=("quantity",),
        )
    ),
    "choose": _answer(
        Prompt(
            job="Receive", headline="Which order is it?", ask="choice", hint="HON-500 is open on several.",
            choices=tuple(Key(name="po", value=str(n), label=f"PO 450018{n}", note=f"{n * 12} open") for n in range(1, 6)),
            can_undo=True, expects=("document",),
        )
    ),
    "station": _answer(
        Prompt(
            job="Sign in", headline="Scan your station", hint="it sets your printers and your scale",
            keys=(Key(name="moving", label="On the move"),),
        )
    ),
    "lookup": _answer(
        Prompt(
            job="Look up", subject="TEE-M-WHT", headline="Scan anything", big="lines", item=TEE,
            rows=tuple(Row(name=f"A-1{n}-03", detail=f"lot L240{n}", right=f"{n * 7} each") for n in range(1, 9)),
            keys=(Key(name="done", label="Done"),),
        )
    ),
    "text": _answer(
        Prompt(
            job="Truck 7", headline="Type the seal", ask="text", hint="The number on the seal of the door.", expects=("text",)
        )
    ),
    "press": _answer(
        Prompt(
            job="Load truck 7", headline="Close the truck", ask="press", big="lines",
            rows=(Row(name="C-000131", detail="order 100484", right="missing"), Row(name="C-000135", right="missing")),
            main=Key(name="close", label="Close, leave 2 behind"), keys=(Key(name="back", label="Not yet"),),
        )
    ),
    "close": _answer(
        Prompt(
            job="PO 4500187", headline="Close this PO?", ask="press", hint="4 of 6 lines differ.", progress=(2, 6),
            progress_of="lines", big="lines",
            rows=tuple(
                Row(name=f"TEA-EARL-10{n}", left="24 / 48", detail="Earl Grey loose leaf tea 100 g", right="24 short")
                for n in range(6)
            ),
            keys=(Key(name="later", label="Rest comes later"),), can_undo=True,
            main=Key(name="confirm", label="Close PO", note="4 discrepancies"), expects=("document", "lpn", "item"),
        ),
        _ok("12 × TEA-EARL-100 in LPN …0 0078, on hold"),
    ),
    "release-badge": _answer(
        Prompt(
            job="PO 4500187", headline="Supervisor: scan badge", why_title="What it is about",
            why=("✕ 48 × HON-500 were ordered, at most 50 may come in; 60 would be here. Ben received 12 at 09:41.",),
            keys=(Key(name="back", label="Go on without"),), expects=("worker",),
        ),
        Verdict(kind="warning", sentence="Too many.", code="over_tolerance"),
    ),
    "release-why": _answer(
        Prompt(
            job="PO 4500187", headline="Why?", subject="Lena V.", ask="choice", hint="60 of 48 HON-500 would be here.",
            choices=tuple(
                Key(name="reason", value=code, label=label)
                for code, label in (("agreed", "Agreed with the office"), ("checked", "Looked at it"), ("waits", "Waits"))
            ),
        )
    ),
    "release-pin": _answer(
        Prompt(
            job="PO 4500187", headline="PIN of Lena V.", subject="Lena V.", ask="pin", template="floor/release.html",
            hint="48 × HON-500 were ordered, at most 50 may come in; 60 would be here.",
            facts=(Fact(label="Why", value="Agreed with the office"),),
        ),
        Verdict(kind="error", code="wrong_pin", title="Not signed in", sentence="Badge and PIN do not fit."),
    ),
    "photo": _answer(
        Prompt(
            job="Return R-17", headline="Take a photo", ask="photo", photo=True, big="item", item=HONEY,
            facts=(Fact(label="Damage", value="Glass broken"),), keys=(Key(name="skip", label="None needed"),),
        )
    ),
    "photo-too": _answer(
        Prompt(
            job="PO 4500187", headline="Scan next case", big="item", item=HONEY, photo=True, quantity=36, of=48, unit="each",
            keys=(QUANTITY, Key(name="close", label="Close")), progress=(2, 5), expects=("item",),
        )
    ),
    "refusal": _answer(
        PICK,
        Verdict(
            kind="error", code="wrong_item", title="Wrong item", sentence="Expected TEE-M-WHT, scanned TEE-L-WHT.",
            expected="TEE-M-WHT", expected_name="T-shirt organic, white, M", scanned="TEE-L-WHT",
            scanned_name="T-shirt organic, white, L", right=("TEE-M-WHT", "4006381333931"), then="TEE-M-WHT",
            todo="Put it back. Then take it from A-14-03. Nothing was counted.",
        ),
    ),
    "refusal-words": _answer(
        PICK,
        Verdict(
            kind="error", code="held", title="Scan again",
            sentence="A scan before this one was not accepted, so this one was not applied.",
            todo="Look at the screen, then scan what it asks for.",
        ),
    ),
    "refusal-long": _answer(
        PICK,
        Verdict(
            kind="error", code="unknown", title="Unknown code",
            sentence="Nobody knows 0109506000134352172607311050A9ZX77.", scanned="0109506000134352172607311050A9ZX77",
            right=("A-14-03", "*"),
            todo="Scan another label on it, or ask for the item to be linked.",
        ),
    ),
    "warning": _answer(
        PUTAWAY,
        Verdict(
            kind="warning", code="other_bin", title="Another bin", sentence="Expected B-07-01, scanned B-09-01.",
            expected="B-07-01", scanned="B-09-01", scanned_name="free, fits, other lots here",
            todo="Sure? Scan B-09-01 again.",
        ),
    ),
    "pack": _answer(PACK, _ok("Mug 350 ml blue: 1 of 2")),
    "pack-refusal": _answer(
        PACK,
        Verdict(
            kind="error", code="wrong_item", title="Not in this order", sentence="Expected MUG-BLU-35, scanned MUG-RED-35.",
            expected="MUG-BLU-35", scanned="MUG-RED-35", todo="Lay it aside. It belongs to nobody here.",
        ),
    ),
}  # fmt: skip
SAMPLES.update(_looked_up())
