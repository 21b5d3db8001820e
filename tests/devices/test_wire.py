"""The memory of a cable: what passed both ways, whole pieces, repeats counted, and never more than a screen shows."""

import time

from devices.wire import LONGEST_PIECE, MOST_PIECES, Wire, spelled


def told(wire: Wire) -> list[tuple[str, bytes, int]]:
    return [(one.way, one.raw, one.times) for one in wire.lately()]


def test_a_scan_in_crumbs_is_one_piece_and_the_answer_another() -> None:
    wire = Wire(in_lines=True)
    for byte in b"A-01\r\n":
        wire.heard(bytes([byte]))
    wire.heard(b"A-02\r\nA-03\r\n")
    wire.said(b"ok")
    scans = [("heard", b"A-0%d\r\n" % number, 1) for number in (1, 2, 3)]
    assert told(wire) == [*scans, ("said", b"ok", 1)]


def test_a_question_asked_for_hours_is_counted_and_pushes_nothing_out() -> None:
    wire = Wire()
    wire.heard(b"the one thing that matters")
    for _ in range(200):
        wire.said(b"~HQES")
        wire.heard(b"ready")
        wire.said(b"~HS")
        wire.heard(b"idle")
    pieces = told(wire)
    assert pieces[0] == ("heard", b"the one thing that matters", 1)
    assert len(pieces) == 5
    assert sum(times for _, _, times in pieces[1:]) == 800


def test_the_memory_is_bounded_in_pieces_and_in_bytes() -> None:
    wire = Wire()
    for number in range(3 * MOST_PIECES):
        wire.said(b"?")
        wire.heard(b"%d" % number)
    assert len(wire.lately()) == MOST_PIECES
    wire.said(b"?")
    wire.heard(b"X" * 5000)
    wire.heard(b"Y")
    last = wire.lately()[-1]
    assert (len(last.raw), last.more) == (LONGEST_PIECE, 5001 - LONGEST_PIECE)


def test_pieces_apart_in_time_stay_apart() -> None:
    wire = Wire()
    wire.heard(b"A")
    time.sleep(0.06)
    wire.heard(b"B")
    assert [raw for _, raw, _ in told(wire)] == [b"A", b"B"]


def test_control_characters_have_names_and_what_is_no_text_its_number() -> None:
    assert spelled(b"\x02030,0\x03\r\n") == "<STX>030,0<ETX><CR><LF>"
    assert spelled("]C10112\x1dMüll".encode()) == "]C10112<GS>Müll"
    assert spelled(b"\x80A\xff\r") == "\\80A\\ff<CR>"
