"""What a shop asks: how much it may sell, what changed since, and the stream of changes. Opened with the shop's own key.

A shop takes a snapshot, then the changes after its `sequence`, by stream or by asking. Where its next number is missing,
or the house was started anew, it is told so (410) and takes a snapshot again. All answers are CloudEvents. Where the stock
cannot be read any more the answer is 503, and streams end: silence would say that nothing was sold.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.params import QueryParameter
from litestar.response import Stream

from app.errors import Busy, Refusal
from app.web.doors import house
from app.web.house import Shop

MOST_STREAMS = 20
MOST_ITEMS = 500  # asked for by name
TOPIC = "availability.changed"
EVENT, EVENTS = "application/cloudevents+json", "application/cloudevents-batch+json"


class Gap(Refusal):
    code, title, http = "gap", "Too long ago", 410
    says = "What was said after {sequence} of that feed is not kept here any more."
    todo = "Ask for a snapshot, and go on from there."


@get("/api/availability", opt={"policy": "key"}, tags=["erp"], sync_to_thread=True)
def snapshot(
    request: Request[Any, Any, Any], item: Annotated[list[str] | None, QueryParameter(max_items=MOST_ITEMS)] = None
) -> Response[bytes]:
    """`availability.snapshot`: every item, or those named by `item`, with the `feed` and `sequence` to go on from."""
    return Response(content=house(request).shop.snapshot(item or ()), media_type=EVENT)


@get("/api/availability/changes", opt={"policy": "key"}, tags=["erp"], sync_to_thread=True)
def changes(
    request: Request[Any, Any, Any],
    feed: Annotated[str, QueryParameter(max_length=100)],
    after: Annotated[int, QueryParameter(ge=0)],
) -> Response[bytes]:
    """The `availability.changed` after a `sequence` of a `feed`, as a list; 410 where they are not kept any more."""
    found = house(request).shop.since(feed, after)
    if found is None:
        raise Gap(sequence=after)
    return Response(content=b"[" + b",".join(found) + b"]", media_type=EVENTS)


@get("/api/availability/stream", opt={"policy": "key"}, tags=["erp"])
async def stream(request: Request[Any, Any, Any]) -> Stream:
    """The same as server-sent events, from now on. A reader that is too slow loses some and sees it by the `sequence`."""
    hub, shop = house(request).hub, house(request).shop
    shop.check()
    if hub.listeners(TOPIC) >= MOST_STREAMS:
        raise Busy()
    return Stream(
        _while_known(shop, hub.stream([TOPIC])), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )


async def _while_known(shop: Shop, stream: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
    """Asked at each message and each heartbeat."""
    async with aclosing(stream) as pieces:
        async for piece in pieces:
            try:
                shop.check()
            except Refusal:
                return
            yield piece


@get("/api/stock", opt={"policy": "key"}, tags=["erp"], sync_to_thread=True)
def stock(request: Request[Any, Any, Any]) -> Response[bytes]:
    """`stock.snapshot`: on hand per item, lot and status as of a seq of the journal, to reconcile with."""
    return Response(content=house(request).shop.stock(), media_type=EVENT)


DOORS = (snapshot, changes, stream, stock)
