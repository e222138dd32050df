"""Contribution bases (缴费基数): the limits of a month and what becomes of a declared wage.

A declared monthly wage below the lower limit (下限) counts as the lower limit, above the upper limit (上限) as the
upper limit: shares of the average wage (全口径城镇单位就业人员平均工资) that the area's dated rules give. Pure; fen.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from yibao.core.config import ConfigurationError
from yibao.core.money import divide_half_up, fen_from_yuan, share_of
from yibao.population.rules import Rules

WAGE, LIMITS = "average_monthly_wage", "employee_base_limits"
UNITS = {"fen": 1, "jiao": 10, "yuan": 100}
"""To what a limit is rounded, in fen."""


@dataclass(frozen=True, slots=True)
class BaseLimits:
    """`average`, `lower` and `upper` are fen a month; `clause` says where they come from."""

    average: int
    lower: int
    upper: int
    clause: str = ""

    def limited(self, wage: int) -> int:
        """The base that a wage of `wage` fen gives."""
        return min(max(wage, self.lower), self.upper)

    def percent_of_average(self, ratio: int, unit: int = 1) -> int:
        """`ratio` basis points of the average wage, half-up to `unit` fen: the bases flexible workers choose from."""
        return rounded(share_of(self.average, ratio), unit)


def base_limits(rules: Rules, month: date) -> BaseLimits:
    """The limits in force on the first day of `month`; `Refused` P001 when the city has none."""
    wage, limits = rules.value(WAGE, month), rules.value(LIMITS, month)
    average = money_of(wage.content, WAGE)
    unit = UNITS[limits.content.get("round_to", "fen")]
    lower, upper = (basis_points(limits.content[name], LIMITS) for name in ("lower", "upper"))
    return BaseLimits(
        average,
        rounded(share_of(average, lower), unit),
        rounded(share_of(average, upper), unit),
        "；".join(dict.fromkeys(filter(None, (rules.citation(wage), rules.citation(limits))))),
    )


def rounded(amount: int, unit: int) -> int:
    """`amount` fen half-up to a multiple of `unit` fen."""
    return divide_half_up(amount, unit) * unit


def basis_points(percent: Any, place: str) -> int:
    """A percent of a rule file ("0.05", 60) in basis points; `ConfigurationError` where it is no exact number of them.

    Percents with decimals are written as text, so that no binary float comes near money.
    """
    ratio = decimal_of(percent, place) * 100
    if ratio != int(ratio):
        raise ConfigurationError(f"{place}: {percent} percent is no whole number of basis points")
    return int(ratio)


def money_of(yuan: Any, place: str) -> int:
    """An amount of a rule file in yuan ("7018.00", 85) as fen."""
    return fen_from_yuan(decimal_of(yuan, place))


def decimal_of(value: Any, place: str) -> Decimal:
    """A number of a rule file; `ConfigurationError` for a float or no number."""
    try:
        if isinstance(value, str | int) and not isinstance(value, bool):
            return Decimal(value)
    except InvalidOperation:
        pass
    raise ConfigurationError(f"{place}: {value!r} is no exact number: write decimals in quotes")
