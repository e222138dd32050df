"""Lists of the uninsured: who is on them, how they are searched, paged and written."""

import io
from datetime import date

import pytest
from openpyxl import load_workbook

from tests.population.campaign.conftest import CITY, TOWN_A, VILLAGE_A1, VILLAGE_B1, pay, psn
from yibao.core.database import Connection
from yibao.population.campaign.uninsured import Search, Uninsured, uninsured, write_list
from yibao.population.rules import rules_of

RULES = rules_of("340600")
DAY = date(2023, 11, 15)


async def numbers(connection: Connection, search: Search, limit: int = 100) -> list[int]:
    return [int(row.psn_no[-6:]) for row in await uninsured(connection, RULES, search, DAY, limit)]


async def tag(connection: Connection, number: int, word: str, owner: str, until: date | None = None) -> None:
    await connection.execute(
        "insert into population.identity_tag (psn_no, psn_idet_type, tag, begntime, endtime, owner)"
        " values ($1, '2303', $2, '2022-01-01', $3, $4)", psn(number), word, until, owner
    )  # fmt: skip


async def test_a_villages_list_leaves_out_who_paid_is_employed_or_died(county: Connection) -> None:
    await pay(county, 1, on=date(2023, 11, 1))
    await county.execute("update population.enrolment set insutype = '310', psn_type = '11' where psn_no = $1", psn(2))
    await county.execute("update population.person set die_date = '2023-10-01' where psn_no = $1", psn(3))
    await county.execute("update population.contribution set personal = 0 where psn_no = $1", psn(4))
    assert await numbers(county, Search(2024, VILLAGE_A1)) == [5, 6]


async def test_a_towns_list_goes_through_its_villages_page_by_page(county: Connection) -> None:
    first = await uninsured(county, RULES, Search(2024, TOWN_A), DAY, 4)
    assert [row.psn_no for row in first] == [psn(number) for number in (1, 2, 3, 4)]
    assert await numbers(county, Search(2024, TOWN_A, after=first[-1].place)) == [5, 6, 7, 8, 9]


async def test_a_schools_list_holds_its_pupils_with_their_class(county: Connection) -> None:
    await county.execute("insert into population.school values ('S1', '青禾镇中心小学', $1)", TOWN_A)
    await county.executemany(
        "insert into population.school_roll (school_no, year, psn_no, class) values ('S1', 2024, $1, '三（1）班')",
        [(psn(1),), (psn(10),)],
    )
    await pay(county, 1, on=date(2023, 11, 1))
    (row,) = await uninsured(county, RULES, Search(2024, CITY, school_no="S1"), DAY, 10)
    assert (row.psn_no, row.school, row.school_class) == (psn(10), "青禾镇中心小学", "三（1）班")


async def test_a_helpers_list_ends_with_his_responsibility(county: Connection) -> None:
    await county.execute(
        "insert into population.helper_responsible"
        " values ($1, '王干部', '13900000000', '县财政局', '2022-01-01', null),"
        " ($2, '王干部', '', '县财政局', '2022-01-01', '2023-06-30')", psn(5), psn(6)
    )  # fmt: skip
    (row,) = await uninsured(county, RULES, Search(2024, CITY, helper="王干部"), DAY, 10)
    assert (row.psn_no, row.helping_unit, row.helper_tel) == (psn(5), "县财政局", "13900000000")


async def test_a_department_finds_only_persons_with_a_running_tag_of_its_own(county: Connection) -> None:
    await tag(county, 1, "低保", "civil_affairs")
    await tag(county, 2, "低保", "civil_affairs", until=date(2023, 6, 30))
    await tag(county, 3, "监测", "rural")
    assert await numbers(county, Search(2024, CITY, department="civil_affairs")) == [1]
    assert await numbers(county, Search(2024, CITY, department="civil_affairs", tag="监测")) == []
    assert await numbers(county, Search(2024, CITY, tag="监测")) == [3]


async def test_a_name_is_looked_for_within_the_area(county: Connection) -> None:
    assert await numbers(county, Search(2024, TOWN_A, name="村民3")) == [3]
    assert await numbers(county, Search(2024, VILLAGE_B1, name="村民3")) == []


async def test_who_was_insured_last_year_is_told_from_who_never_was(county: Connection) -> None:
    await county.execute(
        "insert into population.contribution (psn_no, insutype, category, period_from, period_to, personal, status,"
        " paid_on) values ($1, '390', 'resident', '2023-01-01', '2023-12-31', 35000, 'paid', '2022-11-01')", psn(11)
    )  # fmt: skip
    rows = await uninsured(county, RULES, Search(2024, VILLAGE_B1), DAY, 10)
    assert [(row.psn_no, row.state, row.due) for row in rows] == [
        (psn(10), "漏保", 38_000), (psn(11), "断保", 38_000), (psn(12), "漏保", 38_000),
    ]  # fmt: skip


@pytest.mark.parametrize("mask", [str, lambda number: number[:6] + "*" * 10 + number[-2:]])
async def test_the_table_masks_identity_numbers_for_who_need_not_see_them(county: Connection, mask: object) -> None:
    rows: list[Uninsured] = await uninsured(county, RULES, Search(2024, VILLAGE_B1), DAY, 10)
    file = io.BytesIO()
    assert write_list(file, "未参保人员", rows, certificate=mask) == 3  # type: ignore[arg-type]
    sheet = load_workbook(file).active
    assert sheet is not None
    assert [sheet["C3"].value, sheet["H3"].value] == [mask("340621198001010010"), 380]  # type: ignore[operator]
