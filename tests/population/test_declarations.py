"""Monthly declarations: answered line by line, carried out once."""

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import date

import asyncpg
import openpyxl
import pytest

from tests.population.workplace import (
    AREA,
    JUNE,
    MAY,
    certno,
    codes,
    declared,
    employer,
    now_is,
    send,
    table,
    worker,
)
from yibao.core.database import Database
from yibao.core.errors import Conflict, Refused
from yibao.population.employees import declarations
from yibao.population.enrolment import employers, enrolments
from yibao.population.enrolment.persons import NewPerson, find_or_register

Connection = asyncpg.pool.PoolConnectionProxy


@pytest.fixture(autouse=True)
def in_may(monkeypatch: pytest.MonkeyPatch) -> None:
    now_is(monkeypatch, date(2024, 5, 10))


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Connection]:
    async with database.transaction() as connection:
        yield connection


async def months(connection: Connection) -> list[tuple[str, int, str]]:
    rows = await connection.fetch(
        "select p.certno, c.base, c.status from population.contribution c join population.person p using (psn_no) "
        "order by c.contribution_id"
    )
    return [tuple(row) for row in rows]


async def rows_of_everything(connection: Connection) -> list[int]:
    return [
        await connection.fetchval(f"select count(*) from population.{table}")
        for table in ("person", "enrolment", "contribution", "event", "coverage", "suspension")
    ]


async def test_new_staff_is_registered_enrolled_from_the_month_and_charged(office: Connection) -> None:
    emp_no = await employer(office)
    (line,) = await declared(office, emp_no, MAY, worker(1))
    (row,) = await enrolments.enrolments_of(office, line.psn_no or "")
    assert (line.answer, line.base) == ("accepted", 500_000)
    assert (row.insutype, row.category, row.emp_no, row.begndate) == ("310", "employee", emp_no, MAY)
    assert await months(office) == [(certno(1), 500_000, "due")]


async def test_a_wage_outside_the_limits_counts_as_the_limit(office: Connection) -> None:
    emp_no = await employer(office)
    low, high = await declared(office, emp_no, MAY, worker(1, 100_000), worker(2, 9_000_000))
    assert (low.answer, low.base, high.answer, high.base) == ("corrected", 390_000, "corrected", 1_950_000)


async def test_a_bad_line_is_refused_with_every_reason_and_the_others_are_taken(office: Connection) -> None:
    emp_no = await employer(office)
    bad = ("340600198001010000", "假一", None, "新增", "")
    refused, taken = await declared(office, emp_no, MAY, bad, worker(2))
    assert (refused.answer, codes(refused)) == ("refused", ["P701", "P703"])
    assert taken.answer == "accepted"
    assert refused.refusals[0]["place"] == "第3行"


async def test_where_the_area_takes_whole_files_one_bad_line_holds_all(
    office: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    emp_no = await employer(office)
    before = await rows_of_everything(office)
    rules = declarations.rules_of(AREA)
    whole = {**rules.parameters, "declaration_acceptance": _always("whole")}
    monkeypatch.setattr(
        declarations, "rules_of", lambda _: type(rules)(rules.area_code, rules.area_name, whole, rules.sources)
    )
    lines = await declared(office, emp_no, MAY, worker(1), worker(2, None))
    assert [(line.answer, codes(line)) for line in lines] == [("held", ["P712"]), ("refused", ["P703"])]
    assert await rows_of_everything(office) == before


def _always(content: str) -> object:
    from yibao.population.rules import Parameter, Value

    return Parameter("", (Value(content, note="test", unverified=True),))


async def test_the_same_file_again_changes_nothing_and_gets_the_same_answer(office: Connection) -> None:
    emp_no = await employer(office)
    content = table([worker(1), worker(2)])
    first = await send(office, emp_no, MAY, content)
    before = await rows_of_everything(office)
    second = await send(office, emp_no, MAY, content)
    assert (second.repeated, second.declaration_no, second.totals) == (True, first.declaration_no, {"accepted": 2})
    assert await rows_of_everything(office) == before


async def test_an_old_file_sent_again_does_not_undo_a_later_correction(office: Connection) -> None:
    emp_no = await employer(office)
    old = table([worker(1, 500_000), worker(2, None)])
    await send(office, emp_no, MAY, old)
    await declared(office, emp_no, MAY, worker(1, 600_000, ""))
    await send(office, emp_no, MAY, old)
    assert await months(office) == [(certno(1), 600_000, "due")]


async def test_the_same_content_in_another_file_is_unchanged(office: Connection) -> None:
    emp_no = await employer(office)
    await declared(office, emp_no, MAY, worker(1))
    (line,) = await declared(office, emp_no, MAY, worker(1, 500_000, "", "重新导出"))
    assert line.answer == "unchanged"


async def test_a_correction_of_an_open_month_replaces_the_base(office: Connection) -> None:
    emp_no = await employer(office)
    await declared(office, emp_no, MAY, worker(1))
    (line,) = await declared(office, emp_no, MAY, worker(1, 700_000, ""))
    assert (line.answer, await months(office)) == ("accepted", [(certno(1), 700_000, "due")])


async def test_who_leaves_is_suspended_from_the_month_and_not_charged(office: Connection) -> None:
    emp_no = await employer(office)
    await declared(office, emp_no, MAY, worker(1))
    (line,) = await declared(office, emp_no, MAY, worker(1, None, "减少", "与单位解除劳动关系"))
    (row,) = await enrolments.enrolments_of(office, line.psn_no or "")
    assert (row.psn_insu_stas, row.paus_date, row.reason) == ("2", MAY, "left_employer")
    assert await months(office) == [(certno(1), 500_000, "cancelled")]


async def test_leaving_twice_changes_nothing(office: Connection) -> None:
    emp_no = await employer(office)
    await declared(office, emp_no, MAY, worker(1))
    await declared(office, emp_no, JUNE, worker(1, None, "减少"))
    (line,) = await declared(office, emp_no, JUNE, worker(1, None, "减员"))
    assert line.answer == "unchanged"


async def test_who_comes_back_is_resumed(office: Connection) -> None:
    emp_no = await employer(office)
    await declared(office, emp_no, MAY, worker(1))
    await declared(office, emp_no, MAY, worker(1, None, "减少"))
    (line,) = await declared(office, emp_no, JUNE, worker(1, 510_000, "新增"))
    (row,) = await enrolments.enrolments_of(office, line.psn_no or "")
    assert (line.answer, row.psn_insu_stas) == ("accepted", "1")
    assert await enrolments.suspensions_of(office, line.psn_no or "") == [(row.psn_insu_rlts_id, MAY, JUNE)]


async def test_who_changes_employer_is_enrolled_there_after_leaving(office: Connection) -> None:
    one, other = await employer(office, 1), await employer(office, 2)
    await declared(office, one, MAY, worker(1))
    (early,) = await declared(office, other, JUNE, worker(1))
    assert (early.answer, codes(early)) == ("refused", ["P522"])
    await declared(office, one, JUNE, worker(1, None, "减少"))
    (line,) = await declared(office, other, JUNE, worker(1, 600_000))
    assert line.answer == "accepted"


async def test_a_resident_who_is_hired_becomes_an_employee_in_one_action(office: Connection) -> None:
    emp_no = await employer(office)
    psn_no = await find_or_register(office, NewPerson(certno(1), "钱二", AREA), "clerk", "")
    start = enrolments.Start(psn_no, "390", "resident", "15", AREA, date(2024, 1, 1))
    await enrolments.start(office, start, "clerk", "new")
    (line,) = await declared(office, emp_no, MAY, worker(1))
    resident, employee = await enrolments.enrolments_of(office, psn_no)
    assert (line.answer, resident.enddate, employee.begndate) == ("accepted", date(2024, 4, 30), MAY)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (worker(3, 500_000, ""), "P706"),
        (worker(3, None, "减少"), "P708"),
        (worker(1, 500_000, "调动"), "P704"),
        ((certno(1), "冒名", 500_000, "", ""), "P702"),
        (worker(1, 0, ""), "P703"),
    ],
    ids=["not on the roster", "leaves without being there", "unknown word", "another name", "no wage"],
)
async def test_a_wrong_line_says_its_code(office: Connection, row: tuple[str, str, int, str, str], code: str) -> None:
    emp_no = await employer(office)
    await declared(office, emp_no, MAY, worker(1))
    (line,) = await declared(office, emp_no, MAY, row)
    assert (line.answer, codes(line)) == ("refused", [code])


async def test_a_person_stands_in_a_file_once(office: Connection) -> None:
    emp_no = await employer(office)
    first, second = await declared(office, emp_no, MAY, worker(1), worker(1, 600_000))
    assert (first.answer, codes(second)) == ("accepted", ["P705"])


async def test_a_month_may_be_declared_from_the_month_before_on(office: Connection) -> None:
    emp_no = await employer(office)
    assert (await declared(office, emp_no, JUNE, worker(1)))[0].answer == "accepted"
    with pytest.raises(Refused) as refused:
        await declared(office, emp_no, date(2024, 7, 1), worker(1))
    assert refused.value.refusals[0].code == "P710"
    with pytest.raises(Refused) as refused:
        await declared(office, emp_no, date(2023, 12, 1), worker(1))
    assert refused.value.refusals[0].code == "P711"


async def test_a_closed_or_unknown_employer_declares_nothing(office: Connection) -> None:
    emp_no = await employer(office)
    await employers.close_employer(office, emp_no, date(2024, 4, 30), "clerk", "注销")
    for number, code in ((emp_no, "P144"), ("E0", "P143")):
        with pytest.raises(Refused) as refused:
            await declared(office, number, MAY, worker(1))
        assert refused.value.refusals[0].code == code


async def test_a_month_declared_after_its_due_day_is_a_back_payment(
    office: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    emp_no = await employer(office)
    now_is(monkeypatch, date(2024, 6, 1))
    await declared(office, emp_no, MAY, worker(1))
    assert await office.fetchval("select kind from population.contribution") == "back_payment"


async def test_the_dead_are_not_declared(office: Connection) -> None:
    emp_no = await employer(office)
    (line,) = await declared(office, emp_no, MAY, worker(1))
    await office.execute("update population.person set die_date = '2024-04-30' where psn_no = $1", line.psn_no)
    (line,) = await declared(office, emp_no, MAY, worker(1, 600_000, ""))
    assert codes(line) == ["P716"]


async def test_bad_files_are_answered_before_anything_happens(office: Connection) -> None:
    emp_no = await employer(office)
    before = await rows_of_everything(office)
    book = openpyxl.Workbook()
    book.active.append(["证件号码", "工资"])
    file = io.BytesIO()
    book.save(file)
    for content in (file.getvalue(), table([worker(1)])[:500], b""):
        with pytest.raises(Refused) as refused:
            await send(office, emp_no, MAY, content)
        assert refused.value.refusals[0].code.startswith("C1")
    assert await rows_of_everything(office) == before


async def test_a_formula_in_a_name_is_refused_in_its_line_only(office: Connection) -> None:
    emp_no = await employer(office)
    bad, good = await declared(office, emp_no, MAY, (certno(1), "=cmd()", 500_000, "新增", ""), worker(2))
    assert (codes(bad), good.answer) == (["C128"], "accepted")


async def test_two_uploads_at_once_follow_each_other(database: Database) -> None:
    async with database.transaction() as connection:
        emp_no = await employer(connection)

    async def upload(content: bytes) -> str:
        async with database.transaction() as connection:
            return (await send(connection, emp_no, MAY, content)).declaration_no

    same = table([worker(number) for number in range(8)])
    other = table([worker(number, 600_000) for number in reversed(range(8))])
    results = await asyncio.gather(*(upload(content) for content in (same, same, other, same)), return_exceptions=True)
    assert not [one for one in results if not isinstance(one, str | Conflict)]
    async with database.connection() as connection:
        assert await connection.fetchval("select count(*) from population.enrolment") == 8
        assert await connection.fetchval("select count(*) from population.contribution") == 8
        assert await connection.fetchval("select count(distinct base) from population.contribution") == 1
