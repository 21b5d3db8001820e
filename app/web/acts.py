"""Acts on the way to the ERP: whoever may not do one is refused as at any door, and written down.

A route that changes or decides something there says in its `opt` what is done, `"act": "replay event {seq}"`, with the
names of its form's fields in braces; that is all it does for it. The guard looks what was sent, and whatever refuses it
for who somebody is (no login, another role, a wrong PIN, one person for two) passes here on its way out: so there is one
place that writes, and none that forgets. Who, what, from which device and address; never a PIN, nor a badge nobody proved.
"""

import asyncio
from collections import defaultdict
from typing import Any

import structlog
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import Scope

from app.errors import Busy, Refusal, StorageFailed

UNAUTHORISED = (401, 403)
LONGEST = 200  # characters of one field


async def look_at(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """What is asked for, before anybody decides whether it may be; kept for the handler as well."""
    if "act" in handler.opt and isinstance(connection, Request):
        form = await connection.form()
        connection.state.asked = {name: str(form[name]).replace("\0", "")[:LONGEST] for name in form}


async def write_down(problem: Exception, scope: Scope) -> None:
    """After each refusal: was it somebody who may not do such an act?"""
    handler = scope.get("route_handler")
    act = str(handler.opt.get("act", "")) if handler is not None else ""
    if not act or not isinstance(problem, Refusal) or problem.http not in UNAUTHORISED:
        return
    asked = defaultdict(str, scope["state"].get("asked", {}))
    login, client = scope["state"].get("login"), scope.get("client")
    device = f"{login.device} at " if login is not None and login.device else ""
    what = f"{act.format_map(asked)}, from {device}{client[0] if client else 'nowhere'} ({problem.code}: {problem.sentence})"
    sync, by = scope["litestar_app"].state.house.sync, login.worker if login is not None else ""
    try:
        await asyncio.to_thread(sync.refuse_change, asked["connector"], what, by)
    except (Busy, StorageFailed) as failed:  # he is refused all the same
        structlog.get_logger().warning("a refused act is not written down", act=what, worker=by, why=failed.sentence)
