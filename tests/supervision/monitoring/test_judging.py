"""Values beside those of their peers."""

from datetime import date

import pytest

from tests.supervision.monitoring.city import CODES, ODD, judged
from yibao.supervision.monitoring.definitions import definitions_of
from yibao.supervision.monitoring.judging import Value, judge_group

RULES = definitions_of("340600")
MONTH = date(2026, 1, 1)


def group(name: str, pairs: list[tuple[int, int]]) -> list[Value]:
    indicator = RULES[name]
    return [
        Value(f"H{at}", "", MONTH, name, "1-2-beds", above, below, indicator.value(above, below))
        for at, (above, below) in enumerate(pairs)
    ]


def verdicts(name: str, pairs: list[tuple[int, int]]) -> dict[str, str]:
    found = judge_group(RULES[name], RULES.limits, group(name, pairs))
    return {one.value.fixmedins_code: one.verdict for one in found}


def test_hospitals_that_differ_a_little_are_all_usual() -> None:
    assert {one.verdict for one in judged()} <= {"usual", "not_judged"}


def test_twice_the_drugs_of_its_peers_is_high_and_nothing_else_is() -> None:
    unusual = [one for one in judged({"drug_fees": 250_000_000}) if one.verdict not in ("usual", "not_judged")]
    assert {(one.value.fixmedins_code, one.value.indicator, one.verdict) for one in unusual} == {
        (ODD, "drug_share", "high")
    }
    one = unusual[0]
    assert (one.value.value, one.peers) == (8065, len(CODES))
    assert one.lower < one.median < one.upper < one.value.value
    assert one.z > 600


def test_a_low_value_is_no_concern_where_only_high_ones_are() -> None:
    assert {one.verdict for one in judged({"drug_fees": 1_000_000})} <= {"usual", "not_judged"}


def test_a_small_hospital_may_have_a_rate_that_is_high_for_a_large_one() -> None:
    usual = [(20 + at % 3, 1000) for at in range(10)]
    assert verdicts("readmission", [*usual, (2, 25)])["H10"] == "usual"
    assert verdicts("readmission", [*usual, (80, 1000)])["H10"] == "high"


def test_few_cases_and_few_peers_are_told_and_not_judged() -> None:
    assert verdicts("readmission", [(20, 1000)] * 6 + [(5, 10)])["H6"] == "few_cases"
    assert set(verdicts("readmission", [(20, 1000)] * 4).values()) == {"few_peers"}


def test_the_fence_begins_at_the_third_quartile() -> None:
    spread = [(100 * value, 100) for value in (10, 20, 30, 40, 50, 60, 70, 80, 90)]
    one = judge_group(RULES["outpatient_mean"], RULES.limits, group("outpatient_mean", spread))[0]
    assert one.upper >= 70 + 1.5 * (70 - 30)


def test_peers_that_are_all_alike_do_not_make_a_small_difference_unusual() -> None:
    assert verdicts("outpatient_mean", [(100 * 10_000, 100)] * 9 + [(100 * 10_050, 100)])["H9"] == "usual"


@pytest.mark.parametrize(("name", "above", "below", "value"), [
    ("drug_share", 1, 3, 3333),
    ("drug_share", 2, 3, 6667),
    ("outpatient_mean", 5, 2, 3),
    ("length_of_stay", 17, 3, 567),
])  # fmt: skip
def test_values_are_whole_and_rounded_half_up(name: str, above: int, below: int, value: int) -> None:
    assert RULES[name].value(above, below) == value


def test_where_most_peers_have_none_a_small_share_is_no_alarm() -> None:
    shares = [(0, 2_000_000)] * 12 + [(2_000, 2_000_000), (6_000, 2_000_000), (20_000, 2_000_000)]
    assert set(verdicts("consumable_share", shares).values()) == {"usual"}
    assert verdicts("consumable_share", [*shares[:-1], (600_000, 2_000_000)])["H14"] == "high"


def test_where_most_peers_are_alike_the_others_are_measured_by_the_mean_deviation() -> None:
    alike = [(100 * 10_000, 100)] * 7 + [(100 * 13_000, 100)] * 3 + [(100 * 60_000, 100)]
    found = {one.value.fixmedins_code: one for one in judge_group(
        RULES["outpatient_mean"], RULES.limits, group("outpatient_mean", alike)
    )}  # fmt: skip
    assert found["H8"].verdict == "usual"
    assert found["H10"].verdict == "high"
    assert found["H10"].z < 1200


def test_three_cases_of_a_small_hospital_are_no_alarm_where_chance_makes_them() -> None:
    usual = [(20 + at % 3, 1000) for at in range(10)]
    assert verdicts("readmission", [*usual, (3, 24)])["H10"] == "usual"
    assert verdicts("readmission", [*usual, (8, 24)])["H10"] == "high"


def test_a_rate_of_nobody_or_of_everybody_makes_no_alarm() -> None:
    assert set(verdicts("readmission", [(0, 1000)] * 6).values()) == {"usual"}
    assert set(verdicts("readmission", [(1000, 1000)] * 6).values()) == {"usual"}
