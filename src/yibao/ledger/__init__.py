"""Double-entry journal of the funds (基金账务): accounts, entries, balances, seal. It knows nothing of medicine.

Flow: a business action makes an `Entry` of `Posting`s (debit positive, credit negative, fen, sum zero) and books it in
its own transaction, by `book` or, where it saves a round trip, by the columns of `posting_columns` inside its own
statement. Rows are never changed: a correction is a new entry. `seal_days` closes past days into a chain of SM3
digests, and `verify` finds any later change.
"""

from yibao.ledger.actions import book, seal_days
from yibao.ledger.chart import CHART, install_chart
from yibao.ledger.entry import Entry, Posting, posting_columns

__all__ = ["CHART", "Entry", "Posting", "book", "install_chart", "posting_columns", "seal_days"]
