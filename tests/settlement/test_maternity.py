"""The maternity allowance proposes itself from a settled delivery, once, and goes when the bill goes."""

from datetime import date, timedelta
from typing import Any

from tests.settlement.town import HOSPITAL, Town
from yibao.benefits.book import PackBook
from yibao.settlement.maternity import proposals, propose
from yibao.settlement.verify import violations

PACKS = PackBook.load()
EMPLOYER = """
insert into population.employer (emp_no, uscc, emp_name, insu_admdvs, begndate)
values ('E1', 'U1', '纺织厂', '340600', $1)
"""
BASE = """
insert into population.contribution (psn_no, insutype, category, period_from, period_to, emp_no, base)
values ($1, '310', 'employee', $2, $2, 'E1', $3)
"""


async def deliver(town: Town, matn_type: str = "1", fetuses: str = "", *, employer: bool = True) -> dict[str, Any]:
    """w2 works for a mill that declared 6000 and 7000 yuan last year, and is delivered of a child."""
    last_year = town.now.year - 1
    async with town.database.transaction() as connection:
        await connection.execute(EMPLOYER, date(2020, 1, 1))
        if employer:
            await connection.execute("update population.enrolment set emp_no = 'E1' where psn_no = 'w2'")
        for month, yuan in ((1, 600_000), (2, 700_000)):
            await connection.execute(BASE, "w2", date(last_year, month, 1), yuan)
    bill = await town.stay("w2", "5000")
    async with town.database.transaction() as connection:
        await connection.execute(
            "update settlement.visit set matn_type = $2, details = details || jsonb_build_object('fetus_cnt', $3::text)"
            " where mdtrt_id = $1", bill["mdtrt_id"], matn_type, fetuses,
        )  # fmt: skip
    return bill


async def run(town: Town) -> list[Any]:
    day = town.now.date()
    async with town.database.transaction() as connection:
        return await propose(connection, PACKS, day - timedelta(days=30), day + timedelta(days=1))


async def amounts(town: Town, status: str = "proposed") -> list[tuple[Any, ...]]:
    async with town.database.connection() as connection:
        return [(p.emp_name, p.payee, p.days, p.amount) for p in await proposals(connection, status=status)]


async def test_a_delivery_proposes_the_average_wage_by_days_to_the_employer_once(town: Town) -> None:
    await deliver(town)
    assert [outcome.amount for outcome in await run(town)] == [2_123_333]  # 6500 ÷ 30 × 98
    assert await run(town) == []
    assert await amounts(town) == [("纺织厂", "employer", 98, 2_123_333)]
    async with town.database.connection() as connection:
        assert {sentence: cases async for sentence, cases in violations(connection) if cases} == {}


async def test_a_caesarean_of_twins_gives_thirty_days_more(town: Town) -> None:
    await deliver(town, "3", "2")
    await run(town)
    assert [row[2] for row in await amounts(town)] == [128]


async def test_the_proposal_goes_with_the_bill_and_comes_again_with_the_next(town: Town) -> None:
    bill = await deliver(town)
    await run(town)
    await town.cancel("w2", bill, HOSPITAL)
    assert await run(town) == []
    assert await amounts(town) == []
    await town.settle("w2", bill["mdtrt_id"], HOSPITAL)
    assert len(await run(town)) == len(await amounts(town)) == 1


async def test_who_has_no_employer_is_left_out_with_a_reason(town: Town) -> None:
    await deliver(town, employer=False)
    (outcome,) = await run(town)
    assert outcome.left_out is not None
    assert outcome.left_out.code == "E131"
    assert await amounts(town) == []


async def test_prenatal_care_proposes_nothing(town: Town) -> None:
    await deliver(town, "7")
    assert await run(town) == []
