"""The funds' share of what was upheld (扣款金额): never more than the funds paid for the bill, over all its findings.

    upheld × fund_pay_sumamt ÷ inscp_amt, half-up, at most what no statement has taken of the bill yet

It lowers the funds that paid, in proportion to what each of them has left of the bill.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from yibao.core.money import divide_half_up


@dataclass(slots=True)
class BillFunds:
    """What the funds paid for a bill, and what is `left` of it by expense account; fen."""

    inscp_amt: int
    fund_pay_sumamt: int
    left: dict[str, int] = field(default_factory=dict)

    def take(self, upheld: int) -> dict[str, int]:
        """The share of `upheld` insured fees by account; taken off what is left."""
        if self.inscp_amt <= 0:
            return {}
        share = divide_half_up(upheld * self.fund_pay_sumamt, self.inscp_amt)
        taken = split(min(share, sum(self.left.values())), self.left)
        for account, amount in taken.items():
            self.left[account] -= amount
        return taken


def split(amount: int, capacities: Mapping[str, int]) -> dict[str, int]:
    """`amount` in proportion to the capacities and within each; it must not be more than all of them together."""
    parts, rest, capacity = {}, amount, sum(capacities.values())
    for account, most in sorted(capacities.items()):
        part = divide_half_up(rest * most, capacity) if capacity else 0
        if part:
            parts[account] = part
        rest -= part
        capacity -= most
    return parts
