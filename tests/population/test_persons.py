"""Registering persons: what is checked, who is found, what is warned of."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any

import asyncpg
import pytest

from tests.population.desk import AREA, OTHER_VILLAGE, VILLAGE, codes, furnish, registered, someone
from yibao.core.database import Database
from yibao.core.errors import Refused
from yibao.population.enrolment.enrolments import Start, start
from yibao.population.enrolment.persons import NewPerson, add_certificate, correct, find_or_register, register
from yibao.population.entitlement.coverage import refresh
from yibao.population.events import timeline
from yibao.population.queries import Credential, find_person

BORN = date(1980, 2, 29)


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
    async with database.transaction() as connection:
        await furnish(connection)
        yield connection


async def test_birth_date_and_sex_come_from_the_identity_number_and_the_number_from_the_area(desk: Any) -> None:
    psn_no = await registered(desk, 1)
    row = await desk.fetchrow("select * from population.person where psn_no = $1", psn_no)
    assert (psn_no[:7], len(psn_no)) == (AREA + "5", 20)
    assert (row["brdy"], row["gend"], row["live_area"]) == (BORN, "1", VILLAGE)
    (event,) = await timeline(desk, psn_no)
    assert (event.kind, event.actor, event.details["certno"]) == ("registered", "clerk", row["certno"])


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"certno": "340600198002290019"}, ["P101"]),
        ({"brdy": date(1980, 2, 28)}, ["P112"]),
        ({"gend": "1"}, ["P113"]),
        ({"psn_name": "  "}, ["P114"]),
        ({"psn_name": "张3"}, ["P114"]),
        ({"live_area": "340602001099", "hsreg_area": "99"}, ["P115", "P115"]),
        ({"insu_admdvs": "3406"}, ["P115"]),
        ({"psn_cert_type": "77"}, ["P117", "P113", "P112"]),
        ({"psn_cert_type": "16", "certno": "E1 2345", "gend": "2", "brdy": date(2999, 1, 1)}, ["P117", "P119"]),
    ],
)
async def test_every_fault_of_a_registration_is_named(desk: Any, changes: dict[str, Any], refused: list[str]) -> None:
    with pytest.raises(Refused) as caught:
        await register(desk, replace(someone(), **changes), "clerk", "new")
    assert codes(caught) == refused


async def test_a_name_of_another_people_with_a_middle_dot_is_a_name(desk: Any) -> None:
    assert await registered(desk, name="阿卜杜拉·买买提")


async def test_the_same_certificate_is_refused_and_names_who_has_it(desk: Any) -> None:
    psn_no = await registered(desk)
    with pytest.raises(Refused) as caught:
        await register(desk, someone(), "clerk", "new")
    assert codes(caught) == ["P111"]
    assert psn_no in str(caught.value)
    assert await find_or_register(desk, someone(), "clerk", "new") == psn_no
    with pytest.raises(Refused) as caught:
        await find_or_register(desk, someone(name="测试乙"), "clerk", "new")
    assert codes(caught) == ["P105"]


async def test_a_namesake_of_the_same_birth_date_and_town_is_warned_of_once(desk: Any) -> None:
    await registered(desk)
    foreign = NewPerson("E1234567", "测试甲", AREA, "2", BORN, "16", live_area=VILLAGE)
    with pytest.raises(Refused) as caught:
        await register(desk, foreign, "clerk", "new")
    assert codes(caught) == ["P116"]
    assert await register(desk, replace(foreign, despite_namesake=True), "clerk", "new")


async def test_two_good_identity_numbers_or_two_towns_are_two_persons(desk: Any) -> None:
    await registered(desk)
    assert await registered(desk, 2)
    foreign = NewPerson("E1234567", "测试甲", AREA, "2", BORN, "16", live_area=OTHER_VILLAGE)
    assert await register(desk, foreign, "clerk", "new")


async def test_a_further_certificate_leads_to_the_person_and_belongs_to_nobody_else(desk: Any) -> None:
    psn_no, other = await registered(desk), await registered(desk, 2)
    await add_certificate(desk, psn_no, "16", "e1234567", "clerk")
    found = await find_person(desk, Credential("99", "E1234567", "16", "E1234567", "测试甲"), BORN)
    assert found.psn_no == psn_no
    with pytest.raises(Refused) as caught:
        await add_certificate(desk, other, "16", "E1234567", "clerk")
    assert codes(caught) == ["P111"]


async def test_a_correction_is_checked_and_keeps_what_was_before(desk: Any) -> None:
    psn_no = await registered(desk)
    changed = await correct(desk, psn_no, {"psn_name": "测试丙", "naty": "01"}, "clerk", "笔误")
    assert changed == {"psn_name": ["测试甲", "测试丙"]}
    assert [event.kind for event in await timeline(desk, psn_no)] == ["corrected", "registered"]
    with pytest.raises(Refused) as caught:
        await correct(desk, psn_no, {"gend": "1"}, "clerk", "笔误")
    assert codes(caught) == ["P113"]
    with pytest.raises(Refused) as caught:
        await correct(desk, psn_no, {"die_date": BORN}, "clerk", "笔误")
    assert codes(caught) == ["P110"]


async def test_another_birth_date_renews_coverage_and_a_duplicate_is_not_corrected(desk: Any) -> None:
    child = NewPerson("E7654321", "测试丁", AREA, "1", date(2024, 3, 1), "16", live_area=VILLAGE)
    psn_no = await register(desk, child, "clerk", "new")
    await start(desk, Start(psn_no, "390", "resident", "1401", AREA, date(2024, 3, 1)), "clerk", "new")
    await desk.execute(
        "insert into population.contribution (psn_no, insutype, category, kind, period_from, period_to, status,"
        " paid_on) values ($1, '390', 'resident', 'midyear', '2024-01-01', '2024-12-31', 'paid', '2024-05-01')", psn_no,
    )  # fmt: skip
    await refresh(desk, [psn_no])
    covered = "select begndate from population.coverage where psn_no = $1"
    assert await desk.fetchval(covered, psn_no) == date(2024, 3, 1)
    await correct(desk, psn_no, {"brdy": date(2024, 3, 5)}, "clerk", "登记有误")
    assert await desk.fetchval(covered, psn_no) == date(2024, 3, 5)
    await desk.execute(
        "update population.person set merged_into = $2 where psn_no = $1", psn_no, await registered(desk)
    )
    with pytest.raises(Refused) as caught:
        await correct(desk, psn_no, {"tel": "1"}, "clerk", "")
    assert codes(caught) == ["P118"]


async def test_of_two_desks_registering_one_certificate_at_once_one_is_refused(database: Database) -> None:
    async with database.transaction() as connection:
        await furnish(connection)

    async def attempt() -> str:
        try:
            async with database.transaction() as connection:
                return await registered(connection)
        except Refused as error:
            return error.refusals[0].code

    answers = await asyncio.gather(attempt(), attempt(), attempt())
    assert sorted(answers)[1:] == ["P111", "P111"]
