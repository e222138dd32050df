"""The month's deduction statement: the funds' share, once in the journal, reversible."""

import asyncio
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.settlement.town import HOSPITAL, PHARMACY
from tests.supervision.casework.conftest import CLERK, SECOND, Casework, finding
from yibao.core.errors import Refused
from yibao.core.money import divide_half_up
from yibao.ledger import book
from yibao.settlement.verify import QUERIES, violations
from yibao.supervision.casework import decision, queries, statements
from yibao.supervision.casework.moves import Actor
from yibao.supervision.casework.shares import BillFunds, split
from yibao.supervision.casework.statements import Statement
from yibao.supervision.verify import OF_DEDUCTIONS

Bill = dict[str, Any]
JUNE = date(2024, 6, 1)


async def accepted(casework: Casework, *amounts: tuple[str, Bill, int]) -> None:
    """Findings that the hospital accepted in June; then it is July."""
    await casework.take(*(finding(number, bill, amount) for number, bill, amount in amounts))
    await casework.issue(*(number for number, _, _ in amounts))
    await casework.accept(*(number for number, _, _ in amounts))
    casework.town.clock(datetime(2024, 7, 2, 9))


async def make(casework: Casework) -> Statement:
    async with casework.database.transaction() as connection:
        return await statements.make(connection, CLERK, HOSPITAL, JUNE)


async def post(casework: Casework, number: str, actor: Any = CLERK) -> Statement:
    async with casework.database.transaction() as connection:
        return await statements.post(connection, actor, number)


async def reverse(casework: Casework, number: str) -> Statement:
    async with casework.database.transaction() as connection:
        return await statements.reverse(connection, CLERK, number, "复核有误")


async def balances(casework: Casework) -> dict[str, int]:
    async with casework.database.connection() as connection:
        rows = await connection.fetch(
            "select account, sum(amount)::bigint as total from ledger.posting join ledger.entry using (entry_id)"
            " where kind like 'deduction%' group by account having sum(amount) <> 0"
        )
    return {row["account"]: row["total"] for row in rows}


async def broken(casework: Casework) -> dict[str, list[str]]:
    async with casework.database.connection() as connection:
        return {sentence: cases async for sentence, cases in violations(connection, QUERIES | OF_DEDUCTIONS) if cases}


async def test_the_funds_get_back_their_share_of_what_was_accepted(casework: Casework, bill: Bill) -> None:
    await accepted(casework, ("f1", bill, 20_000), ("f2", bill, 7_777))
    made = await make(casework)
    shares = [divide_half_up(one * bill["fund_pay_sumamt"], bill["inscp_amt"]) for one in (20_000, 7_777)]
    assert (made.findings, made.upheld, made.deduct) == (2, 27_777, sum(shares))
    posted = await post(casework, made.statement_no)
    booked = await balances(casework)
    assert booked.pop("institutions.payable") == posted.deduct
    assert sum(booked.values()) == -posted.deduct
    assert set(booked) == {"resident.benefits", "medical_aid.benefits"}
    assert (await casework.steps("f1"))[-1]["kind"] == "deducted"
    assert await broken(casework) == {}


async def test_a_bill_is_never_deducted_more_than_its_funds_paid(casework: Casework, bill: Bill) -> None:
    await accepted(casework, *((f"f{number}", bill, 250_000) for number in range(4)))
    made = await make(casework)
    assert (made.upheld, made.deduct) == (1_000_000, bill["fund_pay_sumamt"])
    assert await broken(casework) == {}


async def test_a_statement_is_booked_once(casework: Casework, bill: Bill) -> None:
    await accepted(casework, ("f1", bill, 20_000))
    made = await make(casework)
    posted = await post(casework, made.statement_no)
    with pytest.raises(Refused) as refused:
        await post(casework, made.statement_no)
    assert refused.value.refusals[0].code == "V454"
    assert (await balances(casework))["institutions.payable"] == posted.deduct


async def test_a_reversed_statement_leaves_nothing_in_the_journal_and_comes_again_as_a_new_version(
    casework: Casework, bill: Bill
) -> None:
    await accepted(casework, ("f1", bill, 20_000))
    first = await make(casework)
    await post(casework, first.statement_no)
    await reverse(casework, first.statement_no)
    assert await balances(casework) == {}
    again = await make(casework)
    assert (again.version, again.deduct, again.statement_no == first.statement_no) == (2, first.deduct, False)
    await post(casework, again.statement_no)
    assert await broken(casework) == {}
    with pytest.raises(Refused) as refused:
        await reverse(casework, first.statement_no)
    assert refused.value.refusals[0].code == "V456"


async def test_who_decided_does_not_post(casework: Casework, bill: Bill) -> None:
    await casework.take(finding("f1", bill, 20_000))
    await casework.issue("f1")
    await casework.appeal("f1")
    await casework.decide("f1")
    casework.town.clock(datetime(2024, 7, 2, 9))
    made = await make(casework)
    with pytest.raises(Refused) as refused:
        await post(casework, made.statement_no, SECOND)
    assert refused.value.refusals[0].code == "V455"
    assert (await post(casework, made.statement_no)).status == "posted"


async def test_a_month_that_is_not_over_and_one_without_findings_have_no_statement(
    casework: Casework, bill: Bill
) -> None:
    for day, code in ((datetime(2024, 6, 30, 9), "V451"), (datetime(2024, 7, 1, 9), "V452")):
        casework.town.clock(day)
        with pytest.raises(Refused) as refused:
            await make(casework)
        assert refused.value.refusals[0].code == code


async def test_a_draft_is_outdated_when_a_bill_was_cancelled_and_is_drawn_up_anew(
    casework: Casework, bill: Bill
) -> None:
    other = await casework.town.stay("r1", "5000")
    await accepted(casework, ("f1", bill, 20_000), ("f2", other, 20_000))
    made = await make(casework)
    await casework.town.cancel("r1", other)
    with pytest.raises(Refused) as refused:
        await post(casework, made.statement_no)
    again = await make(casework)
    assert (refused.value.refusals[0].code, again.version, again.findings) == ("V457", 1, 1)
    assert (await post(casework, again.statement_no)).status == "posted"


async def test_an_institution_whose_only_bill_was_cancelled_does_not_hinder_the_others(
    casework: Casework, bill: Bill
) -> None:
    bought = await casework.town.buy("w2", "20")
    await casework.take(finding("f2", bought, 100, fixmedins_code=PHARMACY), origin="pharmacy")
    await casework.issue("f2")
    await casework.accept("f2", actor=Actor("pharmacy", "institution", PHARMACY))
    await accepted(casework, ("f1", bill, 20_000))
    await casework.town.cancel("w2", bought, PHARMACY)
    async with casework.database.transaction() as connection:
        made = await statements.make_all(connection, CLERK, JUNE)
    assert [one.fixmedins_code for one in made] == [HOSPITAL]


async def test_a_finding_taken_up_again_leaves_the_draft_and_is_deducted_in_the_month_of_its_new_end(
    casework: Casework, bill: Bill
) -> None:
    await accepted(casework, ("f1", bill, 20_000), ("f2", bill, 10_000))
    draft = await make(casework)
    async with casework.database.transaction() as connection:
        await decision.reopen(connection, SECOND, ["f1"], "病历补充")
    with pytest.raises(Refused) as refused:
        await post(casework, draft.statement_no)
    assert refused.value.refusals[0].code == "V453"
    await casework.decide("f1", outcome="partly", amount=5_000)
    assert (await make(casework)).upheld == 10_000
    casework.town.clock(datetime(2024, 8, 2, 9))
    async with casework.database.transaction() as connection:
        july = await statements.make(connection, CLERK, HOSPITAL, date(2024, 7, 1))
    assert july.upheld == 5_000
    await post(casework, july.statement_no)
    await post(casework, (await make(casework)).statement_no)
    assert await broken(casework) == {}


async def test_two_clerks_who_post_at_the_same_moment_book_one_entry(casework: Casework, bill: Bill) -> None:
    await accepted(casework, ("f1", bill, 20_000))
    made = await make(casework)
    both = [post(casework, made.statement_no), post(casework, made.statement_no)]
    done = await asyncio.gather(*both, return_exceptions=True)
    refused = [one.refusals[0].code for one in done if isinstance(one, Refused)]
    assert (refused, (await balances(casework))["institutions.payable"]) == (["V454"], made.deduct)
    assert await broken(casework) == {}


async def test_a_connection_lost_between_booking_and_marking_leaves_neither(casework: Casework, bill: Bill) -> None:
    await accepted(casework, ("f1", bill, 20_000))
    made = await make(casework)
    connection = await casework.database.pool.acquire()
    await connection.execute("begin")
    await book(connection, statements.entry_of(made, date(2024, 7, 2)))
    number = await connection.fetchval("select pg_backend_pid()")
    async with casework.database.connection() as other:
        await other.fetchval("select pg_terminate_backend($1, 5000)", number)
    await casework.database.pool.release(connection)
    assert await balances(casework) == {}
    assert (await post(casework, made.statement_no)).status == "posted"
    assert await broken(casework) == {}


async def test_a_statement_of_findings_without_a_bill_books_nothing_and_still_holds(
    casework: Casework, bill: Bill
) -> None:
    await accepted(casework, ("f1", {"setl_id": "", "mdtrt_id": ""}, 20_000))
    posted = await post(casework, (await make(casework)).statement_no)
    assert (posted.deduct, await balances(casework)) == (0, {})
    await reverse(casework, posted.statement_no)
    assert await broken(casework) == {}


async def test_a_bill_cancelled_after_posting_is_shown_until_the_statement_is_reversed_and_drawn_up_anew(
    casework: Casework, bill: Bill
) -> None:
    other = await casework.town.stay("r1", "5000")
    await accepted(casework, ("f1", bill, 20_000), ("f2", other, 20_000))
    posted = await post(casework, (await make(casework)).statement_no)
    await casework.town.cancel("r1", other)

    async def cancelled() -> list[tuple[str, int]]:
        async with casework.database.connection() as connection:
            rows = await connection.fetch(queries.STATEMENTS, JUNE, None)
        return [(row["status"], row["cancelled"]) for row in rows]

    assert await cancelled() == [("posted", 1)]
    await reverse(casework, posted.statement_no)
    again = await make(casework)
    assert (again.findings, await cancelled()) == (1, [("reversed", 0), ("draft", 0)])


async def test_a_statement_that_somebody_changed_is_named(casework: Casework, bill: Bill) -> None:
    await accepted(casework, ("f1", bill, 20_000))
    await post(casework, (await make(casework)).statement_no)
    async with casework.database.transaction() as connection:
        await connection.execute("update supervision.deduction_statement set deduct = deduct + 1")
        await connection.execute("update supervision.deduction_line set deduct = 99999999")
    assert len(await broken(casework)) == 3


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=6), st.integers(0, 10_000))
def test_parts_add_up_and_stay_within_what_each_fund_has_left(capacities: list[int], share: int) -> None:
    whole = sum(capacities)
    amount = divide_half_up(whole * share, 10_000)
    left = {f"fund{number}": most for number, most in enumerate(capacities)}
    parts = split(amount, left)
    assert sum(parts.values()) == amount
    assert all(0 < part <= left[account] for account, part in parts.items())


def test_a_bill_without_insured_fees_is_not_deducted() -> None:
    assert BillFunds(0, 0, {}).take(100) == {}
