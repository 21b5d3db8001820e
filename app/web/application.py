"""The doors, all of them: every route with its guard, its limits and what is said when something went wrong.

They know no house by themselves. Whoever opens them (see `app/main.py`) puts the house into their state, and with it what
is started before the first request and stopped after the last.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar, Router
from litestar.config.app import AppConfig
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from app.errors import Refusal
from app.web import acts, assets, availability, desk, doors, floor, floor_live, floor_release, health, inbox, photos

VERSION = "0.1.0"


def application() -> Litestar:
    """Closed doors: `state.house` and `state.opening` (an async context manager's maker) are the caller's to set."""
    app = Litestar(
        route_handlers=[
            floor.floor_router,
            Router(
                path="/floor",
                route_handlers=[floor_live.live, floor_release.release_step, *photos.FLOOR],
                tags=["floor"],
            ),
            desk.desk_router,
            health.health,
            health.front_door,
            inbox.push,
            *availability.DOORS,
            assets.router(policy="public"),
        ],
        lifespan=[_while_open],
        guards=[doors.guard],
        after_exception=[acts.write_down],
        request_max_body_size=doors.BODY_LIMIT,
        exception_handlers={
            Refusal: doors.refusal_answer,
            HTTPException: doors.http_answer,
            RecursionError: doors.too_deep,
            UnicodeDecodeError: doors.no_text,
            Exception: doors.our_fault,
        },
        openapi_config=OpenAPIConfig(
            title="Pickface",
            version=VERSION,
            description="Talk to the floor from a program: sign in with badge and PIN, then scan.",
            render_plugins=[JsonRenderPlugin(path="/openapi.json")],
            openapi_router=Router(path="/api/schema", route_handlers=[], opt={"policy": "public"}),
        ),
        on_app_init=[_quiet],
    )
    app.asgi_handler = doors.SecurityHeaders(app.asgi_handler)  # around all of it, pages that do not exist too
    doors.refuse_unguarded(app)
    return app


@asynccontextmanager
async def _while_open(app: Litestar) -> AsyncIterator[None]:
    async with app.state.opening():
        yield


def _quiet(app_config: AppConfig) -> AppConfig:
    app_config.debug = False
    return app_config
