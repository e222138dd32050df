"""What a bureau does for all employers of a city: bill a month, and see who is in arrears (欠费).

    issue_all(connection, insu_admdvs, month, actor)     a transaction per employer; passes over who has nobody to bill
    arrears_of(connection, insu_admdvs, day)             bills past their due day with what they owe, oldest first

Amounts are fen.
"""

from dataclasses import dataclass
from datetime import date

from yibao.core.database import Connection
from yibao.core.errors import Refused
from yibao.core.months import first_of, last_of
from yibao.population.employees.arrears import late_fee
from yibao.population.employees.employer_bills import Issued, issue
from yibao.population.enrolment.employers import employers_of
from yibao.population.rules import rules_of

ARREARS = """
select b.bill_no, b.emp_no, e.emp_name, b.month, b.due_day, c.owed
from population.employer_bill b join population.employer e using (emp_no)
cross join lateral (
  select array_agg(personal + employer) as owed from population.contribution
  where bill_no = b.bill_no and status = 'due') c
where e.insu_admdvs like $1 || '%' and b.status = 'issued' and b.due_day < $2 and c.owed is not null
order by b.due_day, b.bill_no
"""


@dataclass(frozen=True, slots=True)
class Round:
    """A billing round: bills that stand for the month, their sum, and how many persons were left out."""

    bills: int
    persons: int
    amount: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Arrear:
    """A bill in arrears: what is owed, the late fee if it were paid on the day asked for."""

    bill_no: str
    emp_no: str
    emp_name: str
    month: date
    due_day: date
    days: int
    owed: int
    fee: int


async def issue_all(connection: Connection, insu_admdvs: str, month: date, actor: str) -> Round:
    """Bill every employer of the city; may be repeated. The connection must be outside a transaction."""
    issued: list[Issued] = []
    for emp_no in await employers_of(connection, insu_admdvs, first_of(month), last_of(month)):
        try:
            async with connection.transaction():
                issued.append(await issue(connection, emp_no, month, actor))
        except Refused as refused:
            if refused.refusals[0].code != "P714":
                raise
    return Round(
        len(issued),
        sum(one.bill.persons for one in issued),
        sum(one.bill.amount for one in issued),
        sum(len(one.left_out) for one in issued),
    )


async def arrears_of(connection: Connection, insu_admdvs: str, day: date) -> list[Arrear]:
    """Every bill of the city that should have been paid before `day`."""
    fee = late_fee(rules_of(insu_admdvs), day)
    return [
        Arrear(
            row["bill_no"],
            row["emp_no"],
            row["emp_name"],
            row["month"],
            row["due_day"],
            (day - row["due_day"]).days,
            sum(row["owed"]),
            sum(fee.of(owed, row["due_day"], day) for owed in row["owed"]),
        )
        for row in await connection.fetch(ARREARS, insu_admdvs[:4], day)
    ]
