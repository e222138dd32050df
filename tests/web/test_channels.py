"""The callback of payment channels over HTTP."""

import time
from datetime import timedelta

import httpx
import msgspec
import pytest

from tests.web.city import KEY, OLD_MAN, City
from yibao.benefits.book import PackBook
from yibao.core import dates
from yibao.population.contributions.channels.access import SIGNATURE, TIMESTAMP, grant, sign
from yibao.population.contributions.premiums import order_for

ADDRESS = "/channels/tax/callback"


@pytest.fixture
async def secret(city: City) -> str:
    async with city.services.database.transaction() as connection:
        return await grant(connection, KEY, "tax")


def signed(secret: str, body: bytes) -> dict[str, str]:
    now = str(int(time.time()))
    return {TIMESTAMP: now, SIGNATURE: sign(secret, now, body)}


async def test_a_signed_payment_is_carried_out_and_refusals_are_coded(
    visitor: httpx.AsyncClient, city: City, secret: str
) -> None:
    year = dates.today().year + 1
    day = dates.today().replace(month=11, day=15)  # within the window of the next year
    async with city.services.database.transaction() as connection:
        order = await order_for(connection, PackBook.load(), [OLD_MAN], year, "tax", "test", day=day)
    facts = {
        "msgid": "M1", "state": "paid", "order_no": order.order_no, "serial": "S1", "amount": "0.01",
        "paid_at": (dates.now() + timedelta(seconds=1)).isoformat(),
    }  # fmt: skip
    wrong = msgspec.json.encode(facts)
    refused = await visitor.post(ADDRESS, content=wrong, headers=signed(secret, wrong))
    assert (refused.status_code, refused.json()["code"]) == (422, "P612")
    right = msgspec.json.encode(facts | {"amount": f"{order.amount / 100:.2f}"})
    answers = [await visitor.post(ADDRESS, content=right, headers=signed(secret, right)) for _ in range(2)]
    assert [(answer.status_code, answer.json()["status"]) for answer in answers] == [(200, "paid")] * 2


async def test_who_cannot_sign_is_told_nothing(visitor: httpx.AsyncClient, secret: str) -> None:
    for address, headers in (
        (ADDRESS, {}),
        (ADDRESS, signed("x", b"{}")),
        ("/channels/x/callback", signed(secret, b"{}")),
    ):
        answer = await visitor.post(address, content=b"{}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "401")


async def test_a_body_that_is_too_large_or_no_message_is_refused(visitor: httpx.AsyncClient, secret: str) -> None:
    large = b" " * 70_000
    assert (await visitor.post(ADDRESS, content=large, headers=signed(secret, large))).status_code == 413
    none = await visitor.post(ADDRESS, content=b"[]", headers=signed(secret, b"[]"))
    assert (none.status_code, none.json()["code"]) == (422, "P641")
