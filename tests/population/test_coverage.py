"""Coverage follows from enrolments and paid contributions alone."""

from datetime import date

from yibao.core.database import Connection
from yibao.population.coverage import refresh

ROWS = "select state, begndate, enddate, reason from population.coverage where psn_no = $1 order by begndate"
PAY = """
insert into population.contribution (psn_no, insutype, category, kind, period_from, period_to, status, paid_on)
values ($1, $2, $3, $4, $5, $6, 'paid', $7)
"""


async def rows(people: Connection, psn_no: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await people.fetch(ROWS, psn_no)]


async def pay_year(people: Connection, psn_no: str, year: int, paid_on: date, kind: str = "normal") -> None:
    await people.execute(PAY, psn_no, "390", "resident", kind, date(year, 1, 1), date(year, 12, 31), paid_on)


async def test_a_year_paid_within_the_window_covers_from_the_first_of_january(people: Connection) -> None:
    await people.execute("delete from population.coverage")
    await pay_year(people, "1", 2024, date(2023, 11, 5))
    await refresh(people, ["1"])
    assert await rows(people, "1") == [("covered", date(2024, 1, 1), date(2024, 12, 31), "paid")]
