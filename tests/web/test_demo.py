"""The bills of the demo city on the pages: whatever was settled there can be shown, checked and printed."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.web.city import KEY
from tests.web.conftest import browser, running, sign_in
from yibao.core import dates
from yibao.core.config import Settings
from yibao.core.database import Database
from yibao.demo import load
from yibao.demo.people import persons
from yibao.web.accounts import demo_users
from yibao.web.app import create_app


@pytest.fixture(scope="module")
async def clerk(module_database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """The demo's clerk, signed in with the password that `yibao demo` shows."""
    await load(module_database_url, KEY)
    database = await Database.open(module_database_url)
    async with database.connection() as connection:
        passwords = {user["user_name"]: user["password"] for user in await demo_users(connection, KEY)}
    await database.close()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("YIBAO_KEY", KEY.hex())
        app = create_app(Settings(Path("/nonexistent"), module_database_url))
    async with running(app), browser(app) as client:
        await sign_in(client, "clerk", passwords["clerk"])
        yield client


async def numbers(clerk: httpx.AsyncClient) -> list[str]:
    """Every bill of the list, page by page."""
    found: list[str] = []
    address = "/bills"
    while address:
        text = (await clerk.get(address)).text
        found += re.findall(r'href="/bills/(\d+)"', text)
        following = re.search(r'rel="next" href="([^"]+)"', text)
        address = following[1].replace("&amp;", "&") if following else ""
    return found


async def test_the_list_leafs_through_every_bill_once(clerk: httpx.AsyncClient) -> None:
    found = await numbers(clerk)
    assert len(found) >= 30
    assert len(set(found)) == len(found)
    assert found == sorted(found, reverse=True)


async def test_every_bill_has_a_page_whose_identities_hold(clerk: httpx.AsyncClient) -> None:
    for number in await numbers(clerk):
        answer = await clerk.get(f"/bills/{number}")
        assert answer.status_code == 200, number
        assert answer.text.count('<span class="mark good">') == 4, number
        assert "✗" not in answer.text, number


async def test_no_word_of_the_program_reaches_the_reader(clerk: httpx.AsyncClient) -> None:
    """Names of layers, pools and portions in the packs are English; people see their Chinese titles."""
    for number in await numbers(clerk):
        text = re.sub(r"<[^>]+>", " ", (await clerk.get(f"/bills/{number}")).text.partition("<main")[2])
        assert re.findall(r"\b[a-z]+_[a-z_]+\b", text) == [], number


async def test_every_person_of_the_demo_has_a_page_that_answers_the_three_questions(clerk: httpx.AsyncClient) -> None:
    for person in persons(dates.today()):
        answer = await clerk.get(f"/people/{person.person.psn_no}")
        assert answer.status_code == 200, person.key
        assert answer.text.count('class="words"') == 3, person.key
        text = re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2])
        assert re.findall(r"\b[a-z]+_[a-z_]+\b", text) == [], person.key
