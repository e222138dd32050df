"""Towns that lag: found by the city's rule, asked once a week, answered, closed."""

from collections.abc import Sequence
from datetime import date

import pytest

from tests.population.campaign.conftest import CITY, COUNTY, TOWN_A, TOWN_B, pay
from yibao.core.database import Connection
from yibao.core.errors import Refused
from yibao.population.campaign.counting import snapshot
from yibao.population.campaign.supervision import Supervision, answer, close, monday, supervise, supervisions
from yibao.population.campaign.tasks import Revision, revise
from yibao.population.rules import rules_of

RULES = rules_of("340600")
DAY = date(2023, 11, 15)  # a Wednesday; 62.5 % are asked for


async def lagging(
    county: Connection, paid_a: Sequence[int], paid_b: Sequence[int], task_a: int = 9, task_b: int = 3
) -> list[tuple[str, str, int]]:
    tasks = {CITY: task_a + task_b, COUNTY: task_a + task_b, TOWN_A: task_a, TOWN_B: task_b}
    await revise(county, Revision(2024, CITY, tasks, "市下达"), "clerk")
    await pay(county, *paid_a, *paid_b, on=date(2023, 11, 1))
    await snapshot(county, RULES, 2024, DAY)
    return [(one.figures.unit, one.reason, one.expected) for one in await supervise(county, RULES, 2024, DAY)]


async def one(county: Connection) -> Supervision:
    await lagging(county, (1, 2, 3), (10, 11, 12))
    (case,) = await supervisions(county, 2024, monday(DAY), CITY)
    return case


async def test_a_town_more_than_five_points_behind_the_city_lags(county: Connection) -> None:
    assert await lagging(county, (1, 2, 3), (10, 11, 12)) == [(TOWN_A, "behind_average", 4_500)]  # city 50 %


async def test_a_town_exactly_five_points_behind_the_city_lags_only_behind_the_target(county: Connection) -> None:
    found = await lagging(county, range(1, 10), (10, 11, 12), task_a=20, task_b=4)  # 45 % and 75 %, city 50 %
    assert found == [(TOWN_A, "below_curve", 6_250)]


async def test_a_town_below_the_target_of_the_day_lags_even_at_the_average(county: Connection) -> None:
    assert await lagging(county, (1, 2, 3), (10,)) == [
        (TOWN_A, "below_curve", 6_250),
        (TOWN_B, "below_curve", 6_250),
    ]


async def test_who_is_done_or_on_target_does_not_lag(county: Connection) -> None:
    assert await lagging(county, (1, 2, 3, 4, 5, 6), (10, 11, 12)) == [(TOWN_A, "behind_average", 7_000)]
    await pay(county, 7, 8, 9, on=date(2023, 11, 1))
    await snapshot(county, RULES, 2024, DAY)
    assert await supervise(county, RULES, 2024, DAY) == []


async def test_a_town_is_asked_once_a_week_with_its_figures_and_a_last_day(county: Connection) -> None:
    case = await one(county)
    await supervise(county, RULES, 2024, date(2023, 11, 17))
    assert len(await supervisions(county, 2024, date(2023, 11, 13), CITY)) == 1
    assert (case.name, case.rate, case.due_on) == ("青禾镇", 3_333, date(2023, 11, 22))
    assert "完成率33.33%，落后全市平均（应达45%），尚有6人未参保" in case.task


async def test_a_case_is_answered_and_closed(county: Connection) -> None:
    case = await one(county)
    assert case.state_on(DAY) == "待答复"
    assert case.state_on(date(2023, 11, 23)) == "逾期未答复"
    await answer(county, case.supervision_id, " 外出务工者多，已逐户联系 ", "town", TOWN_A)
    await close(county, case.supervision_id, "clerk", CITY)
    (closed,) = await supervisions(county, 2024, monday(DAY), CITY)
    assert (closed.answer, closed.answered_by, closed.closed_by) == ("外出务工者多，已逐户联系", "town", "clerk")
    assert closed.state_on(DAY) == "已销号"


async def test_only_its_own_town_answers_with_words_and_before_the_case_is_closed(county: Connection) -> None:
    number = (await one(county)).supervision_id
    for expected, step in (
        ("P931", answer(county, number, "不是我们", "other", TOWN_B)),
        ("P931", answer(county, number + 1, "没有", "town", TOWN_A)),
        ("P933", answer(county, number, "  ", "town", TOWN_A)),
        ("P934", close(county, number, "clerk", CITY)),
    ):
        with pytest.raises(Refused) as refused:
            await step
        assert refused.value.refusals[0].code == expected
    await answer(county, number, "已联系", "town", TOWN_A)
    await close(county, number, "clerk", CITY)
    with pytest.raises(Refused) as refused:
        await answer(county, number, "再补充", "town", TOWN_A)
    assert refused.value.refusals[0].code == "P932"
