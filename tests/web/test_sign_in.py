"""Signing in and out."""

import httpx
from litestar import Litestar

from tests.web.city import City
from tests.web.conftest import browser, sign_in
from yibao.web.rendering import is_local_path


async def test_the_session_cookie_is_http_only_and_same_site(app: Litestar, city: City) -> None:
    async with browser(app) as client:
        answer = await sign_in(client, "clerk", city.passwords["clerk"])
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith("session"))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "clerk" not in cookie


async def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(app: Litestar, city: City) -> None:
    async with browser(app) as client:
        wrong = await sign_in(client, "clerk", "wrong")
        unknown = await sign_in(client, "nobody", "wrong")
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert "用户名或密码不对" in wrong.text
    assert "用户名或密码不对" in unknown.text


async def test_a_form_without_its_token_is_refused(app: Litestar, city: City) -> None:
    async with browser(app) as client:
        data = {"user_name": "clerk", "password": city.passwords["clerk"]}
        assert (await client.post("/login", data=data)).status_code == 403
        assert (await client.get("/bills")).status_code == 303


async def test_signing_out_needs_the_token_too_and_ends_the_session(clerk: httpx.AsyncClient) -> None:
    assert (await clerk.post("/logout")).status_code == 403
    token = clerk.cookies["form_token"]
    assert (await clerk.post("/logout", data={"_csrf_token": token})).headers["location"] == "/"
    assert (await clerk.get("/bills")).status_code == 303


async def test_the_login_leads_back_to_where_one_came_from_but_never_to_another_site(app: Litestar, city: City) -> None:
    for wanted, given in (
        ("/bills?page=2", "/bills?page=2"),
        ("https://evil.example/", "/work"),
        ("//evil", "/work"),
    ):
        async with browser(app) as client:
            form = await client.get("/login", params={"next": wanted})
            token = form.text.partition('name="_csrf_token" value="')[2].partition('"')[0]
            data = {"_csrf_token": token, "user_name": "clerk", "password": city.passwords["clerk"], "next": wanted}
            assert (await client.post("/login", data=data)).headers["location"] == given


def test_only_paths_of_this_site_are_local() -> None:
    assert [is_local_path(path) for path in ("/", "/bills?x=1", "//x", "/\\x", "x", "", "/a\nb")] == [
        True, True, False, False, False, False, False,
    ]  # fmt: skip


async def test_too_many_tries_are_slowed_down(app: Litestar, city: City) -> None:
    async with browser(app) as client:
        answers = [(await sign_in(client, "guessed", str(n))).status_code for n in range(11)]
    assert answers == [401] * 10 + [429]


async def test_a_password_is_kept_only_as_an_argon2_hash(city: City) -> None:
    async with city.services.database.connection() as connection:
        hashes = [row["password_hash"] for row in await connection.fetch("select password_hash from web.account")]
    assert hashes
    assert all(text.startswith("$argon2id$") for text in hashes)
