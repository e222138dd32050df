"""One bill as the page and the PDF show it: what was settled, turned into groups, payers, checks and words.

    statement_of(view) → Statement     pure; the templates only lay it out

Amounts stay integer fen to the very edge (the filter `yuan` writes them).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from yibao.core.dates import age_on
from yibao.settlement.model import Bill, PricedLine
from yibao.settlement.queries import BillView
from yibao.web.payers import Payer, of_every_hundred, payers_of
from yibao.web.reasoning import Step, YearTotal, steps_of, year_totals
from yibao.web.wording import CLASSES, GENDERS, LEVELS, masked_certificate, name_of, yuan

SETTLED, CANCELLED, NEGATIVE = "settled", "cancelled", "negative"


@dataclass(frozen=True, slots=True)
class Group:
    """The fee lines of one class (甲、乙、丙) with the subtotals of their five amounts, fen."""

    code: str
    title: str
    lines: tuple[PricedLine, ...]
    total: int
    full_self_pay: int
    over_limit: int
    prepay: int
    in_scope: int


@dataclass(frozen=True, slots=True)
class Check:
    """One identity of a bill: 总费用 = … and whether it holds."""

    text: str
    numbers: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """Everything on the page of one bill."""

    bill: Bill
    status: str
    other_setl_id: str
    name: str
    certificate: str
    about: str
    institution: str
    level: str
    care: str
    insurance: str
    groups: tuple[Group, ...]
    payers: tuple[Payer, ...]
    of_every_hundred: tuple[str, str] | None
    steps: tuple[Step, ...]
    checks: tuple[Check, ...]
    year_totals: tuple[YearTotal, ...]

    @property
    def days(self) -> int:
        """Days of the stay, at least 1."""
        return max(1, (self.bill.enddate - self.bill.begndate).days)

    @property
    def is_stay(self) -> bool:
        """A stay in hospital rather than a visit."""
        return self.bill.begndate != self.bill.enddate


def statement_of(view: BillView, pools: Mapping[str, str]) -> Statement:
    """Turn a settled bill into what people read; `pools` as in `year_totals`."""
    bill, person = view.bill, view.person
    explanation = msgspec.to_builtins(bill.explanation)
    return Statement(
        bill=bill,
        status=status_of(view),
        other_setl_id=view.cancelled_by or view.cancels or "",
        name=person["psn_name"],
        certificate=masked_certificate(person["certno"]),
        about=_about(person["gend"], person["brdy"], bill),
        institution=view.institution["fixmedins_name"],
        level=LEVELS.get(bill.hosp_lv, ""),
        care=name_of("med_type", bill.med_type),
        insurance=name_of("insutype", bill.insutype),
        groups=groups_of(view.lines),
        payers=payers_of(bill),
        of_every_hundred=of_every_hundred(bill),
        steps=steps_of(explanation),
        checks=checks_of(bill),
        year_totals=year_totals(explanation, bill.accumulators, view.totals_after, bill.year, pools),
    )


def status_of(view: BillView) -> str:
    """settled, cancelled (by a later one) or negative (cancels an earlier one)."""
    if view.cancels:
        return NEGATIVE
    return CANCELLED if view.cancelled_by else SETTLED


def _about(gender: str, born: date | str, bill: Bill) -> str:
    """男 · 75 岁 · 退休"""
    birth = date.fromisoformat(born) if isinstance(born, str) else born
    return (
        f"{GENDERS.get(gender, '性别未说明')} · {age_on(birth, bill.enddate)} 岁 · {name_of('psn_type', bill.psn_type)}"
    )


def groups_of(lines: Sequence[PricedLine]) -> tuple[Group, ...]:
    """Lines by class in the order 甲, 乙, 丙; classes without lines are left out."""
    found = []
    for code, title in CLASSES.items():
        chosen = tuple(line for line in lines if line.chrgitm_lv == code)
        if chosen:
            found.append(_group(code, title, chosen))
    return tuple(found)


def _group(code: str, title: str, lines: tuple[PricedLine, ...]) -> Group:
    return Group(
        code,
        title,
        lines,
        total=sum(line.fee.det_item_fee_sumamt for line in lines),
        full_self_pay=sum(line.fulamt_ownpay_amt for line in lines),
        over_limit=sum(line.overlmt_selfpay for line in lines),
        prepay=sum(line.preselfpay_amt for line in lines),
        in_scope=sum(line.inscp_amt for line in lines),
    )


def checks_of(bill: Bill) -> tuple[Check, ...]:
    """The four identities of a settlement, each as words and as numbers."""
    total = ("总费用", bill.medfee_sumamt)
    funds = (
        ("统筹", bill.hifp_pay), ("公务员补助", bill.cvlserv_pay), ("企业补充", bill.hifes_pay),
        ("居民大病", bill.hifmi_pay), ("职工大额", bill.hifob_pay), ("伤残人员", bill.hifdm_pay),
        ("医疗救助", bill.maf_pay), ("其他", bill.othfund_pay),
    )  # fmt: skip
    return (
        _check(
            total, ("基金支付", bill.fund_pay_sumamt), ("个人负担", bill.psn_pay), ("医院承担", bill.ownpay_hosp_part)
        ),
        _check(
            total,
            ("政策范围内", bill.inscp_amt),
            ("全自费", bill.fulamt_ownpay_amt),
            ("超限价", bill.overlmt_selfpay),
            ("先行自付", bill.preselfpay_amt),
        ),
        _check(("个人负担", bill.psn_pay), ("个人账户", bill.acct_pay), ("现金", bill.cash_payamt)),
        _check(("基金支付", bill.fund_pay_sumamt), *(part for part in funds if part[1])),
    )


def _check(whole: tuple[str, int], *parts: tuple[str, int]) -> Check:
    words = " ＋ ".join(title for title, _ in parts) or "无基金支付"
    numbers = " ＋ ".join(yuan(amount) for _, amount in parts) or yuan(0)
    holds = whole[1] == sum(amount for _, amount in parts)
    return Check(f"{whole[0]} ＝ {words}", f"{yuan(whole[1])} ＝ {numbers}", holds)
