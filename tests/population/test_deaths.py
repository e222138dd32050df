"""A death stops everything at once, and names what cannot be stopped any more."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Any

import asyncpg
import pytest

from tests.population.desk import AREA, VILLAGE, codes, furnish, registered
from yibao.core import dates
from yibao.core.database import Database
from yibao.core.errors import Refused
from yibao.population.accounts import credit
from yibao.population.deaths import record_death
from yibao.population.enrolments import Start, end, enrolments_of, start
from yibao.population.events import timeline
from yibao.population.family import Consent, Link, bind
from yibao.population.households import found

DIED = date(2024, 5, 20)
LIVED = """
insert into population.identity_tag (psn_no, psn_idet_type, tag, begntime, endtime)
  values ($1, '2303', '低保', '2024-01-01', null), ($1, '2304', '特困', '2023-01-01', '2023-12-31');
"""


@pytest.fixture
async def desk(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
    monkeypatch.setattr(dates, "now", lambda: datetime(2024, 6, 1, 9, 0, 0))
    async with database.transaction() as connection:
        await furnish(connection)
        yield connection


@pytest.fixture
async def resident(desk: Any) -> str:
    psn_no = await registered(desk)
    await start(desk, Start(psn_no, "390", "resident", "15", AREA, date(2024, 1, 1)), "clerk", "new")
    return psn_no


async def contribute(desk: Any, psn_no: str, insutype: str, year: int, month: int, status: str) -> None:
    await desk.execute(
        "insert into population.contribution (psn_no, insutype, category, period_from, period_to, personal, status,"
        " paid_on) values ($1, $2, 'resident', $3, $3, 38000, $4, '2023-11-01')",
        psn_no, insutype, date(year, month, 1), status,
    )  # fmt: skip


async def test_a_death_ends_enrolment_tags_links_cards_account_and_dues(desk: Any, resident: str) -> None:
    child = await registered(desk, 1, born=date(2010, 1, 1))
    await start(desk, Start(child, "390", "resident", "1403", AREA, date(2024, 1, 1)), "clerk", "new")
    await credit(desk, resident, 5000, "V1", date(2024, 1, 1))
    await bind(desk, Link(child, resident, 1, "52", date(2024, 1, 1)), Consent(resident, dates.now(), "counter"))
    await desk.execute(LIVED.replace("$1", f"'{resident}'"))
    await desk.execute("insert into population.credential values ('03', 'K1', $1, null)", resident)
    household = await found(desk, resident, VILLAGE, "clerk")
    await contribute(desk, resident, "390", 2024, 1, "due")
    death = await record_death(desk, resident, DIED, "clerk", "公安")
    assert death.stopped == {
        "enrolments": [str((await enrolments_of(desk, resident))[0].psn_insu_rlts_id)],
        "links": [f"{resident}→{child}"],
        "tags": ["低保"],
        "credentials": ["03"],
        "contributions": ["390 2024-01-01"],
        "account": ["5000"],
        "household": [household],
    }
    (row,) = await enrolments_of(desk, resident)
    assert (row.psn_insu_stas, row.enddate, row.reason) == ("4", DIED, "died")
    ended = await desk.fetch("select endtime from population.identity_tag order by tag")
    assert [line[0] for line in ended] == [DIED, date(2023, 12, 31)]
    assert [event.kind for event in await timeline(desk, resident)][:2] == ["died", "ended"]


async def test_what_was_paid_for_later_is_named_for_refund(desk: Any, resident: str) -> None:
    await contribute(desk, resident, "390", 2024, 1, "paid")
    await contribute(desk, resident, "390", 2025, 1, "paid")
    death = await record_death(desk, resident, DIED, "clerk", "公安")
    assert [(f.code, f.day, f.amount) for f in death.findings] == [("P164", date(2025, 1, 1), 38000)]


async def test_months_owed_before_the_death_stay_due(desk: Any, resident: str) -> None:
    await contribute(desk, resident, "310", 2024, 4, "due")
    await contribute(desk, resident, "310", 2024, 6, "due")
    await record_death(desk, resident, DIED, "clerk", "公安")
    states = await desk.fetch("select period_from, status from population.contribution order by period_from")
    assert [tuple(row) for row in states] == [(date(2024, 4, 1), "due"), (date(2024, 6, 1), "cancelled")]


async def test_an_enrolment_that_was_to_end_later_ends_with_the_death(desk: Any, resident: str) -> None:
    (row,) = await enrolments_of(desk, resident)
    await end(desk, row.psn_insu_rlts_id, date(2024, 12, 31), "clerk", "requested")
    await record_death(desk, resident, DIED, "clerk", "公安")
    assert [(one.psn_insu_stas, one.enddate) for one in await enrolments_of(desk, resident)] == [("4", DIED)]


async def test_an_enrolment_that_was_to_begin_later_never_counts(desk: Any) -> None:
    psn_no = await registered(desk)
    await start(desk, Start(psn_no, "390", "resident", "15", AREA, date(2025, 1, 1)), "clerk", "new")
    await record_death(desk, psn_no, DIED, "clerk", "公安")
    assert [row.psn_insu_stas for row in await enrolments_of(desk, psn_no)] == ["3"]


@pytest.mark.parametrize("day", [date(1980, 2, 28), date(2024, 6, 2)])
async def test_a_death_before_birth_or_in_the_future_is_refused(desk: Any, resident: str, day: date) -> None:
    with pytest.raises(Refused) as caught:
        await record_death(desk, resident, day, "clerk", "公安")
    assert codes(caught) == ["P162"]


async def test_a_death_is_recorded_once(desk: Any, resident: str) -> None:
    await record_death(desk, resident, DIED, "clerk", "公安")
    with pytest.raises(Refused) as caught:
        await record_death(desk, resident, DIED, "clerk", "公安")
    assert codes(caught) == ["P161"]
