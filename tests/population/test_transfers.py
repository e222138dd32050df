"""A person's insurance moves between areas: days and months continue, the account's money arrives once."""

from datetime import date
from typing import Any

import msgspec
import pytest

from yibao.core.errors import Refused
from yibao.ledger.verify import unbalanced_entries
from yibao.population.enrolment.enrolments import Start, start
from yibao.population.entitlement.certificates import Certificate, Period, certificate_file
from yibao.population.entitlement.coverage import refresh
from yibao.population.entitlement.report import entitlement_report
from yibao.population.entitlement.transfers import (
    ask_in,
    ask_out,
    finish_out,
    merge,
    overdue,
    receive,
    refuse,
    send,
    transfers_of,
)
from yibao.population.working_days import after_working_days, is_working_day

DAY = date(2024, 6, 3)
PAY = """
insert into population.contribution (psn_no, insutype, category, kind, period_from, period_to, status, paid_on)
values ('2', '310', 'employee', 'normal', $1, $2, 'paid', $3)
"""


def codes(caught: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [refusal.code for refusal in caught.value.refusals]


async def balance(people: Any) -> int:
    return int(await people.fetchval("select balance from population.account where psn_no = '2'"))


async def leave(people: Any) -> str:
    """Person 2 was insured until April and moves to Suzhou."""
    await people.execute(
        "update population.enrolment set psn_insu_stas = '4', enddate = '2024-04-30' where psn_no = '2';"
        "update population.coverage set begndate = '2023-11-01' where psn_no = '2'"
    )
    await people.execute(
        "insert into population.account_movement (psn_no, amount, balance_after, kind, reference)"
        " values ('2', 10000, 10000, 'opening', 't')"
    )
    await refresh(people, ["2"])
    return await ask_out(people, "2", "310", "320500", DAY, "clerk")


def certificate(transfer_no: str, **fields: Any) -> Certificate:
    """What Suzhou says of person 2: insured until the end of February 2024."""
    known = Certificate(
        transfer_no, "01", "340600198002290010", "测试乙", "310", "320500", "340600", DAY,
        (Period(date(2020, 1, 1), date(2021, 12, 31), 24), Period(date(2023, 3, 1), date(2024, 2, 29), 12)), 36, 5000,
    )  # fmt: skip
    return msgspec.structs.replace(known, **fields)


async def test_who_leaves_takes_months_and_money_along(people: Any) -> None:
    number = await leave(people)
    file = await send(people, number, DAY, "clerk")
    sent = msgspec.json.decode(msgspec.json.encode(msgspec.json.decode(file)["certificate"]), type=Certificate)
    assert (sent.months, sent.balance) == (6, 10000)
    assert [(p.begndate, p.enddate, p.months) for p in sent.periods] == [(date(2023, 11, 1), date(2024, 4, 30), 6)]
    assert await balance(people) == 0
    assert [case async for case in unbalanced_entries(people)] == []
    await finish_out(people, number, DAY, "clerk")
    assert [transfer.state for transfer in await transfers_of(people, "2")] == ["merged"]


async def test_a_refused_transfer_brings_the_money_back(people: Any) -> None:
    number = await leave(people)
    await send(people, number, DAY, "clerk")
    await refuse(people, number, DAY, "clerk", "接收地不受理")
    assert await balance(people) == 10000
    assert [case async for case in unbalanced_entries(people)] == []
    with pytest.raises(Refused) as caught:
        await finish_out(people, number, DAY, "clerk")
    assert codes(caught) == ["E103"]


async def test_who_is_still_enrolled_cannot_leave_and_nobody_asks_twice(people: Any) -> None:
    with pytest.raises(Refused) as caught:
        await ask_out(people, "2", "310", "320500", DAY, "clerk")
    assert codes(caught) == ["E101"]
    await leave(people)
    with pytest.raises(Refused) as caught:
        await ask_out(people, "2", "310", "320500", DAY, "clerk")
    assert codes(caught) == ["E106"]


async def test_what_is_merged_continues_insurance_and_credits_the_account(people: Any) -> None:
    await people.execute("delete from population.coverage where psn_no = '2'")
    await people.execute("update population.enrolment set begndate = '2024-05-01' where psn_no = '2'")
    await people.execute(PAY, date(2024, 5, 1), date(2024, 5, 31), date(2024, 5, 10))
    await refresh(people, ["2"])
    states = "select state, begndate from population.coverage where psn_no = '2' order by begndate"
    assert [row["state"] for row in await people.fetch(states)] == ["waiting", "covered"]
    number = await ask_in(people, "2", "310", "320500", DAY, "clerk")
    await receive(people, number, certificate_file(certificate(number)), DAY, "clerk")
    await merge(people, number, DAY, "clerk")
    assert [tuple(row) for row in await people.fetch(states)] == [("covered", date(2024, 5, 1))]
    assert await balance(people) == 15000
    assert [case async for case in unbalanced_entries(people)] == []
    with pytest.raises(Refused) as caught:
        await merge(people, number, DAY, "clerk")
    assert codes(caught) == ["E103"]


async def test_a_certificate_counts_once_however_often_it_is_handed_in(people: Any) -> None:
    first = await ask_in(people, "2", "310", "320500", DAY, "clerk")
    file = certificate_file(certificate("S1"))
    await receive(people, first, file, DAY, "clerk")
    await merge(people, first, DAY, "clerk")
    second = await ask_in(people, "2", "310", "320500", DAY, "clerk")
    for again in (file, certificate_file(certificate("S1", balance=9000))):
        with pytest.raises(Refused) as caught:
            await receive(people, second, again, DAY, "clerk")
        assert codes(caught) == ["E109"]
    assert await balance(people) == 15000


async def test_who_came_back_before_the_certificate_was_issued_keeps_his_money(people: Any) -> None:
    number = await leave(people)
    await start(people, Start("2", "310", "flexible", "11", "340600", date(2024, 5, 1)), "clerk", "re_enrolled")
    with pytest.raises(Refused) as caught:
        await send(people, number, DAY, "clerk")
    assert (codes(caught), await balance(people)) == (["E101"], 10000)


async def test_who_comes_back_after_the_money_left_is_enrolled_and_pays_anew(people: Any) -> None:
    number = await leave(people)
    await send(people, number, DAY, "clerk")
    await finish_out(people, number, DAY, "clerk")
    await start(people, Start("2", "310", "flexible", "11", "340600", date(2024, 7, 1)), "clerk", "re_enrolled")
    report = await entitlement_report(people, "2", date(2024, 7, 2))
    assert (report.insured, await balance(people)) == (False, 0)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"certno": "340600198002290029"}, "E105"),
        ({"psn_name": "别人"}, "E105"),
        ({"insutype": "390"}, "E105"),
        ({"from_admdvs": "330100"}, "E105"),
        ({"to_admdvs": "330100"}, "E105"),
        ({"months": 37}, "E107"),
        ({"balance": -1}, "E107"),
        ({"periods": (Period(date(2024, 1, 1), date(2024, 2, 29), 36),)}, "E107"),
    ],
)
async def test_a_certificate_of_somebody_else_or_that_contradicts_itself_is_refused(
    people: Any, fields: dict[str, Any], code: str
) -> None:
    number = await ask_in(people, "2", "310", "320500", DAY, "clerk")
    with pytest.raises(Refused) as caught:
        await receive(people, number, certificate_file(certificate(number, **fields)), DAY, "clerk")
    assert codes(caught)[0] == code


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda file: file.replace(b'"balance":5000', b'"balance":9000'), "E104"),
        (lambda file: file[:-20], "E107"),
        (lambda file: b"", "E107"),
        (lambda file: b"[1, 2]", "E107"),
    ],
)
async def test_a_certificate_that_was_changed_on_its_way_is_refused(people: Any, damage: Any, code: str) -> None:
    number = await ask_in(people, "2", "310", "320500", DAY, "clerk")
    with pytest.raises(Refused) as caught:
        await receive(people, number, damage(certificate_file(certificate(number))), DAY, "clerk")
    assert codes(caught) == [code]


def test_fifteen_working_days_leave_out_weekends_and_holidays_and_count_worked_sundays() -> None:
    assert after_working_days(date(2024, 6, 3), 15) == date(2024, 6, 25)  # Dragon Boat Festival on 10 June
    assert after_working_days(date(2024, 9, 27), 1) == date(2024, 9, 29)  # a worked Sunday
    assert not is_working_day(date(2024, 10, 7))
    assert is_working_day(date(2031, 10, 2))  # no notice yet: weekends only


async def test_what_is_not_finished_in_time_is_listed(people: Any) -> None:
    number = await leave(people)
    (transfer,) = await transfers_of(people, "2")
    assert transfer.due_on == date(2024, 6, 25)
    assert await overdue(people, date(2024, 6, 25)) == []
    assert [one.transfer_no for one in await overdue(people, date(2024, 6, 26))] == [number]
