"""Entitlement per fund line (基金款项待遇), as transaction 2001 answers it. Pure.

Codes are the dictionary fund_pay_type (Hunan edition 1.1.27). Which lines belong to an insurance and a kind of care
stands in `LINES`; the amount each pays is decided by the policy pack, not here.
"""

from dataclasses import dataclass
from datetime import date

from yibao.core.errors import Refusal
from yibao.population.entitlement import INSURANCE_TITLES, Entitled
from yibao.population.model import CareFacts, Enrolment

FUND_ITEM_CHECK = "01"
OUTPATIENT = {"11", "13", "41"}
LINES = {
    ("310", True): ("310102", "310200", "330100", "320100", "610100"),
    ("310", False): ("310100", "310200", "330100", "320100", "610100"),
    ("390", True): ("390102", "390200", "610100"),
    ("390", False): ("390100", "390200", "610100"),
}
TITLES = {
    "310100": "职工统筹基金",
    "310102": "职工门诊统筹基金",
    "310200": "职工个人账户",
    "330100": "大额医疗费用补助",
    "320100": "公务员医疗补助",
    "390100": "居民统筹基金",
    "390102": "居民门诊统筹基金",
    "390200": "居民大病保险",
    "610100": "医疗救助",
}
ACCOUNT, CIVIL_SERVANT, MEDICAL_AID = "310200", "320100", "610100"
AIDED = {
    "特困",
    "孤儿",
    "低保",
    "返贫致贫",
    "低保边缘",
    "脱贫不稳定",
    "边缘易致贫",
    "突发严重困难",
    "监测对象",
    "支出型困难",
}


@dataclass(frozen=True, slots=True)
class FundCheck:
    """One row of 2001: fund line, whether it pays ("1"/"0"), since when, until when, and the reason in Chinese."""

    fund_pay_type: str
    trt_enjymnt_flag: str
    begndate: date
    enddate: date | None
    trt_chk_rslt: str
    trt_chk_type: str = FUND_ITEM_CHECK


def fund_checks(
    facts: CareFacts, verdict: Entitled | tuple[Refusal, ...], on: date, insutype: str, med_type: str
) -> list[FundCheck]:
    """One row per fund line of the insurance; a refused person gets every line with the reasons."""
    lines = LINES.get((insutype, med_type in OUTPATIENT), ())
    if not isinstance(verdict, Entitled):
        reasons = "；".join(f"[{reason.code}]{reason.text}" for reason in verdict)[:500]
        return [FundCheck(line, "0", on, None, reasons) for line in lines]
    return [_line_check(line, facts, verdict) for line in lines]


def _line_check(line: str, facts: CareFacts, verdict: Entitled) -> FundCheck:
    enrolment, days = verdict.enrolment, verdict.coverage
    against = _against_line(line, facts, enrolment)
    title = INSURANCE_TITLES.get(enrolment.insutype, enrolment.insutype)
    result = against or f"{title}待遇正常，可享受{TITLES[line]}"
    return FundCheck(line, "0" if against else "1", days.begndate, days.enddate, result)


def _against_line(line: str, facts: CareFacts, enrolment: Enrolment) -> str:
    if line == CIVIL_SERVANT and enrolment.cvlserv_flag != "1":
        return "不是公务员医疗补助人员"
    if line == MEDICAL_AID and not facts.tag_words() & AIDED:
        return "就诊日期没有救助对象身份；负担较重的可依申请救助"
    if line == ACCOUNT and facts.account is None:
        return "没有个人账户"
    if line == ACCOUNT and facts.account is not None and facts.account.frozen:
        return "个人账户已冻结"
    return ""
