"""A payment channel as we see it (缴费渠道模拟): the tax bureau or a bank, for trying an installation and for tests.

    channel = ChannelStub("tax", secret)
    channel.collect(owed, day)               the bureau's list of who paid, from our list of who owes
    channel.debit(batch, day)                the bank's results, from our batch of orders
    channel.paid(order_no, amount, at)       headers and body of a signed callback; `taken_back` of its reversal
    channel.statement(day)                   its own list of a day, for the reconciliation

It numbers what it takes and remembers it, as a real channel does in its own books. Amounts are fen.
"""

import io
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import msgspec

from yibao.core.money import yuan_from_fen
from yibao.core.sheets import Column, Heading, read_sheet, write_sheet
from yibao.population.contributions.channels.access import SIGNATURE, TIMESTAMP, sign

OWED = (
    Column("certno", "证件号码", kind="identity"),
    Column("psn_name", "姓名"),
    Column("year", "参保年度", kind="integer"),
    Column("amount", "应缴金额（元）", kind="money"),
)
BATCH = (Column("order_no", "订单号"), Column("amount", "金额", kind="money"))
LIST = (
    Heading("流水号", "identity"), Heading("证件号码", "identity"), Heading("姓名"), Heading("缴费年度", "integer"),
    Heading("缴费金额", "money"), Heading("缴费日期", "date"),
)  # fmt: skip
RESULTS = (
    Heading("订单号", "identity"), Heading("流水号", "identity"), Heading("金额", "money"), Heading("交易日期", "date"),
    Heading("结果"),
)  # fmt: skip
STATEMENT = (Heading("流水号", "identity"), Heading("金额", "money"), Heading("订单号", "identity"))

Message = tuple[dict[str, str], bytes]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the channel has taken."""

    serial: str
    amount: int
    day: date
    order_no: str = ""


@dataclass(slots=True)
class ChannelStub:
    """One channel with its secret of the callback and its own books."""

    code: str
    secret: str = ""
    receipts: list[Receipt] = field(default_factory=list)
    last: int = 0

    def collect(self, owed: bytes, day: date, only: Collection[str] | None = None) -> bytes:
        """Who paid on `day` of a list of who owes: everybody, or those certificate numbers only."""
        rows = [row.values for row in read_sheet(owed, OWED, ignore_unknown=True)]
        paid = [row for row in rows if only is None or row["certno"] in only]
        cells = [
            (self._take(row["amount"], day), row["certno"], row["psn_name"], row["year"], row["amount"], day)
            for row in paid
        ]
        return _sheet("缴费明细", LIST, cells)

    def debit(self, batch: bytes, day: date, failing: Collection[str] = ()) -> bytes:
        """The results of a batch: every order is paid but the `failing`."""
        cells = []
        for row in (row.values for row in read_sheet(batch, BATCH, ignore_unknown=True)):
            failed = row["order_no"] in failing
            serial = "" if failed else self._take(row["amount"], day, row["order_no"])
            cells.append((row["order_no"], serial, row["amount"], day, "失败" if failed else "成功"))
        return _sheet("扣款结果", RESULTS, cells)

    def paid(self, order_no: str, amount: int, at: datetime) -> Message:
        """Headers and body of the message that an order was paid."""
        serial = self._take(amount, at.date(), order_no)
        yuan = str(yuan_from_fen(amount))
        return self._signed(msgid=serial, state="paid", order_no=order_no, serial=serial, amount=yuan, paid_at=at)

    def taken_back(self, order_no: str) -> Message:
        """Headers and body of the message that the payment of an order is reversed."""
        receipt = next(one for one in self.receipts if one.order_no == order_no)
        self.receipts.remove(receipt)
        msgid = f"{receipt.serial}-R"
        return self._signed(msgid=msgid, state="reversed", order_no=order_no, serial=receipt.serial)

    def statement(self, day: date) -> bytes:
        """What the channel has taken on a day and not given back."""
        cells = [(one.serial, one.amount, one.order_no) for one in self.receipts if one.day == day]
        return _sheet("对账单", STATEMENT, cells)

    def _take(self, amount: int, day: date, order_no: str = "") -> str:
        self.last += 1
        serial = f"{self.code.upper()}{day:%Y%m%d}{self.last:06d}"
        self.receipts.append(Receipt(serial, amount, day, order_no))
        return serial

    def _signed(self, **facts: Any) -> Message:
        body, now = msgspec.json.encode(facts), str(int(time.time()))
        return {TIMESTAMP: now, SIGNATURE: sign(self.secret, now, body)}, body


def _sheet(title: str, headings: Sequence[Heading], cells: Sequence[Sequence[Any]]) -> bytes:
    file = io.BytesIO()
    write_sheet(file, title, headings, cells)
    return file.getvalue()
