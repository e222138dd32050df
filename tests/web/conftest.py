"""One city and one application for all tests of the pages; the pages only read, so the tests stay independent."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from litestar import Litestar

from tests.web.city import KEY, City, build
from yibao.core.config import Settings
from yibao.core.database import Database
from yibao.web.app import create_app


@pytest.fixture(scope="module")
async def city(module_database_url: str) -> AsyncIterator[City]:
    database = await Database.open(module_database_url)
    yield await build(database)
    await database.close()


@pytest.fixture(scope="module")
async def app(city: City, module_database_url: str) -> AsyncIterator[Litestar]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("YIBAO_KEY", KEY.hex())
        app = create_app(Settings(Path("/nonexistent"), module_database_url))
    async with running(app):
        yield app


@contextlib.asynccontextmanager
async def running(app: Litestar) -> AsyncIterator[None]:
    """Start and stop the application in one task, as its lifespan demands."""
    started, ended = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            started.set()
            await ended.wait()

    life = asyncio.create_task(live())
    await asyncio.wait([life, asyncio.create_task(started.wait())], return_when=asyncio.FIRST_COMPLETED)
    yield
    ended.set()
    await life


@pytest.fixture
async def visitor(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that is not signed in."""
    async with browser(app) as client:
        yield client


@pytest.fixture
async def clerk(app: Litestar, city: City) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(app) as client:
        await sign_in(client, "clerk", city.passwords["clerk"])
        yield client


@pytest.fixture
async def insured(app: Litestar, city: City) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(app) as client:
        await sign_in(client, "insured", city.passwords["insured"])
        yield client


@pytest.fixture
async def employer(app: Litestar, city: City) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(app) as client:
        await sign_in(client, "employer", city.passwords["employer"])
        yield client


@pytest.fixture
async def department(app: Litestar, city: City) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(app) as client:
        await sign_in(client, "department", city.passwords["department"])
        yield client


async def token_of(client: httpx.AsyncClient, path: str) -> str:
    """The token of the forms on a page."""
    return (await client.get(path)).text.partition('name="_csrf_token" value="')[2].partition('"')[0]


def browser(app: Litestar) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://city.example")


async def sign_in(client: httpx.AsyncClient, name: str, password: str) -> httpx.Response:
    form = await client.get("/login")
    token = form.text.partition('name="_csrf_token" value="')[2].partition('"')[0]
    return await client.post("/login", data={"_csrf_token": token, "user_name": name, "password": password})
