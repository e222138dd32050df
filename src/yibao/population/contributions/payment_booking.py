"""Payments in the journal (缴费入账). Pure.

A paid order debits what the channel owes us (or the relative's account that paid) and credits the income of the fund
that each contribution belongs to; a reversal is the same negated; a refund debits the income and credits what is to be
paid back. What medical aid and public finance add is booked where the subsidies are.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from yibao.ledger.entry import Posting

FAMILY_ACCOUNT = "family_account"
RECEIVABLE = "channels.receivable"
BALANCES = "personal_account.balances"
REFUNDABLE = "contributions.refundable"
UNALLOCATED = "unallocated.receipts"
CASH = "income_account.cash"
INCOMES = {"390": "resident.contributions"}
"""insutype → income account of what is paid for it; others come with their split."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a payment: fen on an income account."""

    account: str
    amount: int


def income_postings(parts: Iterable[Part]) -> tuple[Posting, ...]:
    """Credits by income account, one posting each."""
    totals: dict[str, int] = {}
    for part in parts:
        totals[part.account] = totals.get(part.account, 0) + part.amount
    return tuple(Posting(account, -amount) for account, amount in sorted(totals.items()) if amount)


def paid_postings(channel: str, payer: str, parts: Iterable[Part]) -> tuple[Posting, ...]:
    """Postings of a paid order; `payer` is the owner of the account for the channel family_account."""
    incomes = income_postings(parts)
    total = -sum(posting.amount for posting in incomes)
    if channel == FAMILY_ACCOUNT:
        return (Posting(BALANCES, total, payer), *incomes)
    return (Posting(RECEIVABLE, total, channel), *incomes)


def refund_postings(channel: str, payer: str, account: str, amount: int, psn_no: str) -> tuple[Posting, ...]:
    """Postings of a refund: back to the account that paid, else a liability to the person until it is paid out."""
    if channel == FAMILY_ACCOUNT:
        return (Posting(account, amount), Posting(BALANCES, -amount, payer))
    return (Posting(account, amount), Posting(REFUNDABLE, -amount, psn_no))
