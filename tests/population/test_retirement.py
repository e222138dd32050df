"""Who retires has the months that the area requires, buys what is missing, and is a pensioner at once."""

from datetime import date, datetime
from typing import Any

import pytest

from yibao.core import dates
from yibao.core.errors import Refused
from yibao.ledger.verify import unbalanced_entries
from yibao.population.contributions.payments import NewOrder, Payment, confirm, create_order, reverse
from yibao.population.entitlement.coverage import refresh
from yibao.population.entitlement.coverage_city import wrong_coverage
from yibao.population.entitlement.report import entitlement_report
from yibao.population.entitlement.retirement import buy_months, missing_months, retire, retirement_account
from yibao.population.entitlement.service_months import ServiceMonths

DAY = date(2024, 6, 30)
DEEM = "insert into population.deemed_service (psn_no, begndate, months, basis, noted_by) values ('2', $1, $2, '', 'c')"


def codes(caught: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [refusal.code for refusal in caught.value.refusals]


async def service(people: Any, deemed: int) -> None:
    """Person 2, a man, was insured since January 2010: 174 months until June 2024."""
    if deemed:
        await people.execute(DEEM, date(1995, 1, 1), deemed)


async def test_months_taken_over_and_deemed_count_and_the_rest_is_missing(people: Any) -> None:
    await service(people, 100)
    account = await retirement_account(people, "2", DAY)
    assert (account.counted.here, account.counted.deemed, account.required, account.missing) == (174, 100, 360, 86)
    assert account.amount == 86 * account.monthly > 0


async def test_what_is_missing_is_bought_and_then_the_pensioner_is_covered_for_good(people: Any) -> None:
    await service(people, 100)
    with pytest.raises(Refused) as caught:
        await retire(people, "2", DAY, "clerk")
    assert codes(caught) == ["E122"]
    number = await buy_months(people, "2", DAY, "clerk")
    assert await buy_months(people, "2", DAY, "clerk") == number
    await people.execute(
        "update population.contribution set status = 'paid', paid_on = '2024-06-28' where contribution_id = $1", number
    )
    await refresh(people, ["2"])
    assert (await retire(people, "2", DAY, "clerk")).missing == 0
    standing, working = (await entitlement_report(people, "2", date(2030, 1, 1))).standings
    assert (standing.covered, standing.since, standing.until) == (True, DAY, None)
    assert (standing.enrolment.psn_type, standing.enrolment.category) == ("12", "retired")
    assert (working.covered, working.days[-1].enddate) == (False, date(2024, 6, 29))
    with pytest.raises(Refused) as caught:
        await retire(people, "2", DAY, "clerk")
    assert codes(caught) == ["E124"]


async def test_the_missing_months_are_paid_by_an_order_and_booked_and_reversed(
    people: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dates, "now", lambda: datetime(2024, 6, 28, 10))
    await service(people, 100)
    contribution = await buy_months(people, "2", DAY, "clerk")
    owed = (await retirement_account(people, "2", DAY)).amount
    order = await create_order(people, NewOrder("tax", "340600", (contribution,), "2"), "clerk")
    assert order.amount == owed
    await confirm(people, Payment("tax", order.order_no, owed, "S1", dates.now()), "tax")
    assert await booked(people) == {"channels.receivable": owed, "employee_pooled.contributions": -owed}
    account = await retirement_account(people, "2", DAY)
    assert (account.missing, account.counted.bought) == (0, 86)
    await reverse(people, order.order_no, "tax", "冲正")
    assert (await retirement_account(people, "2", DAY)).missing == 86
    assert set((await booked(people)).values()) == {0}
    again = await create_order(people, NewOrder("tax", "340600", (contribution,), "2"), "clerk")
    await confirm(people, Payment("tax", again.order_no, owed, "S2", dates.now()), "tax")
    await retire(people, "2", DAY, "clerk")
    assert (await entitlement_report(people, "2", date(2040, 1, 1))).insured
    assert [case async for case in unbalanced_entries(people)] == []
    assert [case async for case in wrong_coverage(people)] == []


async def test_what_is_missing_is_owed_once_whatever_day_of_retirement_is_asked_for(people: Any) -> None:
    await service(people, 100)
    await buy_months(people, "2", DAY, "clerk")
    await buy_months(people, "2", date(2024, 7, 31), "clerk")
    states = "select status, (details ->> 'months')::int from population.contribution order by contribution_id"
    assert [tuple(row) for row in await people.fetch(states)] == [("cancelled", 86), ("due", 85)]


async def booked(people: Any) -> dict[str, int]:
    rows = await people.fetch("select account, sum(amount)::bigint as total from ledger.posting group by 1")
    return {row["account"]: row["total"] for row in rows}


async def test_who_has_enough_months_buys_none(people: Any) -> None:
    await service(people, 186)
    with pytest.raises(Refused) as caught:
        await buy_months(people, "2", DAY, "clerk")
    assert codes(caught) == ["E123"]


async def test_a_resident_does_not_retire_from_employee_insurance(people: Any) -> None:
    with pytest.raises(Refused) as caught:
        await retirement_account(people, "1", DAY)
    assert codes(caught) == ["E121"]


def test_deemed_months_do_not_stand_for_months_really_paid() -> None:
    assert missing_months(ServiceMonths(60, 0, 400, 0), 360, 120) == 60
    assert missing_months(ServiceMonths(60, 0, 400, 60), 360, 120) == 0
    assert missing_months(ServiceMonths(100, 100, 160, 0), 360, 120) == 0
