"""Entitlement per fund line (基金款项待遇): what an enrolment pays for, and why a line does not. Pure.

    lines = fund_lines(rules, insutype, on, med_type)     the area's lines (`fund_lines` in entitlement.yaml)
    fund_checks(facts, verdict, lines, on)                one answer per line, as transaction 2001 gives it

Codes are the dictionary fund_pay_type (Hunan edition 1.1.27). The amount each pays is decided by the policy pack.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import msgspec

from yibao.benefits.national import care_of
from yibao.core.errors import Refusal
from yibao.population.entitlement.decision import INSURANCE_TITLES, Entitled
from yibao.population.model import CareFacts, Enrolment
from yibao.population.rules import Rules

FUND_ITEM_CHECK = "01"
OUTPATIENT = {"11", "13", "41"}


class FundLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fund that an insurance pays from: `care` outpatient, stay, maternity or "" for all; `only` a condition:
    account, civil_servant, or tagged with one of `tags`, those of the aid layers of the area's policy pack.
    """

    fund: str
    title: str
    purpose: str
    care: str = ""
    only: Literal["", "account", "civil_servant", "tagged"] = ""
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FundCheck:
    """One row of 2001: fund line, whether it pays ("1"/"0"), since when, until when, and the reason in Chinese."""

    fund_pay_type: str
    trt_enjymnt_flag: str
    begndate: date
    enddate: date | None
    trt_chk_rslt: str
    trt_chk_type: str = FUND_ITEM_CHECK


def fund_lines(rules: Rules, insutype: str, on: date, med_type: str = "") -> list[FundLine]:
    """The lines of an insurance for a kind of care, "" for every care; `Refused` P001 when the area has none."""
    known: dict[str, list[FundLine]] = rules.shaped("fund_lines", on, dict[str, list[FundLine]])
    return [line for line in known.get(insutype, []) if not med_type or line.care in ("", care_kind(med_type))]


def care_kind(med_type: str) -> str:
    """outpatient, maternity or stay, as fund lines tell care apart."""
    if care_of(med_type).startswith("maternity"):
        return "maternity"
    return "outpatient" if med_type in OUTPATIENT else "stay"


def fund_checks(
    facts: CareFacts, verdict: Entitled | tuple[Refusal, ...], lines: Sequence[FundLine], on: date
) -> list[FundCheck]:
    """One row per fund line; a refused person gets every line with the reasons."""
    if not isinstance(verdict, Entitled):
        reasons = "；".join(f"[{reason.code}]{reason.text}" for reason in verdict)[:500]
        return [FundCheck(line.fund, "0", on, None, reasons) for line in lines]
    return [_line_check(line, facts, verdict) for line in lines]


def _line_check(line: FundLine, facts: CareFacts, verdict: Entitled) -> FundCheck:
    enrolment, days = verdict.enrolment, verdict.coverage
    against = against_line(line, facts, enrolment)
    title = INSURANCE_TITLES.get(enrolment.insutype, enrolment.insutype)
    result = against or f"{title}待遇正常，可享受{line.title}"
    return FundCheck(line.fund, "0" if against else "1", days.begndate, days.enddate, result)


def against_line(line: FundLine, facts: CareFacts, enrolment: Enrolment) -> str:
    """Why a line does not pay for an insured person; "" when it does."""
    if line.only == "civil_servant" and enrolment.cvlserv_flag != "1":
        return "不是公务员医疗补助人员"
    if line.only == "tagged" and not facts.tag_words() & line.tags:
        return "就诊日期没有救助对象身份；负担较重的可依申请救助"
    if line.only == "account" and facts.account is None:
        return "没有个人账户"
    if line.only == "account" and facts.account is not None and facts.account.frozen:
        return "个人账户已冻结"
    return ""
