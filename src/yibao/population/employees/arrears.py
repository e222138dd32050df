"""Due days, days late and late fees (滞纳金). Pure; fen.

社会保险法 art. 86: from the day of default 0.05 % a day of what is owed. The fee of a bill is the sum of its persons'
fees, each rounded half-up to the fen, so that what is booked per person adds up to what the employer pays.
"""

from dataclasses import dataclass
from datetime import date

from yibao.core.money import divide_half_up
from yibao.core.months import day_in, plus_months
from yibao.population.employees.bases import basis_points
from yibao.population.rules import Rules

DUE, FEE = "employee_due_day", "late_fee"


@dataclass(frozen=True, slots=True)
class LateFee:
    """`ratio` basis points of the amount owed for every day after the due day; `clause` for the bill."""

    ratio: int
    clause: str

    def of(self, owed: int, due: date, paid: date) -> int:
        """Fee in fen on `owed` fen that were due on `due` and are paid on `paid`."""
        days = max((paid - due).days, 0)
        return divide_half_up(owed * self.ratio * days, 10_000)


def late_fee(rules: Rules, day: date) -> LateFee:
    """The rule in force on `day`; `Refused` P001 when the city has none."""
    value = rules.value(FEE, day)
    return LateFee(basis_points(value.content["percent_per_day"], FEE), rules.citation(value))


def due_day(rules: Rules, month: date) -> date:
    """The last day on which a month can be paid without a fee."""
    rule = rules.on(DUE, month)
    return day_in(plus_months(month, rule["months_after"]), rule["day"])
