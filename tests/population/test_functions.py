"""The SQL functions behind one settlement: facts after the lock, account movements that can never overdraw."""

import asyncio
from datetime import date

import asyncpg
import pytest

from yibao.core.database import Database
from yibao.core.errors import Refused
from yibao.population.queries import care_facts

SEED = """
insert into population.person (psn_no, certno, psn_name, gend, brdy) values
  ('1', 'c1', '甲', '1', '1980-01-01'), ('2', 'c2', '乙', '2', '1981-01-01'), ('3', 'c3', '丙', '1', '2015-01-01');
insert into population.account (psn_no, balance) values ('1', 10000), ('2', 5000);
insert into population.family_link (beneficiary, payer, seq, relation, begndate, enddate) values
  ('3', '2', 1, '50', '2024-01-01', null), ('3', '1', 2, '50', '2024-01-01', '2024-03-31'),
  ('1', '2', 1, '10', '2024-01-01', null), ('2', '1', 1, '10', '2024-01-01', null);
insert into population.identity_tag (psn_no, psn_idet_type, tag, begntime, endtime) values
  ('3', '2303', '低保', '2024-01-01', '2024-12-31'), ('3', '2304', '特困', '2023-01-01', '2023-12-31');
insert into population.filing (trt_dcla_detl_sn, psn_no, kind, begndate, enddate, status) values
  ('f1', '3', 'transfer', '2024-01-01', null, 'active'), ('f2', '3', 'accident', '2024-01-01', null, 'withdrawn'),
  ('f3', '3', 'accident', '2023-01-01', '2023-01-31', 'active');
"""
MOVE = "select * from population.move_accounts($1, $2, 'settlement', 'S1', '3')"
DAY = date(2024, 6, 1)


@pytest.fixture
async def seeded(database: Database) -> Database:
    async with database.transaction() as connection:
        await connection.execute(SEED)
    return database


async def move(database: Database, psn_nos: list[str], amounts: list[int]) -> list[tuple[str, int]]:
    async with database.transaction() as connection:
        return [tuple(row) for row in await connection.fetch(MOVE, psn_nos, amounts)]


async def test_facts_of_a_day_hold_only_what_is_in_force_that_day(seeded: Database) -> None:
    async with seeded.connection() as connection:
        facts = await care_facts(connection, "3", DAY)
        in_march = await care_facts(connection, "3", date(2024, 3, 1))
    assert facts.tag_words() == {"低保"}
    assert [filing.trt_dcla_detl_sn for filing in facts.filings] == ["f1"]
    assert [payer.payer for payer in facts.family] == ["2"]
    assert [payer.payer for payer in in_march.family] == ["2", "1"]
    assert facts.account is None


async def test_an_unknown_person_number_is_refused(seeded: Database) -> None:
    async with seeded.connection() as connection:
        with pytest.raises(Refused, match="P106"):
            await care_facts(connection, "9", DAY)


async def test_movements_change_balances_and_name_the_person_treated(seeded: Database) -> None:
    assert await move(seeded, ["2", "1"], [-2000, -300]) == [("1", 9700), ("2", 3000)]
    async with seeded.connection() as connection:
        rows = await connection.fetch(
            "select psn_no, amount, balance_after, beneficiary from population.account_movement order by psn_no"
        )
    assert [tuple(row) for row in rows] == [("1", -300, 9700, "3"), ("2", -2000, 3000, "3")]


async def test_spending_more_than_the_balance_is_refused_and_leaves_nothing(seeded: Database) -> None:
    with pytest.raises(asyncpg.PostgresError) as caught:
        await move(seeded, ["1", "2"], [-100, -5001])
    assert caught.value.sqlstate == "YB302"
    async with seeded.connection() as connection:
        assert await connection.fetchval("select sum(balance) from population.account") == 15000
        assert await connection.fetchval("select count(*) from population.account_movement") == 0


async def test_a_frozen_account_refuses_spending_and_takes_refunds(seeded: Database) -> None:
    async with seeded.transaction() as connection:
        await connection.execute("update population.account set frozen = true where psn_no = '1'")
    with pytest.raises(asyncpg.PostgresError) as caught:
        await move(seeded, ["1"], [-1])
    assert caught.value.sqlstate == "YB301"
    assert await move(seeded, ["1"], [1]) == [("1", 10001)]


async def test_a_person_without_an_account_cannot_spend(seeded: Database) -> None:
    with pytest.raises(asyncpg.PostgresError) as caught:
        await move(seeded, ["3"], [-1])
    assert caught.value.sqlstate == "YB303"


async def test_three_persons_sharing_accounts_at_once_lose_no_fen_and_never_deadlock(seeded: Database) -> None:
    """Each settlement locks, reads the facts in the same statement, and spends what it read."""

    async def settle(psn_no: str, payer: str) -> None:
        async with seeded.transaction() as connection:
            facts = await connection.fetchval(
                "select population.care_facts($1, $2) from population.lock_persons($1)", psn_no, DAY
            )
            balances = {row["payer"]: row["balance"] for row in facts["family"]}
            balances[psn_no] = (facts["account"] or {}).get("balance", 0)
            await connection.execute(MOVE, [payer], [-min(100, balances[payer])])

    jobs = [settle(*pair) for _ in range(20) for pair in (("3", "2"), ("1", "2"), ("2", "1"), ("1", "1"), ("2", "2"))]
    async with asyncio.timeout(20):
        await asyncio.gather(*jobs)
    async with seeded.connection() as connection:
        balances = dict(await connection.fetch("select psn_no, balance from population.account"))
        spent = dict(
            await connection.fetch("select psn_no, sum(amount)::bigint from population.account_movement group by 1")
        )
    assert balances == {"1": 6000, "2": 0}
    assert spent == {"1": -4000, "2": -5000}
