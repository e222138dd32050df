"""Rates, ranks and projections from plain numbers."""

from datetime import date, timedelta

import pytest

from yibao.population.campaign.figures import completion, project, ranked

DAY = date(2023, 11, 15)


def counts(*enrolled: int) -> dict[date, int]:
    """Cumulative counts of consecutive days that end on DAY."""
    return {DAY - timedelta(days=len(enrolled) - 1 - place): count for place, count in enumerate(enrolled)}


def test_wanshan_reached_168185_of_its_task_and_more_than_all_of_it() -> None:
    task = 166_652  # the task that 100.92 % of 168,185 persons leads back to
    assert completion(168_185, task) == 10_092


def test_without_a_task_there_is_no_rate() -> None:
    assert completion(5, None) is None
    assert completion(5, 0) is None


def test_the_end_is_projected_from_the_pace_of_a_whole_week() -> None:
    found = project(1000, counts(300, 310, 320, 330, 340, 350, 350, 370), DAY)  # 70 in seven days, Sunday stands still
    assert (found.state, found.day) == ("expected", DAY + timedelta(days=63))


def test_a_part_of_a_day_is_a_day() -> None:
    found = project(371, counts(300, 310, 320, 330, 340, 350, 350, 370), DAY)
    assert found.day == DAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("task", "known", "state"),
    [
        (None, counts(1, 2), "no_task"),
        (0, counts(1, 2), "no_task"),
        (100, counts(1, 2, 3), "too_early"),
        (100, counts(*[50] * 8), "standstill"),
        (100, counts(*range(60, 52, -1)), "standstill"),
        (10_000_000, counts(*range(1, 9)), "standstill"),
    ],
)
def test_where_no_end_can_be_projected_it_says_why(task: int | None, known: dict[date, int], state: str) -> None:
    found = project(task, known, DAY)
    assert (found.state, found.day) == (state, None)
    assert found.text


def test_a_task_that_is_done_tells_since_when() -> None:
    found = project(100, counts(80, 101, 99, 100, 104), DAY)
    assert (found.state, found.day) == ("done", DAY - timedelta(days=1))


def test_equal_rates_share_a_place_however_large_the_units() -> None:
    assert ranked([("a", 1, 3), ("b", 2, 6), ("c", 5, 5), ("d", 1, 4), ("e", 9, None)]) == {
        "c": 1, "a": 2, "b": 2, "d": 4,
    }  # fmt: skip
