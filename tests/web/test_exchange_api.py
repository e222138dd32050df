"""The exchange over HTTP: signed by the department, answered in JSON, replay-safe."""

import time
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.web.city import KEY, City
from yibao.core.crypto import sm3_hex
from yibao.population.rosters.exchange import send
from yibao.population.rosters.exchange_keys import ExchangeKey, create_key, revoke_key, sign

ROSTER = "证件号码,姓名,身份类别\n110105194912310020,无名氏,低保\n".encode()
INBOX = f"/exchange/civil_affairs/inbox?sequence=1&file_name={quote('名册.csv')}&as_of=2024-05-01&mode=incremental"


@pytest.fixture
async def key(city: City) -> ExchangeKey:
    async with city.services.database.transaction() as connection:
        await connection.execute("delete from population.exchange")
        return await create_key(connection, KEY, "340600", "civil_affairs")


async def call(
    client: httpx.AsyncClient, key: ExchangeKey, method: str, target: str, body: bytes = b"", **changes: str
) -> httpx.Response:
    timestamp = changes.get("time", str(int(time.time())))
    headers = {
        "x-exchange-key": key.access_key,
        "x-exchange-time": timestamp,
        "x-exchange-signature": changes.get("signature", sign(key.secret, method, target, timestamp, body)),
    }
    return await client.request(method, target, content=changes.get("sent", body), headers=headers)


def told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_roster_is_taken_in_and_its_answers_fetched_and_acknowledged(
    visitor: httpx.AsyncClient, key: ExchangeKey
) -> None:
    answer = await call(visitor, key, "POST", INBOX, ROSTER)
    assert answer.json() | {"batch_no": ""} == {
        "code": "0", "sequence": 1, "status": "received", "batch_no": "", "batch_status": "compared",
    }  # fmt: skip
    assert (await call(visitor, key, "POST", INBOX, ROSTER)).json()["status"] == "repeated"
    (waiting,) = (await call(visitor, key, "GET", "/exchange/civil_affairs/outbox")).json()["files"]
    assert (waiting["sequence"], waiting["kind"]) == (1, "answers")
    content = (await call(visitor, key, "GET", "/exchange/civil_affairs/outbox/1")).content
    assert sm3_hex(content) == waiting["sm3"]
    target = f"/exchange/civil_affairs/outbox/1/acknowledgement?sm3={waiting['sm3']}"
    assert told(await call(visitor, key, "POST", target)) == (200, "0")
    assert (await call(visitor, key, "GET", "/exchange/civil_affairs/outbox")).json()["files"] == []


@pytest.mark.parametrize(
    ("target", "body", "code"),
    [
        (INBOX.replace("sequence=1", "sequence=5"), ROSTER.decode(), "P824"),
        (INBOX.replace("sequence=1", "sequence=x"), ROSTER.decode(), "P821"),
        (INBOX.replace("as_of=2024-05-01", "as_of=2099-01-01"), ROSTER.decode(), "P805"),
        (INBOX, "甲,乙\n", "C107"),
        (INBOX, "", "C110"),
        (INBOX.replace("mode=incremental", "mode=some"), ROSTER.decode(), "P821"),
    ],
)
async def test_what_cannot_be_taken_in_is_answered_with_its_codes(
    visitor: httpx.AsyncClient, key: ExchangeKey, target: str, body: str, code: str
) -> None:
    assert told(await call(visitor, key, "POST", target, body.encode())) == (422, code)


async def test_only_the_department_itself_signed_now_over_this_body_is_let_in(
    visitor: httpx.AsyncClient, key: ExchangeKey, city: City
) -> None:
    for changes in (
        {"signature": "0" * 64},
        {"time": str(int(time.time()) - 400)},
        {"time": "soon"},
        {"sent": "other"},
    ):
        assert told(await call(visitor, key, "POST", INBOX, ROSTER, **changes)) == (401, "401"), changes
    assert told(await call(visitor, key, "POST", INBOX.replace("civil_affairs", "health"), ROSTER)) == (401, "401")
    timestamp = str(int(time.time()))
    for method, target in (("POST", INBOX.replace("mode=incremental", "mode=full")), ("PUT", INBOX)):
        signature = sign(key.secret, method, target, timestamp, ROSTER)  # of another message
        answer = await call(visitor, key, "POST", INBOX, ROSTER, time=timestamp, signature=signature)
        assert told(answer) == (401, "401"), target
    assert (await visitor.post(INBOX, content=ROSTER)).status_code == 401
    async with city.services.database.connection() as connection:
        assert await revoke_key(connection, key.access_key)
    assert told(await call(visitor, key, "GET", "/exchange/civil_affairs/outbox")) == (401, "401")


async def test_files_of_another_department_cannot_be_fetched(
    visitor: httpx.AsyncClient, key: ExchangeKey, city: City
) -> None:
    async with city.services.database.transaction() as connection:
        await send(connection, "340600", "health", "uninsured", "清单.xlsx", b"content", 1, "clerk")
    assert told(await call(visitor, key, "GET", "/exchange/civil_affairs/outbox/1")) == (422, "P826")
    target = f"/exchange/civil_affairs/outbox/1/acknowledgement?sm3={sm3_hex(b'content')}"
    assert told(await call(visitor, key, "POST", target)) == (422, "P826")


async def test_the_browser_of_a_clerk_opens_nothing_here(clerk: httpx.AsyncClient, key: ExchangeKey) -> None:
    answer: Any = await clerk.get("/exchange/civil_affairs/outbox")
    assert told(answer) == (401, "401")
