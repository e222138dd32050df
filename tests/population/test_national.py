"""The national check: enrolled elsewhere, suspended there, and the hours until it is seen here."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from tests.population.desk import AREA, codes, furnish, registered
from yibao.core import dates
from yibao.core.database import Database
from yibao.core.errors import Refused
from yibao.population.enrolment.enrolments import Start, start
from yibao.population.enrolment.national import Report, objection, report, request_suspension

NOON = datetime(2024, 2, 1, 12, 0, 0)
SIX_HOURS = timedelta(hours=6)


@pytest.fixture
async def desk(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
    monkeypatch.setattr(dates, "now", lambda: NOON)
    async with database.transaction() as connection:
        await furnish(connection)
        yield connection


async def elsewhere(desk: Any, psn_no: str, area: str = "320100", **other: Any) -> Report:
    certno = await desk.fetchval("select certno from population.person where psn_no = $1", psn_no)
    given = Report("01", certno, area, "390", date(2023, 1, 1), **other)
    await report(desk, given)
    return given


async def enrol(desk: Any, psn_no: str) -> int:
    return await start(desk, Start(psn_no, "390", "resident", "15", AREA, date(2024, 2, 1)), "clerk", "new")


async def refusals(desk: Any, psn_no: str) -> list[str]:
    with pytest.raises(Refused) as caught:
        await enrol(desk, psn_no)
    return codes(caught)


async def test_who_is_enrolled_elsewhere_must_be_suspended_there_and_may_try_again_after_six_hours(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    psn_no = await registered(desk)
    given = await elsewhere(desk, psn_no)
    assert await refusals(desk, psn_no) == ["P171"]
    await request_suspension(desk, "01", given.certno, "320100")
    monkeypatch.setattr(dates, "now", lambda: NOON + SIX_HOURS - timedelta(seconds=1))
    with pytest.raises(Refused, match="2024-02-01 18:00:00后再办理") as caught:
        await enrol(desk, psn_no)
    assert codes(caught) == ["P172"]
    monkeypatch.setattr(dates, "now", lambda: NOON + SIX_HOURS)
    assert await enrol(desk, psn_no)


async def test_data_that_are_late_after_six_hours_send_the_person_back_to_the_other_area(desk: Any) -> None:
    psn_no = await registered(desk)
    await elsewhere(desk, psn_no, suspension_requested_at=NOON - SIX_HOURS, upload_failed=True)
    assert await refusals(desk, psn_no) == ["P173"]


async def test_the_own_city_and_ended_relations_elsewhere_are_no_objection(desk: Any) -> None:
    psn_no = await registered(desk)
    await elsewhere(desk, psn_no, AREA[:4] + "21")
    await elsewhere(desk, psn_no, psn_insu_stas="4")
    assert await enrol(desk, psn_no)


async def test_a_suspension_is_asked_for_once_and_only_where_somebody_is_enrolled(desk: Any) -> None:
    psn_no = await registered(desk)
    given = await elsewhere(desk, psn_no)
    await request_suspension(desk, "01", given.certno, "320100")
    for area in ("320100", "320200"):
        with pytest.raises(Refused) as caught:
            await request_suspension(desk, "01", given.certno, area)
        assert codes(caught) == ["P174"]


def test_an_area_with_another_wait_names_another_hour() -> None:
    given = Report("01", "X", "320100", "390", date(2023, 1, 1), suspension_requested_at=NOON)
    refusal = objection(given, NOON, timedelta(hours=24))
    assert refusal is not None
    assert "2024-02-02 12:00:00" in refusal.advice
