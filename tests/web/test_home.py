"""The first page, readiness, and what is shown when something is wrong."""

from pathlib import Path

import httpx
import pytest
from litestar import Litestar

from tests.web.conftest import browser, running
from yibao.core.config import Settings
from yibao.web.app import create_app
from yibao.web.home import REGISTER, Overview


async def test_the_first_page_says_what_runs_here(visitor: httpx.AsyncClient) -> None:
    text = (await visitor.get("/")).text
    for words in ("淮北市", "随州市", "铜仁市", "九江市", "系统正常", "http://city.example<wbr>/fsi/api", "clerk"):
        assert words in text, words


async def test_of_a_large_city_the_first_page_shows_the_estimate_without_counting(app: Litestar) -> None:
    shared = app.state.services
    async with shared.database.connection() as connection:
        counted = await connection.fetchval("select count(*) from population.person")
        assert (await connection.fetchrow(REGISTER))[0] == counted
        async with connection.transaction():
            await connection.execute(
                "update pg_class set reltuples = 2000345 where oid = 'population.person'::regclass"
            )
            estimate = (await connection.fetchrow(REGISTER))[0]
            await connection.execute("update pg_class set reltuples = -1 where oid = 'population.person'::regclass")
            assert (await connection.fetchrow(REGISTER))[0] == counted
    assert (estimate, Overview(estimate, 0, 0, 0).estimated) == (2_000_345, True)


async def test_an_unknown_address_is_a_page_that_leads_home(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/nowhere")
    assert answer.status_code == 404
    assert "没有您要找的页面" in answer.text
    assert 'href="/"' in answer.text


async def test_text_of_a_person_is_never_taken_for_markup(visitor: httpx.AsyncClient) -> None:
    text = (await visitor.get("/verify-bill", params={"code": '"><b>x</b>'})).text
    assert "<b>x" not in text.lower()


async def test_while_the_database_is_away_pages_refuse_cleanly(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    app = create_app(Settings(home, "postgresql://nobody@127.0.0.1:9/none"))
    async with running(app), browser(app) as client:
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/readyz")).status_code == 503
        first = await client.get("/")
        assert first.status_code == 200
        assert "暂时不能结算" in first.text
        answer = await client.get("/verify-bill?code=400000001-AAAA-AAAA-AAAA-AAAA")
        assert answer.status_code == 503
        assert "请稍后再试" in answer.text


async def test_the_hospital_interface_answers_beside_the_pages(app: Litestar) -> None:
    async with browser(app) as client:
        answer = await client.post("/fsi/api/rsfComIfsService/callService", json={})
    assert (answer.status_code, answer.json()["code"]) == (401, 401)
