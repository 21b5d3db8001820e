"""A carrier's own label reaches our printers as a drawing only: one label, nothing that stays in the printer."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from app.work.carriers.parcel import Address, Parcel
from printers import labels, zpl
from printers.labels import CarrierLabel, LabelRefused
from sync.carriers.virtual_books import VirtualBooks
from tests.printers.renderers import scanned, zplkit_draws

PLAIN = b"^XA^FO40,40^A0N,40,40^FDHello^FS^XZ"


def label(content: bytes, form: str = "zpl") -> CarrierLabel:
    return CarrierLabel(carton="C-1", carrier="DPD", tracking="T1", form=form, content=content)  # type: ignore[arg-type]


def bought(name: str) -> CarrierLabel:
    """What the virtual carrier sends for somebody of this name."""
    to = Address(name=name, lines=("1 High Street",), postcode="LS1 4AB", city="Leeds")
    made = VirtualBooks().buy("key-1", Parcel(carton="C-1", order="482", to=to, weight_g=950))
    return label(made.label)


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("name", ["Jane Doe", "^XZ~JR^FX_5E \\& Zoe"])
def test_a_bought_label_is_one_label_and_its_number_scans(name: str, dpi: int) -> None:
    payload = zpl.render(bought(name), dpi=dpi)
    assert payload.count(b"^XA") == payload.count(b"^XZ") == 1
    [image] = zplkit_draws(payload, dpi=dpi)
    assert scanned(image) == ["VC0000000001"]
    assert labels.decode(labels.encode(bought(name))) == bought(name), "kept with its job"


def test_what_only_tunes_a_printer_is_left_out_and_a_copy_can_be_marked() -> None:
    tuned = b"^XA^MMT^PW1200^LL9000^PR6^PQ99,0,1,Y^JUS^LH0,0" + PLAIN[3:]
    payload = zpl.render(label(tuned))
    assert payload == b"^XA^CI28^PW800^LL1200^LH0,0^LH0,0^FO40,40^A0N,40,40^FDHello^FS^XZ\n"
    assert b"COPY 1" in zpl.marked_copy(payload, 1)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"%PDF-1.7", PLAIN[3:], PLAIN + PLAIN, b"~JR" + PLAIN, b"^XA~DYE:A.ZPL,B,N,1,,^XZ", b"^XA^DFE:A.ZPL^FS^XZ",
        b"^XA^IDE:*.*^XZ", b"^XA^CC*^XZ", b"^XA^GFB,2,2,1,\x5e\x7e^XZ", b"^XA^HH^XZ", b"^XA^FDx^",
        b"^XA" + b"x" * 600_000 + b"^XZ",
    ],
)  # fmt: skip
def test_whatever_else_a_stranger_sends_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(LabelRefused, match="The label of DPD"):
        zpl.render(label(content))


def test_a_picture_is_laid_upright_on_the_paper() -> None:
    wide = Image.new("RGBA", (600, 400), (0, 0, 0, 0))
    wide.paste("black", (10, 10, 60, 200))
    out = io.BytesIO()
    wide.save(out, "PNG")
    [image] = zplkit_draws(
        zpl.render(label(out.getvalue(), "png"), width_mm=30, height_mm=44), width_mm=30, height_mm=44
    )
    assert image.height > image.width
    assert image.convert("L").getextrema() == (0, 255)
    with pytest.raises(LabelRefused, match="no PNG picture"):
        zpl.render(label(b"GIF89a", "png"))
