"""A made-up city in the database: complete, verified, and as if everybody had been entered by hand."""

from datetime import date

import pytest

from yibao.benefits.book import PackBook
from yibao.core.config import ConfigurationError
from yibao.core.database import connect
from yibao.ledger import install_chart
from yibao.population.entitlement import coverage
from yibao.population.identity import is_identity_number
from yibao.settlement.verify import violations
from yibao.simulate import build_city
from yibao.simulate.load import load_city

AS_OF = date(2021, 10, 25)


@pytest.fixture(scope="module")
async def loaded(module_database_url):
    city = build_city("huaibei", 3_000, seed=3)
    connection = await connect(module_database_url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("yibao.simulate.load.BLOCK", 700)  # several blocks, as a large city has
        await install_chart(connection)
        counts = await load_city(connection, city, PackBook.load(), AS_OF)
    yield connection, city, counts
    await connection.close()


async def test_everybody_born_by_the_day_is_there(loaded):
    connection, city, counts = loaded
    import numpy as np

    born = int(np.sum(city.people.birth <= np.datetime64(AS_OF).astype(int)))
    assert counts.persons == born == await connection.fetchval("select count(*) from population.person")
    numbers = await connection.fetch("select certno from population.person")
    assert all(is_identity_number(row["certno"]) for row in numbers)


async def test_coverage_is_what_refreshing_computes(loaded):
    connection, _, _ = loaded
    query = "select * from population.coverage order by psn_no, psn_insu_rlts_id, begndate"
    before = [dict(row) for row in await connection.fetch(query)]
    numbers = [row["psn_no"] for row in await connection.fetch("select psn_no from population.person")]
    async with connection.transaction():
        await coverage.refresh(connection, numbers)
    assert [dict(row) for row in await connection.fetch(query)] == before
    assert len(before) > 3_000


async def test_everything_that_must_always_hold_holds(loaded):
    connection, _, _ = loaded
    assert {sentence: cases async for sentence, cases in violations(connection) if cases} == {}


async def test_the_money_of_the_year_stands_in_the_journal(loaded):
    connection, _, _ = loaded
    paid = await connection.fetchval(
        "select sum(personal + employer) from population.contribution where status = 'paid'"
    )
    cash = await connection.fetchval("select sum(amount) from ledger.posting where account = 'income_account.cash'")
    assert paid == cash > 0


async def test_residents_pay_the_standard_of_the_year(loaded):
    connection, _, _ = loaded
    rows = await connection.fetch(
        "select distinct period_from, personal + subsidy, fiscal from population.contribution where insutype = '390'"
        " order by 1"
    )
    assert [tuple(row) for row in rows] == [(date(2021, 1, 1), 28_000, 55_000), (date(2022, 1, 1), 32_000, 58_000)]


async def test_in_the_middle_of_the_collection_some_have_paid_for_the_next_year_and_some_owe_it(loaded):
    connection, _, _ = loaded
    rows = await connection.fetch(
        "select status, count(*) as persons from population.contribution where period_from = '2022-01-01' group by 1"
    )
    persons = {row["status"]: row["persons"] for row in rows}
    assert 0.15 < persons["paid"] / sum(persons.values()) < 0.5


async def test_whom_medical_aid_carries_in_full_owes_nothing(loaded):
    connection, _, _ = loaded
    rows = await connection.fetch(
        "select c.status, c.personal, c.subsidy from population.contribution c join population.identity_tag t"
        " using (psn_no) where t.tag = '特困' and c.period_from = '2022-01-01'"
    )
    assert {tuple(row) for row in rows} == {("paid", 0, 32_000)}


async def test_employees_have_paid_ten_months_by_the_end_of_october(loaded):
    connection, _, _ = loaded
    months = await connection.fetch(
        "select distinct period_from from population.contribution where insutype = '310' order by 1"
    )
    assert [row["period_from"].month for row in months] == list(range(1, 11))


async def test_the_dead_are_enrolled_until_their_last_day(loaded):
    connection, _, _ = loaded
    rows = await connection.fetch(
        "select p.die_date, e.enddate, e.psn_insu_stas from population.person p"
        " join population.enrolment e using (psn_no) where p.die_date is not null"
    )
    assert len(rows) > 3
    assert all((row["enddate"], row["psn_insu_stas"]) == (row["die_date"], "4") for row in rows)
    assert all(row["die_date"] <= AS_OF for row in rows)


async def test_loading_a_second_city_is_refused(loaded):
    connection, city, _ = loaded
    with pytest.raises(ConfigurationError, match="holds a made-up city"):
        await load_city(connection, city, PackBook.load(), AS_OF)
