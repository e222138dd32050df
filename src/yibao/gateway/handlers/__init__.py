"""One file per transaction group; importing this package registers every handler in `HANDLERS`."""

from yibao.gateway.handlers import (
    catalogue,
    files,
    filings,
    inpatient,
    lists,
    mapping,
    outpatient,
    persons,
    pharmacy,
    queries,
    reconciliation,
    reversal,
    review,
    sign_in,
)
from yibao.gateway.registry import HANDLERS

GROUPS = (
    sign_in, persons, catalogue, pharmacy, outpatient, inpatient, filings, reversal, review, mapping, files,
    queries, lists, reconciliation,
)  # fmt: skip

__all__ = ["GROUPS", "HANDLERS"]
