"""Who may say what somebody is, from when to when."""

from datetime import date
from typing import Any

import pytest

from tests.population.rosters.village import CITY, EVENTS, TODAY, tags
from yibao.benefits.book import PackBook
from yibao.core.errors import Refused
from yibao.population.rosters.departments import BUREAU, department_of, tag_code
from yibao.population.rosters.tags import NewTag, Office, begin_tag, end_tag

CIVIL_AFFAIRS = Office("civil_affairs", CITY, "wang")
HEALTH = Office("health", CITY, "li")
DUE = """
insert into population.contribution (psn_no, insutype, category, period_from, period_to, personal, fiscal)
values ('6', '390', 'resident', '2024-01-01', '2024-12-31', 38000, 64000)
"""


def new(number: int, begins: date = TODAY, ends: date | None = None, tag: str = "低保") -> NewTag:
    return NewTag(str(number), tag, begins, ends, "民认〔2024〕1号")


async def test_the_department_that_owns_a_tag_sets_and_ends_it(village: Any, packs: PackBook) -> None:
    await begin_tag(village, packs, new(1), CIVIL_AFFAIRS, TODAY)
    await end_tag(village, packs, "1", "低保", date(2024, 6, 30), CIVIL_AFFAIRS, "民退〔2024〕2号", TODAY)
    assert await tags(village) == [("1", "低保", "2024-03-15", "2024-06-30")]
    events = [tuple(map(str, row)) for row in await village.fetch(EVENTS)]
    assert events == [("1", "tagged", "2024-03-15"), ("1", "untagged", "2024-06-30")]


async def test_the_bureau_may_set_any_tag_and_another_department_none(village: Any, packs: PackBook) -> None:
    await begin_tag(village, packs, new(1), Office(BUREAU, CITY, "clerk"), TODAY)
    with pytest.raises(Refused, match=r"P802.*民政局认定"):
        await begin_tag(village, packs, new(2), HEALTH, TODAY)
    with pytest.raises(Refused, match="P802"):
        await end_tag(village, packs, "1", "低保", TODAY, HEALTH, "", TODAY)


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        (date(2024, 3, 1), None),
        (date(2024, 6, 1), None),
        (date(2024, 1, 1), TODAY),
        (date(2024, 4, 1), date(2024, 4, 2)),
    ],
)
async def test_two_periods_of_a_tag_never_overlap(
    village: Any, packs: PackBook, begins: date, ends: date | None
) -> None:
    await begin_tag(village, packs, new(1, ends=date(2024, 8, 31)), CIVIL_AFFAIRS, TODAY)
    with pytest.raises(Refused, match="P803"):
        await begin_tag(village, packs, new(1, begins, ends), CIVIL_AFFAIRS, TODAY)


async def test_a_period_may_follow_the_one_before(village: Any, packs: PackBook) -> None:
    await begin_tag(village, packs, new(1, ends=date(2024, 8, 31)), CIVIL_AFFAIRS, TODAY)
    await begin_tag(village, packs, new(1, date(2024, 9, 1)), CIVIL_AFFAIRS, TODAY)
    assert len(await tags(village)) == 2


async def test_impossible_days_unknown_persons_and_unknown_tags_are_refused(village: Any, packs: PackBook) -> None:
    for tag, code in [(new(1, TODAY, date(2024, 1, 1)), "P805"), (new(99), "P106"), (new(1, tag="富裕"), "P802")]:
        with pytest.raises(Refused, match=code):
            await begin_tag(village, packs, tag, CIVIL_AFFAIRS, TODAY)
    with pytest.raises(Refused, match="P804"):
        await end_tag(village, packs, "1", "低保", TODAY, CIVIL_AFFAIRS, "", TODAY)


async def test_a_premium_that_is_still_due_falls_with_the_tag_and_rises_when_it_ends(
    village: Any, packs: PackBook
) -> None:
    await village.execute(DUE)
    due = "select personal from population.contribution where psn_no = '6' and status = 'due'"
    in_the_window = date(2024, 2, 20)
    await begin_tag(village, packs, new(6, date(2024, 1, 1)), CIVIL_AFFAIRS, in_the_window)
    assert await village.fetchval(due) == 7600
    await end_tag(village, packs, "6", "低保", date(2024, 2, 19), CIVIL_AFFAIRS, "", in_the_window)
    assert await village.fetchval(due) == 38000


def test_every_tag_of_every_department_has_a_code_of_the_national_dictionary() -> None:
    for city in ("340600", "520600"):
        for code in ("civil_affairs", "rural_revitalisation", "education"):
            for tag in department_of(city, code, TODAY).tags:
                assert tag_code(city, tag, TODAY).isdecimal()
