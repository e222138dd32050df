"""Flexible workers choose a base and a period, and pay everything themselves."""

from collections.abc import AsyncIterator
from datetime import date, datetime

import asyncpg
import pytest

from tests.population.workplace import AREA, JULY, JUNE, MAY, certno, codes, declared, employer, now_is, worker
from yibao.core.database import Database
from yibao.core.errors import Refused
from yibao.ledger.chart import install_chart
from yibao.population.contributions.payments import NewOrder, Payment, confirm, create_order
from yibao.population.employees.flexible import Choice, declare
from yibao.population.enrolment import enrolments
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


async def free_worker(connection: Connection, first: date = MAY) -> str:
    psn_no = await find_or_register(connection, NewPerson(certno(1), "钱二", AREA), "clerk", "")
    await enrolments.start(connection, enrolments.Start(psn_no, "310", "flexible", "11", AREA, first), "clerk", "new")
    return psn_no


async def codes_of(connection: Connection, choice: Choice) -> list[str]:
    with pytest.raises(Refused) as refused:
        await declare(connection, choice, "clerk")
    return [one.code for one in refused.value.refusals]


async def bases(connection: Connection) -> list[tuple[date, int, int]]:
    rows = await connection.fetch(
        "select period_from, base, personal from population.contribution order by period_from"
    )
    return [tuple(row) for row in rows]


async def test_a_quarter_makes_three_months_due_that_the_worker_pays_alone(office: Connection) -> None:
    psn_no = await free_worker(office)
    found = await declare(office, Choice(psn_no, 100, "quarter", MAY), "clerk")
    assert (found.base, found.amount, len(found.contribution_ids)) == (650_000, 3 * 52_000, 3)
    assert await bases(office) == [(month, 650_000, 52_000) for month in (MAY, JUNE, JULY)]


async def test_the_same_choice_again_changes_nothing(office: Connection) -> None:
    psn_no = await free_worker(office)
    first = await declare(office, Choice(psn_no, 60, "month", MAY), "clerk")
    events = await office.fetchval("select count(*) from population.event")
    assert await declare(office, Choice(psn_no, 60, "month", MAY), "clerk") == first
    assert await office.fetchval("select count(*) from population.event") == events


async def test_another_choice_replaces_what_is_open(office: Connection) -> None:
    psn_no = await free_worker(office)
    await declare(office, Choice(psn_no, 60, "month", MAY), "clerk")
    await declare(office, Choice(psn_no, 300, "month", MAY), "clerk")
    assert await bases(office) == [(MAY, 1_950_000, 156_000)]


async def test_what_stands_in_an_order_cannot_be_chosen_anew(office: Connection) -> None:
    psn_no = await free_worker(office)
    found = await declare(office, Choice(psn_no, 60, "month", MAY), "clerk")
    await create_order(office, NewOrder("tax", AREA, found.contribution_ids, psn_no), "clerk")
    assert await codes_of(office, Choice(psn_no, 80, "quarter", MAY)) == ["P724"]


async def test_a_paid_quarter_is_divided_between_pool_and_account(office: Connection) -> None:
    psn_no = await free_worker(office)
    found = await declare(office, Choice(psn_no, 100, "quarter", MAY), "clerk")
    order = await create_order(office, NewOrder("tax", AREA, found.contribution_ids, psn_no), "clerk")
    await confirm(office, Payment("tax", order.order_no, order.amount, "T1", datetime(2024, 5, 10, 8)), "tax")
    rows = await office.fetch("select account, sum(amount)::bigint from ledger.posting group by 1")
    assert dict(rows) == {
        "channels.receivable": 156_000,
        "employee_pooled.contributions": -117_000,
        "personal_account.contributions": -39_000,
    }


@pytest.mark.parametrize(
    ("percent", "period", "month", "codes"),
    [
        (70, "month", MAY, ["P721"]),
        (60, "decade", MAY, ["P723"]),
        (60, "month", JULY, ["P710"]),
        (60, "month", date(2024, 4, 1), ["P722"]),
    ],
)
async def test_a_wrong_choice_says_its_code(
    office: Connection, percent: int, period: str, month: date, codes: list[str]
) -> None:
    psn_no = await free_worker(office)
    assert await codes_of(office, Choice(psn_no, percent, period, month)) == codes


async def test_who_is_no_flexible_worker_is_refused(office: Connection) -> None:
    emp_no = await employer(office)
    (line,) = await declared(office, emp_no, MAY, worker(1))
    assert await codes_of(office, Choice(line.psn_no or "", 60, "month", MAY)) == ["P722"]


async def test_an_employer_cannot_declare_a_month_that_a_flexible_worker_declared(office: Connection) -> None:
    emp_no = await employer(office)
    psn_no = await free_worker(office)
    await declare(office, Choice(psn_no, 60, "month", MAY), "clerk")
    (line,) = await declared(office, emp_no, MAY, worker(1))
    assert codes(line) == ["P717"]
