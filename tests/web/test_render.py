"""What is drawn for an Answer: escaped, complete, and within the time a scan may cost."""

import msgspec
import pytest

from app.errors import Forbidden
from app.floor.prompt import Answer, CartonView, Fact, Goods, Key, Prompt, Row, Verdict
from app.web import looks, render
from app.work.picking import CartInUse

LINE = Prompt(
    job="Pick cart 4",
    headline="Scan location",
    progress=(3, 12),
    place="A-14-03",
    item=Goods(code="TEE-M", name="T-shirt, M"),
    quantity=4,
    unit="each",
    tote="T-3",
    totes=("T-1", "T-2", "T-3"),
    keys=(Key(name="short", label="Short"), Key(name="skip", label="Skip"), Key(name="full", label="Tote full")),
    can_undo=True,
)


def drawn(prompt: Prompt, verdict: Verdict | None = None) -> str:
    return render.screen(Answer(id="i", step="s", prompt=prompt, verdict=verdict, worker="Mara K."))


def test_a_name_with_markup_in_it_is_only_a_name() -> None:
    evil = "<script>alert(1)</script>\"'"
    html = drawn(
        Prompt(
            job=evil, headline=evil, subject=evil, place=evil, item=Goods(code=evil, name=evil, note=evil), tote=evil,
            hint=evil, done=(evil,), why=(evil,), facts=(Fact(label=evil, value=evil),), speech=evil,
            keys=(Key(name=evil, label=evil),), rows=(Row(name=evil, detail=evil),), quantity=1, unit=evil,
        ),
        Verdict(kind="error", sentence=evil, title=evil, expected=evil, scanned=evil + "x", todo=evil, right=(evil,)),
    )  # fmt: skip
    assert "<script" not in html
    assert html.count("&lt;script&gt;") > 10


def test_undo_is_first_and_what_does_not_fit_waits_behind_more() -> None:
    row = looks.key_row(LINE, most=3)
    assert [key.label for key in row.shown] == ["Undo", "Short"]
    assert [key.label for key in row.rest] == ["Skip", "Tote full"]
    html = drawn(LINE)
    assert html.index(">Undo<") < html.index(">Short<") < html.index(">More<") < html.index(">Tote full<")


def test_the_slots_of_a_location_are_named_and_other_names_are_not_torn() -> None:
    assert looks.place_slots("A-14-03") == ((("A", "aisle"), ("14", "bay"), ("03", "level")), "")
    assert looks.place_slots("DOCK-2") == ((), "")
    assert looks.place_slots("LANE-DPD") == ((), "mid")
    assert looks.place_slots("STAGE-OUT-04") == ((), "small")


@pytest.mark.parametrize(
    ("expected", "scanned", "seen"),
    [
        ("TEE-M-WHT", "TEE-L-WHT", ("TEE-[M]-WHT", "TEE-[L]-WHT")),
        ("B-07-01", "B-09-01", ("B-[07]-01", "B-[09]-01")),
        ("L2408A", "L2409A", ("L240[8]A", "L240[9]A")),
        ("TEE-M", "MUG", ("TEE-M", "MUG")),
        ("", "MUG", ("", "MUG")),
        ("A-14-03", "A-14-03", ("A-14-03", "A-14-03")),
    ],
)
def test_the_part_that_differs_is_marked(expected: str, scanned: str, seen: tuple[str, str]) -> None:
    told = looks.marked(expected, scanned)
    texts = tuple("".join(f"[{one.text}]" if one.differs else one.text for one in side) for side in told)
    assert texts == seen


def test_a_refusal_says_what_to_do_first_and_nothing_twice() -> None:
    wrong = Verdict(
        kind="error",
        sentence="Expected TEE-M, scanned MUG.",
        expected="TEE-M",
        scanned="MUG",
        todo="Put it back. Look again.",
    )
    assert looks.sentences(wrong) == looks.Words(first="Put it back.", more="Look again.")
    html = drawn(LINE, wrong)
    assert "I understood" in html
    assert "Expected TEE-M, scanned MUG." not in html


def test_a_long_list_says_how_much_more_there_is() -> None:
    rows = tuple(Row(name=f"A-{n}", detail="lot") for n in range(9))
    shown, more = looks.lines_of(rows)
    assert (len(shown), more) == (4, 5)
    assert "and 5 more" in drawn(Prompt(job="Look up", headline="Scan anything", rows=rows))


@pytest.mark.parametrize(
    ("grams", "mark", "word"),
    [(1482, 207, "As expected"), (1400, 3, "Too light"), (9000, 397, "Too heavy"), (1450, 100, "As expected")],
)
def test_the_weight_stands_where_it_belongs(grams: int, mark: int, word: str) -> None:
    carton = CartonView(type="C3", size="", weight_g=grams, low_g=1450, high_g=1510)
    scale = looks.tolerance(carton)
    assert scale is not None
    assert (abs(scale.mark - mark) <= 1, scale.word) == (True, word)


def test_every_way_of_asking_is_drawn_and_an_unknown_template_is_the_common_one() -> None:
    for ask in ("scan", "quantity", "date", "text", "choice", "press"):
        html = drawn(msgspec.structs.replace(LINE, ask=ask, template="floor/no-such-page.html"))
        assert f'data-ask="{ask}"' in html
    assert "tiles" in drawn(msgspec.structs.replace(LINE, template="floor/menu.html"))
    assert "station" in drawn(msgspec.structs.replace(LINE, template="floor/pack.html"))


def test_the_page_holds_the_token_and_nothing_inline() -> None:
    answer = Answer(id="i", step="s", prompt=LINE, worker="Mara K.")
    html = render.page(answer, csrf="t0k3n", device="HH-07", worker="mara", size="l", theme="dark")
    assert '<meta name="csrf" content="t0k3n">' in html
    assert 'data-size="l" data-theme="dark"' in html
    assert html.startswith("<!doctype html>")
    for forbidden in ("<style", " style=", "<script>", " onclick", "http://", "https://", "javascript:"):
        assert forbidden not in html.lower()


def test_the_bar_counts_what_is_done() -> None:
    assert 'value="1"' in drawn(Prompt(job="PO 1", headline="Scan item", progress=(1, 4)))
    assert 'value="2"' in drawn(Prompt(job="Pick", headline="Scan item", progress=(3, 4), under_way=True))


def test_a_pad_names_a_unit_only_where_units_are_counted() -> None:
    asked = Prompt(job="PO 1", headline="Type the expiry", ask="date", item=Goods(code="TEA"), unit="each")
    assert "each" not in drawn(asked)
    assert "each" in drawn(msgspec.structs.replace(asked, ask="quantity"))


def test_a_question_answered_by_a_press_shows_no_scanner() -> None:
    why = Prompt(
        job="Return", headline="Why?", ask="choice", expects=("item",), choices=(Key(name="reason", label="Broken"),)
    )
    assert "#i-scan" not in drawn(why)
    assert "#i-scan" in drawn(msgspec.structs.replace(why, ask="scan", choices=()))


def test_the_place_is_said_once_and_the_tote_is_the_big_thing() -> None:
    html = drawn(
        msgspec.structs.replace(LINE, big="tote", tote="3", totes=("1", "2", "3"), done=("at A-14-03",), hint="T-0203")
    )
    assert html.count("A-14-03") == 1
    assert '<p class="loc ">3</p>' in html


def test_a_label_that_failed_is_said_in_the_band() -> None:
    carton = CartonView(type="C3", size="", label="LABEL-1 failed: no paper.", trouble=True)
    asked = Prompt(job="Pack", headline="Scan the label", template="floor/pack.html", carton=carton)
    html = drawn(asked, Verdict(kind="step", sentence="Stick the label on and scan it."))
    assert "Stick the label on" not in html
    assert '<p class="say warn"' in html


def test_a_weight_that_is_not_there_says_why() -> None:
    carton = CartonView(type="C3", size="", unweighed="The scale of PACK-1 is away.")
    asked = Prompt(job="Pack", headline="Put it on the scale", template="floor/pack.html", carton=carton)
    assert "The scale of PACK-1 is away." in drawn(asked)
    assert "data-unweighed" not in drawn(msgspec.structs.replace(asked, carton=CartonView(type="C3", size="")))


def test_only_the_one_right_thing_is_named_on_the_button() -> None:
    refused = Verdict(kind="error", sentence="Expected 60, scanned 30.", expected="60", scanned="30", right=("*",))
    assert "then scan" not in drawn(LINE, refused)
    assert "or scan another label" in drawn(LINE, refused)
    assert "then scan A-14-03" in drawn(LINE, msgspec.structs.replace(refused, then="A-14-03", right=("A-14-03",)))


def test_a_name_that_ends_with_a_point_ends_the_sentence() -> None:
    assert Forbidden(worker="Mara K").sentence == "Mara K may not do this."
    assert CartInUse(scanned="CART-4", task="W-1", holder="Mara K.").sentence == "CART-4 is on W-1 with Mara K."
