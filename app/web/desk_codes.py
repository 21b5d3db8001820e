"""The sheet of codes: a page to print, or to scan off the glass."""

from typing import Any

from litestar import Request, Response, get
from markupsafe import Markup

from app.desk import codes
from app.web.desk_pages import page
from app.web.doors import house
from printers.labels import NotEncodable
from printers.picture import code128_svg


def bars(text: str) -> Markup:
    """Code 128 as a drawing, nothing where the text cannot be one. Whoever reads the page aloud has the text beside it."""
    try:
        return Markup(code128_svg(text).replace('role="img"', 'aria-hidden="true"', 1))
    except NotEncodable:
        return Markup("")


@get("/codes", opt={"policy": "viewer"}, summary="Codes to print: commands, places, what waits at the dock")
async def code_sheet(request: Request[Any, Any, Any]) -> Response[Any]:
    demo = house(request).settings.demo
    return await page(
        request,
        "codes",
        "Codes",
        lambda tx: {"sheet": codes.sheet(tx, samples=demo), "bars": bars},
        topics=(),
        every_s=3600,
    )


HANDLERS = [code_sheet]
