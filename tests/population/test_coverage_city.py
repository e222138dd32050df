"""A whole city's coverage in the database: what follows is written once, what differs is named."""

from datetime import date
from typing import Any

from yibao.population.entitlement.coverage import refresh
from yibao.population.entitlement.coverage_city import refresh_city, wrong_coverage

PAY = """
insert into population.contribution (psn_no, insutype, category, kind, period_from, period_to, status, paid_on)
values ($1, $2, $3, 'normal', $4, $5, 'paid', $6)
"""
ROWS = "select * from population.coverage order by psn_no, psn_insu_rlts_id, begndate"


async def pay(people: Any) -> None:
    """A resident's year and an employee's months, over an earlier system's rows that end before them."""
    await people.execute("update population.coverage set enddate = '2024-03-31'")
    await people.execute(PAY, "1", "390", "resident", date(2025, 1, 1), date(2025, 12, 31), date(2025, 4, 1))
    for month in (5, 6, 7):
        first = date(2024, month, 1)
        await people.execute(PAY, "2", "310", "employee", first, first, date(2024, 7, 5))


async def wrong(people: Any) -> list[str]:
    return [case.split(":")[0] async for case in wrong_coverage(people)]


async def test_what_differs_is_named_and_the_city_run_writes_what_refresh_writes(people: Any) -> None:
    await pay(people)
    assert await wrong(people) == ["person 1", "person 2"]
    assert await refresh_city(people, "340600") == 2
    assert await wrong(people) == []
    rows = await people.fetch(ROWS)
    assert len(rows) == 5
    await people.execute("delete from population.coverage where origin = 'computed'")
    await refresh(people, ["1", "2"])
    assert await people.fetch(ROWS) == rows
    assert await refresh_city(people, "340600") == 0


async def test_coverage_taken_away_or_left_without_an_enrolment_is_named(people: Any) -> None:
    await pay(people)
    await refresh(people, ["1", "2"])
    assert await wrong(people) == []
    await people.execute("delete from population.coverage where psn_no = '2' and origin = 'computed'")
    await people.execute("update population.enrolment set psn_insu_stas = '3' where psn_no = '1'")
    assert await wrong(people) == ["person 1", "person 2"]


async def test_another_city_is_left_alone(people: Any) -> None:
    await pay(people)
    assert await refresh_city(people, "421300") == 0
