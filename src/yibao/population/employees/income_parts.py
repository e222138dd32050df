"""To which funds a paid contribution goes (缴费分账): the parts that payments book. Pure; fen.

A resident's premium is the resident fund's. An employee's month is divided as `split` made it: what will be credited
waits as income of the personal accounts for the crediting run, the large-amount premium that no account pays goes to
its fund, the late fee and the rest to the pooled fund. The parts always add up to what was paid.
"""

from typing import Any

from yibao.population.contributions.payment_booking import INCOMES, Part

EMPLOYEE = "310"
POOLED, LATE_FEES = "employee_pooled.contributions", "employee_pooled.late_fees"
ACCOUNTS, LARGE_AMOUNT = "personal_account.contributions", "large_amount.contributions"


def parts_of(row: Any) -> tuple[Part, ...]:
    """The parts of one contribution with the columns of `payment_orders.CONTRIBUTIONS`."""
    if row["insutype"] != EMPLOYEE:
        return (Part(INCOMES[row["insutype"]], row["amount"]),)
    in_cash = row["serious"] - row["account_charge"]
    pooled = row["amount"] - row["interest"] - row["to_account"] - in_cash
    parts = (
        Part(POOLED, pooled),
        Part(ACCOUNTS, row["to_account"]),
        Part(LARGE_AMOUNT, in_cash),
        Part(LATE_FEES, row["interest"]),
    )
    return tuple(part for part in parts if part.amount)
