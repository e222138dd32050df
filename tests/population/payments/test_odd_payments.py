"""What happens in a year of collecting all the same: late messages, wrong files, deaths, duplicates, changes of job."""

import asyncio
from datetime import date, datetime
from typing import Any

import pytest

from tests.population.payments.ordering import balance, codes, order, paid, payment
from tests.population.payments.test_callback import body
from tests.population.payments.test_channels import A1, A2, BANK, DAY, TAX, outcomes, sheet, take
from tests.population.payments.test_refunds import nobody
from yibao.benefits.book import PackBook
from yibao.core.database import Database
from yibao.core.errors import Refused
from yibao.population.contributions.channels import bank, family_account
from yibao.population.contributions.channels.callback import answer
from yibao.population.contributions.payment_orders import expire_orders, order_of
from yibao.population.contributions.payments import NewOrder, confirm, create_order, reverse
from yibao.population.contributions.premiums import LOCK, assess, assess_area, personal_now
from yibao.population.contributions.refunds import Request, refund
from yibao.population.enrolment import enrolments, merging
from yibao.population.enrolment.deaths import record_death

BIND = """
insert into population.family_link (beneficiary, payer, seq, relation, begndate, year_limit)
values ($1, $2, 1, '51', '2023-01-01', $3)
"""
CONTRIBUTION = (
    "select status, kind, personal from population.contribution where psn_no = $1 order by contribution_id desc"
)


async def test_a_payment_made_in_time_counts_though_its_order_has_expired_meanwhile(
    desk: Any, packs: PackBook, at: Any
) -> None:
    begun = await order(desk, packs, "A1", "A2")
    at("2023-12-03 10:00")
    await expire_orders(desk)
    done = await confirm(desk, payment(begun), "tax")
    assert (done.status, await balance(desk, "resident.contributions")) == ("paid", -76000)


async def test_an_expired_order_is_not_paid_when_another_order_took_its_place(
    desk: Any, packs: PackBook, at: Any
) -> None:
    begun = await order(desk, packs, "A1", "A2")
    at("2023-12-03 10:00")
    again = await order(desk, packs, "A2", day=date(2023, 12, 3))
    with pytest.raises(Refused) as refused:
        await confirm(desk, payment(begun), "tax")
    assert codes(refused) == ["P613"]
    assert (await confirm(desk, payment(again, "S2", datetime(2023, 12, 3, 10)), "tax")).amount == 38000
    assert await balance(desk, "resident.contributions") == -38000


async def test_an_order_of_the_last_evening_ends_with_the_collection_window(
    desk: Any, packs: PackBook, at: Any
) -> None:
    at("2024-02-29 23:50")
    begun = await order(desk, packs, "A1", channel="bank", day=date(2024, 2, 29))
    assert begun.expires_at == datetime(2024, 2, 29, 23, 59, 59)
    at("2024-03-01 00:05")
    with pytest.raises(Refused) as refused:
        await confirm(desk, payment(begun, at=datetime(2024, 3, 1, 0, 1)), "bank")
    assert codes(refused) == ["P613"]
    await confirm(desk, payment(begun, at=datetime(2024, 2, 29, 23, 59, 59)), "bank")
    assert tuple(await desk.fetchrow(CONTRIBUTION, "A1")) == ("paid", "normal", 38000)


async def test_a_failed_collection_never_takes_back_what_was_paid(desk: Any, packs: PackBook) -> None:
    begun = await order(desk, packs, "A1", channel="bank")
    await bank.take_results(desk, "1.xlsx", sheet(BANK, (begun.order_no, "S1", 38000, DAY, "成功")), "bank")
    second = await bank.take_results(desk, "2.xlsx", sheet(BANK, (begun.order_no, "S2", 38000, DAY, "失败")), "bank")
    assert outcomes(second) == [("refused", "P614")]
    assert ((await order_of(desk, begun.order_no)).status, await balance(desk, "resident.contributions")) == (
        "paid", -38000,
    )  # fmt: skip


async def test_a_bank_cannot_give_up_the_order_of_another_channel(desk: Any, packs: PackBook) -> None:
    begun = await order(desk, packs, "A1")
    found = await bank.take_results(desk, "1.xlsx", sheet(BANK, (begun.order_no, "S1", 38000, DAY, "失败")), "bank")
    assert outcomes(found) == [("refused", "P611")]
    assert (await order_of(desk, begun.order_no)).status == "created"


async def test_rows_of_impossible_years_and_days_do_not_stop_a_tax_list(desk: Any, packs: PackBook) -> None:
    rows = [
        ("T1", A1, "测试甲", 0, 38000, DAY),
        ("T2", A1, "测试甲", 99999, 38000, DAY),
        ("T3", A1, "测试甲", 2035, 38000, DAY),
        ("T4", A1, "测试甲", 2024, 38000, date(2024, 1, 15)),
        ("T5", A1, "测试甲", 2024, 38000, date(2020, 1, 15)),
        ("T6", A2, "测试乙", 2024, 38000, DAY),
    ]
    found = await take(desk, packs, sheet(TAX, *rows))
    assert outcomes(found) == [
        ("unallocated", "P602"), ("unallocated", "P602"), ("unallocated", "P602"), ("unallocated", "P616"),
        ("unallocated", "P602"), ("paid", ""),
    ]  # fmt: skip
    assert await balance(desk, "unallocated.receipts") == -5 * 38000


async def test_two_files_of_one_name_in_one_second_are_both_booked(desk: Any, packs: PackBook) -> None:
    for serial in ("T1", "T2"):
        await take(desk, packs, sheet(TAX, (serial, "340621197001010010", "无此人", 2024, 38000, DAY)))
    assert await balance(desk, "unallocated.receipts") == -76000


async def test_what_is_reversed_after_a_death_is_not_due_again(desk: Any, packs: PackBook, at: Any) -> None:
    begun = await paid(desk, packs, "A1", "A2")
    at("2023-12-05 09:00")
    await record_death(desk, "A1", date(2023, 12, 4), "clerk", "police")
    await reverse(desk, begun.order_no, "tax", "冲正")
    assert [row["status"] for row in await desk.fetch(CONTRIBUTION, "A1")] == ["cancelled"]
    assert [row["status"] for row in await desk.fetch(CONTRIBUTION, "A2")] == ["due"]


async def test_money_goes_back_to_a_payer_who_was_a_duplicate_under_the_number_that_stays(
    desk: Any, packs: PackBook
) -> None:
    await desk.execute(
        "insert into population.person (psn_no, certno, psn_name, gend, brdy, live_area)"
        " values ('W2', 'H0000001', '测试庚', '1', '1985-08-08', '340621100201')"
    )
    await desk.execute("update population.person set psn_cert_type = '99' where psn_no = 'W2'")
    for child in ("A2", "A3"):
        await desk.execute(BIND, child, "W1", None)
    refunded = await family_account.pay(desk, packs, "W1", ["A3"], 2024, "W1")
    reversed_ = await family_account.pay(desk, packs, "W1", ["A2"], 2024, "W1")
    await merging.merge(desk, "W1", "W2", "clerk", "duplicate")
    await refund(desk, packs, Request(refunded.order_no, ("A3",), "emigrated"), "clerk", nobody)
    await reverse(desk, reversed_.order_no, "clerk", "冲正")
    held = dict(await desk.fetch("select psn_no, balance from population.account"))
    owed = await desk.fetchval(
        "select -sum(amount)::bigint from ledger.posting where account = 'personal_account.balances' and party = 'W2'"
    )
    assert (held, owed) == ({"W1": 0, "W2": 100000}, 100000)


async def test_who_became_an_employee_is_not_asked_for_the_residents_premium(desk: Any, packs: PackBook) -> None:
    await assess(desk, packs, ["A1"], 2024, DAY, "test")
    (row,) = await enrolments.enrolments_of(desk, "A1")
    start = enrolments.Start("A1", "310", "flexible", "11", "340600", DAY)
    await enrolments.switch(desk, row.psn_insu_rlts_id, start, "clerk")
    with pytest.raises(Refused) as refused:
        await order(desk, packs, "A1")
    assert codes(refused) == ["P603"]
    found = await take(desk, packs, sheet(TAX, ("T1", A1, "测试甲", 2024, 38000, DAY)))
    assert outcomes(found) == [("unallocated", "P606")]


async def test_a_payer_gives_no_more_for_a_relative_than_the_years_limit(desk: Any, packs: PackBook) -> None:
    await desk.execute(BIND, "A3", "W1", 37999)
    with pytest.raises(Refused) as refused:
        await family_account.pay(desk, packs, "W1", ["A3"], 2024, "W1")
    assert codes(refused) == ["P635"]
    await desk.execute("update population.family_link set year_limit = 38000")
    await family_account.pay(desk, packs, "W1", ["A3"], 2024, "W1")
    assert await desk.fetchval("select beneficiary from population.account_movement where amount < 0") == "A3"


@pytest.mark.parametrize("amount", ["760.001", "7.6e2", "-760.00", "1e9999999", ""])
async def test_an_amount_is_yuan_with_two_decimals(village: Database, packs: PackBook, amount: str) -> None:
    async with village.transaction() as connection:
        begun = await order(connection, packs, "A1", "A2")
    with pytest.raises(Refused) as refused:
        await answer(village, "tax", body(begun, amount=amount))
    assert codes(refused) == ["P641"]


async def test_a_city_is_assessed_while_a_family_orders_without_a_deadlock(village: Database, packs: PackBook) -> None:
    """A roster frees A2 of everything and changes what A1 owes while their order is being made."""
    async with village.transaction() as connection:
        await assess(connection, packs, ["A1", "A2"], 2024, DAY, "test")
        due = await connection.fetch("select contribution_id from population.contribution order by psn_no desc")
        await connection.execute(
            "insert into population.identity_tag (psn_no, psn_idet_type, tag, begntime) values"
            " ('A1', '2303', '低保', '2022-01-01'), ('A2', '2304', '特困', '2022-01-01')"
        )

    async def city() -> int:
        async with village.transaction() as connection:
            return await assess_area(connection, packs, "340600", 2024, DAY, "test")

    async with village.transaction() as connection:
        await connection.execute(LOCK, ["A1", "A2"])
        assessing = asyncio.create_task(city())
        await asyncio.sleep(0.5)
        made = await create_order(connection, NewOrder("tax", "340621", tuple(row[0] for row in due)), "test")
    assert (await assessing, made.amount) == (3, 76000)


async def test_who_paid_late_with_the_public_part_has_paid_nothing_too_much(desk: Any, packs: PackBook) -> None:
    """Tongren 2025: after the window 1070 yuan, and 400 for whom medical aid helps."""
    await desk.execute("update population.enrolment set insu_admdvs = '520602' where psn_no = 'A1'")
    paid_on, today = date(2025, 4, 1), date(2025, 6, 1)
    assert await assess(desk, packs, ["A1"], 2025, paid_on, "test") == 1
    assert tuple(await desk.fetchrow(CONTRIBUTION, "A1")) == ("due", "late", 107000)
    assert await personal_now(desk, packs, "A1", 2025, today, paid_on=paid_on) == 107000
    assert await personal_now(desk, packs, "A1", 2025, today, paid_on=date(2025, 2, 1)) < 107000
