"""What is decided for a whole city at once is what is decided for each person alone."""

from datetime import date, timedelta
from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from yibao.core.months import first_day, last_day
from yibao.population.entitlement.coverage import coverages
from yibao.population.entitlement.coverage_batch import columns_of, coverage_batch, coverages_of
from yibao.population.entitlement.paid_days import Elsewhere, History, Paid, Relation
from yibao.population.model import Coverage
from yibao.population.rules import rules_of

HUAIBEI = rules_of("340600")
FIRST = date(2019, 1, 1)
DAYS = st.integers(0, 2900).map(lambda n: FIRST + timedelta(days=n))
MONTHS = st.integers(2020 * 12, 2026 * 12 + 11)
KINDS = ("normal", "late", "midyear", "back_payment")


@st.composite
def relation(draw: st.DrawFn, number: int) -> Relation:
    insutype = draw(st.sampled_from(["390", "390", "310", "310", "340", "510"]))
    begin = draw(DAYS)
    status = draw(st.sampled_from("1112234"))
    return Relation(
        number,
        insutype,
        draw(st.sampled_from(["11", "12", "15"])),
        "340600",
        begin,
        draw(st.sampled_from(["", "resident", "employee", "flexible", "retired"])),
        draw(st.none() | DAYS),
        status,
        draw(st.none() | DAYS) if status == "2" else None,
    )


@st.composite
def paid_months(draw: st.DrawFn) -> list[Paid]:
    """Months of employee insurance, mostly paid in their own month, some in advance, some much later."""
    found = []
    start = draw(MONTHS)
    for n in draw(st.sets(st.integers(0, 30), max_size=14)):
        shift = draw(st.sampled_from([0, 0, 0, 0, 1, 2, 3, 4, 5, 8, -1, -4]))
        paid_on = first_day(start + n + shift) + timedelta(days=draw(st.integers(0, 27)))
        category = draw(st.sampled_from(["employee", "employee", "flexible"]))
        kind = draw(st.sampled_from(["normal", "normal", "normal", "back_payment", "lump_sum"]))
        insutype = draw(st.sampled_from(["310", "310", "310", "510"]))
        found.append(Paid(insutype, category, kind, first_day(start + n), last_day(start + n), paid_on))
    return found


@st.composite
def paid_years(draw: st.DrawFn) -> list[Paid]:
    return [
        Paid("390", "resident", draw(st.sampled_from(KINDS)), date(year, 1, 1), date(year, 12, 31), draw(DAYS))
        for year in draw(st.sets(st.integers(2020, 2027), max_size=6))
    ]


@st.composite
def taken_over(draw: st.DrawFn, relation: Relation) -> list[Coverage]:
    """Rows of an earlier system without overlaps; only the last may be open."""
    ends = sorted(draw(st.sets(DAYS, max_size=4)))
    rows = [
        Coverage(relation.psn_insu_rlts_id, relation.insutype, state, begin, end, "taken_over", origin="taken_over")
        for begin, end, state in zip(ends[::2], ends[1::2], draw(st.permutations(["covered", "waiting"])), strict=False)
    ]
    if rows and draw(st.booleans()):
        rows[-1] = Coverage(rows[-1].psn_insu_rlts_id, relation.insutype, "covered", rows[-1].begndate, None,
                            "taken_over", origin="taken_over")  # fmt: skip
    return rows


@st.composite
def histories(draw: st.DrawFn) -> History:
    relations = [draw(relation(number + 1)) for number in range(draw(st.integers(0, 3)))]
    taken = [row for one in relations for row in draw(taken_over(one))]
    elsewhere = [
        Elsewhere("310", begin, begin + timedelta(days=draw(st.integers(0, 900))))
        for begin in draw(st.lists(DAYS, max_size=2))
    ]
    return History(
        draw(DAYS | st.just(date(1980, 5, 1))),
        draw(st.none() | st.none() | DAYS),
        tuple(relations),
        tuple(draw(paid_years()) + draw(paid_months())),
        tuple(taken),
        tuple(elsewhere),
    )


@given(st.lists(histories(), max_size=6))
@settings(max_examples=300, deadline=None)
def test_the_batch_decides_as_the_single_function(people: list[History]) -> None:
    rows = coverage_batch(columns_of(people), HUAIBEI)
    assert coverages_of(rows, people) == [coverages(one, HUAIBEI) for one in people]


@given(histories(), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_coverage_has_no_overlaps_and_depends_on_no_order_and_is_final(person: History, random: Random) -> None:
    rows = coverages(person, HUAIBEI)
    for earlier, later in pairwise(rows):
        same = earlier.psn_insu_rlts_id == later.psn_insu_rlts_id
        assert not same or (earlier.enddate is not None and earlier.enddate < later.begndate)
    shuffled = History(
        person.brdy,
        person.die_date,
        tuple(random.sample(person.relations, len(person.relations))),
        tuple(random.sample(person.paid, len(person.paid))),
        tuple(random.sample(person.taken_over, len(person.taken_over))),
        person.elsewhere,
    )
    assert coverages(shuffled, HUAIBEI) == rows
    kept = tuple(row for row in rows if row.origin == "taken_over")
    again = History(person.brdy, person.die_date, person.relations, person.paid, kept, person.elsewhere)
    assert coverages(again, HUAIBEI) == rows


@given(histories())
@settings(max_examples=200, deadline=None)
def test_nobody_is_covered_before_birth_after_death_or_outside_the_enrolment(person: History) -> None:
    by_number = {one.psn_insu_rlts_id: one for one in person.relations}
    for row in coverages(person, HUAIBEI):
        if row.origin == "computed":
            assert row.begndate >= max(person.brdy, by_number[row.psn_insu_rlts_id].begndate)
        end = row.enddate or date.max
        assert end <= min(person.die_date or date.max, by_number[row.psn_insu_rlts_id].last)
        assert end >= row.begndate
