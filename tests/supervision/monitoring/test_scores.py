"""Anomaly scores: size taken away, contributions told, months in their order, labels only when there are enough."""

import msgspec
import pytest

from tests.supervision.monitoring.city import CODES, MONTHS, ODD, rows
from yibao.supervision.monitoring.definitions import definitions_of
from yibao.supervision.monitoring.scores import Labels, Score, area_under_curve, score_institutions

pytest.importorskip("pyod", reason="the extra `analysis` is not installed")
np = pytest.importorskip("numpy")
RULES = definitions_of("340600")
DRUGS = {"drug_fees": 250_000_000}


NO_LABELS = Labels({})


def scored(odd: dict[str, int], labels: Labels = NO_LABELS) -> dict[str, Score]:
    return {one.subject: one for one in score_institutions(rows(odd), RULES, labels) if one.month == MONTHS[-1]}


def test_the_institution_that_stands_out_is_first_and_its_reason_is_told() -> None:
    found = scored(DRUGS)
    assert (found[ODD].score, found[ODD].place) == (100, 1)
    assert "drug_share" in [part.indicator for part in found[ODD].contributions]
    part = next(part for part in found[ODD].contributions if part.indicator == "drug_share")
    assert part.value > part.median
    assert 0 < sum(part.share for part in found[ODD].contributions) <= 10_000


def test_the_largest_one_is_first_only_in_the_raw_score() -> None:
    large = {"outpatient_visits": 174_400, "persons": 108_000, "outpatient_bills": 160_000,
             "outpatient_fees": 2_420_000_000, "outpatient_pooled": 860_000_000, "pooled_bills": 124_000}  # fmt: skip
    one = scored(large)[ODD]
    assert (one.raw_score, one.score) == (100, 0)


def test_every_institution_of_every_month_has_a_score_and_places_are_not_shared() -> None:
    found = score_institutions(rows(DRUGS), RULES, Labels({}))
    for month in MONTHS:
        of_month = [one for one in found if one.month == month]
        assert {one.subject for one in of_month} == set(CODES)
        assert sorted(one.place for one in of_month) == list(range(1, len(CODES) + 1))


def test_a_month_is_scored_without_knowing_the_later_ones() -> None:
    whole = score_institutions(rows(DRUGS), RULES, Labels({}))
    early = score_institutions([row for row in rows(DRUGS) if row["period"] < MONTHS[-1]], RULES, Labels({}))
    assert [one for one in whole if one.month < MONTHS[-1]] == early


def test_too_few_labels_are_not_used_and_the_method_says_so() -> None:
    one = scored(DRUGS, Labels({(ODD, MONTHS[0]): True, (CODES[0], MONTHS[0]): False}))[ODD]
    assert "labels not used: 1 upheld and 1 dismissed, 30 of each needed" in one.method


def drug_part(scores: list[Score]) -> int:
    one = next(one for one in scores if one.subject == ODD and one.month == MONTHS[-1])
    return next(part.share for part in one.contributions if part.indicator == "drug_share")


def test_with_enough_labels_the_indicator_that_told_right_from_wrong_weighs_more() -> None:
    few = msgspec.structs.replace(RULES, limits=msgspec.structs.replace(RULES.limits, best_labels=1))
    both = [
        {**row, "z": 900, "verdict": "high"}
        if row["fixmedins_code"] in (ODD, CODES[0]) and row["indicator"] == "consumable_share"
        else row
        for row in rows(DRUGS)
    ]
    labels = Labels({(code, month): code == ODD for code in (ODD, CODES[0], CODES[1]) for month in MONTHS[:2]})
    weighted = score_institutions(both, few, labels)
    assert drug_part(weighted) > drug_part(score_institutions(both, RULES, labels)) > 0
    assert "weighted by labels" in weighted[-1].method


def test_the_area_under_the_curve_is_one_for_a_perfect_sign_and_a_half_for_none() -> None:
    truth = np.array([True, False, False])
    assert area_under_curve(np.array([3.0, 2.0, 1.0]), truth) == 1.0
    assert area_under_curve(np.array([1.0, 1.0, 1.0]), truth) == 0.5


def test_only_indicators_in_which_it_stands_out_contribute() -> None:
    for one in score_institutions(rows(DRUGS), RULES, NO_LABELS):
        assert all(abs(part.z) > 200 for part in one.contributions), one
        if one.contributions:
            assert 9_900 <= sum(part.share for part in one.contributions) <= 10_000
