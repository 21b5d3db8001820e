"""One page for customer service: read only, and the only one that the role `service` sees."""

from typing import Any

from litestar import Request, Response, get

from app.desk import service, service_returns  # noqa: F401  (finds returns)
from app.desk.service import ServiceFilter
from app.web.desk_pages import page, wanted


@get("/service", opt={"policy": "service"}, summary="Where an order, parcel or return is now")
async def where_is_it(request: Request[Any, Any, Any]) -> Response[Any]:
    asked = wanted(request, ServiceFilter)
    return await page(
        request, "service", "Customer service", lambda tx: {"b": service.find(tx, asked.q), "f": asked},
        topics=("orders",),
    )  # fmt: skip


HANDLERS = [where_is_it]
