"""The bulletin of a day from what was kept per day."""

import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.population.campaign.conftest import (
    CITY,
    COUNTY,
    TOWN_A,
    TOWN_B,
    VILLAGE_A1,
    VILLAGE_A2,
    VILLAGE_B1,
    pay,
)  # fmt: skip
from yibao.core.database import Connection
from yibao.core.errors import Refused
from yibao.population.campaign.bulletin import VILLAGE, Bulletin, bulletin, write_bulletin
from yibao.population.campaign.counting import snapshot
from yibao.population.campaign.parameters import campaign_rules
from yibao.population.campaign.tasks import Revision, revise
from yibao.population.rules import rules_of

RULES = rules_of("340600")
DAY = date(2023, 11, 15)
TASKS = {CITY: 10, COUNTY: 10, TOWN_A: 8, TOWN_B: 2, VILLAGE_A1: 5, VILLAGE_A2: 3, VILLAGE_B1: 2}


async def made(county: Connection) -> Bulletin:
    """Town A: 3 of 8, one of them today; town B: 3 of 2."""
    await revise(county, Revision(2024, CITY, TASKS, "市下达"), "clerk")
    await pay(county, 1, 2, on=date(2023, 11, 10))
    await pay(county, 7, on=DAY)
    await pay(county, 10, 11, 12, on=date(2023, 10, 20))
    await snapshot(county, RULES, 2024, DAY)
    return await bulletin(county, RULES, 2024, DAY)


async def test_towns_stand_in_the_order_of_their_rate_with_increase_and_projection(county: Connection) -> None:
    found = await made(county)
    assert [(u.name, u.parent, u.rank, u.task, u.enrolled, u.rate, u.increase) for u in found.units] == [
        ("柳湾镇", "濉溪县", 1, 2, 3, 15_000, 0),
        ("青禾镇", "濉溪县", 2, 8, 3, 3_750, 1),
    ]
    assert [unit.projection.text for unit in found.units] == ["2023-10-20 完成", "预计 2023-11-27"]
    assert (found.whole.name, found.whole.enrolled, found.whole.rate) == ("淮北市", 6, 6_000)


async def test_villages_of_one_town_can_be_asked_for(county: Connection) -> None:
    await made(county)
    found = await bulletin(county, RULES, 2024, DAY, within=TOWN_A, level=VILLAGE)
    assert found.whole.name == "青禾镇"
    assert [(u.name, u.enrolled, u.uninsured, u.insured_share) for u in found.units] == [
        ("张圩村", 2, 4, 3_333),
        ("王楼村", 1, 2, 3_333),
    ]


async def test_a_day_that_was_not_counted_yet_shows_the_day_before(county: Connection) -> None:
    await made(county)
    assert (await bulletin(county, RULES, 2024, date(2023, 11, 17))).day == DAY


async def test_without_any_count_it_says_so(county: Connection) -> None:
    with pytest.raises(Refused) as refused:
        await bulletin(county, RULES, 2024, DAY)
    assert refused.value.refusals[0].code == "P911"


async def test_the_table_carries_figures_as_numbers_and_a_chart(county: Connection) -> None:
    file = io.BytesIO()
    assert write_bulletin(file, await made(county)) == 2
    sheet = load_workbook(file).active
    assert sheet is not None
    rows = [[cell.value for cell in row[:8]] for row in sheet.iter_rows(min_row=2)]
    assert rows == [
        ["名次", "镇（街道）", "所属", "任务数", "已参保", "完成率", "日增", "未参保"],
        [1, "柳湾镇", "濉溪县", 2, 3, 1.5, 0, 0],
        [2, "青禾镇", "濉溪县", 8, 3, 0.375, 1, 6],
        [None, "合计", "安徽省", 10, 6, 0.6, 1, 6],
    ]
    assert any(name.startswith("xl/charts/chart") for name in zipfile.ZipFile(file).namelist())


async def test_the_table_says_when_it_was_counted_by_the_citys_clock(county: Connection) -> None:
    file, taken_at = io.BytesIO(), datetime(2023, 11, 16, 17, 26, tzinfo=UTC)
    write_bulletin(file, replace(await made(county), taken_at=taken_at))
    sheet = load_workbook(file).active
    assert sheet is not None
    assert str(sheet["A1"].value).endswith("统计时间 2023-11-17 01:26")


def test_the_target_of_a_day_lies_on_the_line_between_the_days_of_the_curve() -> None:
    rules = campaign_rules(RULES, 2024)
    assert (rules.first_day, rules.last_day) == (date(2023, 9, 1), date(2024, 2, 29))
    assert rules.target_on(date(2023, 9, 1)) == 0
    assert rules.target_on(date(2023, 10, 31)) == 5_000
    assert rules.target_on(date(2023, 11, 15)) == 6_250
    assert rules.target_on(date(2024, 6, 1)) == 10_000


def test_a_city_without_a_campaign_in_its_rules_is_refused_with_a_code(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        campaign_rules(rules_of("3604"), 2024)
    assert refused.value.refusals[0].code == "P001"
