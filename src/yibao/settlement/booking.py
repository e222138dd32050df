"""From a bill to the journal: which fund bears what, and what is owed to the institution.

Debit each fund's benefits and each personal account used, credit what is payable to the institution. What the
person pays in cash at the counter is no money of the funds and is not booked.
"""

from collections.abc import Sequence

from yibao.ledger import Posting
from yibao.settlement.model import AccountUse, FundShare

FUND_ACCOUNTS = {
    "3101": "employee_pooled.benefits",
    "3103": "large_amount.benefits",
    "3201": "civil_servant.benefits",
    "3301": "large_amount.benefits",
    "3501": "disabled_soldiers.benefits",
    "3701": "enterprise.benefits",
    "3901": "resident.benefits",
    "3902": "serious_illness.benefits",
    "3903": "serious_illness.benefits",
    "5101": "maternity.benefits",
    "6101": "medical_aid.benefits",
}
"""First four digits of fund_pay_type → expense account; anything else is booked as other."""

PAYABLE = "institutions.payable"
BALANCES = "personal_account.balances"


def account_of(fund_pay_type: str) -> str:
    """Expense account of a fund payment type (national dictionary fund_pay_type)."""
    return FUND_ACCOUNTS.get(fund_pay_type[:4], "other.benefits")


def postings_of(funds: Sequence[FundShare], accounts: Sequence[AccountUse], fixmedins_code: str) -> tuple[Posting, ...]:
    """Postings of one settlement, fen; empty when the person pays all in cash."""
    debits = [Posting(account_of(f.fund_pay_type), f.fund_payamt) for f in funds if not f.column.startswith("acct")]
    debits += [Posting(BALANCES, use.amount, use.payer) for use in accounts]
    owed = sum(posting.amount for posting in debits)
    return (*debits, Posting(PAYABLE, -owed, fixmedins_code))
