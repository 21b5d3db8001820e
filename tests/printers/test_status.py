"""What printers say, in any pieces and between any junk."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from printers import receipt_status, status
from printers.status import PrinterStatus

HQES = b"\x02\r\n\r\n  PRINTER STATUS\r\n   ERRORS:         %b 00000000 %b\r\n   WARNINGS:       %b 00000000 %b\r\n\x03"
NO_WARNING = (b"0", b"00000000")
HS = b"\x02030,%d,%d,1218,%03d,0,0,%d,000,0,0,0\x03\r\n\x02000,0,%d,0,0,2,4,0,%08d,1,000\x03\r\n\x021234,0\x03\r\n"


@pytest.mark.parametrize(
    ("bits", "sentence"),
    [
        (b"00000000", "Ready."),
        (b"00000001", "Out of labels."),
        (b"00000005", "Out of labels. The print head is open."),
        (b"00000010", "Too hot."),
        (b"00010000", "Paused at the printer."),
        (b"00000800", "The printer reports a fault; look at its display."),
        (b"08000000", "The printer reports a fault; look at its display."),
    ],
)
def test_errors_are_said_in_words(bits: bytes, sentence: str) -> None:
    found = status.parse_errors(HQES % (b"0" if bits == b"00000000" else b"1", bits, *NO_WARNING))
    assert found is not None
    assert (found.sentence, found.ready) == (sentence, sentence == "Ready.")


@pytest.mark.parametrize(
    ("bits", "words"),
    [
        (b"00000000", ()),
        (b"00000002", ("wants cleaning",)),
        (b"00000004", ("is worn",)),
        (b"00000008", ("paper is nearly out",)),
        (b"0000000C", ("paper is nearly out", "is worn")),
        (b"00000101", ("calibrate it",)),  # a kiosk printer's sensors beside it are no warning to anybody here
    ],
)
def test_what_it_will_lack_soon_is_a_warning_in_either_way_of_asking(bits: bytes, words: tuple[str, ...]) -> None:
    warned = b"0" if bits == b"00000000" else b"1"
    by_hqes = status.parse_errors(HQES % (b"0", b"00000000", warned, bits))
    by_sgd = status.parse_system(b'"0,0,00000000,00000000,%b,00000000,%b""ok""ok"' % (warned, bits))
    for found in (by_hqes, by_sgd):
        assert found is not None
        assert (found.ready, found.sentence, len(found.warnings)) == (True, "Ready.", len(words))
        assert all(word in found.told for word in words)
    both = status.parse_errors(HQES % (b"1", b"00000001", warned, bits))
    assert both is not None
    assert (both.ready, both.sentence, len(both.warnings)) == (False, "Out of labels.", len(words))


def test_host_status_counts_what_waits() -> None:
    idle, busy = status.parse_status(HS % (0, 0, 0, 0, 0, 0)), status.parse_status(HS % (0, 0, 2, 1, 0, 3))
    assert idle is not None
    assert busy is not None
    assert idle.idle
    assert (busy.ready, busy.idle, busy.waiting) == (True, False, 6)
    paused = status.parse_status(HS % (0, 1, 0, 0, 0, 0))
    assert paused is not None
    assert (paused.ready, paused.paused, paused.sentence) == (False, True, "Paused at the printer.")


@pytest.mark.parametrize(
    ("whole", "parse"),
    [
        (HQES % (b"1", b"00000001", *NO_WARNING), status.parse_errors),
        (HS % (1, 0, 1, 0, 0, 0), status.parse_status),
        (b'"0,1,00000000,00000001,0,00000000,00000000""out""ok"', status.parse_system),
        (b'"030,1,0,1218,001,0,0,0,000,0,0,0\r\n000,0,0,0,0,2,4,0,00000000,1,000\r\n1234,0"', status.parse_host),
    ],
)
def test_an_answer_in_pieces_is_understood_when_it_is_whole_and_not_before(
    whole: bytes, parse: Callable[[bytes], PrinterStatus | None]
) -> None:
    seed = random.randrange(2**32)
    junk = random.Random(seed).randbytes(200).translate(None, b'\x02"')
    last = len(whole) - 1 if whole.endswith(b'"') else max(whole.rfind(b"00000000"), whole.rfind(b",0\x03"))
    for end in range(last):
        assert parse(junk + whole[:end]) is None, seed
    found = parse(junk + whole + junk)
    assert found is not None, seed
    assert found.paper_out


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (b'"0,0,00000000,00000000,0,00000000,00000000""ok""ok"', "Ready."),
        (b'"0","1","00000000","00000002","0","00000000","00000000"\r\n"ok"\r\n"ok"', "Out of ribbon."),
        (b'"1,1,00000000,00000004,0,00000000,00000000""ok""open"', "The print head is open. Paused at the printer."),
        (b'"1,0,00000000,00000000,0,00000000,00000000""ok""ok"', "Paused at the printer."),
        (b'"?""out""open"', "Out of labels. The print head is open."),  # firmware that knows two of the three
        (b'"?""ok""?"', "Ready."),
        (b'"?""?""?"', None),  # and one that knows none of them
    ],
)
def test_sgd_says_the_same_in_its_own_way(answer: bytes, sentence: str | None) -> None:
    found = status.parse_system(answer)
    assert (found and found.sentence) == sentence


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (b"\x12\x12\x12", "Ready."),
        (b"\x1a\x32\x72", "Out of paper."),
        (b"\x1a\x16\x12", "The cover is open."),
        (b"\x1a\x12\x12", "The printer is off line."),
        (b"\x12\x12\x1e", "Ready. Its paper is nearly out: have a new roll at hand."),
        (b"\x1a\x52\x12", "The printer reports a fault; look at its lamps."),
        (b"\xff\x00\x12\x12\x12", "Ready."),
    ],
)
def test_receipt_printers_answer_in_bits(answer: bytes, sentence: str) -> None:
    found = receipt_status.parse_escpos(answer)
    assert found is not None
    assert found.told == sentence
    assert receipt_status.parse_escpos(answer[-2:]) is None
