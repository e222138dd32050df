"""Bills of employers: issued, withdrawn, paid through an order, and what the journal says of it."""

from collections.abc import AsyncIterator
from datetime import date, datetime

import asyncpg
import pytest

from tests.population.workplace import AREA, JUNE, MAY, certno, codes, declared, employer, now_is, worker
from yibao.core.database import Database
from yibao.core.errors import Refused
from yibao.ledger.chart import install_chart
from yibao.population.contributions.payments import Payment, confirm, reverse
from yibao.population.employees import employer_bills
from yibao.population.employees.billing_rounds import Arrear, Round, arrears_of, issue_all
from yibao.population.employees.employer_bills import Bill, bill, issue, order_bill, persons_of, withdraw

Connection = asyncpg.pool.PoolConnectionProxy


@pytest.fixture(autouse=True)
def in_may(monkeypatch: pytest.MonkeyPatch) -> None:
    now_is(monkeypatch, date(2024, 5, 10))


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Connection]:
    async with database.transaction() as connection:
        await install_chart(connection)
        yield connection


async def issued(connection: Connection, emp_no: str, month: date = MAY) -> Bill:
    return (await issue(connection, emp_no, month, "clerk")).bill


async def pay(connection: Connection, bill_no: str, day: date) -> str:
    order = await order_bill(connection, bill_no, "tax", day, "employer")
    paid_at = datetime(day.year, day.month, day.day, 8)
    await confirm(connection, Payment("tax", order.order_no, order.amount, f"T{order.order_no}", paid_at), "tax")
    return order.order_no


async def journal(connection: Connection) -> dict[str, int]:
    rows = await connection.fetch("select account, sum(amount)::bigint from ledger.posting group by 1 order by 1")
    return {account: amount for account, amount in rows if amount}


async def code_of(work: object) -> str:
    with pytest.raises(Refused) as refused:
        await work  # type: ignore[misc]
    return refused.value.refusals[0].code


async def test_a_bill_is_the_sum_of_its_persons(office: Connection) -> None:
    emp_no = await employer(office)
    await declared(office, emp_no, MAY, worker(1), worker(2, 1_000_000), worker(3, 1))
    found = await issued(office, emp_no)
    lines = await persons_of(office, found.bill_no)
    assert (found.persons, found.status, found.due_day) == (3, "issued", date(2024, 5, 31))
    for name in ("base", "personal", "employer", "serious", "to_account", "account_charge", "maternity"):
        assert getattr(found, name) == sum(line[name] for line in lines)
    assert found.amount == (500_000 + 1_000_000 + 390_000) * 8 // 100


async def test_issuing_twice_answers_the_same_bill(office: Connection) -> None:
    emp_no = await employer(office)
    await declared(office, emp_no, MAY, worker(1))
    assert await issued(office, emp_no) == await issued(office, emp_no)


async def test_a_month_without_anybody_has_no_bill(office: Connection) -> None:
    emp_no = await employer(office)
    assert await code_of(issue(office, emp_no, MAY, "clerk")) == "P714"


async def test_a_billed_month_is_closed_until_the_bill_is_withdrawn(office: Connection) -> None:
    emp_no = await employer(office)
    await declared(office, emp_no, MAY, worker(1))
    found = await issued(office, emp_no)
    (line,) = await declared(office, emp_no, MAY, worker(1, 600_000, ""))
    (leaver,) = await declared(office, emp_no, MAY, worker(1, None, "减少"))
    assert (codes(line), codes(leaver)) == (["P709"], ["P718"])
    await withdraw(office, found.bill_no, "clerk", "申报有误")
    assert (await bill(office, found.bill_no)).status == "withdrawn"
    await declared(office, emp_no, MAY, worker(1, 600_000, "续保"))
    again = await issued(office, emp_no)
    assert (again.base, again.bill_no != found.bill_no) == (600_000, True)


async def test_staff_missing_in_the_declaration_goes_on_with_the_last_base(
    office: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    emp_no = await employer(office)
    await declared(office, emp_no, MAY, worker(1), worker(2, 700_000))
    now_is(monkeypatch, date(2024, 6, 10))
    await declared(office, emp_no, JUNE, worker(1, 510_000, ""))
    lines = await persons_of(office, (await issued(office, emp_no, JUNE)).bill_no)
    assert [line["base"] for line in lines] == [510_000, 700_000]


async def test_an_employer_who_declares_nothing_is_charged_110_percent_of_the_month_before(
    office: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    emp_no = await employer(office)
    await declared(office, emp_no, MAY, worker(1), worker(2, 1_900_000))
    now_is(monkeypatch, date(2024, 6, 10))
    lines = await persons_of(office, (await issued(office, emp_no, JUNE)).bill_no)
    assert [line["base"] for line in lines] == [550_000, 1_950_000]


async def test_who_never_had_a_wage_is_left_out_and_named(office: Connection) -> None:
    emp_no = await employer(office)
    _, second = await declared(office, emp_no, MAY, worker(1), worker(2))
    await office.execute("delete from population.contribution where psn_no = $1", second.psn_no)
    answer = await issue(office, emp_no, MAY, "clerk")
    assert (answer.bill.persons, [(one.code, one.place) for one in answer.left_out]) == (1, [("P713", second.psn_no)])


async def test_who_is_declared_after_the_bill_comes_on_a_supplementary_one(office: Connection) -> None:
    emp_no = await employer(office)
    await declared(office, emp_no, MAY, worker(1))
    normal = await issued(office, emp_no)
    await declared(office, emp_no, MAY, worker(2))
    later = await issued(office, emp_no)
    assert (normal.kind, later.kind, later.persons) == ("normal", "supplementary", 1)


async def test_a_paid_bill_is_divided_among_the_funds(office: Connection) -> None:
    emp_no = await employer(office)
    await declared(office, emp_no, MAY, worker(1), worker(2, 700_000))
    found = await issued(office, emp_no)
    await pay(office, found.bill_no, date(2024, 5, 10))
    assert (await bill(office, found.bill_no)).status == "paid"
    assert await journal(office) == {
        "channels.receivable": 96_000,
        "employee_pooled.contributions": -72_000,
        "personal_account.contributions": -24_000,
    }


async def test_a_paid_month_covers_the_employee(office: Connection) -> None:
    emp_no = await employer(office)
    (line,) = await declared(office, emp_no, MAY, worker(1))
    await pay(office, (await issued(office, emp_no)).bill_no, date(2024, 5, 10))
    kinds = [row[0] for row in await office.fetch("select kind from population.event order by event_id")]
    covered = await office.fetchval("select count(*) from population.coverage where psn_no = $1", line.psn_no)
    assert kinds == ["registered", "enrolled", "paid"]
    assert covered > 0


async def test_a_bill_paid_late_carries_the_fee_of_every_day(
    office: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    emp_no = await employer(office)
    await declared(office, emp_no, MAY, worker(1))
    found = await issued(office, emp_no)
    now_is(monkeypatch, date(2024, 6, 20))
    await pay(office, found.bill_no, date(2024, 6, 20))
    found = await bill(office, found.bill_no)
    assert (found.interest, found.amount) == (400, 40_400)  # 40,000 fen, 20 days
    assert (await journal(office))["employee_pooled.late_fees"] == -400


async def test_a_reversed_payment_leaves_nothing_in_the_journal_and_the_bill_due(office: Connection) -> None:
    emp_no = await employer(office)
    await declared(office, emp_no, MAY, worker(1))
    found = await issued(office, emp_no)
    order_no = await pay(office, found.bill_no, date(2024, 5, 10))
    await reverse(office, order_no, "tax", "付款行退回")
    assert ((await bill(office, found.bill_no)).status, await journal(office)) == ("issued", {})
    await pay(office, found.bill_no, date(2024, 5, 10))
    assert (await bill(office, found.bill_no)).status == "paid"


async def test_a_bill_that_is_paid_or_ordered_is_not_withdrawn(office: Connection) -> None:
    emp_no = await employer(office)
    await declared(office, emp_no, MAY, worker(1))
    found = await issued(office, emp_no)
    order = await order_bill(office, found.bill_no, "tax", date(2024, 5, 10), "employer")
    assert await code_of(withdraw(office, found.bill_no, "clerk", "")) == "P719"
    await reverse(office, order.order_no, "employer", "")
    await withdraw(office, found.bill_no, "clerk", "")


async def test_unknown_and_settled_bills_say_so(office: Connection) -> None:
    emp_no = await employer(office)
    await declared(office, emp_no, MAY, worker(1))
    found = await issued(office, emp_no)
    await pay(office, found.bill_no, date(2024, 5, 10))
    assert await code_of(order_bill(office, found.bill_no, "tax", date(2024, 5, 10), "employer")) == "P720"
    assert await code_of(bill(office, "B0")) == "P715"
    assert await code_of(withdraw(office, "B0", "clerk", "")) == "P715"


async def test_a_missed_month_is_paid_back_with_its_own_late_fee(
    office: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    emp_no = await employer(office)
    now_is(monkeypatch, date(2024, 7, 1))
    await declared(office, emp_no, MAY, worker(1))
    found = await issued(office, emp_no)
    await pay(office, found.bill_no, date(2024, 7, 1))
    (line,) = await persons_of(office, found.bill_no)
    assert (line["kind"], line["paid_on"], line["interest"]) == ("back_payment", date(2024, 7, 1), 620)


async def test_the_bills_of_an_employer_come_newest_first(office: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    emp_no = await employer(office)
    await declared(office, emp_no, MAY, worker(1))
    may = await issued(office, emp_no)
    now_is(monkeypatch, date(2024, 6, 10))
    await declared(office, emp_no, JUNE, worker(1, 520_000, ""))
    june = await issued(office, emp_no, JUNE)
    assert await employer_bills.bills_of(office, emp_no) == [june, may]
    assert certno(1) == (await persons_of(office, june.bill_no))[0]["certno"]


async def test_a_round_bills_every_employer_once_and_passes_over_who_has_nobody(office: Connection) -> None:
    one, other = await employer(office, 1), await employer(office, 2)
    await employer(office, 3)
    await declared(office, one, MAY, worker(1))
    await declared(office, other, MAY, worker(2), worker(3))
    first = await issue_all(office, AREA, MAY, "clerk")
    assert first == await issue_all(office, AREA, MAY, "clerk") == Round(2, 3, 120_000, 0)


async def test_bills_past_their_due_day_are_listed_until_they_are_paid(
    office: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    emp_no = await employer(office)
    await declared(office, emp_no, MAY, worker(1), worker(2))
    found = await issued(office, emp_no)
    now_is(monkeypatch, date(2024, 6, 10))
    assert await arrears_of(office, AREA, date(2024, 5, 31)) == []
    assert await arrears_of(office, AREA, date(2024, 6, 10)) == [
        Arrear(found.bill_no, emp_no, "测试单位0", MAY, date(2024, 5, 31), 10, 80_000, 400)
    ]
    await pay(office, found.bill_no, date(2024, 6, 10))
    assert await arrears_of(office, AREA, date(2024, 6, 10)) == []
    assert (await bill(office, found.bill_no)).interest == 400
