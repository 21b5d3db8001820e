"""The photos' two doors: in at the handheld, out at the desk.

    POST /floor/photo           the picture's own bytes, at most 4 MB   → {hash, width, height}
    GET  /desk/photos/{hash}    a JPEG, to whoever may see cases

The bytes go up first; then the handheld takes an ordinary turn of kind `photo` whose `raw` is the hash, so a photo is
answered once and for ever like any scan. A photo that no turn ever named belongs to no case and is shown to nobody.
"""

import asyncio
from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from app.web.doors import house, login_of
from app.work import photos

DECODERS = asyncio.Semaphore(2)  # a picture takes a core and tens of megabytes while it is decoded
# Whatever a browser might take it for, it may run nothing and load nothing.
SEALED = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": "inline",
    "Cache-Control": "private, max-age=86400, immutable",
}


class NoSuchPhoto(photos.NoPhoto):
    code, title, http = "no_such_photo", "No such photo", 404
    says = "There is no such photo here."
    todo = ""


@post(
    "/photo",
    opt={"policy": "worker"},
    status_code=200,
    request_max_body_size=photos.LIMIT,
    summary="A photo's bytes; then take a turn of kind `photo` with the hash",
)
async def take_photo(request: Request[Any, Any, Any]) -> Response[Any]:
    """400 for what is no picture, 413 for one that is too big."""
    home, login = house(request), login_of(request)
    try:
        raw = await request.body()
    except HTTPException as problem:
        if problem.status_code == 413:
            raise photos.PhotoTooBig(limit=photos.LIMIT // 1_048_576) from None
        raise
    async with DECODERS:
        taken = await asyncio.to_thread(home.photos.keep, raw)
    await home.db.ado(lambda tx: photos.add(tx, taken, login.worker, login.device))
    return Response(content={"hash": taken.hash, "width": taken.width, "height": taken.height})


@get("/photos/{name:str}", opt={"policy": "viewer"}, summary="A photo of a case")
async def show_photo(name: FromPath[str], request: Request[Any, Any, Any]) -> Response[bytes]:
    home = house(request)
    if not await home.db.read(lambda tx: photos.belongs_to_a_case(tx, name)):
        raise NoSuchPhoto()
    picture = await asyncio.to_thread(home.photos.read, name)
    if picture is None:
        raise NoSuchPhoto()
    return Response(picture, media_type="image/jpeg", headers=SEALED)


FLOOR = [take_photo]
DESK = [show_photo]
