"""Money goes back by the grounds of the area, never when benefits were used."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from tests.population.payments.ordering import balance, codes, paid
from yibao.benefits.book import PackBook
from yibao.core.errors import Refused
from yibao.population.contributions.refunds import Request, refund


async def nobody(connection: Any, psn_nos: Sequence[str], first: date, last: date) -> set[str]:
    return set()


async def everybody(connection: Any, psn_nos: Sequence[str], first: date, last: date) -> set[str]:
    return set(psn_nos)


async def test_before_the_year_a_premium_goes_back_to_who_is_insured_elsewhere(desk: Any, packs: PackBook) -> None:
    order = await paid(desk, packs, "A1", "A2")
    request = Request(order.order_no, ("A1",), "enrolled_elsewhere", "在外地参保")
    assert await refund(desk, packs, request, "clerk", nobody) == 38000
    assert await balance(desk, "contributions.refundable") == -38000
    assert await balance(desk, "resident.contributions") == -38000
    row = await desk.fetchrow("select psn_no, amount, ground, status from population.premium_refund")
    assert tuple(row) == ("A1", 38000, "enrolled_elsewhere", "payable")
    left = {row["psn_no"] for row in await desk.fetch("select psn_no from population.coverage")}
    assert left == {"A2"}


async def test_an_order_is_refunded_when_its_last_person_is(desk: Any, packs: PackBook) -> None:
    order = await paid(desk, packs, "A1", "A2")
    for psn_no in ("A1", "A2"):
        await refund(desk, packs, Request(order.order_no, (psn_no,), "emigrated"), "clerk", nobody)
    assert await desk.fetchval("select status from population.payment_order") == "refunded"
    with pytest.raises(Refused) as refused:
        await refund(desk, packs, Request(order.order_no, ("A1",), "emigrated"), "clerk", nobody)
    assert codes(refused) == ["P621"]


async def test_once_the_benefits_have_begun_nothing_goes_back(desk: Any, packs: PackBook, at: Any) -> None:
    order = await paid(desk, packs, "A1")
    at("2024-01-01 09:00")
    with pytest.raises(Refused) as refused:
        await refund(desk, packs, Request(order.order_no, ("A1",), "conscripted"), "clerk", nobody)
    assert codes(refused) == ["P624"]


async def test_who_used_benefits_gets_nothing_and_every_person_is_named(desk: Any, packs: PackBook) -> None:
    order = await paid(desk, packs, "A1", "A2")
    request = Request(order.order_no, ("A1", "A2", "A3"), "enrolled_elsewhere")
    with pytest.raises(Refused) as refused:
        await refund(desk, packs, request, "clerk", everybody)
    assert codes(refused) == ["P622", "P625", "P625"]
    assert await balance(desk, "contributions.refundable") == 0


async def test_a_ground_that_the_area_does_not_know_is_refused(desk: Any, packs: PackBook) -> None:
    order = await paid(desk, packs, "A1")
    with pytest.raises(Refused) as refused:
        await refund(desk, packs, Request(order.order_no, ("A1",), "regret"), "clerk", nobody)
    assert codes(refused) == ["P623"]


async def test_who_is_subsidised_later_gets_the_difference_and_stays_insured(
    desk: Any, packs: PackBook, at: Any
) -> None:
    order = await paid(desk, packs, "A1")
    request = Request(order.order_no, ("A1",), "subsidised_later")
    with pytest.raises(Refused) as refused:
        await refund(desk, packs, request, "clerk", everybody)
    assert codes(refused) == ["P626"]
    at("2024-03-05 09:00")
    await desk.execute(
        "insert into population.identity_tag (psn_no, psn_idet_type, tag, begntime) values ('A1', '2303', '低保', $1)",
        date(2024, 2, 1),
    )
    assert await refund(desk, packs, request, "clerk", everybody) == 38000 - 7600
    row = await desk.fetchrow("select personal, subsidy, status from population.contribution where psn_no = 'A1'")
    assert tuple(row) == (7600, 30400, "paid")
    assert await desk.fetchval("select count(*) from population.coverage where psn_no = 'A1'") == 1
    with pytest.raises(Refused) as refused:
        await refund(desk, packs, request, "clerk", everybody)
    assert codes(refused) == ["P626"]
