"""An employer and files of its staff, for tests of declarations, bills and crediting."""

import io
from collections.abc import Sequence
from datetime import date, datetime

import pytest

from yibao.core.database import Connection
from yibao.core.sheets import Heading, write_sheet
from yibao.population.employees import declarations
from yibao.population.employees.declarations import Answer, AnsweredLine, Declaration
from yibao.population.enrolment import employers
from yibao.population.identity import identity_number

AREA = "340600"
MAY, JUNE, JULY = date(2024, 5, 1), date(2024, 6, 1), date(2024, 7, 1)
HEADINGS = (
    Heading("证件号码", "identity"),
    Heading("姓名"),
    Heading("月工资", "money"),
    Heading("变动类型"),
    Heading("变动原因"),
)
NAMES = ("赵一", "钱二", "孙三", "李四", "周五", "吴六", "郑七", "王八")

Row = tuple[str, str, int | None, str, str]


def now_is(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    """The clock stands at nine on `day`."""
    monkeypatch.setattr("yibao.core.dates.now", lambda: datetime(day.year, day.month, day.day, 9))


def certno(number: int) -> str:
    return identity_number(AREA, date(1980, 1, 1), 2 * number + 1)


def worker(number: int, wage: int | None = 500_000, change: str = "新增", reason: str = "") -> Row:
    """One line: the `number`th of the staff with a monthly wage of `wage` fen."""
    return certno(number), NAMES[number % len(NAMES)], wage, change, reason


def table(rows: Sequence[Row]) -> bytes:
    """The xlsx file that an employer would send."""
    file = io.BytesIO()
    write_sheet(file, "月度申报", HEADINGS, rows)
    return file.getvalue()


async def employer(connection: Connection, number: int = 0) -> str:
    first = f"9134060000000000{number}"[:17].ljust(17, "0")
    uscc = first + employers.check_character(first)
    return await employers.register_employer(
        connection, uscc, f"测试单位{number}", AREA, date(2024, 1, 1), actor="clerk"
    )


async def send(connection: Connection, emp_no: str, month: date, content: bytes) -> Answer:
    rows, digest = declarations.read_file(content)
    return await declarations.declare(connection, Declaration(emp_no, month, rows, digest, "五月.xlsx"), "clerk")


async def declared(connection: Connection, emp_no: str, month: date, *rows: Row) -> list[AnsweredLine]:
    answer = await send(connection, emp_no, month, table(rows))
    return await declarations.lines_of(connection, answer.declaration_no)


def codes(line: AnsweredLine) -> list[str]:
    return [refusal["code"] for refusal in line.refusals]
