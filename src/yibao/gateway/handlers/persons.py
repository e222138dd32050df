"""Who comes and who asks: 1101 person (人员信息), 1201 institution (医药机构信息), 2001 entitlement (待遇检查)."""

from datetime import date

from yibao.core import dates
from yibao.core.errors import Refusal, Refused
from yibao.core.money import yuan_from_fen
from yibao.gateway.fields import day_text
from yibao.gateway.registry import Call, Output, transaction
from yibao.population.entitlement import entitlement
from yibao.population.fund_checks import fund_checks
from yibao.population.model import CareFacts, Enrolment, Person, Tag
from yibao.population.queries import Credential, care_facts, find_person


@transaction("1101")
async def person(call: Call) -> Output:
    """1101: base data, every enrolment (a program must choose one), identity tags."""
    row = call.nodes["data"]
    on = (row.get("begntime") or dates.now()).date()
    credential = Credential(
        row["mdtrt_cert_type"],
        row["mdtrt_cert_no"],
        row.get("psn_cert_type", ""),
        row.get("certno", ""),
        row.get("psn_name", ""),
    )
    async with call.database.connection() as connection:
        found = await find_person(connection, credential, on)
        facts = await care_facts(connection, found.psn_no, on)
    return {
        "baseinfo": base_info(found, on),
        "insuinfo": [insurance_info(enrolment, facts) for enrolment in facts.enrolments],
        "idetinfo": [identity_info(tag) for tag in facts.tags],
    }


def base_info(found: Person, on: date) -> dict[str, object]:
    return {
        "psn_no": found.psn_no,
        "psn_cert_type": found.psn_cert_type,
        "certno": found.certno,
        "psn_name": found.psn_name,
        "gend": found.gend,
        "naty": found.naty,
        "brdy": day_text(found.brdy),
        "age": dates.age_on(found.brdy, on),
        "exp_content": "",
    }


def insurance_info(enrolment: Enrolment, facts: CareFacts) -> dict[str, object]:
    balance = facts.account.balance if facts.account and enrolment.insutype == "310" else 0
    return {
        "balc": yuan_from_fen(balance),
        "insutype": enrolment.insutype,
        "psn_type": enrolment.psn_type,
        "psn_insu_stas": enrolment.psn_insu_stas,
        "psn_insu_date": day_text(enrolment.begndate),
        "paus_insu_date": day_text(enrolment.paus_date or enrolment.enddate),
        "cvlserv_flag": enrolment.cvlserv_flag,
        "insuplc_admdvs": enrolment.insu_admdvs,
        "insu_admdvs": enrolment.insu_admdvs,  # older editions call it so and ask for the relation's number
        "psn_insu_rlts_id": str(enrolment.psn_insu_rlts_id),
        "emp_name": enrolment.emp_name,
    }


def identity_info(tag: Tag) -> dict[str, object]:
    return {
        "psn_idet_type": tag.psn_idet_type,
        "psn_type_lv": "",
        "memo": tag.tag,
        "begntime": f"{tag.begntime:%Y-%m-%d} 00:00:00",
        "endtime": f"{tag.endtime:%Y-%m-%d} 23:59:59" if tag.endtime else "",
    }


@transaction("1201")
async def institution(call: Call) -> Output:
    """1201: an institution by its code, the sender itself when none is given."""
    row = call.nodes["medinsinfo"]
    code = row.get("fixmedins_code") or call.institution
    found = await call.services.directory.institution(code)
    if found is None or found.fixmedins_type != row["fixmedins_type"].lstrip("0"):
        advice = "请核对机构编号和机构类型（1定点医疗机构，2定点零售药店）"
        raise Refused(Refusal("P211", f"没有类型为{row['fixmedins_type']}的定点医药机构{code}", advice, "medinsinfo"))
    return {
        "medinsinfo": {
            "fixmedins_code": found.fixmedins_code,
            "fixmedins_name": found.fixmedins_name,
            "uscc": found.uscc,
            "fixmedins_type": found.fixmedins_type,
            "hosp_lv": found.hosp_lv,
            "exp_content": "",
        }
    }


@transaction("2001")
async def entitlements(call: Call) -> Output:
    """2001: one row per fund line, with the reason where it does not pay."""
    row = call.nodes["data"]
    on = row["begntime"].date()
    async with call.database.connection() as connection:
        facts = await care_facts(connection, row["psn_no"], on)
    place = await call.services.directory.institution(row.get("fixmedins_code") or call.institution)
    verdict = entitlement(facts, place, on, row["insutype"], row["med_type"], row.get("dise_codg", ""))
    checks = fund_checks(facts, verdict, on, row["insutype"], row["med_type"])
    return {
        "trtinfo": [
            {
                "psn_no": row["psn_no"],
                "trt_chk_type": check.trt_chk_type,
                "fund_pay_type": check.fund_pay_type,
                "trt_enjymnt_flag": check.trt_enjymnt_flag,
                "begndate": day_text(check.begndate),
                "enddate": day_text(check.enddate),
                "trt_chk_rslt": check.trt_chk_rslt,
                "exp_content": "",
            }
            for check in checks
        ]
    }
