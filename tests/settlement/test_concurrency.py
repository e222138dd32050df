"""Many settlements of one person or one family at the same moment: every fen is where it belongs.

Two `Services` stand for two server processes: each has its own connections, and PostgreSQL alone keeps them in order.
All amounts are multiples of five fen, so that 80 % of any part of them is exact and the sum is known in advance
whatever the order.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from tests.settlement.town import DRUG_A, HOSPITAL, PHARMACY, Town, render
from yibao.core.database import Database
from yibao.core.errors import Conflict, Refused
from yibao.core.inbox import Message
from yibao.settlement.actions import settle
from yibao.settlement.cancellation import CancelRequest, cancel
from yibao.settlement.model import SettlementRequest
from yibao.settlement.services import Services
from yibao.settlement.verify import violations

FAMILY = ("w1", "w2", "w3", "r1")
PAYERS = ("w1", "w2")
OPENING_BALANCE = {"w1": 100_000, "w2": 50_000, "w3": 0}
Answer = dict[str, Any]


@pytest.fixture
async def processes(town: Town, database_url: str) -> AsyncIterator[list[Services]]:
    """Two processes' worth of services on one database."""
    other = await Database.open(database_url, connections=16)
    yield [town.services, replace(town.services, database=other)]
    await other.close()


async def no_violations(town: Town) -> bool:
    async with town.database.connection() as connection:
        return [case async for _, cases in violations(connection) for case in cases] == []


async def link_family(town: Town) -> None:
    """Husband and wife may pay for each other and both for grandfather and daughter."""
    async with town.database.transaction() as connection:
        await connection.executemany(
            "insert into population.family_link (beneficiary, payer, seq, relation, begndate)"
            " values ($1, $2, $3, '10', '2024-01-01')",
            [(b, p, n) for b in FAMILY for n, p in enumerate(PAYERS, 1) if b != p],
        )


async def answered(work: Awaitable[bytes]) -> Answer:
    return dict(msgspec.json.decode(await work))


async def at_once(works: list[Awaitable[bytes]]) -> list[Answer]:
    return list(await asyncio.gather(*map(answered, works)))


def paid_yuan(number: int) -> str:
    """Ten yuan and some jiao, different from message to message."""
    return f"{10 + number % 7}.{number % 10}0"


async def test_two_hundred_settlements_of_one_person_at_once_leave_exact_accumulators_and_balance(
    town: Town, processes: list[Services]
) -> None:
    requests = [town.sale("w1", town.line(DRUG_A, paid_yuan(number))) for number in range(200)]
    total = sum(line.det_item_fee_sumamt for request in requests for line in request.lines)
    bills = await at_once(
        [settle(processes[n % 2], r, town.message(PHARMACY, "2102"), render) for n, r in enumerate(requests)]
    )
    assert len({bill["setl_id"] for bill in bills}) == 200
    pooled = min(130_000, (total - 50_000) * 80 // 100)
    assert await town.totals("w1") == {"2024:pooled:deductible": 50_000, "2024:pooled:payment": pooled}
    assert sum(bill["hifp_pay"] for bill in bills) == pooled
    assert await town.balance("w1") == 100_000 - min(100_000, total - pooled)
    assert await no_violations(town)


async def test_every_settlement_of_a_crowd_saw_the_balance_that_its_predecessor_left(
    town: Town, processes: list[Services]
) -> None:
    works = [
        settle(processes[n % 2], town.sale("w2", town.line(DRUG_A, "5")), town.message(PHARMACY, "2102"), render)
        for n in range(60)
    ]
    bills = await at_once(list(works))
    assert sorted(bill["balc"] for bill in bills) == [50_000 - 500 * n for n in range(60, 0, -1)]


async def test_a_family_that_shares_accounts_settles_at_once_without_deadlock_or_overdraft(
    town: Town, processes: list[Services]
) -> None:
    await link_family(town)
    works = [
        settle(processes[n % 2], sale_of(town, FAMILY[n % 4], n), town.message(PHARMACY, "2102"), render)
        for n in range(200)
    ]
    random.Random(7).shuffle(works)
    bills = await at_once(works)
    # the person's part of all is more than both accounts hold, so both must end at nothing and not below
    assert sum(bill["psn_pay"] for bill in bills) > 150_000
    assert sum(bill["acct_pay"] for bill in bills) == 150_000
    assert [await town.balance(payer) for payer in PAYERS] == [0, 0]
    assert await no_violations(town)


def sale_of(town: Town, psn_no: str, number: int) -> SettlementRequest:
    insutype = "390" if psn_no == "r1" else "310"
    return town.sale(psn_no, town.line(DRUG_A, paid_yuan(number)), insutype=insutype, account="2")


async def test_a_message_posted_twice_at_the_same_time_gets_the_same_bytes_twice_and_settles_once(
    town: Town, processes: list[Services]
) -> None:
    sales = [(sale_of(town, FAMILY[n % 2], n), town.message(PHARMACY, "2102")) for n in range(40)]
    works = [settle(process, request, message, render) for request, message in sales for process in processes]
    replies = await asyncio.gather(*works)
    assert replies[::2] == replies[1::2]
    assert len(set(replies)) == 40
    async with town.database.connection() as connection:
        assert await connection.fetchval("select count(*) from settlement.settlement") == 40
    assert await no_violations(town)


async def test_cancellations_among_settlements_of_a_family_leave_only_what_stands(
    town: Town, processes: list[Services]
) -> None:
    await link_family(town)
    people = [FAMILY[n % 4] for n in range(40)]
    sales = [sale_of(town, psn_no, number) for number, psn_no in enumerate(people)]
    first = await at_once([settle(town.services, one, town.message(PHARMACY, "2102"), render) for one in sales])
    works: list[Awaitable[bytes]] = []
    for number, (psn_no, bill) in enumerate(zip(people, first, strict=True)):
        undo, message = cancelling(psn_no, bill), town.message(PHARMACY, "2103")
        works += [cancel(process, undo, message, render) for process in processes]
        works.append(
            settle(processes[number % 2], sale_of(town, psn_no, number), town.message(PHARMACY, "2102"), render)
        )
    random.Random(11).shuffle(works)
    outcomes = await asyncio.gather(*works, return_exceptions=True)
    check_only_refused_for_later_bills(outcomes)
    assert len([o for o in outcomes if isinstance(o, bytes)]) > 40  # the daughter's bills depend on nothing
    await check_books(town)


def cancelling(psn_no: str, bill: Answer, place: str = PHARMACY) -> CancelRequest:
    return CancelRequest(setl_id=bill["setl_id"], mdtrt_id=bill["mdtrt_id"], psn_no=psn_no, fixmedins_code=place)


def check_only_refused_for_later_bills(outcomes: list[Any]) -> None:
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            assert isinstance(outcome, Refused), outcome
            assert {refusal.code for refusal in outcome.refusals} == {"S306"}


async def check_books(town: Town) -> None:
    """Accumulators and balances computed here from the bills that stand, and everything else by `yibao verify`."""
    async with town.database.connection() as connection:
        rows = await connection.fetch(
            "select s.psn_no, sum(act_pay_dedc)::bigint as deductible, sum(hifp_pay)::bigint as pooled"
            " from settlement.settlement s where init_setl_id is null and not exists"
            " (select 1 from settlement.settlement c where c.init_setl_id = s.setl_id) group by 1"
        )
        spent = await connection.fetchval("select coalesce(sum(acct_pay), 0)::bigint from settlement.settlement")
    for row in rows:
        keys = {"2024:pooled:deductible": row["deductible"], "2024:pooled:payment": row["pooled"]}
        assert await town.totals(row["psn_no"]) == {key: value for key, value in keys.items() if value}
    assert sum([await town.balance(psn_no) for psn_no in OPENING_BALANCE]) == sum(OPENING_BALANCE.values()) - spent
    assert await no_violations(town)


async def test_one_bill_cancelled_by_many_at_once_is_cancelled_once(town: Town, processes: list[Services]) -> None:
    bill = await town.buy("w1", "900")
    works = [
        cancel(processes[n % 2], cancelling("w1", bill), town.message(PHARMACY, "2103"), render) for n in range(20)
    ]
    outcomes = await asyncio.gather(*works, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes].count(bytes) == 1
    assert {str(o)[:6] for o in outcomes if isinstance(o, Refused)} == {"[S305]"}
    assert (await town.totals("w1"), await town.balance("w1")) == ({}, 100_000)


async def test_one_visit_settled_by_many_messages_at_once_is_settled_once(
    town: Town, processes: list[Services]
) -> None:
    mdtrt_id = await town.visit("w2")
    await town.upload("w2", mdtrt_id, town.line(DRUG_A, "1000"))
    works = [
        settle(processes[n % 2], town.request("w2", mdtrt_id, insutype="310"), town.message(HOSPITAL, "2207"), render)
        for n in range(20)
    ]
    outcomes = await asyncio.gather(*works, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes].count(bytes) == 1
    assert {str(o)[:6] for o in outcomes if isinstance(o, Refused)} == {"[S104]"}
    assert (await town.totals("w2"))["2024:pooled:payment"] == 40_000


async def test_a_settlement_and_its_reversal_at_once_end_with_nothing_standing_or_the_settlement_refused(
    town: Town, processes: list[Services]
) -> None:
    messages = [Message(PHARMACY, f"lost-{n}", "2102", b"x" * 32) for n in range(20)]
    works: list[Awaitable[Any]] = []
    for message in messages:
        works.append(settle(processes[0], town.sale("w1", town.line(DRUG_A, "5")), message, render))
        works.append(reversed_until_done(town, message.msgid))
    random.Random(3).shuffle(works)
    outcomes = await asyncio.gather(*works, return_exceptions=True)
    for outcome in outcomes:
        assert isinstance(outcome, bytes) or (isinstance(outcome, Refused) and "G042" in str(outcome)), outcome
    assert (await town.totals("w1"), await town.balance("w1")) == ({}, 100_000)
    assert await no_violations(town)


async def reversed_until_done(town: Town, msgid: str) -> bytes:
    """2601 as a program does it: again while another message won, or while later bills stand in the way."""
    for _ in range(100):
        try:
            return await town.reverse("w1", msgid, "2102")
        except (Conflict, Refused):
            await asyncio.sleep(0.01)
    raise AssertionError(f"{msgid} could not be reversed")
