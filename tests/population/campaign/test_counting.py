"""Counting a county for the campaign of 2024, day by day."""

from datetime import date

from tests.population.campaign.conftest import CITY, COUNTY, TOWN_A, VILLAGE_A1, VILLAGE_A2, VILLAGE_B1, pay, psn
from yibao.core.database import Connection
from yibao.population.campaign.counting import rebuild, snapshot
from yibao.population.rules import rules_of

RULES = rules_of("340600")
MONDAY, TUESDAY, WEDNESDAY = date(2023, 11, 13), date(2023, 11, 14), date(2023, 11, 15)


async def kept(connection: Connection, unit: str, day: date) -> tuple[int, int]:
    row = await connection.fetchrow(
        "select enrolled, uninsured from population.campaign_day where year = 2024 and unit = $1 and day = $2",
        unit, day,
    )  # fmt: skip
    return tuple(row)


async def test_payments_are_counted_in_village_town_county_and_city(county: Connection) -> None:
    await pay(county, 1, 2, on=MONDAY)
    await pay(county, 7, on=TUESDAY)
    await snapshot(county, RULES, 2024, TUESDAY)
    assert await kept(county, VILLAGE_A1, TUESDAY) == (2, 4)
    assert await kept(county, VILLAGE_A2, TUESDAY) == (1, 2)
    assert await kept(county, TOWN_A, TUESDAY) == (3, 6)
    assert await kept(county, COUNTY, TUESDAY) == await kept(county, CITY, TUESDAY) == (3, 9)


async def test_the_first_snapshot_fills_the_days_from_the_beginning_of_the_campaign(county: Connection) -> None:
    await pay(county, 1, 2, on=MONDAY)
    await pay(county, 3, on=TUESDAY)
    counted = await snapshot(county, RULES, 2024, WEDNESDAY)
    assert counted.first == date(2023, 9, 1)
    assert await kept(county, VILLAGE_A1, date(2023, 9, 1)) == (0, 6)
    assert await kept(county, VILLAGE_A1, MONDAY) == (2, 4)
    assert await kept(county, VILLAGE_A1, WEDNESDAY) == (3, 3)


async def test_the_same_day_again_gives_the_same_rows(county: Connection) -> None:
    rows = "select year, day, unit, enrolled, uninsured from population.campaign_day order by day, unit"
    await pay(county, 1, on=MONDAY)
    await snapshot(county, RULES, 2024, TUESDAY)
    before = await county.fetch(rows)
    await snapshot(county, RULES, 2024, TUESDAY)
    assert before == await county.fetch(rows)


async def test_a_later_snapshot_leaves_what_was_reported_before_as_it_was(county: Connection) -> None:
    await pay(county, 1, on=MONDAY)
    await snapshot(county, RULES, 2024, MONDAY)
    await county.execute("update population.contribution set status = 'refunded' where psn_no = $1", psn(1))
    counted = await snapshot(county, RULES, 2024, TUESDAY)
    assert counted.first == TUESDAY
    assert await kept(county, VILLAGE_A1, MONDAY) == (1, 5)
    assert await kept(county, VILLAGE_A1, TUESDAY) == (0, 6)


async def test_rebuilding_tells_the_past_from_the_days_of_payment(county: Connection) -> None:
    await snapshot(county, RULES, 2024, TUESDAY)
    await pay(county, 10, on=MONDAY)
    await rebuild(county, RULES, 2024, MONDAY, TUESDAY)
    assert await kept(county, VILLAGE_B1, MONDAY) == (1, 2)


async def test_who_owes_nothing_because_all_is_subsidised_counts_as_enrolled(county: Connection) -> None:
    await county.execute("update population.contribution set personal = 0, subsidy = 38000 where psn_no = $1", psn(11))
    await snapshot(county, RULES, 2024, MONDAY)
    assert await kept(county, VILLAGE_B1, MONDAY) == (1, 2)


async def test_employees_the_dead_and_merged_duplicates_are_not_uninsured(county: Connection) -> None:
    await county.execute("update population.enrolment set insutype = '310', psn_type = '11' where psn_no = $1", psn(1))
    await county.execute("update population.person set die_date = '2023-10-01' where psn_no = $1", psn(2))
    await county.execute("update population.person set merged_into = $2 where psn_no = $1", psn(3), psn(4))
    await snapshot(county, RULES, 2024, MONDAY)
    assert await kept(county, VILLAGE_A1, MONDAY) == (0, 3)


async def test_who_paid_and_died_is_still_counted(county: Connection) -> None:
    await pay(county, 1, on=MONDAY)
    await county.execute("update population.person set die_date = '2023-11-14' where psn_no = $1", psn(1))
    await snapshot(county, RULES, 2024, WEDNESDAY)
    assert await kept(county, VILLAGE_A1, WEDNESDAY) == (1, 5)


async def test_a_school_counts_its_pupils_wherever_they_live(county: Connection) -> None:
    await county.execute("insert into population.school values ('S1', '青禾镇中心小学', $1)", TOWN_A)
    await county.executemany(
        "insert into population.school_roll (school_no, year, psn_no, class) values ('S1', 2024, $1, '三（1）班')",
        [(psn(number),) for number in (1, 7, 10)],
    )
    await pay(county, 1, 10, on=MONDAY)
    await snapshot(county, RULES, 2024, MONDAY)
    assert await kept(county, "S1", MONDAY) == (2, 1)


async def test_another_years_payment_does_not_count(county: Connection) -> None:
    await county.execute(
        "update population.contribution set status = 'paid', paid_on = $2, period_from = '2023-01-01',"
        " period_to = '2023-12-31' where psn_no = $1", psn(1), MONDAY
    )  # fmt: skip
    await snapshot(county, RULES, 2024, MONDAY)
    assert await kept(county, VILLAGE_A1, MONDAY) == (0, 6)
