"""Entitlement (待遇资格): may this person be treated here on this day at the fund's expense? Pure.

`entitlement` collects every reason against it: about the institution (P21x), the person's life and enrolment
(P20x), and the filing that the kind of care needs (P22x). With none it names the enrolment that pays.
`fund_checks` says the same per fund line, as transaction 2001 answers it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from yibao.core.errors import Refusal
from yibao.core.money import yuan_text
from yibao.directory.model import Institution
from yibao.population.model import CareFacts, Coverage, Due, Enrolment
from yibao.population.queries import merged_person

INSURANCE_TITLES = {
    "310": "职工基本医疗保险",
    "390": "城乡居民基本医疗保险",
    "340": "离休人员医疗保障",
    "510": "生育保险",
}
MEDICAL = {"310", "340", "390"}
CHRONIC, TWO_DISEASES, PHARMACY_PURCHASE = "14", "9901", "41"
PHARMACY_MAY = {"41", "18", "93", CHRONIC, TWO_DISEASES, "9904"}
"""What a retail pharmacy may settle: purchases, and the drugs of chronic, two-disease and negotiated-drug care."""


@dataclass(frozen=True, slots=True)
class Entitled:
    """The enrolment that pays, and the days on which it does."""

    enrolment: Enrolment
    coverage: Coverage


def entitlement(
    facts: CareFacts, institution: Institution | None, on: date, insutype: str, med_type: str, dise_code: str = ""
) -> Entitled | tuple[Refusal, ...]:
    """The paying enrolment on the day of care `on`, or every reason against it.

    `insutype` "" takes the enrolment in force, employee insurance first; `dise_code` "" accepts any chronic filing.
    """
    reasons = [*_against_institution(institution, on, med_type), *_against_person(facts, on)]
    found = enrolment_on(facts, on, insutype)
    if isinstance(found, Refusal):
        reasons.append(found)
    reasons.extend(_against_filing(facts, on, med_type, dise_code))
    if reasons or isinstance(found, Refusal):
        return tuple(reasons)
    return found


def enrolment_on(facts: CareFacts, on: date, insutype: str) -> Entitled | Refusal:
    """The enrolment with benefits on `on`; else the reason of the one that comes nearest to it."""
    candidates = [e for e in facts.enrolments if e.insutype == insutype or (not insutype and e.insutype in MEDICAL)]
    verdicts = [(e, enrolment_verdict(facts, e, on)) for e in candidates]
    entitled = [verdict for _, verdict in verdicts if isinstance(verdict, Entitled)]
    if entitled:
        return min(entitled, key=lambda verdict: verdict.enrolment.insutype)
    begun = [verdict for e, verdict in verdicts if e.begndate <= on]
    if begun:
        return begun[0]
    title = INSURANCE_TITLES.get(insutype, "基本医疗保险")
    return Refusal(
        "P202", f"该人员{on}未参加{title}", "请核对险种和就诊日期，或到参保地经办机构办理参保登记", "insutype"
    )


def enrolment_verdict(facts: CareFacts, enrolment: Enrolment, on: date) -> Entitled | Refusal:
    """Whether this enrolment pays on `on`: its own state first, then its coverage."""
    rows = _rows(facts, enrolment)
    reason = _against_enrolment(enrolment, on)
    covering = next((row for row in rows if row.state == "covered" and row.holds(on)), None)
    if reason is None and covering is not None:
        return Entitled(enrolment, covering)
    return reason or _against_coverage(facts, enrolment, rows, on)


def standing(facts: CareFacts, enrolment: Enrolment, on: date) -> tuple[str, date | None]:
    """psn_insu_stas and the first day of a pause or the last of an end, as programs are told (1101).

    Whose contributions are not paid counts as suspended (2) since the day after the last day covered; a pause or an end
    that is to come leaves the enrolment normal (1) until then.
    """
    verdict = enrolment_verdict(facts, enrolment, on)
    if isinstance(verdict, Refusal) and verdict.code == "P209":
        ends = [row.enddate for row in _rows(facts, enrolment) if row.enddate is not None and row.enddate < on]
        return "2", max(ends) + timedelta(days=1) if ends else enrolment.begndate
    paused = enrolment.paus_date or enrolment.enddate
    to_come = paused is not None and (on < paused if enrolment.psn_insu_stas == "2" else on <= paused)
    if to_come and enrolment.psn_insu_stas in ("2", "4"):
        return "1", paused
    return enrolment.psn_insu_stas, paused


def _rows(facts: CareFacts, enrolment: Enrolment) -> list[Coverage]:
    return [row for row in facts.coverages if row.psn_insu_rlts_id == enrolment.psn_insu_rlts_id]


def _against_enrolment(enrolment: Enrolment, on: date) -> Refusal | None:
    """Why the enrolment itself gives no benefits on `on`."""
    title = INSURANCE_TITLES.get(enrolment.insutype, enrolment.insutype)
    if enrolment.begndate > on:
        return Refusal("P202", f"{title}自{enrolment.begndate}起参保，{on}尚未参保", "请核对就诊日期", "insutype")
    if enrolment.enddate is not None and enrolment.enddate < on:
        return Refusal(
            "P204", f"{title}已于{enrolment.enddate}终止参保", "请到参保地经办机构续保或转移接续", "insutype"
        )
    if enrolment.psn_insu_stas == "3":
        return Refusal("P207", f"{title}参保登记无效", "请到参保地经办机构更正参保登记", "insutype")
    if _suspended(enrolment, on):
        since = f"自{enrolment.paus_date}起" if enrolment.paus_date else ""
        return Refusal(
            "P203", f"{title}{since}暂停参保", "请补缴保费后再结算，本次费用可先自费、恢复后零星报销", "insutype"
        )
    return None


def _against_coverage(facts: CareFacts, enrolment: Enrolment, rows: list[Coverage], on: date) -> Refusal:
    """Why an enrolment in force covers nothing on `on`: waiting (P205), or contributions not paid in time (P209)."""
    title = INSURANCE_TITLES.get(enrolment.insutype, enrolment.insutype)
    waits = any(row.state == "waiting" and row.holds(on) for row in rows)
    begins = min((row.begndate for row in rows if row.state == "covered" and row.begndate > on), default=None)
    paid_until = max((row.enddate for row in rows if row.enddate is not None and row.enddate < on), default=None)
    if waits:
        since = f"，自{begins}起享受待遇" if begins else ""
        text = f"{title}处于待遇等待期{since}"
        return Refusal("P205", text, "等待期内费用由个人负担，请以自费结算", "insutype")
    known = f"待遇享受期至{paid_until}，" if paid_until else ""
    owed = [due for due in facts.due if due.insutype == enrolment.insutype]
    if begins is not None and not owed:
        text = f"{title}{known}{on}不在待遇享受期内，自{begins}起享受待遇"
        return Refusal("P209", text, "当日未缴费或补缴不追溯，费用由个人负担", "insutype")
    return Refusal("P209", f"{title}{known}{on}未缴费", _what_to_pay(owed), "insutype")


def _what_to_pay(owed: Sequence[Due]) -> str:
    """The advice to somebody who has not paid: the periods owed and their sum, where they are known."""
    if not owed:
        return "请缴纳保费后再结算，本次费用可先自费"
    periods = f"{owed[0].period_from:%Y-%m}" + (f"起共{len(owed)}期" if len(owed) > 1 else "")
    total = yuan_text(sum(due.amount for due in owed))
    return f"请缴纳{periods}保费{total}元后再结算，本次费用可先自费"


def _suspended(enrolment: Enrolment, on: date) -> bool:
    return enrolment.psn_insu_stas == "2" and (enrolment.paus_date is None or enrolment.paus_date <= on)


def _against_person(facts: CareFacts, on: date) -> Iterator[Refusal]:
    if facts.person.merged_into:
        yield merged_person(facts.person.psn_no, facts.person.merged_into)
    died = facts.person.die_date
    if died is not None and died < on:
        yield Refusal(
            "P206", f"该人员已于{died}死亡，就诊日期{on}在其后", "请核实就诊人身份，涉嫌冒用的请报告经办机构", "psn_no"
        )
    if facts.person.brdy > on:
        yield Refusal("P208", f"就诊日期{on}早于出生日期{facts.person.brdy}", "请核对就诊日期", "begntime")


def _against_institution(institution: Institution | None, on: date, med_type: str) -> Iterator[Refusal]:
    if institution is None:
        yield Refusal("P211", "该机构不是本统筹区登记的定点医药机构", "请核对定点医药机构编号", "fixmedins_code")
        return
    name, place = institution.fixmedins_name, "fixmedins_code"
    last_day = institution.contract_to
    ended = institution.status == "ended" if last_day is None else last_day < on
    if institution.contract_from > on:
        text = f"{name}的医保协议自{institution.contract_from}起生效，{on}尚未定点"
        yield Refusal("P212", text, "请核对就诊日期", place)
    elif ended:
        yield Refusal("P214", f"{name}的医保协议已终止", "请到其他定点医药机构就医，或与经办机构联系", place)
    elif institution.suspended_on(on):
        yield Refusal(
            "P213", f"{name}的医保协议在{on}处于中止状态", "请到其他定点医药机构就医，或与经办机构联系", place
        )
    pharmacy = institution.fixmedins_type == "2"
    if pharmacy and med_type not in PHARMACY_MAY:
        yield Refusal("P215", f"{name}是零售药店，不能办理医疗类别{med_type}", "请到定点医疗机构就医", "med_type")
    elif not pharmacy and med_type == PHARMACY_PURCHASE:
        yield Refusal("P216", f"{name}是医疗机构，不能按定点药店购药结算", "请改用门诊类医疗类别", "med_type")


def _against_filing(facts: CareFacts, on: date, med_type: str, dise_code: str) -> Iterator[Refusal]:
    kinds = {CHRONIC: ("chronic", "P221", "门诊慢特病"), TWO_DISEASES: ("two_diseases", "P222", "门诊两病")}
    if med_type not in kinds:
        return
    kind, code, title = kinds[med_type]
    if not any(f.kind == kind and dise_code in ("", f.dise_code) for f in facts.filings):
        disease = f"病种{dise_code}的" if dise_code else ""
        yield Refusal(
            code,
            f"该人员在{on}没有有效的{disease}{title}备案",
            "请先办理认定备案（2503），或改按普通门诊结算",
            "dise_codg",
        )
