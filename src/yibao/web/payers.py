"""Who paid how much of a bill: the rows and the picture.

Funds in the order of their layers, then the person's account, the family's, the hospital, cash. The picture is a
list of slices in hundredths of a percent; a payer's `look` names its fill in the style sheet, chosen so that
neighbours differ in lightness and pattern, and so in grey print too.
"""

from dataclasses import dataclass

from yibao.core.money import divide_half_up
from yibao.settlement.model import Bill
from yibao.web.wording import yuan

WHOLE = 10_000
LOOKS = {
    "hifp_pay": ("basic", "统筹"), "hifmi_pay": ("serious", "大病"), "hifob_pay": ("serious", "大额"),
    "maf_pay": ("aid", "救助"), "cvlserv_pay": ("other", "公务员"), "hifes_pay": ("other", "企业补充"),
    "hifdm_pay": ("other", "伤残"), "oth_pay": ("other", "其他"), "othfund_pay": ("other", "其他"),
}  # fmt: skip
"""National column of a fund → its fill and the short word written into its slice."""


@dataclass(frozen=True, slots=True)
class Payer:
    """One payer: amount in fen, its share of the bill in basis points, where its slice begins (same unit)."""

    title: str
    short: str
    look: str
    amount: int
    is_fund: bool
    share: int
    start: int = 0

    @property
    def rounded_share(self) -> int:
        """Whole percent, rounded so that all of a bill's add up to 100."""
        return divide_half_up(self.start + self.share, 100) - divide_half_up(self.start, 100)


def of_every_hundred(bill: Bill) -> tuple[str, str] | None:
    """What the funds and what the person paid of every 100 yuan, in yuan; None for a bill of nothing."""
    if bill.medfee_sumamt == 0:
        return None
    funds = divide_half_up(abs(bill.fund_pay_sumamt) * WHOLE, abs(bill.medfee_sumamt))
    own = divide_half_up(abs(bill.psn_pay) * WHOLE, abs(bill.medfee_sumamt))
    return yuan(funds), yuan(own)


def payers_of(bill: Bill) -> tuple[Payer, ...]:
    """Everyone who paid something, in the order of the picture; amounts add up to the bill."""
    parts = [*_funds(bill), *_person_and_hospital(bill)]
    total = bill.medfee_sumamt or 1
    placed, passed = [], 0
    for title, short, look, amount, is_fund in parts:
        if amount:
            start = divide_half_up(abs(passed) * WHOLE, abs(total))
            passed += amount
            end = divide_half_up(abs(passed) * WHOLE, abs(total))
            placed.append(Payer(title, short, look, amount, is_fund, end - start, start))
    return tuple(placed)


def _funds(bill: Bill) -> list[tuple[str, str, str, int, bool]]:
    rows = [fund for fund in bill.funds if fund.column in LOOKS]
    return [(fund.title, LOOKS[fund.column][1], LOOKS[fund.column][0], fund.fund_payamt, True) for fund in rows]


def _person_and_hospital(bill: Bill) -> list[tuple[str, str, str, int, bool]]:
    return [
        ("医院承担", "医院", "hospital", bill.ownpay_hosp_part, False),
        ("本人个人账户", "个人账户", "account", bill.acct_pay - bill.acct_mulaid_pay, False),
        ("家庭共济账户", "家庭共济", "family", bill.acct_mulaid_pay, False),
        ("现金支付", "现金", "cash", bill.cash_payamt, False),
    ]
