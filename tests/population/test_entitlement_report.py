"""A person is told whether he is insured, since when, for what, why and by which clause."""

from datetime import date
from typing import Any

import pytest

from yibao.core.errors import Refused
from yibao.population.entitlement.coverage import refresh
from yibao.population.entitlement.report import entitlement_report

PAY = """
insert into population.contribution (psn_no, insutype, category, kind, period_from, period_to, status, paid_on)
values ('1', '390', 'resident', $1, $2, $3, 'paid', $4)
"""


async def pay(people: Any, year: int, paid_on: date, kind: str = "normal") -> None:
    await people.execute("delete from population.coverage where psn_no = '1' and origin = 'taken_over'")
    await people.execute(PAY, kind, date(year, 1, 1), date(year, 12, 31), paid_on)
    await refresh(people, ["1"])


async def test_years_paid_one_after_another_are_one_unbroken_time(people: Any) -> None:
    for year in (2024, 2025, 2026):
        await pay(people, year, date(year - 1, 11, 1))
    report = await entitlement_report(people, "1", date(2026, 3, 1))
    (standing,) = report.standings
    assert (report.insured, report.insured_years) == (True, 2)
    assert (standing.since, standing.until, standing.reason) == (date(2024, 1, 1), date(2026, 12, 31), "已缴费")
    assert "集中" in standing.clause
    funds = {purpose.purpose: purpose.against for purpose in standing.purposes}
    assert (funds["统筹待遇"], funds["大病（大额）待遇"]) == ("", "")
    assert "救助对象" in funds["医疗救助"]


async def test_who_waits_is_told_until_when_and_by_which_clause(people: Any) -> None:
    await pay(people, 2025, date(2025, 5, 10), "late")
    (standing,) = (await entitlement_report(people, "1", date(2025, 6, 1))).standings
    assert (standing.covered, standing.until, standing.reason) == (False, date(2025, 8, 9), "待遇等待期")
    assert "国办发〔2024〕38号" in standing.clause
    assert standing.against is not None
    assert (standing.against.code, "2025-08-10" in standing.against.text) == ("P205", True)


async def test_who_has_not_paid_is_told_so(people: Any) -> None:
    await pay(people, 2024, date(2023, 11, 1))
    report = await entitlement_report(people, "1", date(2025, 2, 1))
    assert (report.insured, report.standings[0].against.code) == (False, "P209")  # type: ignore[union-attr]


async def test_nobody_is_told_about_an_unknown_number(people: Any) -> None:
    with pytest.raises(Refused) as caught:
        await entitlement_report(people, "9", date(2025, 2, 1))
    assert [refusal.code for refusal in caught.value.refusals] == ["P106"]
