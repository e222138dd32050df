"""Tables of schools, pupils and helpers."""

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from tests.population.campaign.conftest import TOWN_A, psn
from yibao.core.database import Connection
from yibao.core.errors import Refused
from yibao.core.sheets import Heading, write_sheet
from yibao.population.campaign.rolls import import_helpers, import_roll, import_schools


def table(titles: str, *rows: Sequence[Any]) -> bytes:
    file = io.BytesIO()
    write_sheet(file, "表", [Heading(title) for title in titles.split()], rows)
    return file.getvalue()


def certno(number: int) -> str:
    return f"34062119800101{number:04d}"


async def school(connection: Connection) -> None:
    await import_schools(connection, table("学校编号 学校名称 所属区划", ("S1", "青禾小学", TOWN_A)))


async def test_schools_are_added_and_renamed(county: Connection) -> None:
    await school(county)
    await import_schools(county, table("学校编号 学校名称 所属区划", ("S1", "青禾中心小学", TOWN_A)))
    assert await county.fetchval("select name from population.school") == "青禾中心小学"


async def test_a_school_in_a_division_of_nobody_is_refused(county: Connection) -> None:
    with pytest.raises(Refused) as refused:
        await import_schools(county, table("学校编号 学校名称 所属区划", ("S1", "青禾小学", "999999")))
    assert [(r.code, r.place) for r in refused.value.refusals] == [("P901", "第3行")]


async def test_a_roll_takes_known_pupils_and_answers_the_other_rows(county: Connection) -> None:
    await school(county)
    titles = "学校编号 证件号码 姓名 班级"
    rows = [("S1", certno(1), "村民1", "一班"), ("S1", certno(99), "谁", "一班"), ("S1", certno(2), "村民二", "")]
    done = await import_roll(county, 2024, table(titles, *rows))
    assert done.taken == 1
    assert [(left.code, left.place) for left in done.left] == [("P905", "第4行"), ("P906", "第5行")]
    assert await county.fetch("select psn_no, class from population.school_roll") == [(psn(1), "一班")]


async def test_a_pupil_who_changes_school_is_on_one_roll_only(county: Connection) -> None:
    await school(county)
    await import_schools(county, table("学校编号 学校名称 所属区划", ("S2", "柳湾小学", TOWN_A)))
    for number in ("S1", "S2"):
        await import_roll(county, 2024, table("学校编号 证件号码 姓名", (number, certno(1), "村民1")))
    assert await county.fetch("select school_no, psn_no from population.school_roll") == [("S2", psn(1))]


async def test_a_roll_of_an_unknown_school_is_refused_as_a_whole(county: Connection) -> None:
    with pytest.raises(Refused) as refused:
        await import_roll(county, 2024, table("学校编号 证件号码 姓名", ("S9", certno(1), "村民1")))
    assert refused.value.refusals[0].code == "P907"


async def test_a_former_name_of_the_record_is_found_by_a_further_certificate(county: Connection) -> None:
    await school(county)
    await county.execute("insert into population.certificate values ('01', '340621198001019999', $1)", psn(7))
    await import_roll(county, 2024, table("学校编号 证件号码 姓名", ("S1", "340621198001019999", "村民7")))
    assert await county.fetchval("select psn_no from population.school_roll") == psn(7)


async def test_a_helper_is_responsible_for_the_whole_household_where_the_table_says_so(county: Connection) -> None:
    await county.execute("insert into population.household values ('H1', $1, '')", psn(1))
    await county.execute("update population.person set household_no = 'H1' where psn_no in ($1, $2)", psn(1), psn(2))
    titles = "证件号码 姓名 帮扶责任人 联系电话 帮扶单位 整户"
    source = table(titles, (certno(1), "村民1", "王干部", "13900000000", "县财政局", "是"))
    assert (await import_helpers(county, date(2023, 9, 1), source)).taken == 1
    rows = await county.fetch("select psn_no, helper, unit from population.helper_responsible order by 1")
    assert rows == [(psn(1), "王干部", "县财政局"), (psn(2), "王干部", "县财政局")]


async def test_a_new_helper_ends_the_former_ones_responsibility(county: Connection) -> None:
    for day, helper in (date(2022, 9, 1), "李干部"), (date(2023, 9, 1), "王干部"):
        await import_helpers(county, day, table("证件号码 姓名 帮扶责任人", (certno(1), "村民1", helper)))
    rows = await county.fetch("select helper, begndate, enddate from population.helper_responsible order by begndate")
    assert rows == [("李干部", date(2022, 9, 1), date(2023, 8, 31)), ("王干部", date(2023, 9, 1), None)]
