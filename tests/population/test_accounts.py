"""Personal accounts: every fen credited is in the journal, freezing is on record."""

from datetime import date
from typing import Any

import pytest

from yibao.core.errors import Refused
from yibao.population.accounts import account_of, credit, freeze, history, release

DAY = date(2024, 6, 1)


def codes(caught: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [refusal.code for refusal in caught.value.refusals]


async def test_a_credit_raises_balance_history_and_what_the_fund_owes_the_person(people: Any) -> None:
    assert await credit(people, "2", 2500, "V1", DAY) == 12500
    assert [(m.amount, m.balance_after, m.reference) for m in await history(people, "2")] == [(2500, 12500, "V1")]
    owed = await people.fetchval(
        "select sum(amount)::bigint from ledger.posting where account = 'personal_account.balances' and party = '2'"
    )
    assert owed == -2500


async def test_the_first_credit_opens_the_account(people: Any) -> None:
    assert await account_of(people, "1") is None
    assert await credit(people, "1", 100, "V1", DAY) == 100


@pytest.mark.parametrize(("psn_no", "amount", "code"), [("2", 0, "P304"), ("2", -1, "P304"), ("9", 1, "P106")])
async def test_a_senseless_credit_is_refused(people: Any, psn_no: str, amount: int, code: str) -> None:
    with pytest.raises(Refused) as caught:
        await credit(people, psn_no, amount, "V1", DAY)
    assert codes(caught) == [code]


async def test_a_voucher_is_booked_once(people: Any) -> None:
    await credit(people, "2", 100, "V1", DAY)
    with pytest.raises(Refused) as caught:
        async with people.transaction():
            await credit(people, "2", 100, "V1", DAY)
    assert codes(caught) == ["P305"]
    assert await people.fetchval("select balance from population.account where psn_no = '2'") == 10100


async def test_freezing_and_releasing_are_on_record_and_cannot_be_repeated(people: Any) -> None:
    await freeze(people, "2", "clerk", "挂失")
    with pytest.raises(Refused) as caught:
        await freeze(people, "2", "clerk", "挂失")
    assert codes(caught) == ["P301"]
    await release(people, "2", "clerk", "找回")
    actions = await people.fetch("select action from core.audit_event where subject = '2' order by event_id")
    assert [row["action"] for row in actions] == ["account.freeze", "account.release"]


async def test_a_person_without_account_has_nothing_to_freeze(people: Any) -> None:
    with pytest.raises(Refused) as caught:
        await freeze(people, "1", "clerk", "挂失")
    assert codes(caught) == ["P303"]
