"""What happens to the people of the tests' city after their bills: premiums, a family, an employer's month, a roster.

Every step is the real action, so that the pages show what users will see. The old man has paid for this year
and owes the next where it can be paid already; his daughter, an employee, shares her account with him; her employer
has declared the month and has a bill; the civil-affairs department sent a roster with a line for each kind of answer.
"""

import io
from datetime import date
from typing import Any

from yibao.benefits.book import PackBook
from yibao.core import dates
from yibao.core.crypto import sm3_hex
from yibao.core.sheets import Heading, write_sheet
from yibao.population.contributions import payments, premiums
from yibao.population.contributions.payments import Payment
from yibao.population.employees import declarations, employer_bills
from yibao.population.employees.declarations import Declaration
from yibao.population.enrolment import enrolments
from yibao.population.enrolment.enrolments import Start
from yibao.population.entitlement import family
from yibao.population.entitlement.family import Consent, Link
from yibao.population.identity import identity_number
from yibao.population.rosters import exchange

STAFF = (("赵一", "1985-03-02"), ("钱二", "1990-11-20"), ("孙三", "1979-06-30"))
DECLARED = (Heading("证件号码", "identity"), Heading("姓名"), Heading("月工资", "money"), Heading("变动类型"))
ROSTER = (Heading("证件号码", "identity"), Heading("姓名"), Heading("身份类别"), Heading("开始日期", "date"))


async def add_people(connection: Any, packs: PackBook, old_man: str, employee: str, emp_no: str) -> None:
    """In one transaction over the city of `city.build`."""
    today = dates.today()
    await connection.execute("update population.enrolment set category = 'resident' where psn_no = $1", old_man)
    await connection.execute(
        "update population.enrolment set category = 'employee', emp_no = $2, emp_name = '淮北示例机械有限公司'"
        " where psn_no = $1", employee, emp_no,
    )  # fmt: skip
    for year in (today.year, today.year + 1):
        await premiums.assess(connection, packs, [old_man], year, today, "clerk")
    order = await premiums.order_for(connection, packs, [old_man], today.year, "tax", "clerk", day=today)
    paid = Payment("tax", order.order_no, order.amount, "T1", dates.now())
    await payments.confirm(connection, paid, "tax")
    link = Link(old_man, employee, 1, "30", date(today.year, 1, 1))
    await family.bind(connection, link, Consent(employee, dates.now(), "counter"))
    await _declared_month(connection, emp_no, today)
    await _roster(connection, packs, today)


async def _declared_month(connection: Any, emp_no: str, today: date) -> None:
    """Three hired, one line with a wrong number; the bill of the month is issued."""
    lines = [(identity_number("340602", date.fromisoformat(born), 1), name, 600_000, "新增") for name, born in STAFF]
    file = table("月度申报", DECLARED, [*lines, ("340602199001011234", "李四", 500_000, "新增")])
    rows, digest = declarations.read_file(file)
    await declarations.declare(connection, Declaration(emp_no, today, rows, digest, "本月申报.xlsx"), "employer")
    await employer_bills.issue(connection, emp_no, today, "employer")


async def _roster(connection: Any, packs: PackBook, today: date) -> None:
    """Two villagers whom nobody has tagged, one of whom never enrolled; a name that differs; a number nobody has."""
    for number, (name, enrolled) in enumerate((("周桂英", True), ("吴建国", False), ("郑秀兰", True)), 3):
        psn_no, birth = f"34060000000000000{number}", date(1955 + number, 5, 6)
        await connection.execute(
            "insert into population.person (psn_no, certno, psn_name, gend, brdy, live_area)"
            " values ($1, $2, $3, '2', $4, '340621101201')", psn_no, certno(number), name, birth,
        )  # fmt: skip
        if enrolled:
            await enrolments.start(
                connection, Start(psn_no, "390", "resident", "15", "340621", date(today.year, 1, 1)), "clerk", "new"
            )
    since = date(today.year, 1, 1)
    lines = [
        (certno(3), "周桂英", "低保", since),
        (certno(4), "吴建国", "特困", since),
        (certno(5), "郑秀英", "低保", since),
        (identity_number("340621", date(1940, 1, 1), 9), "冯某某", "低保", since),
        (certno(6), "陈某某", "优抚对象", since),
    ]
    content = table("名册", ROSTER, lines)
    manifest = exchange.Manifest(
        admdvs="340600", department="civil_affairs", sequence=1, kind="roster", file_name="civil_affairs.xlsx",
        sm3=sm3_hex(content), mode="incremental", as_of=today,
    )  # fmt: skip
    await exchange.take_in(connection, packs, manifest, content, "department", today)


def certno(number: int) -> str:
    """Identity number of the villager of this number."""
    return identity_number("340621", date(1955 + number, 5, 6), number * 2)


def table(title: str, headings: Any, rows: Any) -> bytes:
    """An xlsx file as a user would send it."""
    file = io.BytesIO()
    write_sheet(file, title, headings, rows)
    return file.getvalue()
