"""A paid month goes back to who paid it, with what was credited."""

from collections.abc import AsyncIterator
from datetime import date, datetime

import asyncpg
import pytest

from tests.population.workplace import AREA, MAY, codes, declared, employer, now_is, worker
from yibao.core.database import Database
from yibao.core.errors import Refused
from yibao.ledger.chart import install_chart
from yibao.population.contributions.payments import Payment, confirm, reverse
from yibao.population.employees import crediting
from yibao.population.employees.employer_bills import bill, issue, order_bill
from yibao.population.employees.month_refunds import refund_month

Connection = asyncpg.pool.PoolConnectionProxy


@pytest.fixture(autouse=True)
def in_may(monkeypatch: pytest.MonkeyPatch) -> None:
    now_is(monkeypatch, date(2024, 5, 20))


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Connection]:
    async with database.transaction() as connection:
        await install_chart(connection)
        yield connection


async def paid_month(connection: Connection) -> tuple[str, str, str]:
    """Numbers of the employer, of the person who is paid for, and of the order."""
    emp_no = await employer(connection)
    (line,) = await declared(connection, emp_no, MAY, worker(1))
    found = (await issue(connection, emp_no, MAY, "clerk")).bill
    order = await order_bill(connection, found.bill_no, "tax", date(2024, 5, 20), "clerk")
    await confirm(connection, Payment("tax", order.order_no, order.amount, "T1", datetime(2024, 5, 20, 8)), "tax")
    return emp_no, line.psn_no or "", order.order_no


async def journal(connection: Connection) -> dict[str, int]:
    rows = await connection.fetch("select account, sum(amount)::bigint from ledger.posting group by 1 order by 1")
    return {account: amount for account, amount in rows if amount}


async def refusal(work: object) -> str:
    with pytest.raises(Refused) as refused:
        await work  # type: ignore[misc]
    return refused.value.refusals[0].code


@pytest.mark.parametrize("credited", [False, True])
async def test_a_refunded_month_leaves_only_what_is_owed_to_the_employer(office: Connection, credited: bool) -> None:
    emp_no, psn_no, _ = await paid_month(office)
    if credited:
        await crediting.run(office, AREA, MAY)
    assert await refund_month(office, psn_no, MAY, "clerk", "误申报") == 40_000
    assert await journal(office) == {"channels.receivable": 40_000, "contributions.refundable": -40_000}
    owed = await office.fetchval("select party from ledger.posting where account = 'contributions.refundable'")
    assert owed == emp_no
    assert await office.fetchval("select coalesce(sum(balance), 0) from population.account") == 0
    assert await office.fetchval("select count(*) from population.coverage where psn_no = $1", psn_no) == 0


async def test_a_refunded_month_can_be_declared_again(office: Connection) -> None:
    emp_no, psn_no, _ = await paid_month(office)
    await refund_month(office, psn_no, MAY, "clerk", "误申报")
    (line,) = await declared(office, emp_no, MAY, worker(1, 600_000, ""))
    assert (line.answer, codes(line)) == ("accepted", [])
    assert (await issue(office, emp_no, MAY, "clerk")).bill.base == 600_000


async def test_a_month_is_refunded_once(office: Connection) -> None:
    _, psn_no, _ = await paid_month(office)
    await refund_month(office, psn_no, MAY, "clerk", "误申报")
    assert await refusal(refund_month(office, psn_no, MAY, "clerk", "误申报")) == "P733"


async def test_a_credit_that_was_spent_or_frozen_stands_in_the_way(office: Connection) -> None:
    _, psn_no, _ = await paid_month(office)
    await crediting.run(office, AREA, MAY)
    await office.execute("update population.account set frozen = true")
    before = await journal(office)
    assert await refusal(refund_month(office, psn_no, MAY, "clerk", "误申报")) == "P734"
    assert await journal(office) == before


async def test_a_credited_payment_is_not_reversed_but_refunded(office: Connection) -> None:
    _, _, order_no = await paid_month(office)
    await crediting.run(office, AREA, MAY)
    assert await refusal(reverse(office, order_no, "tax", "付款行退回")) == "P732"


async def test_a_month_in_which_benefits_were_used_is_not_refunded(office: Connection) -> None:
    _, psn_no, _ = await paid_month(office)
    await office.execute(
        "create or replace function settlement.bills_of(p_psn_no text, p_first date, p_last date) returns table "
        "(setl_id text, mdtrt_id text, fixmedins_code text, begndate date, enddate date, fund_pay_sumamt bigint) "
        "language sql stable as $$ select '1', '1', '', p_first, p_last, 1::bigint where p_psn_no <> '' $$"
    )
    assert await refusal(refund_month(office, psn_no, MAY, "clerk", "误申报")) == "P735"


async def test_a_bill_whose_only_month_was_refunded_owes_nothing(office: Connection) -> None:
    _, psn_no, _ = await paid_month(office)
    number = await office.fetchval("select bill_no from population.employer_bill")
    await refund_month(office, psn_no, MAY, "clerk", "误申报")
    assert ((await bill(office, number)).persons, (await bill(office, number)).amount) == (0, 0)
