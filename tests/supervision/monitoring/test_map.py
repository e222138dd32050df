"""Colours and shapes of the map: ties share a colour, and shapes say what colours say."""

from yibao.supervision.monitoring.showing import Shown
from yibao.web.monitoring.city_map import bands_of, shape_of


def scored(values: list[int]) -> dict[str, Shown]:
    return {str(at): Shown(str(at), "", value, "scored") for at, value in enumerate(values)}


def test_institutions_that_are_alike_share_the_middle_of_their_places() -> None:
    bands = bands_of(scored([0] * 80 + list(range(1, 21))))
    assert {bands[str(at)] for at in range(80)} == {"near"}
    assert bands["99"] == "far-high"


def test_a_month_in_which_all_are_alike_has_no_extremes() -> None:
    assert set(bands_of(scored([0] * 30)).values()) == {"near"}


def test_a_single_institution_is_no_extreme() -> None:
    assert bands_of(scored([7])) == {"0": "near"}


def test_the_highest_scores_are_told_by_their_shape_as_well() -> None:
    assert [shape_of("scored", band) for band in ("far-high", "high", "near")] == ["up", "round", "round"]
    assert [shape_of(verdict, "near") for verdict in ("high", "low", "few_cases")] == ["up", "down", "none"]
