"""The web application of one worker process.

`/healthz` says that the process lives; `/readyz` is green only while the database answers and can write.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar, MediaType, Request, Response, get
from litestar.datastructures import State

from yibao.core.config import Settings, load_settings, master_key
from yibao.core.database import Database
from yibao.core.errors import Unavailable
from yibao.web.state import Services

Answer = Response[dict[str, str]]


@get("/healthz", media_type=MediaType.TEXT)
async def healthz() -> str:
    """The process answers; says nothing about the database."""
    return "ok"


@get("/readyz")
async def readyz(state: State) -> Answer:
    """200 while requests can be served, 503 with the reason otherwise."""
    reason = await state.services.database.ready()
    if reason is None:
        return Response({"status": "ready"})
    return Response({"status": "unavailable", "reason": reason}, status_code=503)


def refuse_unavailable(request: Request[object, object, State], error: Unavailable) -> Answer:
    """A database that is away is a clean refusal, never a 500."""
    return Response({"code": "SYS503", "message": "系统暂不可用，请稍后重试"}, status_code=503)


def create_app(settings: Settings | None = None) -> Litestar:
    """The application; without `settings` the environment says where the database is."""
    chosen = settings or load_settings()
    if chosen.database_url is None:
        raise ValueError("the application needs the URL of a database that runs")
    url = chosen.database_url

    @asynccontextmanager
    async def services(app: Litestar) -> AsyncIterator[None]:
        database = await Database.open(url)
        app.state.services = Services(database, master_key(chosen))
        yield
        await database.close()

    return Litestar(
        route_handlers=[healthz, readyz],
        lifespan=[services],
        exception_handlers={Unavailable: refuse_unavailable},
    )
