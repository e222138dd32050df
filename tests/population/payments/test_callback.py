"""A channel's signed message: carried out once, whatever comes twice or at once."""

import asyncio
import time
from datetime import date
from typing import Any

import msgspec
import pytest

from tests.population.payments.ordering import balance, codes, order
from yibao.benefits.book import PackBook
from yibao.core.database import Database
from yibao.core.errors import Refused
from yibao.population.contributions.channels.access import (
    SIGNATURE,
    TIMESTAMP,
    Unauthorized,
    admit,
    grant,
    revoke,
    sign,
)
from yibao.population.contributions.channels.callback import answer
from yibao.population.contributions.payments import Order, reverse

KEY = bytes(range(32))


def body(order: Order, **changed: Any) -> bytes:
    facts = {
        "msgid": "M1", "state": "paid", "order_no": order.order_no, "serial": "S1",
        "amount": "760.00", "paid_at": "2023-12-01T10:05:00+08:00",
    }  # fmt: skip
    return msgspec.json.encode(facts | changed)


@pytest.fixture
async def begun(village: Database, packs: PackBook) -> Order:
    async with village.transaction() as connection:
        return await order(connection, packs, "A1", "A2")


async def test_a_message_is_carried_out_once_and_answered_the_same_again(village: Database, begun: Order) -> None:
    first = await answer(village, "tax", body(begun))
    assert msgspec.json.decode(first) == {
        "code": "0", "order_no": begun.order_no, "status": "paid", "amount": "760.00",
    }  # fmt: skip
    assert await answer(village, "tax", body(begun)) == first
    assert msgspec.json.decode(await answer(village, "tax", body(begun, msgid="M2")))["status"] == "paid"
    async with village.connection() as connection:
        assert await balance(connection, "resident.contributions") == -76000


async def test_the_same_msgid_with_another_body_is_refused(village: Database, begun: Order) -> None:
    await answer(village, "tax", body(begun))
    with pytest.raises(Refused) as refused:
        await answer(village, "tax", body(begun, amount="1.00"))
    assert codes(refused) == ["G041"]


async def test_a_refused_message_leaves_nothing_and_may_be_sent_again(village: Database, begun: Order, at: Any) -> None:
    with pytest.raises(Refused) as refused:
        await answer(village, "tax", body(begun, amount="1.00"))
    assert codes(refused) == ["P612"]
    async with village.connection() as connection:
        counts = await connection.fetchrow(
            "select (select count(*) from core.inbox), (select count(*) from population.channel_receipt),"
            " (select count(*) from ledger.entry)"
        )
    assert tuple(counts) == (0, 0, 0)
    await answer(village, "tax", body(begun))


async def test_a_reversal_names_the_payment_that_it_reverses(village: Database, begun: Order) -> None:
    await answer(village, "tax", body(begun))
    with pytest.raises(Refused) as refused:
        await answer(village, "tax", body(begun, msgid="M2", state="reversed", serial="S9"))
    assert codes(refused) == ["P642"]
    reply = await answer(village, "tax", body(begun, msgid="M3", state="reversed"))
    assert msgspec.json.decode(reply)["status"] == "reversed"


@pytest.mark.parametrize(
    "changed", [{"amount": "x"}, {"paid_at": None}, {"state": "lost"}, {"serial": ""}, {"more": 1}, {"paid_at": "1"}]
)
async def test_a_message_of_another_shape_is_refused(village: Database, begun: Order, changed: Any) -> None:
    with pytest.raises(Refused) as refused:
        await answer(village, "tax", body(begun, **changed))
    assert codes(refused) == ["P641"]


async def test_ten_messages_of_one_payment_at_once_pay_once(village: Database, begun: Order) -> None:
    same = [answer(village, "tax", body(begun)) for _ in range(5)]
    others = [answer(village, "tax", body(begun, msgid=f"X{n}")) for n in range(5)]
    replies = await asyncio.gather(*same, *others)
    assert len(set(replies)) == 1
    async with village.connection() as connection:
        assert await balance(connection, "resident.contributions") == -76000
        assert await connection.fetchval("select count(*) from population.channel_receipt") == 1


async def test_a_payment_and_its_reversal_at_once_end_in_one_of_two_states(village: Database, begun: Order) -> None:
    async def take_back() -> None:
        async with village.transaction() as connection:
            await reverse(connection, begun.order_no, "clerk", "test")

    await asyncio.gather(answer(village, "tax", body(begun)), take_back(), return_exceptions=True)
    async with village.connection() as connection:
        status = await connection.fetchval("select status from population.payment_order")
        due = await connection.fetchval("select count(*) from population.contribution where status = 'due'")
        income = await balance(connection, "resident.contributions")
    assert (status, due, income) in {("reversed", 2, 0), ("expired", 2, 0), ("paid", 0, -76000)}


async def test_a_message_is_admitted_only_with_the_channels_own_fresh_signature(village: Database) -> None:
    async with village.connection() as connection:
        secret = await grant(connection, KEY, "tax")
        now = str(int(time.time()))
        good = {TIMESTAMP: now, SIGNATURE: sign(secret, now, b"{}")}
        await admit(connection, KEY, "tax", good, b"{}")
        old = str(int(time.time()) - 700)
        for headers, content, channel in (
            (good, b"{ }", "tax"),
            (good, b"{}", "bank"),
            ({**good, SIGNATURE: sign("other", now, b"{}")}, b"{}", "tax"),
            ({TIMESTAMP: old, SIGNATURE: sign(secret, old, b"{}")}, b"{}", "tax"),
            ({}, b"{}", "tax"),
        ):
            with pytest.raises(Unauthorized):
                await admit(connection, KEY, channel, headers, content)
        assert await revoke(connection, "tax")
        with pytest.raises(Unauthorized):
            await admit(connection, KEY, "tax", good, b"{}")


async def test_what_was_paid_is_visible_in_the_same_moment(village: Database, begun: Order) -> None:
    await answer(village, "tax", body(begun))
    async with village.connection() as connection:
        covered = await connection.fetchval(
            "select count(*) from population.coverage where begndate = $1", date(2024, 1, 1)
        )
    assert covered == 2


async def test_of_two_orders_for_one_person_at_once_one_is_made(village: Database, packs: PackBook) -> None:
    async def begin(*psn_nos: str) -> Order:
        async with village.transaction() as connection:
            return await order(connection, packs, *psn_nos)

    made = await asyncio.gather(begin("A1", "A2"), begin("A2", "A3"), begin("A3", "A1"), return_exceptions=True)
    assert sorted(type(one).__name__ for one in made) == ["Order", "Refused", "Refused"]


async def test_a_contribution_that_changed_since_it_was_ordered_is_not_paid(village: Database, begun: Order) -> None:
    async with village.transaction() as connection:
        await connection.execute("update population.contribution set personal = 100 where psn_no = 'A1'")
    with pytest.raises(Refused, match="金额已变化") as refused:
        await answer(village, "tax", body(begun))
    assert codes(refused) == ["P606"]
