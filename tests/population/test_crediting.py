"""Crediting runs: every paid month exactly once, also when killed, repeated or run twice at once."""

import asyncio
import time
from datetime import date

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.population.workplace import AREA, JULY, JUNE, MAY, now_is
from yibao.core.database import connect
from yibao.core.errors import Refused
from yibao.ledger.chart import install_chart
from yibao.population.employees import crediting

SEED = """
insert into population.person (psn_no, certno, psn_name, gend, brdy)
select 'P' || n, 'C' || n, '测试', '1', date '1980-01-01' - case when n % 5 = 0 then 15000 else 0 end
from generate_series(1, {people}) n;
insert into population.enrolment (psn_no, insutype, category, psn_type, insu_admdvs, begndate)
select 'P' || n, '310', case when n % 5 = 0 then 'retired' else 'employee' end,
       case when n % 5 = 0 then '12' else '11' end, '340600', '2020-01-01' from generate_series(1, {people}) n;
insert into population.contribution (psn_no, insutype, category, period_from, period_to, base, personal, employer,
  serious, to_account, account_charge, status, paid_on)
select 'P' || n, '310', 'employee', '2024-05-01', '2024-05-31', 500000, 10000, 30000, 1200, 10000, 1200, 'paid',
       '2024-05-20' from generate_series(1, {people}) n where n % 5 <> 0;
"""


@pytest.fixture(autouse=True)
def in_may(monkeypatch: pytest.MonkeyPatch) -> None:
    now_is(monkeypatch, date(2024, 5, 31))


@pytest.fixture
async def city(connection: asyncpg.Connection) -> asyncpg.Connection:
    await seed(connection, 20)
    return connection


async def seed(connection: asyncpg.Connection, people: int) -> None:
    await install_chart(connection)
    await connection.execute(SEED.format(people=people))


async def balances(connection: asyncpg.Connection) -> dict[str, int]:
    return dict(await connection.fetch("select psn_no, balance from population.account"))


async def disagreements(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    """Persons whose balance, sum of movements and journal are not the same."""
    return await connection.fetch(
        """
        select a.psn_no, a.balance, m.total, l.total from population.account a
        left join (select psn_no, sum(amount) as total from population.account_movement group by 1) m using (psn_no)
        left join (select party as psn_no, -sum(amount) as total from ledger.posting
                   where account = 'personal_account.balances' group by 1) l using (psn_no)
        where a.balance <> coalesce(m.total, 0) or a.balance <> coalesce(l.total, 0)
        """
    )


async def add_month(connection: asyncpg.Connection, psn_no: str, month: date, paid_on: date, credit: int) -> None:
    await connection.execute(
        "insert into population.contribution (psn_no, insutype, category, period_from, period_to, to_account, status, "
        "paid_on) values ($1, '310', 'employee', $2, $2, $3, 'paid', $4)",
        psn_no,
        month,
        credit,
        paid_on,
    )


async def test_the_working_get_what_was_paid_and_the_retired_the_areas_amount(city: asyncpg.Connection) -> None:
    credited = await crediting.run(city, AREA, MAY)
    held = await balances(city)
    assert (credited.persons, credited.credited, credited.charged) == (20, 16 * 10_000 + 4 * 6400, 20 * 1200)
    assert (held["P1"], held["P5"]) == (8800, 5200)
    assert await disagreements(city) == []


async def test_the_large_amount_premium_is_a_movement_of_its_own(city: asyncpg.Connection) -> None:
    await crediting.run(city, AREA, MAY)
    rows = await city.fetch(
        "select kind, amount, balance_after from population.account_movement where psn_no = 'P1' order by movement_id"
    )
    assert [tuple(row) for row in rows] == [
        ("contribution", 10_000, 10_000),
        ("large_amount_premium", -1200, 8800),
    ]


async def test_the_journal_takes_each_credit_from_the_fund_that_bears_it(city: asyncpg.Connection) -> None:
    await crediting.run(city, AREA, MAY)
    rows = await city.fetch("select account, sum(amount)::bigint from ledger.posting group by 1 order by 1")
    assert dict(rows) == {
        "employee_pooled.account_transfers": 4 * 6400,
        "large_amount.contributions": -20 * 1200,
        "personal_account.balances": -(16 * 8800 + 4 * 5200),
        "personal_account.contributions": 16 * 10_000,
    }


async def test_a_run_repeated_changes_nothing(city: asyncpg.Connection) -> None:
    first = await crediting.run(city, AREA, MAY)
    held = await balances(city)
    assert await crediting.run(city, AREA, MAY) == first
    assert await balances(city) == held
    assert await city.fetchval("select count(*) from ledger.entry") == first.parts


async def test_a_month_paid_later_is_credited_by_the_next_run(
    city: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await crediting.run(city, AREA, MAY)
    await add_month(city, "P1", date(2024, 4, 1), date(2024, 6, 3), 9000)
    assert (await crediting.run(city, AREA, MAY)).persons == 20
    now_is(monkeypatch, date(2024, 6, 30))
    await crediting.run(city, AREA, JUNE)
    assert (await balances(city))["P1"] == 8800 + 9000


async def test_a_run_that_was_killed_goes_on_where_it_stopped(city: asyncpg.Connection) -> None:
    def kill(months: int) -> None:
        if months >= 9:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await crediting.run(city, AREA, MAY, part=3, told=kill)
    assert len(await balances(city)) == 9
    assert await disagreements(city) == []
    credited = await crediting.run(city, AREA, MAY, part=3)
    assert (credited.persons, len(await balances(city))) == (20, 20)
    assert await disagreements(city) == []


async def test_two_runs_at_once_credit_every_month_once(city: asyncpg.Connection, database_url: str) -> None:
    other = await connect(database_url)
    try:
        await asyncio.gather(crediting.run(city, AREA, MAY, part=3), crediting.run(other, AREA, MAY, part=3))
    finally:
        await other.close()
    assert set((await balances(city)).values()) == {8800, 5200}
    assert await city.fetchval("select count(*) from population.account_movement") == 40
    assert await disagreements(city) == []


async def test_the_dead_the_suspended_and_other_cities_get_nothing(city: asyncpg.Connection) -> None:
    await city.execute("update population.person set die_date = '2024-04-30' where psn_no = 'P5'")
    await city.execute(
        "update population.enrolment set psn_insu_stas = '2', paus_date = '2024-05-01' where psn_no = 'P10'"
    )
    await city.execute("update population.enrolment set insu_admdvs = '421300' where psn_no in ('P1', 'P15')")
    await crediting.run(city, AREA, MAY)
    assert {"P1", "P5", "P10", "P15"} & (await balances(city)).keys() == set()


async def test_a_month_that_has_not_begun_is_not_credited(city: asyncpg.Connection) -> None:
    with pytest.raises(Refused) as refused:
        await crediting.run(city, AREA, JUNE)
    assert refused.value.refusals[0].code == "P731"


async def test_a_frozen_account_is_credited_too(city: asyncpg.Connection) -> None:
    await city.execute("insert into population.account (psn_no, frozen) values ('P1', true)")
    await crediting.run(city, AREA, MAY)
    assert (await balances(city))["P1"] == 8800


@given(
    runs=st.lists(st.tuples(st.sampled_from([MAY, JUNE, JULY]), st.integers(1, 7)), max_size=5),
    late=st.dictionaries(
        st.tuples(st.integers(1, 4), st.integers(1, 12)),
        st.tuples(st.integers(0, 80), st.integers(1, 9999)),
        max_size=6,
    ),
)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_in_whatever_order_money_comes_every_account_agrees_with_its_movements_and_the_journal(
    module_database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    runs: list[tuple[date, int]],
    late: dict[tuple[int, int], tuple[int, int]],
) -> None:
    now_is(monkeypatch, date(2024, 7, 31))
    connection = await connect(module_database_url)
    example = connection.transaction()
    await example.start()
    try:
        await seed(connection, 10)
        for (number, month), (day, credit) in late.items():
            paid_on = date.fromordinal(MAY.toordinal() + day)
            await add_month(connection, f"P{number}", date(2023, month, 1), paid_on, credit)
        for month, part in [*runs, (JULY, 4)]:
            await crediting.run(connection, AREA, month, part=part)
        assert await disagreements(connection) == []
        assert sum((await balances(connection)).values()) == await connection.fetchval(
            "select sum(to_account - account_charge)::bigint from population.contribution where status = 'paid'"
        )
    finally:
        await example.rollback()
        await connection.close()


@pytest.mark.slow
async def test_three_hundred_thousand_persons_are_credited_within_five_minutes(connection: asyncpg.Connection) -> None:
    await seed(connection, 300_000)
    begun = time.monotonic()
    credited = await crediting.run(connection, AREA, MAY)
    assert (credited.persons, time.monotonic() - begun < 300) == (300_000, True)
    assert await disagreements(connection) == []
