"""Entries and postings as immutable records, checked when made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Posting:
    """`amount` fen on `account`: debit positive, credit negative, never zero; `party` = institution or person."""

    account: str
    amount: int
    party: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One business event in the journal; `kind` and `reference` together are unique."""

    booked_on: date
    kind: str
    reference: str
    text: str
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        difference = sum(posting.amount for posting in self.postings)
        if difference:
            raise ValueError(f"entry {self.kind} {self.reference}: debits exceed credits by {difference} fen")


def negated(postings: Sequence[Posting]) -> tuple[Posting, ...]:
    """The same postings with opposite sign: how a cancellation is booked."""
    return tuple(Posting(p.account, -p.amount, p.party) for p in postings)


def posting_columns(postings: Sequence[Posting]) -> tuple[list[str], list[int], list[str]]:
    """Columns account, amount, party for `unnest`; postings of zero fen are left out."""
    kept = [p for p in postings if p.amount]
    return [p.account for p in kept], [p.amount for p in kept], [p.party for p in kept]
