"""Deductibles: calculation-order.md section 6."""
# ruff: noqa: E501  (the YAML of one layer reads best on one line)

import datetime

import pytest

from tests.benefits.packs import Person, layer, pack_of, yuan
from yibao.benefits import Outcome, Pack


def taken(outcome: Outcome) -> int:
    return outcome.totals.deductible_paid


def ladder(adjust: str) -> Pack:
    rows = "[{when: {level: 1}, is: 200}, {when: {level: 2}, is: 500}, {is: 800}]"
    return pack_of(
        "basic: {title: 统筹, base: [in_scope], deductible: d, percent: 80}",
        f"parameters: {{d: {{values: [{{rows: {rows}, adjust: {adjust}}}]}}}}",
    )


def deductibles(pack: Pack, *levels: int) -> list[int]:
    person = Person(pack)
    return [taken(person.pay(10_000, level=level)) // 100 for level in levels]


def test_deductible_is_taken_before_the_ratio() -> None:
    outcome = Person(pack_of("basic: {title: 统筹, base: [in_scope], deductible: 500, percent: 90}")).pay(2_000)
    assert outcome.totals.fund == yuan(1_350)  # MZ12: not 2000 × 90 % − 500


def test_bill_below_the_deductible_pays_nothing_and_takes_only_the_bill() -> None:
    outcome = Person(pack_of("basic: {title: 统筹, base: [in_scope], deductible: 500, percent: 90}")).pay(4.29)
    assert (outcome.totals.fund, outcome.totals.deductible_paid, outcome.totals.deductible_standard) == (0, 429, 50_000)


def test_second_admission_in_a_year_halves_the_deductible() -> None:
    assert deductibles(ladder("[{when: {admission: {at_least: 2}}, factor: 0.5}]"), 3, 3, 3) == [800, 400, 400]


def test_every_admission_takes_a_hundred_less_down_to_a_floor() -> None:
    pack = ladder("[{each: admission, after: 1, minus: 100, at_least: 200}]")
    assert deductibles(pack, 2, 2, 2, 2, 2) == [500, 400, 300, 200, 200]


def test_nanjing_factors_of_second_and_third_admission_have_a_floor() -> None:
    """QF01: 首次二级 400；第二次三级 500×75%=375；第三次一级 300×50%，保底 150。"""
    rows = "[{when: {level: 1}, is: 300}, {when: {level: 2}, is: 400}, {when: {level: 3}, is: 500}]"
    adjust = (
        "[{when: {admission: 2}, factor: 0.75, at_least: 150},"
        " {when: {admission: {at_least: 3}}, factor: 0.5, at_least: 150}]"
    )
    pack = pack_of(
        "basic: {title: 统筹, base: [in_scope], deductible: d}",
        f"parameters: {{d: {{values: [{{rows: {rows}, adjust: {adjust}}}]}}}}",
    )
    assert deductibles(pack, 2, 3, 1) == [400, 375, 150]


def test_explicit_rows_by_admission_express_jiujiang_with_none_from_the_fifth() -> None:
    pack = pack_of(
        "basic: {title: 统筹, base: [in_scope], deductible: d}",
        """
        parameters:
          d:
            values:
              - rows:
                  - {when: {admission: {at_least: 5}}, is: none}
                  - {when: {level: 1}, is: 200}
                  - {when: {level: 2, admission: 1}, is: 500}
                  - {when: {level: 2, admission: 2}, is: 400}
                  - {when: {level: 2, admission: 3}, is: 300}
                  - {when: {level: 2}, is: 200}
        """,
    )
    assert deductibles(pack, 2, 2, 2, 2, 2, 2) == [500, 400, 300, 200, 0, 0]


def test_third_admission_waives_the_deductible() -> None:
    assert deductibles(ladder("[{when: {admission: {at_least: 3}}, none: true}]"), 3, 3, 3) == [800, 800, 0]


def test_admissions_are_counted_per_year_and_only_for_stays() -> None:
    person = Person(ladder("[{when: {admission: {at_least: 2}}, factor: 0.5}]"), level=3)
    person.pay(1_000, care="outpatient")
    assert taken(person.pay(10_000)) == yuan(800)
    assert taken(person.pay(10_000)) == yuan(400)
    assert taken(person.pay(10_000, day=datetime.date(2025, 1, 2))) == yuan(800)
    assert person.accumulators["2024:admissions"] == 2


def test_outpatient_deductible_accumulates_over_the_year_and_is_not_taken_again_when_full() -> None:
    """QF03: 年度起付 2000，三次 800、700、600，第三次可报 100。"""
    person = Person(pack_of("pool: {title: 门诊统筹, base: [in_scope], deductible: {standard: 2000, period: year}}"))
    assert [person.pay(amount).totals.fund for amount in (800, 700, 600, 50)] == [0, 0, 10_000, 5_000]


def test_highest_level_once_a_year_takes_only_what_is_missing_to_the_higher_standard() -> None:
    pack = pack_of(
        "basic: {title: 统筹, base: [in_scope], deductible: {standard: d, period: year}}",
        "parameters: {d: {values: [{rows: [{when: {level: 1}, is: 300}, {is: 1200}]}]}}",
    )
    assert deductibles(pack, 1, 3, 1, 3) == [300, 900, 0, 0]


def test_levels_with_different_standards_share_one_yearly_maximum() -> None:
    """合肥职工门诊：基层 200，二三级 400，年度累计最高 400。"""
    pack = pack_of(
        "pool: {title: 门诊统筹, base: [in_scope], deductible: {standard: d, period: year}}",
        "parameters: {d: {values: [{rows: [{when: {level: [1, 9]}, is: 200}, {is: 400}]}]}}",
    )
    assert deductibles(pack, 1, 1, 3, 3) == [200, 0, 200, 0]


def test_two_layers_share_one_cumulative_deductible() -> None:
    pack = pack_of(
        """
        outpatient: {title: 门诊, when: {care: outpatient}, base: [in_scope], deductible: {standard: 300, period: year, pool: opsp}}
        pharmacy: {title: 药店, when: {care: pharmacy}, base: [in_scope], deductible: {standard: 300, period: year, pool: opsp}}
        """
    )
    person = Person(pack)
    assert taken(person.pay(200, care="outpatient")) == yuan(200)
    assert taken(person.pay(200, care="pharmacy")) == yuan(100)


def test_deductibles_of_the_year_together_stop_at_a_yearly_limit() -> None:
    person = Person(pack_of("basic: {title: 统筹, base: [in_scope], deductible: {standard: 1300, yearly_limit: 3000}}"))
    assert [taken(person.pay(10_000)) // 100 for _ in range(4)] == [1_300, 1_300, 400, 0]


@pytest.mark.parametrize(("transfer", "expected"), [("up", 600), ("down", 0), ("same", 1_700), ("none", 1_700)])
def test_transfer_up_takes_the_difference_and_transfer_down_nothing(transfer: str, expected: int) -> None:
    """QF02 (天津): 二级 1100 → 三级 1700，上转补差 600。"""
    pack = pack_of(
        "basic: {title: 统筹, base: [in_scope], deductible: {standard: d, transfer: {up: difference, down: none}}}",
        "parameters: {d: {values: [{rows: [{when: {level: 2}, is: 1100}, {when: {level: 3}, is: 1700}]}]}}",
    )
    outcome = Person(pack).pay(10_000, level=3, previous_level=2, transfer=transfer)
    assert taken(outcome) == yuan(expected)


def test_transfer_from_a_hospital_of_unknown_level_takes_the_full_standard() -> None:
    pack = pack_of(
        "basic: {title: 统筹, base: [in_scope], deductible: {standard: d, transfer: {up: difference}}}",
        "parameters: {d: {values: [{rows: [{when: {level: 2}, is: 1100}, {is: 1700}]}]}}",
    )
    assert taken(Person(pack).pay(10_000, level=3, previous_level=0, transfer="up")) == yuan(1_700)


def test_group_halves_or_waives_the_deductible() -> None:
    pack = ladder("[{when: {tags: 低保}, factor: 0.5}, {when: {tags: [特困, 孤儿]}, none: true}]")
    found = [taken(Person(pack, level=3, tags=frozenset(tags)).pay(10_000)) for tags in ([], ["低保"], ["特困"])]
    assert found == [yuan(800), yuan(400), 0]


@pytest.mark.parametrize(("days", "times"), [(1, 1), (90, 1), (91, 2), (180, 2), (181, 3)])
def test_long_stay_counts_the_deductible_again_for_every_further_ninety_days(days: int, times: int) -> None:
    pack = pack_of("basic: {title: 统筹, base: [in_scope], deductible: {standard: 500, again_every_days: 90}}")
    assert taken(Person(pack).pay(100_000, days=days)) == yuan(500) * times


@pytest.mark.parametrize(("total", "expected"), [(5_000, 2_000), (20_000, 4_000), (80_000, 10_000)])
def test_deductible_may_be_a_share_of_the_whole_bill_within_bounds(total: int, expected: int) -> None:
    pack = pack_of(
        "basic: {title: 统筹, base: [in_scope], deductible: d}",
        "parameters: {d: {values: [{is: {percent_of_total: 20, at_least: 2000, at_most: 10000}}]}}",
    )
    outcome = Person(pack).pay(total - 1_000, portions={"full_self_pay": yuan(1_000)})
    assert taken(outcome) == yuan(expected)


def test_chronic_care_has_no_deductible_beside_inpatient_with_one() -> None:
    pack = pack_of(
        "basic: {title: 统筹, base: [in_scope], deductible: d}",
        "parameters: {d: {values: [{rows: [{when: {care: chronic}, is: none}, {is: 500}]}]}}",
    )
    assert taken(Person(pack).pay(1_000, care="chronic")) == 0
    assert taken(Person(pack).pay(1_000)) == yuan(500)


def test_young_employee_adds_a_hundred() -> None:
    pack = ladder("[{when: {age: {below: 45}, status: working}, add: 100}]")
    assert taken(Person(pack, level=2, age=44, status="working").pay(9_000)) == yuan(600)
    assert taken(Person(pack, level=2, age=45, status="working").pay(9_000)) == yuan(500)


def test_interim_settlements_of_one_stay_take_one_deductible_and_count_one_admission() -> None:
    person = Person(pack_of("basic: {title: 统筹, base: [in_scope], deductible: 800}"))
    found = [taken(person.pay(amount, stay="Z1", days=10)) for amount in (500, 1_000, 1_000)]
    assert found == [yuan(500), yuan(300), 0]
    assert person.accumulators["2024:admissions"] == 1
    assert taken(person.pay(1_000, stay="Z2")) == yuan(800)


def test_deductible_of_a_month_starts_again_next_month() -> None:
    person = Person(pack_of("basic: {title: 门诊, base: [in_scope], deductible: {standard: 100, period: month}}"))
    months = [datetime.date(2024, month, 3) for month in (5, 5, 6)]
    assert [taken(person.pay(80, day=day)) for day in months] == [yuan(80), yuan(20), yuan(80)]


def test_layer_that_does_not_apply_leaves_its_base_untouched() -> None:
    pack = pack_of("basic: {title: 统筹, when: {insurance: employee}, base: [in_scope], deductible: 5}")
    outcome = Person(pack, insurance="resident").pay(1_000)
    assert outcome.portions == {"in_scope": yuan(1_000)}
    assert outcome.layers == ()


def test_deductible_of_a_layer_is_visible_with_its_standard() -> None:
    pack = pack_of("basic: {title: 统筹, base: [in_scope], deductible: 800}")
    assert layer(Person(pack).pay(300), "basic").standard == yuan(800)
