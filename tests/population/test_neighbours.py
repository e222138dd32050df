"""Another city is asked, answers after some working days, and what it answers counts, or is named."""

from datetime import date, datetime
from typing import Any

import msgspec
import pytest

from tests.population.test_transfers import DAY, balance, certificate, codes, leave
from yibao.core.errors import Refused
from yibao.ledger.verify import unbalanced_entries
from yibao.population.enrolment.national import Report, report
from yibao.population.entitlement.certificates import Period, certificate_file, certificate_sheet, read_certificate
from yibao.population.entitlement.neighbours import messages
from yibao.population.entitlement.transfer_exchange import collect
from yibao.population.entitlement.transfers import ask_in, merge, overdue, receive, send, transfers_of

FOUR_WORKING_DAYS, FIVE_WORKING_DAYS = date(2024, 6, 7), date(2024, 6, 11)  # Dragon Boat Festival on 10 June
SUZHOU = Report("01", "340600198002290010", "320500", "310", date(2022, 1, 1), "2", datetime(2024, 5, 20, 9))


async def states(people: Any) -> list[str]:
    return [transfer.state for transfer in await transfers_of(people, "2")]


async def test_an_inquiry_is_answered_by_a_certificate_after_five_working_days_and_merged_at_once(people: Any) -> None:
    await report(people, SUZHOU)
    number = await ask_in(people, "2", "310", "320500", DAY, "clerk")
    assert await collect(people, FOUR_WORKING_DAYS, "clerk") == []
    (taken,) = await collect(people, FIVE_WORKING_DAYS, "clerk")
    assert (taken.transfer_no, taken.kind, taken.why, await states(people)) == (number, "certificate", "", ["merged"])
    days = "select begndate, enddate, months from population.insured_elsewhere"
    assert tuple(await people.fetchrow(days)) == (date(2022, 1, 1), date(2024, 5, 20), 29)
    assert await collect(people, date(2024, 12, 31), "clerk") == []
    said = [(one["way"], one["kind"]) for one in reversed(await messages(people, number))]
    assert said == [("out", "ask"), ("in", "certificate"), ("out", "merged")]


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"psn_insu_stas": "1", "suspension_requested_at": None}, "仍在保"), ({"insutype": "390"}, "没有该人员")],
    ids=["still enrolled there", "unknown there"],
)
async def test_an_inquiry_that_the_other_city_refuses_is_refused_with_its_words(
    people: Any, changes: dict[str, Any], why: str
) -> None:
    await report(people, Report(**{**msgspec.to_builtins(SUZHOU), "begndate": SUZHOU.begndate,
                                   "suspension_requested_at": SUZHOU.suspension_requested_at, **changes}))  # fmt: skip
    await ask_in(people, "2", "310", "320500", DAY, "clerk")
    await collect(people, FIVE_WORKING_DAYS, "clerk")
    (transfer,) = await transfers_of(people, "2")
    assert (transfer.state, why in transfer.reason) == ("refused", True)
    assert await ask_in(people, "2", "310", "320500", FIVE_WORKING_DAYS, "clerk")


async def test_who_leaves_is_merged_there_and_the_money_stays_away(people: Any) -> None:
    number = await leave(people)
    await send(people, number, DAY, "clerk")
    assert [taken.kind for taken in await collect(people, FIVE_WORKING_DAYS, "clerk")] == ["merged"]
    assert (await states(people), await balance(people)) == (["merged"], 0)
    assert [case async for case in unbalanced_entries(people)] == []


async def test_an_answer_that_came_too_late_for_a_certificate_carried_by_hand_holds_up_nothing(people: Any) -> None:
    await report(people, SUZHOU)
    number = await ask_in(people, "2", "310", "320500", DAY, "clerk")
    await receive(people, number, certificate_file(certificate("S1")), DAY, "clerk")
    await merge(people, number, DAY, "clerk")
    (taken,) = await collect(people, FIVE_WORKING_DAYS, "clerk")
    assert "E103" in taken.why
    assert (await states(people), await balance(people)) == (["merged"], 15000)
    assert [one["answer"] for one in await messages(people, number) if one["way"] == "in"] == [taken.why]


async def test_what_no_city_answers_is_overdue_after_fifteen_working_days(people: Any) -> None:
    await leave(people)
    assert await collect(people, date(2024, 6, 26), "clerk") == []  # nothing was sent to be answered
    assert len(await overdue(people, date(2024, 6, 26))) == 1


def test_a_certificate_as_a_table_says_the_same_as_the_file() -> None:
    known = certificate("S1")
    assert read_certificate(certificate_sheet(known)) == read_certificate(certificate_file(known)) == known


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"balance": 9000}, "E104"),
        ({"periods": (Period(date(2020, 1, 1), date(2024, 2, 29), 50),)}, "E104"),
        ({"psn_name": "别人"}, "E104"),
    ],
)
def test_a_table_that_was_changed_by_hand_is_refused(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], code: str
) -> None:
    known = certificate("S1")
    forged = msgspec.structs.replace(known, **changes)
    digest = msgspec.json.decode(certificate_file(known))["digest"]
    monkeypatch.setattr("yibao.population.entitlement.certificates.sm3_hex", lambda raw: digest)
    file = certificate_sheet(forged)
    monkeypatch.undo()
    with pytest.raises(Refused) as caught:
        read_certificate(file)
    assert codes(caught) == [code]
