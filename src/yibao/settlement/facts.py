"""From the tables to the facts of a policy: who, where, which care, in the vocabulary of `yibao.benefits`."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from yibao.benefits.facts import Facts
from yibao.benefits.national import area_between, care_of, filing_without_record, insurance_of, sex_of, status_of
from yibao.core.dates import age_on
from yibao.directory.model import Institution
from yibao.population.model import Enrolment
from yibao.settlement.case import Case

DELIVERY_OF = {
    "1": "natural", "2": "assisted", "3": "caesarean", "4": "difficult", "5": "abortion", "6": "induced",
    "7": "prenatal",
}  # fmt: skip


def filing_of(case: Case, area: str, med_type: str, fixmedins_code: str) -> str:
    """Which filing for care away from home holds: emergency care needs none (异地急诊抢救视同备案)."""
    if area == "local":
        return "none"
    for filing in case.facts.filings:
        if filing.kind == "transfer" and filing.details.get("reflin_medins_no", fixmedins_code) == fixmedins_code:
            return "referral"
        if filing.kind == "out_of_area":
            return str(filing.details.get("filing", "long_stay_resident"))
    return filing_without_record(area, med_type)


def chronic_filings(case: Case) -> list[str]:
    """Codes of the chronic and special diseases the person is recognised for."""
    return [filing.dise_code for filing in case.facts.filings if filing.kind == "chronic"]


def facts_of(
    case: Case, enrolment: Enrolment, visit: Mapping[str, Any], institution: Institution, on_date: date
) -> Facts:
    """The facts of one visit on `on_date`; `visit` is a row of settlement.visit or what will become one.

    Where the care is says the register of institutions, not the message.
    """
    area = area_between(enrolment.insu_admdvs, institution.admdvs)
    filing = filing_of(case, area, visit["med_type"], visit["fixmedins_code"])
    details = visit["details"]
    return Facts(
        insurance=insurance_of(enrolment.insutype),
        status=status_of(enrolment.psn_type),
        level=visit["hosp_lv"],
        institution=institution.grade,
        care=care_of(visit["med_type"]),
        med_type=visit["med_type"],
        disease=visit["dise_no"],
        disease_count=len(chronic_filings(case)),
        tags=case.facts.tag_words(),
        age=max(0, age_on(case.facts.person.brdy, on_date)),
        sex=sex_of(case.facts.person.gend),
        area=area,
        filing=filing,
        transfer=visit["refl_direction"] or "none",
        previous_level=int(details.get("previous_level") or 0),
        referral_followed=area == "local" or filing != "none",
        insured_years=case.facts.insured_years(on_date),
        civil_servant=enrolment.cvlserv_flag == "1",
        delivery=DELIVERY_OF.get(visit["matn_type"], "none"),
        fetuses=int(details.get("fetus_cnt") or 1),
        third_party=visit["ttp_pay_flag"] == "1",
        unlawful=details.get("unlawful") == "1",
        deliberate=details.get("deliberate") == "1",
    )
