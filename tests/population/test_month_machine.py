"""Whatever employers, clerks and channels do in whatever order, every check of `yibao verify` holds."""

import asyncio
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.population.workplace import AREA, JULY, JUNE, MAY, declared, employer, now_is, worker
from yibao.core.database import Database
from yibao.core.errors import Refused
from yibao.ledger.chart import install_chart
from yibao.population.contributions.payment_orders import expire_orders
from yibao.population.contributions.payments import Payment, confirm, fail, reverse
from yibao.population.employees import crediting
from yibao.population.employees.employer_bills import bills_of, issue, order_bill, withdraw
from yibao.population.employees.month_refunds import refund_month
from yibao.population.enrolment.deaths import record_death
from yibao.settlement.verify import FUNCTIONS, QUERIES

TODAY = date(2024, 7, 20)
MONTHS = (MAY, JUNE, JULY)
SPEND = """
select count(*)
from population.account a, population.move_accounts(array[a.psn_no], array[-a.balance / 2], 'test', 'test')
where a.balance > 1 and not a.frozen
"""
SPENT = "every account is what the journal owes the person"
"""Not looked at: the machine spends without a settlement."""

month, number, pick = st.sampled_from(MONTHS), st.integers(0, 2), st.integers(0, 3)
STEPS = st.one_of(
    st.tuples(st.just("declare"), number, month, st.lists(number, min_size=1, max_size=3), st.sampled_from([4, 9, 99])),
    st.tuples(st.just("leave"), number, month, number),
    st.tuples(st.just("issue"), number, month),
    st.tuples(st.just("order"), number, pick),
    st.tuples(st.just("order"), number, pick),
    st.tuples(st.just("pay"), pick),
    st.tuples(st.just("pay"), pick),
    st.tuples(st.sampled_from(["fail", "reverse"]), pick),
    st.tuples(st.just("withdraw"), number, pick),
    st.tuples(st.just("credit"), month),
    st.tuples(st.just("refund"), number, month),
    st.tuples(st.just("dies"), number, st.integers(1, 90)),
    st.tuples(st.sampled_from(["spend", "expire"])),
)
BEGIN = (
    ("declare", 0, MAY, [0, 1], 5), ("issue", 0, MAY), ("order", 0, 0), ("pay", 0), ("credit", MAY),
    ("declare", 0, JUNE, [0, 1], 6), ("issue", 0, JUNE), ("order", 0, 0),
)  # fmt: skip
"""A credited month and an order for the next: what comes then is up to chance."""


@pytest.fixture(autouse=True)
def in_july(monkeypatch: pytest.MonkeyPatch) -> None:
    now_is(monkeypatch, TODAY)


async def one(connection: Any, employers: list[str], orders: list[Any], kind: str, *how: Any) -> None:
    if kind == "declare":
        rows = [worker(n, how[3] * 100_000 + n) for n in how[2]]
        await declared(connection, employers[how[0] % 2], how[1], *rows)
    elif kind == "leave":
        await declared(connection, employers[how[0] % 2], how[1], worker(how[2], None, "减少"))
    elif kind == "issue":
        await issue(connection, employers[how[0] % 2], how[1], "clerk")
    elif kind in ("order", "withdraw"):
        bills = await bills_of(connection, employers[how[0] % 2])
        if bills and kind == "order":
            bill_no = bills[how[1] % len(bills)].bill_no
            orders.append(await order_bill(connection, bill_no, "tax", TODAY, "clerk"))
        elif bills:
            await withdraw(connection, bills[how[1] % len(bills)].bill_no, "clerk", "test")
    elif kind == "credit":
        await crediting.run(connection, AREA, how[0], part=2)
    elif kind in ("refund", "dies"):
        people = await connection.fetch("select psn_no from population.person order by psn_no")
        if people and kind == "refund":
            await refund_month(connection, people[how[0] % len(people)][0], how[1], "clerk", "test")
        elif people:
            day = date.fromordinal(date(2024, 4, 20).toordinal() + how[1])
            await record_death(connection, people[how[0] % len(people)][0], day, "clerk", "police")
    elif kind == "spend":
        await connection.execute(SPEND)
    elif kind == "expire":
        await expire_orders(connection)
    elif orders:
        await of_order(connection, orders[how[0] % len(orders)], kind)


async def of_order(connection: Any, order: Any, kind: str) -> None:
    if kind == "pay":
        at = datetime(2024, 7, 20, 8)
        await confirm(connection, Payment("tax", order.order_no, order.amount, f"S{order.order_no}", at), "tax")
    elif kind == "fail":
        await fail(connection, order.order_no, "tax", "tax")
    else:
        await reverse(connection, order.order_no, "tax", "test")


async def test_any_sequence_of_months_keeps_every_sum(database: Database) -> None:
    """Hypothesis calls from a thread of its own; each example is rolled back."""
    loop = asyncio.get_running_loop()

    async def example(steps: list[tuple[Any, ...]]) -> None:
        async with database.connection() as connection:
            transaction = connection.transaction()
            await transaction.start()
            try:
                await install_chart(connection)
                employers, orders = [await employer(connection, n) for n in (1, 2)], list[Any]()
                for step in (*BEGIN, *steps):
                    try:
                        async with connection.transaction():
                            await one(connection, employers, orders, *step)
                    except Refused:
                        continue
                await check(connection)
            finally:
                await transaction.rollback()

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(STEPS, min_size=6, max_size=25))
    def run(steps: list[tuple[Any, ...]]) -> None:
        asyncio.run_coroutine_threadsafe(example(steps), loop).result(60)

    await asyncio.to_thread(run)


async def check(connection: Any) -> None:
    for sentence, query in QUERIES.items():
        if sentence != SPENT:
            assert [row[0] for row in await connection.fetch(query)] == [], sentence
    for sentence, function in FUNCTIONS.items():
        assert [found async for found in function(connection)] == [], sentence
