"""Amounts to the fen, half-up, in integers: calculation-order.md section 10, and the purity of the engine."""

import subprocess
import sys

import pytest

from tests.benefits.packs import Person, pack_of, paid
from yibao.benefits import Line


@pytest.mark.parametrize(
    ("amount", "percent", "expected"),
    [
        (1_202_848, "84", 1_010_392),  # 10103.9232 → .92 (HIS01)
        (3_779_156, "65", 2_456_451),  # 24564.514 → .51
        (4_575_950, "65", 2_974_368),  # 29743.675 → .68, where binary floating point gives .67
        (1, "50", 1),
        (1, "49.99", 0),
        (3, "50", 2),
    ],
)
def test_payment_is_rounded_half_up_to_the_fen(amount: int, percent: str, expected: int) -> None:
    pack = pack_of(f"basic: {{title: 统筹, base: [in_scope], percent: {percent}}}")
    assert paid(Person(pack).pay(portions={"in_scope": amount})) == [expected]


def test_each_segment_is_rounded_once_and_then_added() -> None:
    pack = pack_of("basic: {title: 统筹, base: [in_scope], percent: [{is: [{to: 0.01, percent: 50}, {percent: 50}]}]}")
    assert paid(Person(pack).pay(portions={"in_scope": 2})) == [2]  # 0.5 → 1 and 0.5 → 1


def test_the_bill_of_a_real_message_falls_wholly_under_the_deductible() -> None:
    """HIS02: 4.52 = 0 + 0 + 0.23 + 4.29；act_pay_dedc = 4.29，统筹 0，账户抵扣其余。"""
    pack = pack_of(
        """
        basic: {title: 统筹, base: [in_scope], deductible: 500, percent: 80}
        account: {title: 个人账户, account: own, base: [in_policy_unpaid, prepay]}
        """
    )
    outcome = Person(pack).pay(lines=(Line(amount=452, item_class="02", self_pay_ratio=500),), balances={"own": 10_000})
    totals = outcome.totals
    assert (totals.full_self_pay, totals.over_limit, totals.prepay, totals.in_scope) == (0, 0, 23, 429)
    assert (totals.deductible_paid, totals.fund, totals.own_account, totals.cash) == (429, 0, 452, 0)


def test_amounts_beyond_any_bill_stay_exact() -> None:
    pack = pack_of("basic: {title: 统筹, base: [in_scope], percent: 33.33}")
    amount = 10**13 + 1
    assert paid(Person(pack).pay(portions={"in_scope": amount})) == [(amount * 3_333 + 5_000) // 10_000]


def test_the_engine_loads_neither_numba_nor_a_database() -> None:
    heavy = ("numba", "numpy", "asyncpg", "sqlalchemy")
    code = f"import sys, yibao.benefits; print([name for name in {heavy} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
