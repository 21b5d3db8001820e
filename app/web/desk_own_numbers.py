"""Patterns of the house's own weight and price labels: read and tried by everybody at the desk, changed by an admin."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post

from app.db import Tx
from app.desk import own_numbers
from app.desk.own_numbers import Asked
from app.web.desk_pages import Form, done, export, exports, page, plain, wanted
from app.web.doors import house, login_of

Word = Annotated[str, msgspec.Meta(max_length=20, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
CSV = {name: plain(name) for name in ("pattern", "decimals", "active")}


class Save(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pattern: Word
    decimals: Word = ""
    active: Literal["yes", "no"] = "yes"


@get("/own-numbers", opt={"policy": "viewer"}, summary="What the house's own weight and price labels mean, tried")
async def own_number_list(request: Request[Any, Any, Any]) -> Response[Any]:
    asked = wanted(request, Asked)
    if exports(request):
        return await export(
            request, "restricted_numbers", CSV, lambda tx: {"rows": own_numbers.listing(tx, asked).rows}
        )
    admin = login_of(request).is_a("admin")

    def look(tx: Tx) -> dict[str, Any]:
        return {"b": own_numbers.listing(tx, asked), "f": asked, "admin": admin}

    return await page(request, "own_numbers", "Own labels", look, topics=("items",))


@post("/own-numbers", opt={"policy": "admin"}, status_code=200, summary="Add a pattern, change it or switch it off")
async def save_own_number(data: Form[Save], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request)
    told = await house(request).db.ado(
        lambda tx: own_numbers.save(
            tx, data.pattern, data.decimals, active=data.active == "yes", by=who.worker, device=who.device
        )
    )
    return done(told)


HANDLERS = [own_number_list, save_own_number]
