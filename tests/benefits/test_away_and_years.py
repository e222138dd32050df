"""Care away from home and stays over the turn of a year: calculation-order.md sections 7 and 9."""
# ruff: noqa: E501  (the YAML of one layer reads best on one line)

import datetime

import pytest

from tests.benefits.packs import Person, pack_of, paid, yuan
from yibao.benefits import Facts, Line, Visit, attributed_years, bills_of, evaluate

AWAY = {"area": "out_of_province", "filing": "referral"}


def ratio(adjust: str) -> str:
    return f"parameters: {{ratio: {{values: [{{is: 85, adjust: [{adjust}]}}]}}}}"


@pytest.mark.parametrize(
    ("terms", "adjust", "expected"),
    [
        ("percent: ratio", "{when: {area: out_of_province}, minus_points: 10}", 14_250),
        ("percent: ratio, pay_first: {percent: first}", "", 14_450),
        ("percent: ratio", "{when: {area: out_of_province}, factor: 0.9}", 14_535),
    ],
    ids=["ten points off", "ten percent paid first", "times nine tenths"],
)
def test_three_forms_of_the_out_of_area_ratio_are_not_interchangeable(terms: str, adjust: str, expected: int) -> None:
    first = "  first: {values: [{rows: [{when: {area: out_of_province}, is: 10}, {is: 0}]}]}"
    pack = pack_of(
        f"basic: {{title: 统筹, base: [in_scope], deductible: 1000, {terms}}}",
        "parameters:\n  ratio: {values: [{is: 85" + (f", adjust: [{adjust}]" if adjust else "") + "}]}\n" + first,
    )
    assert paid(Person(pack).pay(20_000, **AWAY)) == [yuan(expected)]
    assert paid(Person(pack).pay(20_000)) == [yuan(19_000 * 0.85)]


def test_paying_first_after_the_deductible_differs_from_before_it() -> None:
    pack = pack_of(
        "basic: {title: 统筹, base: [in_scope], deductible: 1000, percent: 85, pay_first: {percent: 10, before_deductible: false}}"
    )
    outcome = Person(pack).pay(20_000)
    assert paid(outcome) == [yuan(19_000 * 0.9 * 0.85)]
    assert outcome.portions["basic.pay_first"] == yuan(1_900)


def test_unfiled_care_away_takes_off_more_points_and_a_higher_deductible() -> None:
    pack = pack_of(
        "basic: {title: 统筹, base: [in_scope], deductible: d, percent: r}",
        """
        parameters:
          d: {values: [{rows: [{when: {area: {not: local}}, is: 1500}, {is: 900}]}]}
          r:
            values:
              - is: 70
                adjust:
                  - {when: {area: {not: local}, filing: [referral, emergency]}, minus_points: 10}
                  - {when: {area: {not: local}, filing: [none, temporary]}, minus_points: 20}
        """,
    )
    found = [
        paid(Person(pack).pay(11_500, area="out_of_province", filing=it))[0]
        for it in ("long_stay_resident", "referral", "none")
    ]
    assert found == [yuan(7_000), yuan(6_000), yuan(5_000)]


def test_factor_that_gives_a_fifth_decimal_is_rounded_to_the_ratio_of_four_decimals() -> None:
    pack = pack_of("basic: {title: 统筹, base: [in_scope], percent: ratio}",
                   "parameters: {ratio: {values: [{is: 87.5, adjust: [{factor: 0.85}]}]}}")  # fmt: skip
    assert paid(Person(pack).pay(10_000)) == [yuan(7_438)]  # 0.74375 → 0.7438


def crossing(rule: str) -> tuple[Visit, ...]:
    pack = pack_of("basic: {title: 统筹, base: [in_scope], deductible: 500, percent: 80}", f"year: {rule}")
    lines = (
        Line(amount=yuan(1_000), day=datetime.date(2022, 12, 28)),
        Line(amount=yuan(2_000), day=datetime.date(2023, 1, 1)),
    )
    visit = Visit(
        day=datetime.date(2023, 1, 2),
        begin=datetime.date(2022, 12, 25),
        days=9,
        stay="Z1",
        lines=lines,
        facts=Facts(care="inpatient"),
    )
    return bills_of(pack, visit)


def test_stay_over_the_turn_of_the_year_belongs_to_the_year_of_discharge() -> None:
    """KN01 (宁波): 2022-12-25 入院，2023-01-02 出院 → 2023。"""
    (bill,) = crossing("{crossing: discharge}")
    assert bill.day.year == 2023
    pack = pack_of("basic: {title: 统筹, base: [in_scope]}")
    assert attributed_years(pack, datetime.date(2022, 12, 25), datetime.date(2023, 1, 2)) == (2023,)


@pytest.mark.parametrize(("counted", "taken"), [("first", [500, 0]), ("last", [0, 500])])
def test_split_stay_makes_one_bill_per_year_with_the_deductible_in_one_of_them(counted: str, taken: list[int]) -> None:
    pack = pack_of(
        "basic: {title: 统筹, base: [in_scope], deductible: 500, percent: 80}",
        f"year: {{crossing: split, deductible_in: {counted}}}",
    )
    accumulators: dict[str, int] = {}
    found = []
    for bill in crossing(f"{{crossing: split, deductible_in: {counted}}}"):
        outcome = evaluate(pack, bill, accumulators)
        accumulators |= {key: accumulators.get(key, 0) + change for key, change in outcome.deltas.items()}
        found.append(outcome)
    assert [it.totals.total for it in found] == [yuan(1_000), yuan(2_000)]
    assert [it.totals.deductible_paid // 100 for it in found] == taken
    assert [key for key in accumulators if key.endswith(":admissions")] == ["2022:admissions", "stay:Z1:admissions"]


def test_readmission_after_the_forced_discharge_at_the_end_of_the_year_has_no_deductible() -> None:
    pack = pack_of(
        "basic: {title: 统筹, base: [in_scope], deductible: d}",
        "parameters: {d: {values: [{rows: [{when: {carried_over: true, care: psychiatric_inpatient}, is: none}, {is: 500}]}]}}",
    )
    person = Person(pack, care="psychiatric_inpatient")
    assert person.pay(1_000, carried_over=True).totals.deductible_paid == 0
    assert person.pay(1_000).totals.deductible_paid == yuan(500)
