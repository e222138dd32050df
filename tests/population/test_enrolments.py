"""Enrolments begin, pause, go on and end; nobody has two basic insurances on one day."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import asyncpg
import pytest

from yibao.core.database import Database
from yibao.core.errors import Refused
from yibao.ledger.chart import install_chart
from yibao.population.enrolment.employers import check_character, close_employer, register_employer, staff
from yibao.population.enrolment.enrolments import (
    Change,
    Start,
    end,
    enrolments_of,
    reclassify,
    resume,
    start,
    suspend,
    suspensions_of,
    switch,
)
from yibao.population.enrolment.replay import differences
from yibao.population.entitlement.coverage_city import wrong_coverage
from yibao.population.events import timeline

AREA = "340600"
NEW_YEAR = date(2024, 1, 1)
PEOPLE = """
insert into population.person (psn_no, certno, psn_name, gend, brdy, die_date) values
  ('1', '11010519491231002X', '测试甲', '2', '1949-12-31', null),
  ('2', '340600198002290010', '测试乙', '1', '1980-02-29', '2024-05-01')
"""
FIRST_SEVENTEEN = "91340600MA2N0000X"


def codes(caught: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [refusal.code for refusal in caught.value.refusals]


def resident(psn_no: str = "1", begndate: date = NEW_YEAR) -> Start:
    return Start(psn_no, "390", "resident", "16", AREA, begndate)


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
    """Two registered persons, one of them dead; nobody is enrolled."""
    async with database.transaction() as connection:
        await install_chart(connection)
        await connection.execute(PEOPLE)
        yield connection


@pytest.fixture
async def employer(desk: Any) -> str:
    uscc = FIRST_SEVENTEEN + check_character(FIRST_SEVENTEEN)
    return await register_employer(desk, uscc, "测试公司", AREA, date(2020, 1, 1), "clerk")


async def test_an_enrolment_begins_pauses_goes_on_and_ends_and_every_step_is_on_record(desk: Any) -> None:
    number = await start(desk, resident(), "clerk", "new")
    await suspend(desk, number, date(2024, 3, 1), "clerk", "enrolled_elsewhere")
    await resume(desk, number, date(2024, 6, 1), "clerk", "returned")
    await end(desk, number, date(2024, 12, 31), "clerk", "emigrated")
    (row,) = await enrolments_of(desk, "1")
    assert (row.psn_insu_stas, row.begndate, row.enddate) == ("4", NEW_YEAR, date(2024, 12, 31))
    assert await suspensions_of(desk, "1") == [(number, date(2024, 3, 1), date(2024, 6, 1))]
    told = [(event.kind, event.effective, event.actor, event.reason) for event in await timeline(desk, "1")]
    assert told == [
        ("ended", date(2024, 12, 31), "clerk", "emigrated"),
        ("resumed", date(2024, 6, 1), "clerk", "returned"),
        ("suspended", date(2024, 3, 1), "clerk", "enrolled_elsewhere"),
        ("enrolled", NEW_YEAR, "clerk", "new"),
    ]


async def test_a_second_basic_insurance_is_refused_while_the_first_counts(desk: Any, employer: str) -> None:
    number = await start(desk, resident(), "clerk", "new")
    work = Start("1", "310", "employee", "11", AREA, date(2024, 7, 1), employer)
    with pytest.raises(Refused) as caught:
        await start(desk, work, "clerk", "hired")
    assert codes(caught) == ["P522"]
    await suspend(desk, number, date(2024, 7, 1), "clerk", "requested")
    await start(desk, work, "clerk", "hired")
    with pytest.raises(Refused) as caught:
        await resume(desk, number, date(2024, 8, 1), "clerk", "returned")
    assert codes(caught) == ["P522"]


async def test_an_earlier_beginning_than_the_end_of_the_last_enrolment_is_refused(desk: Any) -> None:
    number = await start(desk, resident(), "clerk", "new")
    await end(desk, number, date(2024, 6, 30), "clerk", "requested")
    with pytest.raises(Refused) as caught:
        await start(desk, resident(begndate=date(2024, 6, 30)), "clerk", "re_enrolled")
    assert codes(caught) == ["P522"]
    assert await start(desk, resident(begndate=date(2024, 7, 1)), "clerk", "re_enrolled") > number


async def test_changing_to_employee_insurance_is_one_action(desk: Any, employer: str) -> None:
    number = await start(desk, resident(), "clerk", "new")
    work = Start("1", "310", "employee", "11", AREA, date(2024, 7, 1), employer)
    await switch(desk, number, work, "clerk")
    rows = [(row.insutype, row.psn_insu_stas, row.last_day, row.emp_name) for row in await enrolments_of(desk, "1")]
    assert rows == [("390", "4", date(2024, 6, 30), ""), ("310", "1", date.max, "测试公司")]


async def test_a_change_whose_second_half_is_refused_leaves_the_first_undone(desk: Any) -> None:
    number = await start(desk, resident(), "clerk", "new")
    with pytest.raises(Refused) as caught:
        await switch(desk, number, Start("1", "310", "employee", "11", AREA, date(2024, 7, 1)), "clerk")
    assert codes(caught) == ["P528"]
    assert [row.psn_insu_stas for row in await enrolments_of(desk, "1")] == ["1"]


async def test_nobody_retires_within_his_enrolment_for_unpaid_months_would_be_covered(desk: Any, employer: str) -> None:
    number = await start(desk, Start("1", "310", "employee", "11", AREA, NEW_YEAR, employer), "clerk", "hired")
    assert [worker.psn_no for worker in await staff(desk, employer, NEW_YEAR)] == ["1"]
    with pytest.raises(Refused) as caught:
        await reclassify(desk, number, Change(date(2024, 8, 1), "retired", "12"), "clerk", "changed_insurance")
    assert codes(caught) == ["P529"]
    await reclassify(desk, number, Change(date(2024, 8, 1), "flexible", "11"), "clerk", "changed_insurance")
    (row,) = await enrolments_of(desk, "1")
    assert (row.category, row.psn_type, row.emp_no) == ("flexible", "11", None)


async def test_an_employer_is_closed_when_nobody_works_there_any_more(desk: Any, employer: str) -> None:
    number = await start(desk, Start("1", "310", "employee", "11", AREA, NEW_YEAR, employer), "clerk", "hired")
    with pytest.raises(Refused) as caught:
        await close_employer(desk, employer, date(2024, 12, 31), "clerk", "注销")
    assert codes(caught) == ["P145"]
    await suspend(desk, number, date(2024, 12, 1), "clerk", "left_employer")
    await close_employer(desk, employer, date(2024, 12, 31), "clerk", "注销")
    with pytest.raises(Refused) as caught:
        await resume(desk, number, date(2025, 1, 1), "clerk", "嗯")
    assert codes(caught) == ["P526"]


@pytest.mark.parametrize(
    ("new", "reason", "refused"),
    [
        (Start("9", "390", "resident", "16", AREA, NEW_YEAR), "new", ["P106"]),
        (Start("2", "390", "resident", "16", AREA, NEW_YEAR), "new", ["P525"]),
        (Start("1", "390", "employee", "16", "34", NEW_YEAR), "because", ["P115", "P527", "P526", "P528"]),
        (Start("1", "390", "resident", "11", AREA, date(1949, 1, 1)), "new", ["P527", "P524"]),
        (Start("1", "310", "employee", "11", AREA, NEW_YEAR, "E0"), "hired", ["P143"]),
        (Start("1", "380", "resident", "16", AREA, NEW_YEAR), "new", ["P527"]),
    ],
)
async def test_every_fault_of_a_new_enrolment_is_named_at_once(
    desk: Any, new: Start, reason: str, refused: list[str]
) -> None:
    with pytest.raises(Refused) as caught:
        await start(desk, new, "clerk", reason)
    assert codes(caught) == refused


async def test_an_enrolment_in_the_wrong_state_is_not_changed(desk: Any) -> None:
    number = await start(desk, resident(), "clerk", "new")
    for action, reason in ((resume, "returned"),):
        with pytest.raises(Refused) as caught:
            await action(desk, number, date(2024, 2, 1), "clerk", reason)
        assert codes(caught) == ["P523"]
    with pytest.raises(Refused) as caught:
        await end(desk, number, date(2023, 12, 31), "clerk", "requested")
    assert codes(caught) == ["P524"]
    with pytest.raises(Refused) as caught:
        await end(desk, 1, NEW_YEAR, "clerk", "requested")
    assert codes(caught) == ["P521"]


async def test_the_index_holds_whoever_writes_past_the_actions(desk: Any) -> None:
    await start(desk, resident(), "clerk", "new")
    with pytest.raises(asyncpg.UniqueViolationError):
        await desk.execute(
            "insert into population.enrolment (psn_no, insutype, psn_type, insu_admdvs, begndate)"
            " values ('1', '310', '11', '340600', '2024-02-01')"
        )


async def test_of_two_desks_enrolling_one_person_at_once_one_is_refused(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(PEOPLE)

    async def enrol(actor: str) -> str:
        try:
            async with database.transaction() as connection:
                await start(connection, resident(), actor, "new")
        except Refused as error:
            return error.refusals[0].code
        return "enrolled"

    assert sorted(await asyncio.gather(*(enrol(f"desk {n}") for n in range(4)))) == ["P522"] * 3 + ["enrolled"]
    async with database.connection() as connection:
        assert await connection.fetchval("select count(*) from population.enrolment") == 1


async def test_what_an_earlier_system_decided_holds_again_after_a_suspension(desk: Any) -> None:
    number = await start(desk, resident(), "clerk", "new")
    await desk.execute(
        "insert into population.coverage (psn_no, psn_insu_rlts_id, insutype, state, begndate, enddate, reason, origin)"
        " values ('1', $1, '390', 'covered', '2024-01-01', '2024-12-31', 'taken_over', 'taken_over')", number,
    )  # fmt: skip
    await suspend(desk, number, date(2024, 5, 1), "clerk", "requested")
    rows = "select begndate, enddate from population.coverage order by begndate"
    assert [tuple(row) for row in await desk.fetch(rows)] == [(NEW_YEAR, date(2024, 4, 30))]
    await resume(desk, number, date(2024, 5, 10), "clerk", "corrected")
    again = (date(2024, 5, 10), date(2024, 12, 31))
    assert [tuple(row) for row in await desk.fetch(rows)] == [(NEW_YEAR, date(2024, 4, 30)), again]
    assert [line async for line in differences(desk)] == []
    assert [line async for line in wrong_coverage(desk)] == []


async def test_days_of_a_suspension_stay_uncovered_after_it_is_over(desk: Any) -> None:
    number = await start(desk, resident(), "clerk", "new")
    await desk.execute(
        "insert into population.contribution (psn_no, insutype, category, period_from, period_to, status, paid_on)"
        " values ('1', '390', 'resident', '2024-01-01', '2024-12-31', 'paid', '2023-11-01')"
    )
    await suspend(desk, number, date(2024, 3, 1), "clerk", "enrolled_elsewhere")
    await resume(desk, number, date(2024, 6, 1), "clerk", "returned")
    rows = await desk.fetch("select begndate, enddate from population.coverage order by begndate")
    assert [tuple(row) for row in rows] == [(NEW_YEAR, date(2024, 2, 29)), (date(2024, 6, 1), date(2024, 12, 31))]
