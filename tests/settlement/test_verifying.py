"""`yibao verify` is clean after real work and names what somebody tampered with."""

from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from tests.settlement.town import PHARMACY, Town
from yibao.ledger import seal_days
from yibao.settlement.verify import FUNCTIONS, QUERIES, violations
from yibao.settlement.writing import LINE_COLUMNS, names


async def broken(town: Town) -> dict[str, list[str]]:
    async with town.database.connection() as connection:
        return {sentence: cases async for sentence, cases in violations(connection) if cases}


async def busy_day(town: Town) -> None:
    await town.buy("w1", "900")
    await town.stay("r2", "50000")
    bill = await town.buy("w2", "20")
    await town.cancel("w2", bill, PHARMACY)


async def tamper(town: Town, sql: str) -> None:
    """Change what triggers and constraints would refuse, as somebody with the keys to the machine could."""
    async with town.database.transaction() as connection:
        await connection.execute("set local session_replication_role = replica")
        await connection.execute(sql)


async def test_everything_holds_after_a_busy_day(town: Town) -> None:
    await busy_day(town)
    async with town.database.connection() as connection:
        await seal_days(connection, town.now.date() + timedelta(days=1))
    assert await broken(town) == {}


FIRST = "(select min(entry_id) from ledger.entry where kind = 'settlement')"
TAMPERINGS = {
    "every bill is the sum of its lines":
        "delete from settlement.fee_line where bkkp_sn = (select min(bkkp_sn) from settlement.fee_line)",
    "accumulators are what was taken over and the sum of the person's bills":
        "update settlement.accumulator set totals = totals || '{\"2024:pooled:deductible\": 1}' where psn_no = 'w1'",
    "every settlement has exactly one journal entry, of what funds and accounts pay":
        f"delete from ledger.entry where entry_id = {FIRST}",
    "every settlement has exactly one stored reply": "delete from core.inbox where infno = '2102'",
    "nobody has two basic medical insurances on one day":
        "insert into population.enrolment (psn_no, insutype, category, psn_type, insu_admdvs, begndate, enddate,"
        " psn_insu_stas) select psn_no, '390', 'resident', '15', insu_admdvs, begndate, begndate, '4'"
        " from population.enrolment where psn_no = 'w1'",
    "enrolments, households and deaths are what the persons' events say":
        "insert into population.event (psn_no, kind, effective, actor) values ('w1', 'died', '2024-01-01', '')",
    "every account holds the sum of its movements":
        "update population.account set balance = balance + 1 where psn_no = 'w1'",
    "every account is what the journal owes the person":
        "update ledger.posting set party = 'w2' where account = 'personal_account.balances' and party = 'w1'",
    "what a crediting run credited was paid and is on the accounts":
        "insert into population.contribution (psn_no, insutype, category, period_from, period_to, status, paid_on,"
        " to_account, credited_run) values ('w1', '310', 'employee', '2019-01-01', '2019-01-31', 'paid',"
        " '2019-01-05', 100, 'H3406201901')",
    "every payment order is the sum of its lines":
        "insert into population.payment_order (order_no, channel, insu_admdvs, amount, actor, created_at, expires_at)"
        " values ('JF1', 'tax', '340600', 38000, '', now(), now())",
    "what an order was paid is in the journal":
        "insert into population.payment_line (order_no, contribution_id, psn_no, amount, status)"
        " values ('JF1', 1, 'r1', 38000, 'paid')",
    "what a channel owes is what it reported and has not handed over":
        "insert into population.channel_receipt (channel, serial, amount, paid_on, entered_at)"
        " values ('tax', 'S1', 38000, '2024-01-01', now())",
    "every refund of premiums is in the journal":
        "insert into population.premium_refund (refund_no, amount, ground, actor, created_at)"
        " values ('TF1', 38000, 'died', '', now())",
    "a contribution that an order paid is a paid line of it, of what is still kept":
        "insert into population.contribution (psn_no, insutype, category, period_from, period_to, personal, status,"
        " paid_on, order_no) values ('r1', '390', 'resident', '2019-01-01', '2019-12-31', 38000, 'paid', '2019-01-05',"
        " 'JF1')",
    "an order is paid exactly when its channel reported the sum":
        "insert into population.payment_order (order_no, channel, insu_admdvs, amount, status, actor, created_at,"
        " expires_at) values ('JF1', 'tax', '340600', 38000, 'paid', '', now(), now())",
    "money that fits no order is owed until it is given back":
        "insert into population.channel_receipt (channel, serial, amount, paid_on, status, entered_at)"
        " values ('tax', 'S1', 38000, '2024-01-01', 'unallocated', now())",
    "what accounts paid is what bills took from accounts":
        "delete from population.account_movement where kind = 'settlement'",
    "debits equal credits in every entry and in total":
        f"update ledger.posting set amount = amount + 1 where line_no = 1 and entry_id = {FIRST}",
    "the seal of the journal is unbroken": f"update ledger.entry set text = text || '!' where entry_id = {FIRST}",
    "coverage is what follows from enrolments, paid contributions, births and deaths":
        "insert into population.contribution (psn_no, insutype, category, period_from, period_to, status, paid_on)"
        " values ('r1', '390', 'resident', '2030-01-01', '2030-12-31', 'paid', '2029-11-01');"
        "update population.coverage set enddate = '2029-12-31' where psn_no = 'r1'",
    "a cancellation is the exact negative of what it cancels":
        "update settlement.settlement set hifp_pay = hifp_pay - 1, fund_pay_sumamt = fund_pay_sumamt - 1,"
        " psn_pay = psn_pay + 1, cash_payamt = cash_payamt + 1 where init_setl_id is not null",
    "the fund rows of every bill add up to its funds and accounts": "update settlement.settlement set funds = '[]'",
    "every journal entry of a settlement has its settlement":
        "delete from settlement.settlement where init_setl_id is not null",
    "no line is paid twice":
        f"insert into settlement.fee_line (mdtrt_id, setl_id, cancelled, {names(LINE_COLUMNS)})"
        f" select mdtrt_id, setl_id, true, {names(LINE_COLUMNS)} from settlement.fee_line",
    "a refused line pays nothing":
        "alter table settlement.fee_line drop constraint refused_line_pays_nothing;"
        "update settlement.fee_line set mark = 'refused'",
    "the portions of every line add up to the line":
        "alter table settlement.fee_line drop constraint line_is_four_portions;"
        "update settlement.fee_line set inscp_amt = inscp_amt + 1",
    "the portions of every bill add up to the bill":
        "alter table settlement.settlement drop constraint total_is_four_portions;"
        "update settlement.settlement set inscp_amt = inscp_amt + 1",
    "fund, person and hospital together pay the bill; account and cash the person's part; the funds the fund's":
        "alter table settlement.settlement drop constraint person_is_account_and_cash;"
        "update settlement.settlement set cash_payamt = cash_payamt + 1",
}  # fmt: skip


@pytest.mark.parametrize(("sentence", "sql"), TAMPERINGS.items())
async def test_a_change_behind_the_back_of_the_program_is_named(town: Town, sentence: str, sql: str) -> None:
    await busy_day(town)
    async with town.database.connection() as connection:
        await seal_days(connection, town.now.date() + timedelta(days=1))
    await tamper(town, sql)
    assert sentence in await broken(town)


ENTRY = """
with entry as (insert into ledger.entry (booked_on, kind, reference, text)
               values ('2024-01-01', '{kind}', 'JF1', '') returning entry_id)
insert into ledger.posting (entry_id, line_no, account, party, amount)
select entry_id, 1, '{account}', '{party}', {amount} from entry
"""
"""Half an entry: money that nothing else knows of."""
OTHER_WAY_ROUND = (
    ("what a crediting run credited was paid and is on the accounts",
     "insert into population.account_movement (psn_no, amount, balance_after, kind, reference)"
     " values ('w1', 100, 100, 'contribution', 'H3406201901')"),
    ("what a crediting run credited was paid and is on the accounts",
     "insert into population.contribution (psn_no, insutype, category, period_from, period_to, status, to_account,"
     " credited_run) values ('w1', '310', 'employee', '2019-01-01', '2019-01-31', 'cancelled', 100, 'H3406201901');"
     "insert into population.account_movement (psn_no, amount, balance_after, kind, reference)"
     " values ('w1', 100, 100, 'contribution', 'H3406201901')"),
    ("what an order was paid is in the journal",
     ENTRY.format(kind="premium", account="channels.receivable", party="tax", amount=38000)),
    ("what a channel owes is what it reported and has not handed over",
     ENTRY.format(kind="premium", account="channels.receivable", party="tax", amount=38000)),
    ("money that fits no order is owed until it is given back",
     ENTRY.format(kind="premium", account="unallocated.receipts", party="tax", amount=-38000)),
    ("every account is what the journal owes the person",
     ENTRY.format(kind="premium", account="personal_account.balances", party="nobody", amount=-38000)),
    ("every refund of premiums is in the journal",
     "insert into population.premium_refund (refund_no, amount, ground, actor, created_at)"
     " values ('JF1', 38000, 'died', '', now());"
     + ENTRY.format(kind="premium_refund", account="contributions.refundable", party="r1", amount=-28000)),
    ("a contribution that an order paid is a paid line of it, of what is still kept",
     "insert into population.payment_line (order_no, contribution_id, psn_no, amount, status)"
     " values ('JF1', 1, 'r1', 38000, 'paid')"),
    ("an order is paid exactly when its channel reported the sum",
     "insert into population.payment_order (order_no, channel, insu_admdvs, amount, actor, created_at, expires_at)"
     " values ('JF1', 'tax', '340600', 38000, '', now(), now());"
     "insert into population.channel_receipt (channel, serial, amount, paid_on, order_no, entered_at)"
     " values ('tax', 'S1', 38000, '2024-01-01', 'JF1', now())"),
    ("every payment order is the sum of its lines",
     "insert into population.payment_order (order_no, channel, insu_admdvs, amount, actor, created_at, expires_at)"
     " values ('JF1', 'tax', '340600', 38000, '', now(), now());"
     "insert into population.payment_line (order_no, contribution_id, psn_no, amount, status)"
     " values ('JF1', 1, 'r1', 28000, 'open')"),
    ("coverage is what follows from enrolments, paid contributions, births and deaths",
     "insert into population.coverage (psn_no, psn_insu_rlts_id, insutype, state, begndate, enddate, reason, origin)"
     " select psn_no, psn_insu_rlts_id, insutype, 'covered', '2000-01-01', '2000-12-31', 'paid', 'computed'"
     " from population.enrolment where psn_no = 'r1'"),
    ("every settlement has exactly one journal entry, of what funds and accounts pay",
     f"update ledger.posting set amount = amount + 1 where account = 'institutions.payable' and entry_id = {FIRST}"),
)  # fmt: skip
"""What the tampering of the same check above leaves out: too much on the other side, or another sum on both."""


@pytest.mark.parametrize(("sentence", "sql"), OTHER_WAY_ROUND)
async def test_a_difference_is_named_from_whichever_side_it_comes(town: Town, sentence: str, sql: str) -> None:
    await busy_day(town)
    assert sentence not in await broken(town)
    await tamper(town, sql)
    assert sentence in await broken(town)


def test_every_check_is_tampered_with() -> None:
    assert set(TAMPERINGS) == set(QUERIES) | set(FUNCTIONS)


@pytest.mark.parametrize("sql", [
    "update ledger.posting set amount = amount + 1",
    "delete from ledger.entry",
    "truncate ledger.posting",
    "truncate ledger.seal",
    "update ledger.entry set text = 'other'",
])  # fmt: skip
async def test_the_database_itself_refuses_to_change_the_journal(town: Town, sql: str) -> None:
    await town.buy("w1", "900")
    async with town.database.connection() as connection:
        with pytest.raises(asyncpg.PostgresError, match="never changed"):
            await connection.execute(sql)


async def test_the_database_itself_refuses_an_entry_that_does_not_balance(town: Town) -> None:
    async with town.database.connection() as connection:
        with pytest.raises(asyncpg.CheckViolationError, match="debits must equal credits"):
            async with connection.transaction():
                await insert_entry(connection, date(2024, 1, 1), 5, -4)


async def test_nothing_is_booked_on_a_sealed_day(town: Town) -> None:
    await town.buy("w1", "900")
    async with town.database.connection() as connection:
        await seal_days(connection, town.now.date() + timedelta(days=1))
        with pytest.raises(asyncpg.PostgresError, match="sealed"):
            await insert_entry(connection, town.now.date(), 5, -5)


async def insert_entry(connection: Any, day: date, *amounts: int) -> None:
    entry = await connection.fetchval(
        "insert into ledger.entry (booked_on, kind, reference, text) values ($1, 'test', 't', '') returning entry_id",
        day,
    )
    await connection.execute(
        "insert into ledger.posting (entry_id, line_no, account, amount)"
        " select $1, n, 'resident.benefits', a from unnest($2::bigint[]) with ordinality as t (a, n)",
        entry, list(amounts),
    )  # fmt: skip
