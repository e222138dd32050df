"""Coverage follows from enrolments and paid contributions alone."""

from datetime import date
from typing import Any

import pytest

from yibao.core.database import Connection
from yibao.population.entitlement.coverage import coverages, insured_since, refresh
from yibao.population.entitlement.paid_days import Elsewhere, History, Paid, Relation
from yibao.population.model import Coverage
from yibao.population.rules import rules_of

HUAIBEI = rules_of("340600")
BORN = date(1980, 5, 1)
RESIDENT = Relation(1, "390", "15", "340600", date(2015, 1, 1), "resident")
EMPLOYEE = Relation(2, "310", "11", "340600", date(2015, 1, 1), "employee")
FLEXIBLE = Relation(3, "310", "11", "340600", date(2015, 1, 1), "flexible")


def year(year: int, paid_on: str, kind: str = "normal") -> Paid:
    return Paid("390", "resident", kind, date(year, 1, 1), date(year, 12, 31), date.fromisoformat(paid_on))


def month(text: str, paid_on: str, category: str = "employee") -> Paid:
    first = date.fromisoformat(f"{text}-01")
    return Paid("310", category, "normal", first, first, date.fromisoformat(paid_on))


def months(first: int, last: int, year: int = 2024, category: str = "employee") -> list[Paid]:
    """Months paid on their tenth day."""
    return [month(f"{year}-{n:02d}", f"{year}-{n:02d}-10", category) for n in range(first, last + 1)]


def shown(rows: tuple[Coverage, ...]) -> list[str]:
    return [f"{row.state} {row.begndate} {row.enddate or '…'} {row.reason}" for row in rows]


def days(relation: Relation, *paid: Paid, **more: Any) -> list[str]:
    """What the payments of a person with one enrolment give."""
    history = History(**{"brdy": BORN, "relations": (relation,), "paid": paid, **more})
    return shown(coverages(history, HUAIBEI))


def test_a_year_paid_within_the_window_covers_from_the_first_of_january() -> None:
    assert days(RESIDENT, year(2024, "2023-11-05")) == ["covered 2024-01-01 2024-12-31 paid"]


def test_a_year_paid_in_the_prolonged_window_covers_back_to_the_first_of_january() -> None:
    assert days(RESIDENT, year(2024, "2024-02-20")) == ["covered 2024-01-01 2024-12-31 paid"]


def test_who_pays_late_waits_three_months_from_the_payment() -> None:
    assert days(RESIDENT, year(2024, "2024-04-10", "late")) == [
        "waiting 2024-04-10 2024-07-09 waiting",
        "covered 2024-07-10 2024-12-31 late",
    ]


def test_who_pays_in_the_last_quarter_waits_until_the_year_is_over() -> None:
    assert days(RESIDENT, year(2024, "2024-11-10", "late")) == ["waiting 2024-11-10 2024-12-31 waiting"]


def test_each_missed_year_adds_a_month_since_2025() -> None:
    paid = [year(2022, "2021-11-01"), year(2025, "2025-03-10", "late")]
    assert days(RESIDENT, *paid)[1:] == [
        "waiting 2025-03-10 2025-08-09 waiting",  # 3 + 2
        "covered 2025-08-10 2025-12-31 late",
    ]


def test_a_repaired_year_takes_a_month_off() -> None:
    paid = [year(2022, "2021-11-01"), year(2024, "2025-03-10", "back_payment"), year(2025, "2025-03-10", "late")]
    assert "covered 2025-07-10 2025-12-31 late" in days(RESIDENT, *paid)


@pytest.mark.parametrize(("repaired", "start"), [(0, "2025-10-10"), (1, "2025-09-10"), (4, "2025-09-10")])
def test_four_missed_years_wait_at_least_six_months_however_much_is_repaired(repaired: int, start: str) -> None:
    paid = [year(2020, "2019-11-01"), year(2025, "2025-03-10", "late")]
    paid += [year(2021 + n, "2025-03-10", "back_payment") for n in range(repaired)]
    assert f"covered {start} 2025-12-31 late" in days(RESIDENT, *paid)


def test_a_missed_year_is_waited_for_even_by_who_pays_within_the_window() -> None:
    paid = [year(2024, "2023-11-01"), year(2026, "2025-11-05")]
    assert days(RESIDENT, *paid)[1:] == ["waiting 2026-01-01 2026-03-04 waiting", "covered 2026-03-05 2026-12-31 late"]


def test_years_insured_as_an_employee_or_elsewhere_are_not_missed() -> None:
    paid = [year(2023, "2022-11-01"), month("2024-05", "2024-05-10"), year(2026, "2025-11-05")]
    elsewhere = (Elsewhere("390", date(2025, 1, 1), date(2025, 12, 31)),)
    assert days(RESIDENT, *paid, elsewhere=elsewhere)[-1] == "covered 2026-01-01 2026-12-31 paid"


def test_a_newborn_is_covered_from_birth() -> None:
    paid = year(2024, "2024-08-20", "midyear")
    assert days(RESIDENT, paid, brdy=date(2024, 6, 3)) == ["covered 2024-06-03 2024-12-31 newborn"]


def test_who_enters_in_the_middle_of_the_year_for_a_good_reason_does_not_wait() -> None:
    assert days(RESIDENT, year(2024, "2024-07-01", "midyear")) == ["covered 2024-07-01 2024-12-31 midyear"]


def test_an_employee_is_covered_from_the_month_after_the_first_payment_until_a_month_after_the_last() -> None:
    assert days(EMPLOYEE, *months(1, 6)) == [
        "waiting 2024-01-01 2024-01-31 waiting",
        "covered 2024-02-01 2024-07-31 paid",
    ]


def test_three_months_paid_afterwards_are_covered_afterwards() -> None:
    paid = [*months(1, 3), *(month(f"2024-{n:02d}", "2024-07-05") for n in (4, 5, 6)), *months(7, 8)]
    assert days(EMPLOYEE, *paid)[1:] == [
        "covered 2024-02-01 2024-03-31 paid",
        "covered 2024-04-01 2024-05-31 back_paid",
        "covered 2024-06-01 2024-09-30 paid",
    ]


def test_after_four_unpaid_months_benefits_begin_the_month_after_the_payment_and_not_before() -> None:
    paid = [*months(1, 3), *(month(f"2024-{n:02d}", "2024-08-05") for n in (4, 5, 6, 7, 8)), *months(9, 9)]
    assert days(EMPLOYEE, *paid)[1:] == [
        "covered 2024-02-01 2024-04-30 paid",
        "waiting 2024-08-01 2024-08-31 waiting",
        "covered 2024-09-01 2024-10-31 paid",
    ]


def test_a_flexible_worker_waits_three_months_from_the_first_payment() -> None:
    assert days(FLEXIBLE, *months(1, 6, category="flexible")) == [
        "waiting 2024-01-01 2024-03-31 waiting",
        "covered 2024-04-01 2024-07-31 paid",
    ]


def test_who_changes_from_resident_to_employee_insurance_does_not_wait() -> None:
    paid = [year(2024, "2023-11-05"), *months(5, 6)]
    assert days(EMPLOYEE, *paid) == ["covered 2024-05-01 2024-07-31 paid"]


def test_insurance_elsewhere_within_three_months_is_continued() -> None:
    for last, expected in ((date(2024, 1, 31), "covered 2024-05-01"), (date(2023, 12, 31), "waiting 2024-05-01")):
        elsewhere = (Elsewhere("310", date(2020, 1, 1), last),)
        assert days(EMPLOYEE, *months(5, 6), elsewhere=elsewhere)[0].startswith(expected)


def test_paying_a_hole_afterwards_takes_nothing_away() -> None:
    paid = [*months(1, 2), *months(4, 12)]
    last = days(EMPLOYEE, *paid)[-1]
    assert last == "covered 2024-02-01 2025-01-31 paid"
    assert days(EMPLOYEE, *paid, month("2024-03", "2024-12-10"))[-1] == last


def test_a_pensioner_is_covered_without_paying() -> None:
    retired = Relation(4, "310", "12", "340600", date(2024, 3, 1), "retired")
    assert days(retired) == ["covered 2024-03-01 … retired"]


def test_suspension_end_and_death_end_coverage() -> None:
    def until(**fields: Any) -> str:
        relation = Relation(1, "390", "15", "340600", date(2015, 1, 1), "resident", **fields)
        return days(relation, year(2024, "2023-11-05"))[0].split()[2]

    assert until(psn_insu_stas="2", paus_date=date(2024, 6, 1)) == "2024-05-31"
    assert until(enddate=date(2024, 7, 31), psn_insu_stas="4") == "2024-07-31"
    assert days(RESIDENT, year(2024, "2023-11-05"), die_date=date(2024, 3, 3)) == ["covered 2024-01-01 2024-03-03 paid"]


def test_of_two_enrolments_the_later_one_covers_from_its_begin() -> None:
    later = Relation(9, "310", "11", "340600", date(2024, 4, 10), "employee")
    rows = coverages(History(BORN, relations=(EMPLOYEE, later), paid=tuple(months(1, 6))), HUAIBEI)
    assert [(row.psn_insu_rlts_id, str(row.begndate), str(row.enddate)) for row in rows if row.state == "covered"] == [
        (2, "2024-02-01", "2024-04-09"), (9, "2024-04-10", "2024-07-31"),
    ]  # fmt: skip


def test_computed_days_fill_what_a_taken_over_row_leaves_open() -> None:
    taken = Coverage(1, "390", "covered", date(2023, 1, 1), date(2024, 3, 31), "taken_over", origin="taken_over")
    assert days(RESIDENT, year(2024, "2023-11-05"), taken_over=(taken,)) == [
        "covered 2023-01-01 2024-03-31 taken_over",
        "covered 2024-04-01 2024-12-31 paid",
    ]


def test_every_computed_row_that_waits_names_its_clause() -> None:
    history = History(BORN, relations=(RESIDENT,), paid=(year(2025, "2025-06-01", "late"),))
    rows = coverages(history, HUAIBEI)
    assert [(row.state, "国办发〔2024〕38号" in row.clause) for row in rows] == [("waiting", True), ("covered", True)]


ROWS = (
    "select state, begndate, enddate, reason, xmin::text from population.coverage where psn_no = $1 order by begndate"
)
PAY = """
insert into population.contribution (psn_no, insutype, category, kind, period_from, period_to, status, paid_on)
values ('1', '390', 'resident', 'normal', $1, $2, 'paid', $3)
"""


async def test_refreshing_twice_writes_nothing_the_second_time(people: Connection) -> None:
    await people.execute("delete from population.coverage")
    await people.execute(PAY, date(2024, 1, 1), date(2024, 12, 31), date(2023, 11, 5))
    await refresh(people, ["1"])
    first = await people.fetch(ROWS, "1")
    assert [tuple(row)[:4] for row in first] == [("covered", date(2024, 1, 1), date(2024, 12, 31), "paid")]
    await people.execute("savepoint again")  # a new sub-transaction: rows written in it would carry another xmin
    await refresh(people, ["1"])
    assert await people.fetch(ROWS, "1") == first


async def test_a_death_ends_what_was_taken_over_too(people: Connection) -> None:
    await people.execute("update population.person set die_date = '2024-02-01' where psn_no = '1'")
    await refresh(people, ["1", "2"])
    assert [row["enddate"] for row in await people.fetch(ROWS, "1")] == [date(2024, 2, 1)]
    assert [row["enddate"] for row in await people.fetch(ROWS, "2")] == [None]


def test_years_of_insurance_are_counted_while_unbroken_and_from_2025_on() -> None:
    def since(*paid: Paid, **more: Any) -> date | None:
        history = History(BORN, relations=(RESIDENT,), paid=paid, **more)
        return insured_since(history, coverages(history, HUAIBEI), HUAIBEI)

    years = [year(n, f"{n - 1}-11-01") for n in (2023, 2024, 2025, 2026, 2028)]
    assert since() is None
    assert since(*years[:4]) == date(2025, 1, 1)
    assert since(*years) == date(2028, 1, 1)
    assert since(*years, elsewhere=(Elsewhere("390", date(2027, 1, 1), date(2027, 12, 31)),)) == date(2025, 1, 1)
