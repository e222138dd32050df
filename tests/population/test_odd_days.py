"""Coverage on the days that are easily got wrong: leap days, year's ends, first and last days, months paid together."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.population.test_coverage import EMPLOYEE, FLEXIBLE, HUAIBEI, RESIDENT, days, month, months, shown, year
from yibao.core.months import first_day, last_day, month_of
from yibao.population.entitlement.coverage import coverages
from yibao.population.entitlement.paid_days import History, Paid, Relation
from yibao.population.model import Coverage


def relation(number: int, insutype: str, first: str, last: str = "", category: str = "employee") -> Relation:
    kind = "15" if insutype == "390" else "11"
    begin, end = date.fromisoformat(first), date.fromisoformat(last) if last else None
    return Relation(number, insutype, kind, "340600", begin, category, end, "4" if last else "1")


def test_a_child_born_on_a_leap_day_is_covered_from_that_day() -> None:
    paid = year(2024, "2024-05-29", "midyear")  # the ninetieth day after
    assert days(RESIDENT, paid, brdy=date(2024, 2, 29)) == ["covered 2024-02-29 2024-12-31 newborn"]
    late = year(2024, "2024-05-30", "midyear")
    assert days(RESIDENT, late, brdy=date(2024, 2, 29)) == ["covered 2024-05-30 2024-12-31 midyear"]


def test_a_child_born_on_the_last_day_of_a_year_is_covered_in_both_years() -> None:
    born = date(2024, 12, 31)
    paid = [year(2024, "2025-01-20", "midyear"), year(2025, "2025-01-20", "midyear")]
    assert days(RESIDENT, *paid, brdy=born) == [
        "covered 2024-12-31 2024-12-31 newborn",
        "covered 2025-01-01 2025-12-31 newborn",
    ]


def test_who_dies_on_the_first_day_was_covered_for_that_day() -> None:
    first = RESIDENT.begndate
    assert days(RESIDENT, year(2015, "2014-11-01"), die_date=first) == ["covered 2015-01-01 2015-01-01 paid"]
    assert days(RESIDENT, year(2015, "2014-11-01"), die_date=first - timedelta(days=1)) == []


def test_a_waiting_that_ends_in_a_short_month_ends_on_its_last_day() -> None:
    assert days(RESIDENT, year(2024, "2023-11-30", "late"))[-1] == "covered 2024-02-29 2024-12-31 late"


def test_changing_insurance_in_the_middle_of_a_month_leaves_no_day_open_and_none_double() -> None:
    relations = (
        relation(1, "390", "2020-01-01", "2024-05-14", "resident"),
        relation(2, "310", "2024-05-15", "2024-08-20"),
        relation(3, "390", "2024-08-21", "", "resident"),
    )
    history = History(date(1980, 5, 1), None, relations, (year(2024, "2023-11-05"), *months(5, 8)))
    assert shown(coverages(history, HUAIBEI)) == [
        "covered 2024-01-01 2024-05-14 paid",
        "covered 2024-05-15 2024-08-20 paid",
        "covered 2024-08-21 2024-12-31 paid",
    ]


@pytest.mark.parametrize(
    ("paid_on", "after"),
    [
        (
            "2024-07-31",
            [
                "covered 2024-02-01 2024-03-31 paid",
                "covered 2024-04-01 2024-05-31 back_paid",
                "covered 2024-06-01 2024-08-31 paid",
            ],
        ),
        ("2024-08-01", ["covered 2024-02-01 2024-04-30 paid", "waiting 2024-08-01 2024-08-31 waiting"]),
    ],
    ids=["three months", "four months"],
)
def test_a_gap_of_exactly_three_months_is_made_good_and_one_of_four_is_not(paid_on: str, after: list[str]) -> None:
    together = [month(f"2024-{n:02d}", paid_on) for n in (4, 5, 6, 7)]
    assert days(EMPLOYEE, *months(1, 3), *together)[1:] == after


def test_months_paid_afterwards_one_by_one_do_not_shorten_the_waiting() -> None:
    """Paying the oldest month first must not make a long gap a short one."""
    late = [month("2024-05", "2024-08-05", "flexible"), month("2024-06", "2024-09-05", "flexible")]
    later = [month(f"2024-{n:02d}", f"2024-{n:02d}-10", "flexible") for n in (9, 10, 11, 12)]
    rows = days(FLEXIBLE, *months(1, 3, category="flexible"), *late, *later)
    assert not any(row.startswith("covered 2024-0" + str(n)) for row in rows for n in (5, 6, 7, 8, 9))


def test_a_year_that_is_no_longer_paid_covers_nothing() -> None:
    assert days(RESIDENT) == []
    assert days(RESIDENT, year(2024, "2024-03-01", "back_payment")) == []


def test_a_suspended_enrolment_without_a_day_covers_nothing_and_an_invalid_one_neither() -> None:
    for status in ("2", "3"):
        other = Relation(1, "390", "15", "340600", date(2015, 1, 1), "resident", None, status)
        assert days(other, year(2024, "2023-11-05")) == []


MONTHS = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from([0, 0, 0, 0, 1, 2, 3, 4, 5, 7])),
    max_size=20,
    unique_by=lambda one: one[0],
)
START = month_of(date(2022, 1, 1))


def paid_months(drawn: list[tuple[int, int]]) -> tuple[Paid, ...]:
    return tuple(
        Paid("310", "employee", "normal", first_day(START + n), last_day(START + n), first_day(START + n + late))
        for n, late in drawn
    )


def holding(rows: tuple[Coverage, ...], day: date) -> list[str]:
    return [row.state for row in rows if row.holds(day)]


@given(MONTHS, st.integers(0, 1100))
@settings(max_examples=400, deadline=None)
def test_nobody_is_covered_by_a_month_that_was_not_paid(drawn: list[tuple[int, int]], after: int) -> None:
    """On a covered day this month or the one before was paid."""
    history = History(date(1980, 5, 1), None, (EMPLOYEE,), paid_months(drawn))
    day = date(2022, 1, 1) + timedelta(days=after)
    known = {START + n for n, _ in drawn}
    if "covered" in holding(coverages(history, HUAIBEI), day):
        assert {month_of(day), month_of(day) - 1} & known


@given(MONTHS, st.integers(0, 1100))
@settings(max_examples=400, deadline=None)
def test_whoever_paid_every_month_in_time_is_covered_after_the_first(drawn: list[tuple[int, int]], after: int) -> None:
    """With this month and the three before paid in their own months nobody is refused."""
    history = History(date(1980, 5, 1), None, (EMPLOYEE,), paid_months(drawn))
    day = date(2022, 1, 1) + timedelta(days=after)
    in_time = {START + n for n, late in drawn if late == 0}
    if {month_of(day) - n for n in range(4)} <= in_time:
        assert holding(coverages(history, HUAIBEI), day) == ["covered"]


YEARS = st.lists(
    st.tuples(st.integers(2019, 2026), st.integers(-90, 330), st.booleans()), max_size=8, unique_by=lambda one: one[0]
)


@given(YEARS, st.integers(0, 2900))
@settings(max_examples=400, deadline=None)
def test_a_resident_is_covered_only_in_paid_years_and_always_in_those_paid_in_time(
    drawn: list[tuple[int, int, bool]], after: int
) -> None:
    """In time means within the window and without a missed year since the last; a repaired year covers nothing."""
    paid = {}
    for number, shift, repairs in drawn:
        paid_on = date(number, 1, 1) + timedelta(days=shift)
        kind = "back_payment" if repairs else "normal" if shift < 59 else "late"
        paid[number] = Paid("390", "resident", kind, date(number, 1, 1), date(number, 12, 31), paid_on)
    day = date(2019, 1, 1) + timedelta(days=after)
    rows = coverages(History(date(1980, 5, 1), None, (RESIDENT,), tuple(paid.values())), HUAIBEI)
    this = paid.get(day.year)
    if this is None or this.repairs:
        assert holding(rows, day) == []
    elif this.kind == "normal":
        before = paid.get(day.year - 1)
        never = all(one.repairs or number >= day.year for number, one in paid.items())
        if never or (before is not None and not before.repairs):
            assert holding(rows, day) == ["covered"]
