"""Setting a scanner up: three known codes, and after one scan what the scanner makes of them.

GET  /desk/scanner           the codes, to print or to scan off the glass
POST /desk/scanner/heard     {codes, gaps} of what a wedge typed into the page → what that says
POST /desk/scanner/typed     {codes} once more: read what is typed at this device from now on so
GET  /desk/scanner/station   ?device= the last a station's own scanner said → what that says
POST /desk/scanner/set       {device} read that scanner from now on as its scan says

What was typed is answered and forgotten: with a wrong keyboard layout it is not what stands on any label. Only what has to be
taken off it is kept, for this device.
"""

import asyncio
from collections.abc import Sequence
from statistics import median
from typing import Annotated, Any

import msgspec
import segno
from litestar import Request, Response, get, post
from markupsafe import Markup

from app import clock
from app.db import Tx
from app.desk.words import Hours
from app.web.desk_pages import HTML, Form, done, page, wanted
from app.web.doors import house, login_of
from app.web.house import Heard, House
from app.web.render import ENV
from app.work import scanner_setups
from app.work.scanner_setups import NothingToSet, ScannerSetup
from devices import calibration
from devices.calibration import AIM, CODES, ELEMENTS, LINK, SLOW_MS, Found, Told
from devices.scanner import text_of
from devices.symbology import GS
from printers.picture import datamatrix_svg, gs1_128_svg

LONGEST = 512  # characters of one scan
MOST_CODES = 6 * LONGEST  # of the numbers that stand for them
MOST_GAPS = 7 * LONGEST  # of the milliseconds between them
SHOWN = 128  # bytes of it on the page
FRESH = 60 * clock.SECOND  # what a station's scanner said before that is another scan


class Typed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    codes: Annotated[str, msgspec.Meta(max_length=MOST_CODES, pattern=r"^([0-9a-f]{1,5}( |\Z))*\Z")]
    gaps: Annotated[str, msgspec.Meta(max_length=MOST_GAPS, pattern=r"^[0-9 ]*\Z")] = ""


class AtStation(msgspec.Struct, frozen=True, kw_only=True):
    device: str = ""


class Symbol(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    svg: Markup
    aim: str
    text: str


class Byte(msgspec.Struct, frozen=True, kw_only=True):
    hex: str
    shown: str


@get("/scanner", opt={"policy": "admin"}, summary="Set a scanner up: known codes, and what arrives of them")
async def scanner_page(request: Request[Any, Any, Any]) -> Response[Any]:
    scanners = [one.name for one in house(request).settings.devices if one.kind == "scanner"]
    known = {"symbols": symbols(), "scanners": scanners, "heard": None}
    return await page(request, "scanner", "Set up a scanner", lambda tx: known, topics=(), every_s=3600)


@post("/scanner/heard", opt={"policy": "admin"}, status_code=200, summary="What a scan typed into the page says")
async def heard(data: Form[Typed], request: Request[Any, Any, Any]) -> Response[str]:
    """Judged as this device is read now. A set-up made before it is confirmed so."""
    home, device = house(request), login_of(request).device
    gaps, text = [int(gap) for gap in data.gaps.split() if len(gap) < 7], _typed(data)
    with home.db.reading() as tx:
        now = scanner_setups.typing_at(tx, device)
    found = calibration.recognise(text)
    ended = found is not None and bool(found.terminator or not gaps)
    good = ended and calibration.arrives_typed(text, gs=now.gs, prefix=now.prefix, suffix=now.suffix)
    if good and now.at and not now.confirmed:
        await home.db.ado(lambda tx: scanner_setups.confirm(tx, device))
    return drawn(text, text.encode(), gaps, now, codes=data.codes, good=good)


@post("/scanner/typed", opt={"policy": "admin"}, status_code=200, summary="Read what is typed here as its scan says")
async def set_typed(data: Form[Typed], request: Request[Any, Any, Any]) -> Response[str]:
    """By the scan itself, not by what a page proposed."""
    home, login = house(request), login_of(request)
    found = calibration.recognise(_typed(data))

    def work(tx: Tx) -> None:
        setup = scanner_setups.proposed(found, scanner_setups.typing_at(tx, login.device)) if found else None
        if setup is None or home.edges.scanner(login.device) is not None:  # a station's own has that name
            raise NothingToSet(device=login.device)
        scanner_setups.put(tx, setup, by=login.worker, device=login.device)

    await home.db.ado(work)
    return done(f"{login.device} is read so now. Scan one of the codes once more, and look what it says.", stays=True)


@get("/scanner/station", opt={"policy": "admin"}, summary="What a station's scanner said last")
async def at_station(request: Request[Any, Any, Any]) -> Response[str]:
    home, asked = house(request), wanted(request, AtStation)
    last = home.edges.heard(asked.device)
    now = home.edges.scanner(asked.device)
    if last is None or now is None or clock.now() - last.at > FRESH:
        return drawn("", b"", (), None, name=asked.device)
    told, good = Hours(home.settings.timezone).clock(last.at), await _arrives(home, asked.device, last)
    return drawn(text_of(last.raw), last.raw, last.gaps_ms, now, name=asked.device, at=told, good=good)


@post("/scanner/set", opt={"policy": "admin"}, status_code=200, summary="Set a station's scanner up as its scan says")
async def set_up(data: Form[AtStation], request: Request[Any, Any, Any]) -> Response[str]:
    """By the last scan itself, not by what a page proposed. A second scan confirms it."""
    home, login = house(request), login_of(request)
    last, now = home.edges.heard(data.device), home.edges.scanner(data.device)
    found = calibration.recognise(text_of(last.raw)) if last and clock.now() - last.at <= FRESH else None
    setup = scanner_setups.proposed(found, now) if found and now else None
    if setup is None:
        raise NothingToSet(device=data.device[:80])
    await home.db.ado(lambda tx: scanner_setups.put(tx, setup, by=login.worker, device=login.device))
    await asyncio.to_thread(home.edges.set_up, setup)
    return done(f"{data.device} is set. Scan one of the codes with it once more, and look what it said.", stays=True)


async def _arrives(home: House, device: str, last: Heard) -> bool:
    """Does the scan arrive as it should, as the floor reads that scanner now? A set-up made before it is confirmed so."""
    now = home.edges.scanner(device)
    if now is None or not calibration.arrives(
        last.raw, framing=now.framing, gs=now.gs, prefix=now.prefix, suffix=now.suffix
    ):
        return False
    with home.db.reading() as tx:
        kept = scanner_setups.of(tx, device)
    if kept is not None and not kept.confirmed and last.at > kept.at:
        await home.db.ado(lambda tx: scanner_setups.confirm(tx, device))
    return True


def symbols() -> list[Symbol]:
    """The three codes as drawings that a scanner reads off the glass."""
    drawings = {
        "GS1-128": gs1_128_svg(ELEMENTS),
        "DataMatrix": datamatrix_svg(ELEMENTS),
        "QR": segno.make(LINK, error="m", micro=False).svg_inline(border=4, omitsize=True, light="#fff"),
    }
    return [
        Symbol(
            name=code,
            svg=Markup(drawings[code]),
            aim=AIM[code],
            text=LINK if code == "QR" else ELEMENTS.replace(GS, "<GS>"),
        )
        for code in CODES
    ]


def drawn(
    text: str, raw: bytes, gaps: Sequence[int], now: ScannerSetup | None, *,
    name: str = "", at: str = "", codes: str = "", good: bool = False,
) -> Response[str]:  # fmt: skip
    """`name` is a station's own scanner; without one `codes` were typed into the page. `now`: how either is read."""
    found = calibration.recognise(text) if text else None
    told: Sequence[Told] = ()
    if found and now:
        told = calibration.in_words(
            found, types=not name, at_once=not name and not gaps, gs=now.gs, prefix=now.prefix, suffix=now.suffix
        )
    known = {
        "device": name, "at": at, "found": found, "some": bool(text), "told": told, "codes": codes,
        "pace": pace(gaps, len(text), bool(name)), "bytes": [_byte(one) for one in raw[:SHOWN]],
        "more": len(raw) - SHOWN, "lines": "" if good else settings_lines(found, name), "good": good,
        "reads": now.device if now and found and not good and scanner_setups.proposed(found, now) else "",
    }  # fmt: skip
    return Response(ENV.get_template("desk/scanner_heard.html").render(known), media_type=HTML)


def pace(gaps: Sequence[int], characters: int, is_station: bool) -> str:
    """How quickly it came, in a sentence."""
    if not gaps:
        return "It came in one piece." if characters else ""
    what = "pieces" if is_station else "keys"
    told = f"{len(gaps) + 1} {what} in {sum(gaps)} ms: {median(gaps):.0f} ms between two, {max(gaps)} ms at most."
    if not is_station and sum(gaps) / len(gaps) > SLOW_MS:
        told += " That is as slow as a person types, and no scan: set the scanner's delay between characters to 0."
    return told


def settings_lines(found: Found | None, device: str) -> str:
    """What to write into pickface.toml for a station's scanner, "" where nothing has to change."""
    changes = calibration.settings_of(found) if found and device else {}
    lines = [
        f'{name} = "{value}"' for name, value in changes.items() if value.isprintable() and not set('"\\') & set(value)
    ]
    return "\n".join(["[[devices]]", f'name = "{device}"', *lines]) if lines else ""


def _typed(data: Typed) -> str:
    return "".join(chr(int(code, 16)) for code in data.codes.split()).encode("utf-8", "replace").decode()


def _byte(one: int) -> Byte:
    names = {0x02: "STX", 0x03: "ETX", 0x09: "TAB", 0x0A: "LF", 0x0D: "CR", 0x1D: "GS", 0x20: "SP"}
    return Byte(hex=f"{one:02X}", shown=names.get(one) or (chr(one) if 0x20 < one < 0x7F else "·"))


HANDLERS = [scanner_page, heard, set_typed, at_station, set_up]
