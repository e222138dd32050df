"""Who owes what for a year."""

from datetime import date
from typing import Any

import pytest

from yibao.benefits.book import PackBook
from yibao.core.errors import Refused
from yibao.population.contributions.premiums import assess, assess_area

OCTOBER = date(2023, 10, 20)
DUES = """
select psn_no, kind, personal, subsidy, fiscal, status from population.contribution
where insutype = '390' and period_from = $1 order by psn_no
"""


async def dues(desk: Any, year: int = 2024) -> dict[str, tuple[Any, ...]]:
    return {row["psn_no"]: tuple(row)[1:] for row in await desk.fetch(DUES, date(year, 1, 1))}


async def test_everybody_of_an_area_owes_the_standard_of_the_year_less_the_subsidy(desk: Any, packs: PackBook) -> None:
    assert await assess_area(desk, packs, "340600", 2024, OCTOBER, "test") == 5
    assert await dues(desk) == {
        "A1": ("normal", 38000, 0, 64000, "due"),
        "A2": ("normal", 38000, 0, 64000, "due"),
        "A3": ("normal", 38000, 0, 64000, "due"),
        "B1": ("normal", 0, 38000, 64000, "paid"),
        "B2": ("normal", 7600, 30400, 64000, "due"),
    }


@pytest.mark.parametrize(
    ("year", "personal", "fiscal"), [(2021, 28000, 55000), (2022, 32000, 58000), (2023, 35000, 61000)]
)
async def test_the_standard_is_that_of_the_insured_year(
    desk: Any, packs: PackBook, year: int, personal: int, fiscal: int
) -> None:
    await assess(desk, packs, ["A1"], year, date(year - 1, 11, 1), "test")
    assert (await dues(desk, year))["A1"] == ("normal", personal, 0, fiscal, "due")


async def test_assessing_again_changes_nothing(desk: Any, packs: PackBook) -> None:
    await assess_area(desk, packs, "340600", 2024, OCTOBER, "test")
    before = await dues(desk)
    assert await assess_area(desk, packs, "340600", 2024, OCTOBER, "test") == 0
    assert await assess(desk, packs, list(before), 2024, OCTOBER, "test") == 0
    assert await dues(desk) == before


async def test_who_is_carried_in_full_is_covered_without_an_application(desk: Any, packs: PackBook) -> None:
    await assess(desk, packs, ["B1"], 2024, OCTOBER, "test")
    row = await desk.fetchrow("select state, begndate, enddate from population.coverage where psn_no = 'B1'")
    assert tuple(row) == ("covered", date(2024, 1, 1), date(2024, 12, 31))
    assert await desk.fetchval("select kind from population.event where psn_no = 'B1'") == "paid"


async def test_a_new_tag_lowers_what_is_due_and_a_payment_ends_that(desk: Any, packs: PackBook) -> None:
    await assess(desk, packs, ["A1"], 2024, OCTOBER, "test")
    await desk.execute(
        "insert into population.identity_tag (psn_no, psn_idet_type, tag, begntime) values ('A1', '', '监测对象', $1)",
        date(2023, 11, 1),
    )
    assert await assess(desk, packs, ["A1"], 2024, date(2023, 11, 2), "test") == 1
    assert (await dues(desk))["A1"] == ("normal", 19000, 19000, 64000, "due")
    await desk.execute("update population.contribution set status = 'paid', paid_on = '2023-11-03'")
    await desk.execute("delete from population.identity_tag where psn_no = 'A1'")
    assert await assess(desk, packs, ["A1"], 2024, date(2023, 11, 4), "test") == 0


async def test_after_the_window_it_is_late_and_the_subsidised_still_enter_without_waiting(
    desk: Any, packs: PackBook
) -> None:
    await assess(desk, packs, ["A1", "A2", "B2"], 2024, date(2024, 2, 29), "test")
    assert {due[0] for due in (await dues(desk)).values()} == {"normal"}
    await assess(desk, packs, ["A1", "A2", "B2"], 2024, date(2024, 3, 1), "test")
    found = await dues(desk)
    assert (found["A1"][0], found["B2"][0]) == ("late", "midyear")


async def test_a_veteran_enters_in_the_middle_of_the_year_and_is_not_made_late_again(
    desk: Any, packs: PackBook
) -> None:
    await assess(desk, packs, ["N1"], 2024, date(2024, 5, 6), "test", ground="veteran")
    await assess(desk, packs, ["N1"], 2024, date(2024, 5, 6), "test")
    assert (await dues(desk))["N1"][:2] == ("midyear", 38000)


async def test_a_ground_that_the_area_does_not_know_is_refused(desk: Any, packs: PackBook) -> None:
    with pytest.raises(Refused, match="P604"):
        await assess(desk, packs, ["N1"], 2024, date(2024, 5, 6), "test", ground="lottery")


async def test_nothing_is_due_from_employees_the_dead_and_after_the_end_of_the_year(desk: Any, packs: PackBook) -> None:
    await desk.execute("update population.person set die_date = '2023-10-01' where psn_no = 'A2'")
    assert await assess(desk, packs, ["W1", "A2"], 2024, OCTOBER, "test") == 0
    assert await assess(desk, packs, ["A1"], 2024, date(2025, 1, 1), "test") == 0
    assert await dues(desk) == {}


async def test_in_tongren_a_late_payer_bears_the_part_of_public_finance_too(desk: Any, packs: PackBook) -> None:
    await desk.execute("update population.enrolment set insu_admdvs = '520603' where psn_no = 'A1'")
    await assess(desk, packs, ["A1"], 2025, date(2025, 2, 28), "test")
    assert (await dues(desk, 2025))["A1"] == ("normal", 40000, 0, 67000, "due")
    await assess(desk, packs, ["A1"], 2025, date(2025, 3, 1), "test")
    assert (await dues(desk, 2025))["A1"] == ("late", 107000, 0, 0, "due")
    assert await assess(desk, packs, ["A2"], 2025, date(2025, 10, 1), "test") == 1  # Huaibei takes it until December
