"""Whose own burden stays high after every layer is told to the departments, once."""

import io
from datetime import date
from typing import Any

import openpyxl

from tests.settlement.town import Town
from yibao.population.rosters.exchange import content_of, waiting_for
from yibao.population.rules import rules_of
from yibao.settlement.poverty_return import tell, threshold_of, warnings

CITY, DAY = "340600", date(2024, 6, 30)


async def told(town: Town) -> list[tuple[str, int]]:
    async with town.database.transaction() as connection:
        return [(one.psn_no, one.burden) for one in await tell(connection, CITY, 2024, DAY, "clerk")]


async def own_part(town: Town, psn_no: str, yuan: str) -> int:
    bill: dict[str, Any] = await town.stay(psn_no, yuan)
    return int(bill["psn_pay"])


async def test_who_bears_more_than_the_threshold_is_told_and_the_others_are_not(town: Town) -> None:
    high = await own_part(town, "r1", "300000")
    await own_part(town, "r3", "5000")
    assert high >= 2_000_000
    assert await told(town) == [("r1", high)]
    async with town.database.connection() as connection:
        for department in ("civil_affairs", "rural_revitalisation"):
            (waiting,) = await waiting_for(connection, CITY, department)
            assert (waiting.kind, waiting.row_count) == ("poverty_return", 1)
            _, content = await content_of(connection, CITY, department, waiting.sequence)
            (row,) = openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(min_row=3, values_only=True)
            assert (row[0], round(row[7] * 100), row[8]) == ("r1", high, 20000)


async def test_nobody_is_told_twice_until_the_burden_has_risen(town: Town) -> None:
    await own_part(town, "r1", "300000")
    assert len(await told(town)) == 1
    assert await told(town) == []
    await own_part(town, "r1", "100000")
    assert len(await told(town)) == 1


async def test_a_cancelled_bill_is_no_burden(town: Town) -> None:
    bill = await town.stay("r1", "300000")
    await town.cancel("r1", bill)
    assert await told(town) == []


async def test_the_dead_and_other_cities_and_other_years_are_left_out(town: Town) -> None:
    await own_part(town, "r1", "300000")
    async with town.database.transaction() as connection:
        assert await warnings(connection, CITY, 2023, DAY) == []
        assert await warnings(connection, "340621", 2024, DAY) == []
        await connection.execute("update population.person set die_date = '2024-06-20' where psn_no = 'r1'")
        assert await warnings(connection, CITY, 2024, DAY) == []


def test_people_with_a_tag_are_warned_of_at_a_lower_burden() -> None:
    rule = rules_of(CITY).on("poverty_warning", DAY)
    assert threshold_of(rule, ["低保"]) < threshold_of(rule, []) == threshold_of(rule, ["学生"])
