"""A packing station's scale: what it says, and what of that may be believed."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mtsics.core.simulator import WeightSimulator
from mtsics.core.state import ScaleState
from mtsics.profiles import load
from mtsics.protocol.engine import MTSICSEngine
from mtsics.transport.tcp import TCPConfig, TCPTransport

from devices.link import DeviceThread
from devices.scale import Scale, ScaleError, accept
from devices.scale_protocols import Protocol, Reading, read_line
from devices.serial_port import SerialPort
from devices.tcp import TcpPort
from devices.virtual_door import TcpLine
from devices.virtual_line import PtyLine
from devices.virtual_scale import Unit, VirtualScale
from tests.devices.conftest import eventually, until

Run = Callable[[DeviceThread], DeviceThread]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[VirtualScale]:
    """A scale on a serial port that streams; 1,200 g lie on it."""
    scale = VirtualScale(PtyLine(tmp_path / "usb-Scale-if00"), grams=1200, capacity_g=15_000)
    yield scale
    scale.stop()


def connected(bench: VirtualScale, running: Run, protocol: Protocol = "generic", capacity_g: int = 15_000) -> Scale:
    port = SerialPort(bench.address) if bench.address.startswith("/") else tcp(bench.address)
    scale = running(Scale("bench", port, protocol, capacity_g))
    assert isinstance(scale, Scale)
    until(scale, "open")
    return scale


def tcp(address: str) -> TcpPort:
    host, port = address.removeprefix("tcp://").split(":")
    return TcpPort(host, int(port))


def refuses(scale: Scale, code: str, timeout_s: float = 0.3) -> None:
    """Lines already under way still tell of before; soon after, the scale is refused for this."""
    eventually(lambda: why(scale, timeout_s) == code)


def why(scale: Scale, timeout_s: float) -> str | None:
    try:
        scale.weigh(timeout_s)
    except ScaleError as refused:
        return refused.code
    return None


@pytest.mark.parametrize(
    ("protocol", "line", "grams", "stable", "mode"),
    [
        ("generic", b"ST,GS,+00012.34kg", 12340, True, "gross"),
        ("generic", b"ST,NT,+  0.500kg", 500, True, "net"),
        ("generic", b"US,GS,-00000.05kg", -50, False, "gross"),
        ("generic", b"ST,+00123.45  g", 123, True, "gross"),
        ("generic", b"ST,GS,+00001.00lb", 454, True, "gross"),
        ("mt-sics", b"S S     12.340 kg", 12340, True, "net"),
        ("mt-sics", b"S D   -100.00 g", -100, False, "net"),
        ("toledo-8217", b"\x0201.250", 1250, True, "gross"),
        ("toledo-8217", b"\x0201.250N", 1250, True, "net"),
        ("toledo-8217", b"\x02002.50", 1134, True, "gross"),
        ("a-and-d", b"ST,+00123.45  g", 123, True, "net"),
        ("a-and-d", b"US,-0001.250 kg", -1250, False, "net"),
        ("a-and-d", b"ST,+00008.82 oz", 250, True, "net"),
        ("a-and-d", b"ST,+00001.10 lb", 499, True, "net"),
        ("generic", b"ST,NT,+00008.82oz", 250, True, "net"),
        ("mt-sics", b"SI S     12.34 kg", 12340, True, "net"),
    ],
)
def test_each_dialect_gives_grams(protocol: Protocol, line: bytes, grams: int, stable: bool, mode: str) -> None:
    reading = read_line(protocol, line)
    assert (reading.grams, reading.stable, reading.mode, reading.trouble) == (grams, stable, mode, None)


@pytest.mark.parametrize(
    ("protocol", "line", "trouble"),
    [
        ("generic", b"OL,GS,+99999.99kg", "overload"),
        ("generic", b"ST,GS,+00012.34st", "garbled"),
        ("generic", b"12.34", "garbled"),
        ("generic", "ST,GS,+00012.34٣kg".encode(), "garbled"),
        ("mt-sics", b"S +", "overload"),
        ("mt-sics", b"S -", "underload"),
        ("mt-sics", b"S I", "busy"),
        ("mt-sics", b"ES", "garbled"),
        ("toledo-8217", b"\x02?A", "unstable"),
        ("toledo-8217", b"\x02?B", "overload"),
        ("toledo-8217", b"\x02?D", "underload"),
        ("toledo-8217", b"\x02012.5", "garbled"),
        ("a-and-d", b"OL,+9999999E+19", "overload"),
        ("a-and-d", b"OL,-9999999E+19", "underload"),
        ("a-and-d", b"QT,+00000012 PC", "garbled"),
        ("a-and-d", b"ST,+00123.45 ct", "garbled"),
    ],
)
def test_each_dialect_says_what_is_in_the_way(protocol: Protocol, line: bytes, trouble: str) -> None:
    assert read_line(protocol, line).trouble == trouble


@given(st.binary(max_size=40), st.sampled_from(get_args(Protocol)))
def test_no_line_breaks_the_reader(line: bytes, protocol: Protocol) -> None:
    reading = read_line(protocol, line)
    assert (reading.grams is None) == (reading.trouble is not None)


def test_a_parcel_is_weighed(bench: VirtualScale, running: Run) -> None:
    weight = connected(bench, running).weigh()
    assert (weight.grams, weight.stable, weight.mode, weight.raw) == (1200, True, "gross", "ST,GS,+00001.200kg")


def test_the_weight_is_this_parcels_not_the_last_ones(bench: VirtualScale, running: Run) -> None:
    scale = connected(bench, running)
    scale.weigh()
    bench.set_weight(2345)
    eventually(lambda: scale.weigh().grams == 2345)


def test_a_scale_that_falls_silent_is_stale_after_two_seconds(bench: VirtualScale, running: Run) -> None:
    scale = connected(bench, running)
    scale.weigh()
    bench.behave("silent")
    time.sleep(0.3)
    assert scale.read().grams == 1200
    time.sleep(2)
    with pytest.raises(ScaleError, match="no weight for 2 seconds"):
        scale.read()


def test_pulled_in_mid_line_there_is_no_weight_and_the_half_is_forgotten(bench: VirtualScale, running: Run) -> None:
    scale = connected(bench, running)
    bench.behave("silent")
    time.sleep(0.3)
    bench.line.write(b"ST,GS,+00099")
    time.sleep(0.2)
    bench.unplug()
    eventually(lambda: scale.health().state != "open")
    refuses(scale, "scale_away", timeout_s=0.1)
    assert scale.health().dropped == 1
    bench.plug()
    bench.behave("stable")
    until(scale, "open", within_s=2)
    assert scale.weigh().grams == 1200


def test_a_weight_from_before_the_cable_was_pulled_is_gone(bench: VirtualScale, running: Run) -> None:
    scale = connected(bench, running)
    scale.weigh()
    bench.behave("silent")
    bench.unplug()
    eventually(lambda: scale.health().state != "open")
    bench.plug()
    until(scale, "open", within_s=2)
    assert why(scale, 0) == "scale_stale"
    with pytest.raises(ScaleError, match="no weight"):
        scale.read()


@pytest.mark.parametrize(
    ("protocol", "wire"),
    [("generic", "serial"), ("mt-sics", "network"), ("toledo-8217", "serial"), ("a-and-d", "network")],
)
def test_every_dialect_is_read_end_to_end_with_everything_that_goes_wrong(
    protocol: Protocol, wire: str, running: Run, tmp_path: Path
) -> None:
    line = PtyLine(tmp_path / "usb-Scale-if00") if wire == "serial" else TcpLine()
    bench = VirtualScale(line, grams=740, protocol=protocol, capacity_g=15_000)
    scale = connected(bench, running, protocol, capacity_g=10_000)
    weight = scale.weigh()
    assert (weight.grams, weight.stable) == (740, True)
    assert bench.say().decode("ascii").strip("\r\n\x02") in weight.raw
    bench.unit = "lb"
    eventually(lambda: 0 < abs(scale.weigh().grams - 740) <= 3 or b"lb" in bench.say())
    assert abs(scale.weigh().grams - 740) <= 3, "somebody pressed the unit key"
    bench.unit = "kg"
    eventually(lambda: scale.weigh().grams == 740)
    bench.behave("unstable")
    refuses(scale, "scale_unstable")
    bench.behave("stable")
    for grams, code in ((-50, "scale_negative"), (12_000, "scale_capacity"), (20_000, "scale_overload")):
        bench.set_weight(grams)
        refuses(scale, code)
    bench.set_weight(740)
    eventually(lambda: why(scale, 0.3) is None)
    bench.behave("silent")
    time.sleep(0.3)
    bench.line.write(bench.say()[:-3])
    bench.unplug()
    eventually(lambda: scale.health().state != "open")
    assert why(scale, 0) == "scale_away", "half a weight is none"
    bench.plug()
    bench.behave("stable")
    until(scale, "open", within_s=3)
    assert scale.weigh().grams == 740
    bench.stop()


@pytest.mark.parametrize("unit", ["kg", "g", "lb", "oz"])
@pytest.mark.parametrize("protocol", ["generic", "mt-sics", "a-and-d"])
def test_whatever_unit_its_display_shows_the_floor_reads_grams(protocol: Protocol, unit: Unit) -> None:
    scale = VirtualScale(TcpLine(), protocol=protocol)
    scale.unit = unit
    for grams in range(-9_000, 30_000, 37):
        scale.set_weight(grams)
        reading = read_line(protocol, scale.say().strip(b"\r\n"))
        assert reading.grams is not None, scale.say()
        assert abs(reading.grams - grams) <= 1, scale.say()
    scale.stop()


@pytest.fixture
def emulator() -> Iterator[tuple[str, int, WeightSimulator]]:
    """Somebody else's MT-SICS scale, an Ohaus Ranger, behind a socket of its own."""
    state = ScaleState(config=load("ohaus-ranger7000"))
    simulator = WeightSimulator(state)
    loop, opened = asyncio.new_event_loop(), threading.Event()
    where: list[tuple[str, int]] = []

    async def serve() -> TCPTransport:
        transport = TCPTransport(MTSICSEngine(state), simulator=simulator, cfg=TCPConfig(host="127.0.0.1", port=0))
        where.append(await transport.start())
        opened.set()
        return transport

    def run() -> None:
        asyncio.set_event_loop(loop)
        transport = loop.run_until_complete(serve())
        loop.run_forever()
        loop.run_until_complete(transport.close())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert opened.wait(5)
    yield (*where[0], simulator)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)


def test_a_scale_of_somebody_elses_making_is_weighed_with(
    emulator: tuple[str, int, WeightSimulator], running: Run
) -> None:
    host, port, platform = emulator
    scale = running(Scale("bench", TcpPort(host, port), "mt-sics", 30_000))
    assert isinstance(scale, Scale)
    until(scale, "open")
    platform.set_target(12.5)
    eventually(lambda: why(scale, 0.3) == "scale_unstable", within_s=5)
    platform.advance_to_stable()
    eventually(lambda: abs(scale.weigh().grams - 12_500) <= 10, within_s=5)
    platform.set_target(40.0)
    platform.advance_to_stable()
    refuses(scale, "scale_overload")


def test_tare_and_zero_change_what_the_scale_calls_it(bench: VirtualScale) -> None:
    assert bench.answer("T") == b"T S      1.200 kg\r\n"
    bench.set_weight(1700)
    assert bench.say() == b"ST,NT,+00000.500kg\r\n"
    assert bench.answer("Z") == b"Z A\r\n"
    assert bench.say() == b"ST,GS,+00000.000kg\r\n"
    assert bench.answer("XX") == b"ES\r\n"


def test_a_tare_value_is_no_weight() -> None:
    with pytest.raises(ScaleError, match="tare"):
        accept(Reading(raw="ST,TR,+1kg", grams=1000, stable=True, mode="tare"), datetime.now(UTC), None)


def test_a_weight_measured_before_the_parcel_was_put_down_does_not_count(bench: VirtualScale, running: Run) -> None:
    scale = connected(bench, running)
    scale.weigh()
    with pytest.raises(ScaleError) as refused:
        scale.read(since=datetime.now(UTC) + timedelta(seconds=1))
    assert refused.value.code == "scale_stale"


def test_a_scale_that_takes_orders_is_set_to_zero_and_answers(running: Run) -> None:
    bench = VirtualScale(TcpLine(), grams=1200, protocol="mt-sics")
    try:
        scale = connected(bench, running, "mt-sics")
        eventually(lambda: scale.complaint() is None)
        assert scale.orders == ("zero", "tare")
        assert scale.obey("zero") == "Done."
        eventually(lambda: scale.weigh().grams == 0)
        bench.set_weight(1500)
        assert scale.obey("tare") == "Done."
        eventually(lambda: scale.weigh().grams == 0)
        assert ("said", b"Z\r\n") in [(one.way, one.raw) for one in scale.wire.lately()]
        assert scale.health().garbage == 0, "an answer to an order is no broken weight"
    finally:
        bench.stop()


def test_a_scale_without_orders_says_so(bench: VirtualScale, running: Run) -> None:
    with pytest.raises(ScaleError, match="press its own key"):
        connected(bench, running).obey("zero")
