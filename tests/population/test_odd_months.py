"""What happens to employees' months all the same: two certificates, late exits, deaths, races, prepayment."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime

import asyncpg
import pytest

from tests.population.workplace import (
    AREA,
    JULY,
    JUNE,
    MAY,
    certno,
    codes,
    declared,
    employer,
    now_is,
    worker,
)
from yibao.core.database import Database
from yibao.core.errors import Refused
from yibao.ledger.chart import install_chart
from yibao.population.contributions.payments import NewOrder, Payment, confirm, create_order, fail
from yibao.population.employees import crediting
from yibao.population.employees.employer_bills import bill, issue, order_bill, withdraw
from yibao.population.employees.flexible import Choice, declare
from yibao.population.employees.month_refunds import refund_month
from yibao.population.enrolment import enrolments
from yibao.population.enrolment.deaths import record_death
from yibao.population.enrolment.persons import NewPerson, find_or_register

Connection = asyncpg.pool.PoolConnectionProxy


@pytest.fixture(autouse=True)
def in_may(monkeypatch: pytest.MonkeyPatch) -> None:
    now_is(monkeypatch, date(2024, 5, 10))


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Connection]:
    async with database.transaction() as connection:
        await install_chart(connection)
        yield connection


async def free_worker(connection: Connection, number: int = 1) -> str:
    psn_no = await find_or_register(connection, NewPerson(certno(number), "钱二", AREA), "clerk", "")
    await enrolments.start(connection, enrolments.Start(psn_no, "310", "flexible", "11", AREA, MAY), "clerk", "new")
    return psn_no


def paid_message(order_no: str, amount: int, at: datetime) -> Payment:
    return Payment("tax", order_no, amount, f"T{order_no}", at)


async def test_one_person_under_two_certificates_is_declared_once(office: Connection) -> None:
    emp_no = await employer(office)
    (line,) = await declared(office, emp_no, MAY, worker(1))
    await office.execute(
        "insert into population.certificate (psn_cert_type, certno, psn_no) values ('01', $1, $2)",
        certno(2), line.psn_no,
    )  # fmt: skip
    same = (certno(2), "钱二", 700_000, "", "")
    first, second = await declared(office, emp_no, MAY, worker(1, 600_000, ""), same)
    assert (first.answer, second.answer, codes(second)) == ("accepted", "refused", ["P705"])
    assert await office.fetchval("select base from population.contribution") == 600_000


async def test_nobody_leaves_from_before_a_month_that_is_billed(
    office: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    emp_no = await employer(office)
    await declared(office, emp_no, MAY, worker(1))
    now_is(monkeypatch, date(2024, 6, 5))
    await declared(office, emp_no, JUNE, worker(1, change=""))
    await issue(office, emp_no, JUNE, "clerk")
    (line,) = await declared(office, emp_no, MAY, worker(1, None, "减少"))
    assert codes(line) == ["P718"]


async def test_a_period_does_not_reach_beyond_the_enrolment(office: Connection) -> None:
    psn_no = await free_worker(office)
    (row,) = await enrolments.enrolments_of(office, psn_no)
    await enrolments.end(office, row.psn_insu_rlts_id, date(2024, 6, 30), "clerk", "requested")
    with pytest.raises(Refused, match="P722"):
        await declare(office, Choice(psn_no, 100, "quarter", MAY), "clerk")


async def test_a_month_paid_ahead_is_credited_when_it_has_come(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.transaction() as office:
        await install_chart(office)
        psn_no = await free_worker(office)
        chosen = await declare(office, Choice(psn_no, 100, "quarter", MAY), "clerk")
        order = await create_order(office, NewOrder("tax", AREA, chosen.contribution_ids, psn_no), "clerk")
        await confirm(office, paid_message(order.order_no, order.amount, datetime(2024, 5, 10, 8)), "tax")
    now_is(monkeypatch, date(2024, 7, 1))
    credited = []
    async with database.connection() as connection:
        for month in (MAY, JUNE, JULY):
            credited.append((await crediting.run(connection, AREA, month)).credited)
    assert credited == [13_000, 13_000, 13_000]


async def test_an_order_with_a_late_fee_lasts_no_longer_than_its_day(
    office: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    emp_no = await employer(office)
    await declared(office, emp_no, MAY, worker(1))
    found = (await issue(office, emp_no, MAY, "clerk")).bill
    in_time = await order_bill(office, found.bill_no, "bank", date(2024, 5, 10), "clerk")
    assert in_time.expires_at == datetime(2024, 5, 20, 9)
    now_is(monkeypatch, date(2024, 6, 10))
    late = await order_bill(office, found.bill_no, "bank", date(2024, 6, 10), "clerk")
    assert (late.expires_at, late.amount - in_time.amount) == (datetime(2024, 6, 10, 23, 59, 59), 200)


async def test_a_bill_that_is_being_ordered_cannot_be_withdrawn_meanwhile(database: Database) -> None:
    async with database.transaction() as office:
        await install_chart(office)
        emp_no = await employer(office)
        await declared(office, emp_no, MAY, worker(1))
        found = (await issue(office, emp_no, MAY, "clerk")).bill

    async def take_back() -> None:
        async with database.transaction() as connection:
            await withdraw(connection, found.bill_no, "clerk", "test")

    async with database.transaction() as connection:
        order = await order_bill(connection, found.bill_no, "tax", date(2024, 5, 10), "clerk")
        withdrawing = asyncio.create_task(take_back())
        await asyncio.sleep(0.3)
    with pytest.raises(Refused, match="P719"):
        await withdrawing
    async with database.transaction() as connection:
        await confirm(connection, paid_message(order.order_no, order.amount, datetime(2024, 5, 10, 8)), "tax")
        assert (await bill(connection, found.bill_no)).status == "paid"


async def test_who_dies_between_order_and_payment_stops_the_order_not_the_bill(office: Connection) -> None:
    emp_no = await employer(office)
    lines = await declared(office, emp_no, JUNE, worker(1), worker(2))
    found = (await issue(office, emp_no, JUNE, "clerk")).bill
    order = await order_bill(office, found.bill_no, "tax", date(2024, 5, 10), "clerk")
    await record_death(office, lines[0].psn_no or "", date(2024, 5, 9), "clerk", "police")
    with pytest.raises(Refused, match="P606"):
        async with office.transaction():
            await confirm(office, paid_message(order.order_no, order.amount, datetime(2024, 5, 10, 8)), "tax")
    await fail(office, order.order_no, "tax", "tax")
    again = await order_bill(office, found.bill_no, "tax", date(2024, 5, 10), "clerk")
    await confirm(office, paid_message(again.order_no, again.amount, datetime(2024, 5, 10, 8)), "tax")
    assert again.amount * 2 == order.amount
    assert (await bill(office, found.bill_no)).status == "paid"


async def test_a_month_whose_credit_the_premium_took_whole_can_be_given_back(office: Connection) -> None:
    psn_no = await free_worker(office)
    await office.execute("insert into population.account (psn_no) values ($1)", psn_no)
    chosen = await declare(office, Choice(psn_no, 100, "month", MAY), "clerk")
    order = await create_order(office, NewOrder("tax", AREA, chosen.contribution_ids, psn_no), "clerk")
    await confirm(office, paid_message(order.order_no, order.amount, datetime(2024, 5, 10, 8)), "tax")
    await office.execute("update population.contribution set account_charge = to_account, credited_run = 'H3406202405'")
    assert await refund_month(office, psn_no, MAY, "clerk", "mistake") == order.amount


async def test_a_declaration_and_a_clerk_who_enrols_the_same_person_follow_each_other(database: Database) -> None:
    async with database.transaction() as connection:
        await install_chart(connection)
        emp_no = await employer(connection)
        psn_no = await find_or_register(connection, NewPerson(certno(1), "钱二", AREA), "clerk", "")

    async def file() -> str:
        async with database.transaction() as connection:
            (line,) = await declared(connection, emp_no, MAY, worker(1))
            return line.answer

    async with database.transaction() as connection:
        await connection.execute("select 1 from population.person where psn_no = $1 for no key update", psn_no)
        declaring = asyncio.create_task(file())
        await asyncio.sleep(0.3)
        start = enrolments.Start(psn_no, "310", "employee", "11", AREA, MAY, emp_no)
        await enrolments.start(connection, start, "clerk", "hired")
    assert await declaring == "accepted"


async def test_a_death_and_a_declaration_of_the_same_person_follow_each_other(database: Database) -> None:
    async with database.transaction() as connection:
        await install_chart(connection)
        emp_no = await employer(connection)
        (line,) = await declared(connection, emp_no, MAY, worker(1))

    async def leave() -> list[str]:
        async with database.transaction() as connection:
            (line,) = await declared(connection, emp_no, JUNE, worker(1, None, "减少"))
            return codes(line)

    async with database.transaction() as connection:
        await record_death(connection, line.psn_no or "", date(2024, 5, 9), "clerk", "police")
        leaving = asyncio.create_task(leave())
        await asyncio.sleep(0.3)
    assert await leaving == ["P716", "P708"]
