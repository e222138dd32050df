"""Who comes and who asks: 1101 person (人员信息), 1201 institution (医药机构信息), 2001 entitlement (待遇检查)."""

from datetime import date
from typing import Any

from yibao.core import dates
from yibao.core.errors import Refusal, Refused
from yibao.core.money import yuan_from_fen
from yibao.gateway.fields import day_text
from yibao.gateway.registry import BareList, Call, Output, transaction
from yibao.population.entitlement.decision import INSURANCE_TITLES, Entitled, entitlement, standing
from yibao.population.entitlement.fund_checks import fund_checks, fund_lines
from yibao.population.model import CareFacts, Enrolment, Person, Tag
from yibao.population.queries import Credential, care_facts, find_person, refuse_duplicate
from yibao.population.rules import rules_of

CONTRIBUTION_TITLES = {
    "normal": "正常缴费",
    "late": "集中征缴期后缴费",
    "midyear": "中途参保缴费",
    "back_payment": "补缴",
    "lump_sum": "一次性缴费",
}
CONTRIBUTIONS = """
select c.insutype, c.kind, c.status, c.period_from, c.period_to, c.paid_on, coalesce(e.insu_admdvs, '') as area,
       coalesce(d.name, '') as area_name
from population.contribution c
left join lateral (select left(insu_admdvs, 4) || '00' as insu_admdvs from population.enrolment e
                   where e.psn_no = c.psn_no and e.insutype = c.insutype and e.begndate <= c.period_to
                   order by e.begndate desc limit 1) e on true
left join directory.division d on d.code = left(e.insu_admdvs, 4)
where c.psn_no = $1 and c.status in ('due', 'paid') and c.period_to >= $2::date - interval '1 year'
  and c.period_from <= $2 order by c.period_from desc, c.insutype
"""


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
        "insuinfo": [insurance_info(enrolment, facts, on) for enrolment in facts.enrolments],
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


def insurance_info(enrolment: Enrolment, facts: CareFacts, on: date) -> dict[str, object]:
    """One enrolment; who owes contributions is shown as suspended since the day after his last day covered."""
    status, paused = standing(facts, enrolment, on)
    balance = facts.account.balance if facts.account and enrolment.insutype == "310" else 0
    return {
        "balc": yuan_from_fen(balance),
        "insutype": enrolment.insutype,
        "psn_type": enrolment.psn_type,
        "psn_insu_stas": status,
        "psn_insu_date": day_text(enrolment.begndate),
        "paus_insu_date": day_text(paused),
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
    area = verdict.enrolment.insu_admdvs if isinstance(verdict, Entitled) else area_of(facts, row["insutype"], call)
    lines = fund_lines(rules_of(area), row["insutype"], on, row["med_type"])
    checks = fund_checks(facts, verdict, lines, on)
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


def area_of(facts: CareFacts, insutype: str, call: Call) -> str:
    """The area whose rules answer for a person who is not entitled: his newest enrolment's, else the sender's."""
    known = [enrolment.insu_admdvs for enrolment in facts.enrolments if enrolment.insutype == insutype]
    return known[0] if known else call.envelope.mdtrtarea_admvs


@transaction("90100")
async def contributions(call: Call) -> BareList:
    """90100: the contributions of the last year, newest first; a program looks whether last month was paid."""
    psn_no = call.nodes["data"]["psn_no"]
    async with call.database.connection() as connection:
        await refuse_duplicate(connection, psn_no)
        rows = await connection.fetch(CONTRIBUTIONS, psn_no, dates.today())
    return [contribution(row) for row in rows]


def contribution(row: Any) -> dict[str, Any]:
    """One contribution as several programs read it; of `clct_type` only code 10 (正常缴费) is known from them."""
    paid, normal = row["status"] == "paid", row["kind"] == "normal"
    return {
        "poolarea_no": row["area"],
        "poolarea_no_name": row["area_name"],
        "insutype": row["insutype"],
        "insutype_name": INSURANCE_TITLES.get(row["insutype"], ""),
        "clct_type": "10" if normal else "",
        "clct_type_name": CONTRIBUTION_TITLES[row["kind"]],
        "clct_flag": "1" if paid else "0",
        "clct_flag_name": "足额缴费" if paid else "未到账",
        "accrym_begn": f"{row['period_from']:%Y%m}",
        "accrym_end": f"{row['period_to']:%Y%m}",
        "clct_time": f"{row['paid_on']:%Y-%m-%d} 00:00:00" if paid else "",
    }
