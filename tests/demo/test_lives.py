"""What the demo's persons have lived through: every step was a real action, so the pages have something to tell."""

from datetime import date, datetime, time, timedelta

import pytest

from yibao.core import dates
from yibao.core.database import Database, connect
from yibao.demo import load
from yibao.demo.loading import load_city
from yibao.demo.people import persons
from yibao.population.entitlement.decision import Entitled, enrolment_on
from yibao.population.queries import care_facts
from yibao.settlement.verify import violations
from yibao.web.person_view import PersonView, answers, person_view

KEY = bytes(32)


@pytest.fixture(scope="module")
async def city(module_database_url: str) -> str:
    assert await load(module_database_url, KEY)
    return module_database_url


async def view_of(url: str, key: str) -> PersonView:
    (demo,) = [demo for demo in persons(dates.today()) if demo.key == key]
    connection = await connect(url)
    try:
        view = await person_view(connection, demo.person.psn_no)
    finally:
        await connection.close()
    assert view is not None
    return view


async def test_the_insured_user_has_paid_every_year_through_every_channel(city: str) -> None:
    view = await view_of(city, "low_income")
    paid = [row for row in view.contributions if row["status"] == "paid"]
    assert {row["period_from"].year for row in paid} >= set(range(2021, dates.today().year + 1))
    connection = await connect(city)
    channels = {
        row["channel"]
        for row in await connection.fetch(
            "select channel from population.payment_order where order_no = any ($1)", [row["order_no"] for row in paid]
        )
    }
    await connection.close()
    assert channels >= {"tax", "bank", "village"}
    assert len(view.payers) == 1
    assert {event.kind for event in view.events} >= {"paid", "family_bound", "enrolment_taken_over"}


async def test_the_insured_worker_sees_his_account_credited_and_shared(city: str) -> None:
    view = await view_of(city, "family_father")
    assert {"contribution", "large_amount_premium", "opening"} <= {movement.kind for movement in view.movements}
    assert len(view.beneficiaries) == 3
    assert len([row for row in view.contributions if row["status"] == "paid"]) >= 3


async def test_who_let_his_insurance_lapse_owes_this_year(city: str) -> None:
    answer = answers(await view_of(city, "last_year"))[1]
    assert answer.words.startswith("应缴")


async def test_the_suspended_employees_employer_is_in_arrears(city: str) -> None:
    view = await view_of(city, "suspended")
    assert [row["status"] for row in view.contributions] == ["due", "due"]


async def test_coverage_of_residents_follows_from_what_they_paid(city: str) -> None:
    connection = await connect(city)
    kept = await connection.fetchval(
        "select count(distinct psn_no) from population.coverage v join population.enrolment e"
        " using (psn_no, psn_insu_rlts_id) where v.origin = 'taken_over' and e.category = 'resident'"
        " and e.insu_admdvs = '340600' and e.reason = ''"
    )
    await connection.close()
    assert kept == 1  # the employee who was a resident until last year


async def test_everything_that_must_always_hold_holds(city: str) -> None:
    connection = await connect(city)
    found = {sentence: cases async for sentence, cases in violations(connection) if cases}
    await connection.close()
    assert found == {}


@pytest.mark.parametrize("day", [date(2024, 2, 29), date(2026, 1, 10), date(2026, 8, 31), date(2027, 3, 1)])
async def test_the_lives_fit_the_notes_whenever_the_demo_is_loaded(database: Database, day: date) -> None:
    expected = {"newborn": "", "waiting_resident": "P205", "last_year": "P204", "suspended": "P203", "low_income": "",
                "retired": "", "working": "", "preschool": ""}  # fmt: skip
    found = {}
    with dates.clock_at(datetime.combine(day, time(16, 0))):
        async with database.transaction() as connection:
            await load_city(connection, KEY, day)
            for demo in persons(day):
                if demo.key in expected:
                    facts = await care_facts(connection, demo.person.psn_no, day)
                    answer = enrolment_on(facts, day, "")
                    found[demo.key] = "" if isinstance(answer, Entitled) else answer.code
    assert found == expected


def test_the_clock_is_told_within_its_block_only() -> None:
    then = datetime.combine(date(2020, 5, 5), time(8, 0))
    with dates.clock_at(then):
        assert dates.now() == then
        assert dates.today() == date(2020, 5, 5)
    assert dates.now() > then + timedelta(days=365)
