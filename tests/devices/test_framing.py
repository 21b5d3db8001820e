"""Where a scan ends: every terminator, in pieces, in heaps, and in noise."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices.framing import MAX_FRAME_BYTES, Framer, Framing

WIRE: dict[Framing, tuple[bytes, bytes]] = {"line": (b"", b"\r"), "tab": (b"", b"\t"), "stx": (b"\x02", b"\x03")}


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_a_line_ends_at_either_sign_or_both(end: bytes) -> None:
    assert Framer("line").feed(b"A-01" + end + b"#MUG" + end) == [b"A-01", b"#MUG"]


@pytest.mark.parametrize("framing", list(WIRE))
def test_byte_by_byte_is_the_same_as_at_once(framing: Framing) -> None:
    start, end = WIRE[framing]
    wire = start + b"A-01" + end + start + b"01\x1dMUG" + end
    slow = Framer(framing)
    assert [frame for byte in wire for frame in slow.feed(bytes([byte]))] == [b"A-01", b"01\x1dMUG"]
    assert Framer(framing).feed(wire) == [b"A-01", b"01\x1dMUG"]


def test_only_what_stands_between_stx_and_etx_is_a_scan() -> None:
    framer = Framer("stx")
    assert framer.feed(b"noise\x02A-01\x03noise\x02hal\x02MUG\x03") == [b"A-01", b"MUG"]
    assert framer.dropped == 1


def test_a_pause_ends_a_scan_only_where_the_station_says_so() -> None:
    line, idle = Framer("line"), Framer("idle")
    assert line.feed(b"A-01") + line.pause() == []
    assert idle.feed(b"A-01") == []
    assert idle.pause() == [b"A-01"]
    assert idle.pause() == []


def test_half_a_scan_before_the_cable_was_pulled_is_no_part_of_the_next() -> None:
    framer = Framer("line")
    framer.feed(b"0109506")
    framer.cut()
    assert framer.feed(b"A-01\r") == [b"A-01"]
    assert framer.dropped == 1


@pytest.mark.parametrize("framing", ["line", "tab", "stx", "idle"])
def test_five_kilobytes_of_noise_cost_one_scan_and_are_counted(framing: Framing) -> None:
    start, end = WIRE.get(framing, (b"", b""))
    framer = Framer(framing)
    assert framer.feed(start + b"x" * 5000) + framer.feed(end) + framer.pause() == []
    assert framer.feed(start + b"A-01" + end) + framer.pause() == [b"A-01"]
    assert framer.dropped == 1


def test_the_longest_scan_is_four_kilobytes() -> None:
    framer = Framer("line")
    assert framer.feed(b"x" * MAX_FRAME_BYTES + b"\r") == [b"x" * MAX_FRAME_BYTES]
    assert framer.feed(b"x" * (MAX_FRAME_BYTES + 1) + b"\r") == []


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet="A1-\x1d\r\n\t", max_size=120), st.integers(1, 7))
def test_how_the_bytes_are_cut_never_matters(text: str, size: int) -> None:
    wire = text.encode()
    whole, pieces = Framer("line"), Framer("line")
    assert whole.feed(wire) == [
        frame for at in range(0, len(wire), size) for frame in pieces.feed(wire[at : at + size])
    ]
    assert all(b"\r" not in frame and b"\n" not in frame and frame for frame in Framer("line").feed(wire))
