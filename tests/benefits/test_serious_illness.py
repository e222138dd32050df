"""Serious illness 大病保险: calculation-order.md section 3."""

import pytest

from tests.benefits.packs import Person, layer, pack_of, paid, yuan

HUBEI = """
parameters:
  serious_deductible:
    values: [{is: 12000, adjust: [{when: {tags: [特困, 低保, 返贫致贫]}, factor: 0.5}]}]
  serious_ratio:
    values:
      - is: [{to: 30000, percent: 60}, {to: 100000, percent: 65}, {percent: 75}]
        adjust: [{when: {tags: [特困, 低保, 返贫致贫]}, add_points: 5}]
  serious_cap:
    values: [{is: 300000, adjust: [{when: {tags: [特困, 低保, 返贫致贫]}, unlimited: true}]}]
"""
YEARLY = (
    "within: year, deductible: {standard: serious_deductible, period: year}, percent: serious_ratio,"
    " caps: [{limit: serious_cap}]"
)


def chain(
    base: str, terms: str = "deductible: 18000, percent: 60", basic: str = "deductible: 500, percent: 70"
) -> Person:
    return Person(
        pack_of(
            f"""
            basic: {{title: 统筹, base: [in_scope], {basic}}}
            serious: {{title: 大病, base: [{base}], {terms}}}
            """
        )
    )


def serious(terms: str) -> Person:
    return Person(pack_of(f"serious: {{title: 大病, base: [in_scope], {terms}}}", HUBEI))


def test_own_burden_with_deductible_and_copayment_but_without_excluded_items() -> None:
    """ML03 (广州): 99300×70% = 69510；自付 30290；(30290−18000)×60% = 7374。"""
    outcome = chain("basic.deductible, basic.copay").pay(
        99_800, portions={"full_self_pay": yuan(100), "prepay": yuan(100)}
    )
    assert paid(outcome) == [yuan(69_510), yuan(7_374)]
    assert layer(outcome, "serious").base == yuan(30_290)


def test_own_burden_without_the_inpatient_deductible() -> None:
    assert layer(chain("basic.copay").pay(99_800), "serious").base == yuan(29_790)


def test_own_burden_may_include_eligible_fees_over_the_basic_cap() -> None:
    """ML10 (江西): (240000−100000−13000)×60% = 76200。"""
    person = chain(
        "basic.deductible, basic.copay, basic.over_cap", "deductible: 13000, percent: 60",
        "deductible: 600, percent: 60, caps: [{limit: 100000}]",
    )  # fmt: skip
    assert paid(person.pay(240_000)) == [yuan(100_000), yuan(76_200)]


def test_own_burden_may_include_the_prepaid_part_of_class_b() -> None:
    person = chain("basic.deductible, basic.copay, prepay")
    assert layer(person.pay(99_800, portions={"prepay": yuan(100)}), "serious").base == yuan(30_390)


def test_segments_measured_on_the_whole_burden() -> None:
    """ML05 (山东): (10万−1万)×50% + (17万−10万)×60% = 87000。"""
    person = serious("deductible: 10000, percent: [{is: [{to: 100000, percent: 50}, {percent: 60}]}]")
    assert paid(person.pay(170_000)) == [yuan(87_000)]


def test_segments_measured_on_what_exceeds_the_deductible() -> None:
    """DB01 (北京): 5万×60% + (260475−5万)×70% = 177332.50。"""
    person = serious("deductible: 39525, measured: excess, percent: [{is: [{to: 50000, percent: 60}, {percent: 70}]}]")
    assert paid(person.pay(300_000)) == [yuan("177332.50")]


def test_every_segment_counts_once_and_only_its_own_part() -> None:
    """DB04 (资阳) 印成 53000，按条文 65000；DB05 印成 240000，按条文 104000。"""
    person = serious(
        "deductible: 8000, percent: [{is: [{to: 50000, percent: 50}, {to: 100000, percent: 60}, {percent: 70}]}]"
    )
    assert paid(person.pay(120_000)) == [yuan(65_000)]
    person = serious(
        "deductible: 12000, percent: [{is: [{to: 100000, percent: 50}, {to: 300000, percent: 60}, {percent: 65}]}]"
    )
    assert paid(person.pay(200_000)) == [yuan(104_000)]


def test_yearly_deductible_is_taken_once_and_each_visit_pays_the_increment() -> None:
    person = serious(YEARLY)
    found = [paid(person.pay(amount))[0] for amount in (10_000, 10_000, 20_000, 100_000)]
    assert found[:2] == [0, yuan(8_000 * 0.6)]
    assert sum(found) == yuan(18_000 * 0.6 + 70_000 * 0.65 + 40_000 * 0.75)


def test_paying_in_many_visits_gives_the_same_as_one() -> None:
    person, once = serious(YEARLY), serious(YEARLY)
    amounts = [3_333.33, 8_666.67, 0.01, 17_999.99, 120_000, 5.55]
    assert sum(paid(person.pay(amount))[0] for amount in amounts) == paid(once.pay(sum(amounts)))[0]


def test_groups_have_half_the_deductible_five_points_more_and_no_cap() -> None:
    person = serious(YEARLY)
    outcome = person.pay(600_000, tags=frozenset(["低保"]))
    assert paid(outcome) == [yuan(24_000 * 0.65 + 70_000 * 0.70 + 500_000 * 0.80)]
    ordinary = serious(YEARLY).pay(600_000)
    assert paid(ordinary) == [yuan(300_000)]


def test_half_a_fen_is_rounded_up_as_the_official_example_does() -> None:
    """ML02 (重庆): (54210−8450.5)×65% = 29743.675 → 29743.68。"""
    assert paid(serious("deductible: 8450.5, percent: 65").pay(54_210)) == [2_974_368]


def test_identity_gained_during_the_year_does_not_reach_back_when_recomputed() -> None:
    person = serious(YEARLY + ", less: recomputed")
    person.pay(30_000)
    tags = frozenset(["低保"])
    assert paid(person.pay(10_000, tags=tags)) == [yuan(10_000 * 0.70)]


def test_identity_gained_during_the_year_reaches_back_when_the_recorded_due_is_subtracted() -> None:
    person = serious(YEARLY)
    person.pay(30_000)
    due_as_group = 24_000 * 0.65 + 10_000 * 0.70
    assert paid(person.pay(10_000, tags=frozenset(["低保"]))) == [min(yuan(due_as_group - 18_000 * 0.6), yuan(10_000))]


def test_serious_illness_cap_is_its_own_and_holds_over_the_year() -> None:
    person = serious(YEARLY)
    found = [paid(person.pay(300_000))[0] for _ in range(3)]
    assert sum(found) == yuan(300_000)
    assert found[-1] == 0


def test_fees_over_the_serious_cap_are_whole_in_later_visits() -> None:
    person = serious(YEARLY)
    person.pay(600_000)
    later = layer(person.pay(1_000), "serious")
    assert (later.paid, later.over_cap, later.copay) == (0, yuan(1_000), 0)


@pytest.mark.parametrize(("total", "expected"), [(12_000, 0), (12_000.01, 1), (30_000, 1_080_000)])
def test_deductible_boundary_is_exact(total: float, expected: int) -> None:
    assert paid(serious(YEARLY).pay(total)) == [expected]


def test_cap_without_payment_over_the_cap_of_one_visit_does_not_come_back_in_the_next() -> None:
    person = serious("within: year, percent: 100, caps: [{limit: 100, period: visit}]")
    assert [paid(person.pay(amount))[0] for amount in (500, 50)] == [10_000, 5_000]
