"""What one ERP calls our places and statuses: whoever may look sees it and may try a name dry, an admin changes it.

Whoever else presses Change is refused and written down in the connector's log, as with its settings.
"""

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post

from app.db import Tx
from app.web.desk_connectors import NotThere, Value
from app.web.desk_ledger import Name, sync_of
from app.web.desk_pages import Form, done, page, wanted
from app.web.doors import login_of

Theirs = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+\Z")]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    connector: str = ""
    ours: str = ""
    theirs: Theirs | None = None  # tried dry where it is given


class Rename(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    connector: Name
    ours: Name
    theirs: Theirs
    version: Value


@get(
    "/mapping",
    opt={"policy": "viewer"},
    summary="What an ERP calls our places, and a name tried dry on the last events",
)
async def mapping_page(request: Request[Any, Any, Any]) -> Response[Any]:
    sync, asked = sync_of(request), wanted(request, Asked)

    def look(tx: Tx) -> dict[str, Any]:
        state = next((one for one in sync.states(tx) if one.name == asked.connector), None)
        if state is None:
            raise NotThere(what="connector", scanned=asked.connector)
        rows = sync.mapping(tx, state.name)
        row = next((one for one in rows if one.ours == asked.ours), None)
        theirs = (asked.theirs or "").strip()
        return {
            "c": state,
            "rows": rows,
            "row": row,
            "theirs": theirs,
            "tried": sync.try_mapping(tx, state.name, row.ours, theirs) if row is not None and theirs else None,
            "notes": [note for note in sync.notes(tx, state.name) if note.what in ("mapped", "not_mapped", "refused")],
            "admin": login_of(request).is_a("admin"),
        }

    return await page(request, "mapping", "Mapping", look, topics=("connector",))


@post(
    "/mapping/change",
    opt={"policy": "admin", "act": "{ours} as {theirs}"},
    status_code=200,
    summary="Name a place otherwise; an admin's",
)
async def change_mapping(data: Form[Rename], request: Request[Any, Any, Any]) -> Response[str]:
    sync, who, theirs = sync_of(request), login_of(request).worker, data.theirs.strip()
    await asyncio.to_thread(sync.change_mapping, data.connector, data.ours, theirs, data.version, who)
    return done(f"{data.connector} is told {theirs} for {data.ours} from the next event on.")


HANDLERS = [mapping_page, change_mapping]
