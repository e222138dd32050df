"""The city around the demo's cast."""

import pytest

from yibao.core.database import connect
from yibao.core.dates import today
from yibao.demo import load
from yibao.demo.listing import demo_city
from yibao.demo.made_up import load_made_up
from yibao.population.employees.declarations import declarations_of
from yibao.population.employees.employer_bills import bills_of
from yibao.settlement.verify import violations

KEY = bytes(32)


@pytest.fixture(scope="module")
async def city(module_database_url: str) -> str:
    assert await load(module_database_url, KEY, people=1_000)
    return module_database_url


async def test_the_city_stands_around_the_cast(city: str) -> None:
    connection = await connect(city)
    persons = await connection.fetchval("select count(*) from population.person where psn_no like '3406001%'")
    bills = await connection.fetchval("select count(*) from settlement.settlement where opter = 'taken_over'")
    await connection.close()
    assert 980 <= persons <= 1_000  # who is born later in the year is not there yet
    assert bills > 300


async def test_loading_again_changes_nothing(city: str) -> None:
    assert not await load_made_up(city, KEY, 1_000, today())


async def test_the_cast_is_listed_without_the_thousand_others(city: str) -> None:
    connection = await connect(city)
    shown = await demo_city(connection, KEY, "http://127.0.0.1")
    await connection.close()
    assert shown is not None
    assert (len(shown["hospitals"]) + len(shown["pharmacies"])) < 50
    assert {user["role"] for user in shown["users"]} == {
        "clerk", "insured", "employer", "collector", "department", "leader", "institution", "reviewer",
        "second_reviewer", "expert", "inspector",
    }  # fmt: skip


async def test_a_campaign_is_running_with_tasks_and_counts(city: str) -> None:
    connection = await connect(city)
    tasks = await connection.fetchval("select count(*) from population.campaign_task where superseded_at is null")
    counted = await connection.fetchrow(
        "select enrolled, uninsured from population.campaign_day where unit = '3406' order by day desc limit 1"
    )
    await connection.close()
    assert tasks > 200  # villages of so few people are not all inhabited
    assert counted["enrolled"] + counted["uninsured"] > 600


async def test_the_employers_clerk_sees_a_declared_month_and_its_bill(city: str) -> None:
    connection = await connect(city)
    emp_no = await connection.fetchval("select emp_no from web.account where user_name = 'employer'")
    (declared,) = await declarations_of(connection, emp_no)
    bills = await bills_of(connection, emp_no)
    await connection.close()
    assert declared["outcome"] == "partly"
    assert declared["totals"]["refused"] == 2
    assert [(bill.month, bill.status) for bill in bills] == [(declared["month"], "issued")]


async def test_the_department_sees_a_compared_roster_with_people_to_look_at(city: str) -> None:
    connection = await connect(city)
    batch = await connection.fetchrow("select department, status, report from population.roster_batch")
    await connection.close()
    assert (batch["department"], batch["status"]) == ("civil_affairs", "compared")
    assert batch["report"]["review"] == 3
    assert batch["report"]["begin"] > 3
    assert batch["report"]["unmatched"] == batch["report"]["faulty"] == 1


async def test_pensioners_were_credited_the_last_months(city: str) -> None:
    connection = await connect(city)
    credited = await connection.fetchval(
        "select count(distinct psn_no) from population.account_movement where kind = 'contribution'"
        " and psn_no like '3406001%'"
    )
    await connection.close()
    assert credited > 20


async def test_the_made_up_people_are_insured_today(city: str) -> None:
    connection = await connect(city)
    covered = await connection.fetchval(
        "select count(*) from population.coverage where psn_no like '3406001%' and state = 'covered'"
        " and $1 between begndate and coalesce(enddate, 'infinity')",
        today(),
    )
    await connection.close()
    assert covered > 930


async def test_everything_that_must_always_hold_holds(city: str) -> None:
    connection = await connect(city)
    found = {sentence: cases async for sentence, cases in violations(connection) if cases}
    await connection.close()
    assert found == {}


async def test_every_desk_of_supervision_has_work_and_last_month_ended_in_a_booked_statement(city: str) -> None:
    connection = await connect(city)
    states = {row["state"] for row in await connection.fetch("select state from supervision.finding")}
    booked = await connection.fetchval("select count(entry_id) from supervision.deduction_statement where deduct > 0")
    await connection.close()
    assert (states, booked) == ({"new", "issued", "appealed", "opinion", "closed"}, 1)


async def test_the_findings_are_those_of_a_real_audit_by_several_rules_with_their_lines(city: str) -> None:
    connection = await connect(city)
    rules = await connection.fetchval("select count(distinct rule_id) from supervision.finding where rule_name <> ''")
    count = await connection.fetchval("select count(*) from supervision.finding where bkkp_sn <> '{}'")
    lines = await connection.fetchval(
        "select count(*) from supervision.finding f join supervision.evidence_line l on l.bkkp_sn = f.bkkp_sn[1]"
        " and l.setl_id = f.setl_id"
    )
    await connection.close()
    assert rules >= 3
    assert count >= 20
    assert lines == count


async def test_the_board_has_scores_of_this_month_and_a_check_of_beds_waits(city: str) -> None:
    connection = await connect(city)
    month = today().replace(day=1)
    scores = await connection.fetchval("select count(*) from supervision.score where month = $1", month)
    judged = await connection.fetchval("select count(*) from supervision.indicator where verdict in ('high', 'usual')")
    asked = await connection.fetchval("select count(*) from supervision.bed_check")
    in_bed = await connection.fetchval("select count(*) from settlement.visit where status = 'admitted'")
    await connection.close()
    assert scores > 5
    assert judged > 50
    assert (asked > 0) is (in_bed > 0)
