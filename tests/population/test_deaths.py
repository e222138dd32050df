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
from yibao.population.contributions.payments import NewOrder, Payment, confirm, create_order
from yibao.population.enrolment.deaths import record_death, undo_death
from yibao.population.enrolment.enrolments import Start, end, enrolments_of, start
from yibao.population.enrolment.households import found
from yibao.population.enrolment.replay import differences
from yibao.population.entitlement.coverage import refresh, take_over
from yibao.population.entitlement.coverage_city import wrong_coverage
from yibao.population.entitlement.family import Consent, Link, bind
from yibao.population.entitlement.transfers import ask_in
from yibao.population.events import timeline

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
        "enrolment": [str((await enrolments_of(desk, resident))[0].psn_insu_rlts_id)],
        "family_link": [f"{resident}→{child}"],
        "identity_tag": ["低保"],
        "credential": ["03"],
        "contribution": ["390 2024-01-01"],
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


async def test_what_was_paid_for_days_from_the_death_on_is_not_for_later(desk: Any, resident: str) -> None:
    await contribute(desk, resident, "390", 2024, 1, "paid")
    assert (await record_death(desk, resident, date(2024, 1, 1), "clerk", "公安")).findings == ()


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


EVERYTHING = """
select jsonb_build_object(
  'person', (select to_jsonb(p) from population.person p where psn_no = $1),
  'enrolments', (select jsonb_agg(e order by psn_insu_rlts_id) from population.enrolment e where psn_no = $1),
  'links', (select jsonb_agg(l order by begndate) from population.family_link l where payer = $1),
  'tags', (select jsonb_agg(t order by tag, begntime) from population.identity_tag t where psn_no = $1),
  'cards', (select jsonb_agg(c) from population.credential c where psn_no = $1),
  'filings', (select jsonb_agg(f) from population.filing f where psn_no = $1),
  'dues', (select jsonb_agg(c order by period_from) from population.contribution c where psn_no = $1),
  'account', (select to_jsonb(a) from population.account a where psn_no = $1),
  'head', (select jsonb_agg(h) from population.household h where head = $1),
  'transfers', (select jsonb_agg(t) from population.transfer t where psn_no = $1),
  'coverage', (select jsonb_agg(v order by psn_insu_rlts_id, begndate) from population.coverage v where psn_no = $1))
"""


async def lived(desk: Any, resident: str) -> None:
    """Everything that a death can stop: cards, tags, a link, a filing, dues, an account, a household, a transfer."""
    child = await registered(desk, 1, born=date(2010, 1, 1))
    await start(desk, Start(child, "390", "resident", "1403", AREA, date(2024, 1, 1)), "clerk", "new")
    await credit(desk, resident, 5000, "V1", date(2024, 1, 1))
    for begin, end_ in ((date(2024, 1, 1), date(2024, 5, 24)), (date(2024, 5, 25), None)):
        link = Link(child, resident, 1, "52", begin, end_)
        await bind(desk, link, Consent(resident, dates.now(), "counter"))
    await desk.execute(LIVED.replace("$1", f"'{resident}'"))
    await desk.execute(
        "insert into population.identity_tag (psn_no, psn_idet_type, tag, begntime) values ($1, '2303', '重残',"
        " '2024-05-25')", resident,
    )  # fmt: skip
    await desk.execute("insert into population.credential values ('03', 'K1', $1, null)", resident)
    await desk.execute(
        "insert into population.filing (trt_dcla_detl_sn, psn_no, kind, begndate) values ('F1', $1, 'transfer',"
        " '2024-05-01')", resident,
    )  # fmt: skip
    await found(desk, resident, VILLAGE, "clerk")
    await contribute(desk, resident, "390", 2024, 1, "paid")
    await contribute(desk, resident, "390", 2025, 1, "due")
    await ask_in(desk, resident, "390", "320500", date(2024, 5, 2), "clerk")
    await take_over(desk)
    await refresh(desk, [resident])


async def test_a_death_recorded_wrongly_is_taken_back_and_everything_is_as_before(desk: Any, resident: str) -> None:
    await lived(desk, resident)
    before = await desk.fetchval(EVERYTHING, resident)
    death = await record_death(desk, resident, DIED, "clerk", "公安")
    assert await desk.fetchval(EVERYTHING, resident) != before
    restored = await undo_death(desk, resident, "clerk", "同名误报")
    assert {name: len(what) for name, what in death.stopped.items()} == restored
    assert await desk.fetchval(EVERYTHING, resident) == before
    assert (await timeline(desk, resident))[0].kind == "death_undone"
    assert [line async for line in differences(desk)] == []
    assert [line async for line in wrong_coverage(desk)] == []
    with pytest.raises(Refused) as caught:
        await undo_death(desk, resident, "clerk", "")
    assert codes(caught) == ["P165"]
    await record_death(desk, resident, DIED, "clerk", "公安")


async def test_what_was_changed_after_the_death_is_not_put_back(desk: Any, resident: str) -> None:
    await lived(desk, resident)
    await record_death(desk, resident, DIED, "clerk", "公安")
    await desk.execute("update population.identity_tag set endtime = '2024-03-31' where tag = '低保'")
    await desk.execute("update population.filing set status = 'withdrawn'")
    restored = await undo_death(desk, resident, "clerk", "同名误报")
    assert (restored["identity_tag"], restored["filing"]) == (0, 0)
    assert await desk.fetchval("select endtime from population.identity_tag where tag = '低保'") == date(2024, 3, 31)


async def test_a_death_known_from_an_earlier_system_is_taken_back_by_its_date_alone(desk: Any, resident: str) -> None:
    await desk.execute("update population.person set die_date = $2 where psn_no = $1", resident, DIED)
    assert await undo_death(desk, resident, "clerk", "") == {}
    assert await desk.fetchval("select die_date from population.person where psn_no = $1", resident) is None


async def test_an_order_over_the_dead_is_given_up_and_paying_it_all_the_same_is_refused(
    desk: Any, resident: str
) -> None:
    wife = await registered(desk, 2)
    await start(desk, Start(wife, "390", "resident", "15", AREA, date(2024, 1, 1)), "clerk", "new")
    for psn_no in (resident, wife):
        await contribute(desk, psn_no, "390", 2025, 1, "due")
    dues = [row[0] for row in await desk.fetch("select contribution_id from population.contribution order by psn_no")]
    order = await create_order(desk, NewOrder("tax", AREA, tuple(dues)), "clerk")
    death = await record_death(desk, resident, DIED, "clerk", "公安")
    assert death.stopped["payment_order"] == [order.order_no]
    with pytest.raises(Refused) as caught:
        async with desk.transaction():
            await confirm(desk, Payment("tax", order.order_no, order.amount, "S1", dates.now()), "tax")
    assert codes(caught) == ["P606"]
    await create_order(desk, NewOrder("tax", AREA, (dues[1],)), "clerk")
