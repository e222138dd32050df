"""Merging duplicates: everything moves to the number that stays, or nothing does."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Any

import asyncpg
import pytest

from tests.population.desk import AREA, VILLAGE, codes, furnish
from yibao.core import dates
from yibao.core.database import Database
from yibao.core.errors import Refused
from yibao.population.accounts import account_of, credit, freeze, history
from yibao.population.enrolment.enrolments import Start, enrolments_of, start
from yibao.population.enrolment.households import found
from yibao.population.enrolment.merging import merge
from yibao.population.enrolment.persons import NewPerson, locked, register
from yibao.population.entitlement.decision import entitlement
from yibao.population.events import timeline
from yibao.population.identity import identity_number
from yibao.population.queries import Credential, care_facts, find_person

BORN = date(1980, 2, 29)
DAY = date(2024, 5, 1)
BILL = """
insert into settlement.settlement (setl_id, mdtrt_id, medins_setl_id, psn_no, insutype, psn_type, insu_admdvs,
  fixmedins_code, hosp_lv, med_type, setl_time, begndate, enddate, year, clr_type, clr_way, clr_optins, medfee_sumamt,
  fulamt_ownpay_amt, overlmt_selfpay, preselfpay_amt, inscp_amt, fund_pay_sumamt, psn_pay, cash_payamt, pack_version)
values ($1, $2, $1, $3, '390', '15', '340600', 'H34060000001', 3, '11', '2024-05-01 10:00', '2024-05-01', '2024-05-01',
  2024, '11', '1', '', 100, 0, 0, 0, 100, 0, 100, 100, 'p')
"""
VISIT = """
insert into settlement.visit (mdtrt_id, psn_no, insutype, psn_type, insu_admdvs, mdtrtarea_admvs, fixmedins_code,
  hosp_lv, med_type, begntime) values ($1, $2, '390', '15', '340600', '340600', 'H34060000001', 3, '11', '2024-05-01')
"""


@pytest.fixture
async def desk(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
    monkeypatch.setattr(dates, "now", lambda: datetime(2024, 6, 1, 9, 0, 0))
    async with database.transaction() as connection:
        await furnish(connection)
        await connection.execute(
            "insert into directory.institution (fixmedins_code, fixmedins_name, fixmedins_type, hosp_lv, level, admdvs,"
            " contract_from) values ('H34060000001', '测试医院', '1', '2', 3, '340600', '2020-01-01')"
        )
        yield connection


@pytest.fixture
async def twice(desk: Any) -> tuple[str, str]:
    """One woman with a passport's record (to go) and an identity card's record (to stay)."""
    card = NewPerson(identity_number(AREA, BORN, 0), "测试甲", AREA, live_area=VILLAGE)
    passport = NewPerson("E1234567", "测试甲", AREA, "2", BORN, "16", live_area=VILLAGE, despite_namesake=True)
    survivor = await register(desk, card, "clerk", "new")
    return await register(desk, passport, "clerk", "new"), survivor


async def enrol(desk: Any, psn_no: str, begndate: date) -> int:
    return await start(desk, Start(psn_no, "390", "resident", "15", AREA, begndate), "clerk", "new")


async def bill(desk: Any, psn_no: str, number: str) -> None:
    await desk.execute(VISIT, f"V{number}", psn_no)
    await desk.execute(BILL, number, f"V{number}", psn_no)
    await desk.execute(
        "insert into settlement.accumulator values ($1, 2024, '{\"inpatient.paid\": 30}') on conflict do nothing",
        psn_no,
    )


async def refused(desk: Any, duplicate: str, survivor: str) -> list[str]:
    with pytest.raises(Refused) as caught:
        await merge(desk, duplicate, survivor, "clerk", "重复登记")
    return codes(caught)


async def test_balance_enrolment_tags_bills_and_household_move_to_the_number_that_stays(
    desk: Any, twice: tuple[str, str]
) -> None:
    duplicate, survivor = twice
    await enrol(desk, duplicate, date(2023, 1, 1))
    await credit(desk, duplicate, 5000, "V1", DAY)
    await credit(desk, survivor, 100, "V2", DAY)
    await found(desk, duplicate, VILLAGE, "clerk")
    for number in twice:
        await desk.execute("insert into population.identity_tag values ($1, '2303', '低保', '2024-01-01')", number)
    await desk.execute("insert into population.identity_tag values ($1, '2304', '特困', '2022-01-01')", duplicate)
    await bill(desk, duplicate, "1")
    await bill(desk, survivor, "2")
    merged = await merge(desk, duplicate, survivor, "clerk", "重复登记")
    assert (merged.balance, merged.dropped) == (5000, {"tags": ["低保 2024-01-01–"]})
    (row,) = await enrolments_of(desk, survivor)
    assert (row.psn_insu_stas, row.begndate) == ("1", date(2023, 1, 1))
    left, kept = await account_of(desk, duplicate), await account_of(desk, survivor)
    assert (left.balance, left.frozen, kept.balance) == (0, True, 5100)
    assert [(m.amount, m.kind) for m in await history(desk, survivor)] == [(5000, "merging"), (100, "credit")]
    tags = await desk.fetch("select psn_no, tag from population.identity_tag order by tag")
    assert [tuple(line) for line in tags] == [(survivor, "低保"), (survivor, "特困")]
    assert await desk.fetchval("select count(*) from settlement.settlement where psn_no = $1", survivor) == 2
    totals = await desk.fetch("select psn_no, totals from settlement.accumulator")
    assert [tuple(line) for line in totals] == [(survivor, {"inpatient.paid": 60})]
    assert (await locked(desk, survivor))["household_no"] == "H10000001"
    assert (await timeline(desk, survivor))[0].kind == "absorbed"
    assert (await timeline(desk, duplicate))[0].kind == "merged"


async def test_the_journal_owes_the_same_money_under_the_other_number(desk: Any, twice: tuple[str, str]) -> None:
    duplicate, survivor = twice
    await credit(desk, duplicate, 5000, "V1", DAY)
    await merge(desk, duplicate, survivor, "clerk", "重复登记")
    owed = await desk.fetch(
        "select party, sum(amount)::bigint from ledger.posting where account = 'personal_account.balances'"
        " group by party having sum(amount) <> 0"
    )
    assert [tuple(row) for row in owed] == [(survivor, -5000)]


async def test_the_old_certificate_finds_the_new_number_and_the_old_number_is_refused_naming_it(
    desk: Any, twice: tuple[str, str]
) -> None:
    duplicate, survivor = twice
    await merge(desk, duplicate, survivor, "clerk", "重复登记")
    credential = Credential("99", "E1234567", "16", "E1234567", "测试甲")
    assert (await find_person(desk, credential, DAY)).psn_no == survivor
    verdict = entitlement(await care_facts(desk, duplicate, DAY), None, DAY, "390", "11")
    assert isinstance(verdict, tuple)
    assert survivor in next(str(refusal) for refusal in verdict if refusal.code == "P118")
    with pytest.raises(Refused) as caught:
        await enrol(desk, duplicate, DAY)
    assert codes(caught) == ["P118"]


async def test_enrolments_on_the_same_days_are_parted_and_the_right_ones_stay(
    desk: Any, twice: tuple[str, str]
) -> None:
    duplicate, survivor = twice
    await enrol(desk, duplicate, date(2022, 1, 1))
    number = await enrol(desk, survivor, date(2024, 1, 1))
    await merge(desk, duplicate, survivor, "clerk", "重复登记")
    rows = [(row.psn_insu_stas, row.begndate, row.enddate) for row in await enrolments_of(desk, survivor)]
    assert rows == [("4", date(2022, 1, 1), date(2023, 12, 31)), ("1", date(2024, 1, 1), None)]
    assert (await enrolments_of(desk, survivor))[1].psn_insu_rlts_id == number


async def test_a_duplicate_enrolment_that_began_later_never_counted(desk: Any, twice: tuple[str, str]) -> None:
    duplicate, survivor = twice
    await enrol(desk, duplicate, date(2024, 2, 1))
    await enrol(desk, survivor, date(2024, 1, 1))
    await merge(desk, duplicate, survivor, "clerk", "重复登记")
    assert [row.psn_insu_stas for row in await enrolments_of(desk, survivor)] == ["1", "3"]


async def test_bills_under_both_numbers_on_the_same_days_stop_the_merge(desk: Any, twice: tuple[str, str]) -> None:
    duplicate, survivor = twice
    for number in twice:
        await enrol(desk, number, date(2024, 1, 1))
    await bill(desk, duplicate, "1")
    await bill(desk, survivor, "2")
    assert await refused(desk, duplicate, survivor) == ["P122"]
    assert [row.psn_insu_stas for row in await enrolments_of(desk, duplicate)] == ["1"]


async def test_a_period_paid_under_both_numbers_must_be_refunded_first(desk: Any, twice: tuple[str, str]) -> None:
    duplicate, survivor = twice
    for number, status in zip(twice, ("paid", "paid"), strict=True):
        await desk.execute(
            "insert into population.contribution (psn_no, insutype, category, period_from, period_to, status, paid_on)"
            " values ($1, '390', 'resident', '2024-01-01', '2024-12-31', $2, '2023-11-01')",
            number, status,
        )  # fmt: skip
    assert await refused(desk, duplicate, survivor) == ["P126"]
    await desk.execute("update population.contribution set status = 'due', paid_on = null where psn_no = $1", survivor)
    await merge(desk, duplicate, survivor, "clerk", "重复登记")
    states = await desk.fetch("select psn_no, status from population.contribution order by contribution_id")
    assert [tuple(row) for row in states] == [(survivor, "paid"), (survivor, "cancelled")]


async def test_a_frozen_account_must_be_released_first(desk: Any, twice: tuple[str, str]) -> None:
    duplicate, survivor = twice
    await credit(desk, duplicate, 5000, "V1", DAY)
    await freeze(desk, duplicate, "clerk", "挂失")
    assert await refused(desk, duplicate, survivor) == ["P125"]


async def test_what_cannot_be_one_person_is_not_merged(desk: Any, twice: tuple[str, str]) -> None:
    duplicate, survivor = twice
    man = await register(desk, NewPerson(identity_number(AREA, BORN, 1), "测试甲", AREA), "clerk", "new")
    assert await refused(desk, man, survivor) == ["P124"]
    assert await refused(desk, survivor, survivor) == ["P121"]
    assert await refused(desk, "9", survivor) == ["P106"]
    await merge(desk, duplicate, survivor, "clerk", "重复登记")
    assert await refused(desk, duplicate, survivor) == ["P118"]


async def test_who_was_merged_into_a_duplicate_follows_it(desk: Any, twice: tuple[str, str]) -> None:
    duplicate, survivor = twice
    third = NewPerson("E7654321", "测试甲", AREA, "2", BORN, "16", despite_namesake=True)
    first = await register(desk, third, "clerk", "new")
    await merge(desk, first, duplicate, "clerk", "重复登记")
    await merge(desk, duplicate, survivor, "clerk", "重复登记")
    assert (await find_person(desk, Credential("99", "E7654321", "16"), DAY)).psn_no == survivor
