"""Queries: 5101 departments, 5102 doctors, 5201–5206 visits, diagnoses, bills, lines, totals, 5301–5304 filings.

Every reply holds exactly the fields of its page; what the platform does not know is an empty text. A list whose node
the page leaves without a name is answered as `data`. Time ranges are whole days when they are sent as days.
"""

from datetime import datetime, time
from typing import Any

from yibao.core import dates
from yibao.core.errors import Refusal, Refused
from yibao.core.money import yuan_from_fen
from yibao.gateway import reading
from yibao.gateway.fields import unscaled
from yibao.gateway.handlers.catalogue import written
from yibao.gateway.interface.catalogue import transactions
from yibao.gateway.registry import Call, Output, transaction
from yibao.gateway.replies import NO_LIMIT, fund_row, setlinfo
from yibao.population.model import Filing
from yibao.population.queries import active_filings, care_facts, refuse_duplicate
from yibao.settlement.cancellation import bill_of
from yibao.settlement.queries import ADMISSIONS, cumulative

FIRST_MOMENT = datetime(1900, 1, 1)  # noqa: DTZ001 - business time is local
DISCHARGE_STAGE = "discharge"


def filled(infno: str, rows: list[dict[str, Any]], node: int = 0) -> list[dict[str, Any]]:
    """Rows with exactly the fields of an output node of the page."""
    names = [field.name for field in transactions()[infno].outputs[node].fields]
    return [{name: written(row.get(name)) for name in names} for row in rows]


def period(row: dict[str, Any]) -> tuple[datetime, datetime]:
    """begntime and endtime; an end at midnight means the whole day."""
    end = row.get("endtime") or dates.now()
    if end.time() == time.min:
        end = datetime.combine(end.date(), time(23, 59, 59))
    return row.get("begntime") or FIRST_MOMENT, end


async def fetched(call: Call, query: str, *arguments: Any) -> list[dict[str, Any]]:
    """Rows of a query; a duplicate's number is refused (P118)."""
    async with call.database.connection() as connection:
        await refuse_duplicate(connection, call.nodes.get("data", {}).get("psn_no", ""))
        return [dict(row) for row in await connection.fetch(query, *arguments)]


@transaction("5101")
async def departments(call: Call) -> Output:
    """5101: departments of the sender."""
    return {"feedetail": filled("5101", await fetched(call, reading.DEPARTMENTS, call.institution))}


@transaction("5102")
async def doctors(call: Call) -> Output:
    """5102: practitioners of the sender."""
    row = call.nodes["data"]
    wanted = (row["prac_psn_type"], row.get("prac_psn_name", ""), row.get("prac_psn_code", ""))
    return {"feedetail": filled("5102", await fetched(call, reading.DOCTORS, call.institution, *wanted))}


@transaction("5201")
async def visits(call: Call) -> Output:
    """5201: visits of a person at the sender in a period."""
    row = call.nodes["data"]
    wanted = (row["psn_no"], row.get("mdtrt_id", ""), row.get("med_type", ""), *period(row))
    rows = await fetched(call, reading.VISITS, call.institution, *wanted)
    return {"mdtrtinfo": filled("5201", [{**found["details"], **found, **aged(found)} for found in rows])}


def aged(found: dict[str, Any]) -> dict[str, Any]:
    return {"age": dates.age_on(found["brdy"], found.get("begndate") or found["begntime"].date())}


@transaction("5202")
async def diagnoses(call: Call) -> Output:
    """5202: diagnoses of a visit at the sender."""
    row = call.nodes["data"]
    rows = await fetched(call, reading.DIAGNOSES, row["mdtrt_id"], row["psn_no"], call.institution)
    for found in rows:
        found["inout_diag_type"] = "2" if found["stage"] == DISCHARGE_STAGE else "1"
    return {"diseinfo": filled("5202", rows)}


@transaction("5203")
async def bill(call: Call) -> Output:
    """5203: one settlement at the sender, the last of the visit when setl_id is empty; G035 when there is none."""
    row = call.nodes["data"]
    wanted = (row["psn_no"], row["mdtrt_id"], row.get("setl_id", ""))
    rows = await fetched(call, reading.SETTLEMENTS, call.institution, *wanted)
    if not rows:
        raise Refused(Refusal("G035", "没有符合条件的结算", "请核对人员编号、就诊ID和结算ID", "data"))
    found = rows[0]
    settled = bill_of(found)
    async with call.database.connection() as connection:
        person = (await care_facts(connection, settled.psn_no, settled.enddate)).person
    more = {
        "fixmedins_name": found["fixmedins_name"],
        "hosp_lv": found["hosp_lv_code"],
        "fixmedins_poolarea": found["admdvs"],
        "insu_optins": settled.insu_admdvs,
        "lmtpric_hosp_lv": str(settled.hosp_lv),
        "dedc_hosp_lv": str(settled.hosp_lv),
        "pay_loc": "2",
        "opter_id": settled.opter,
        "opt_time": settled.setl_time,
    }
    return {
        "setlinfo": filled("5203", [{**setlinfo(settled, person), **more}])[0],
        "setldetail": [fund_row(share) for share in settled.funds],
    }


@transaction("5204")
async def lines(call: Call) -> Output:
    """5204: fee lines of one settlement at the sender, or those that stand in a visit when setl_id is empty."""
    row = call.nodes["data"]
    visit, setl_id = (call.institution, row["psn_no"], row["mdtrt_id"]), row.get("setl_id", "")
    if setl_id:
        rows = await fetched(call, reading.LINES_OF_SETTLEMENT, *visit, setl_id)
    else:
        rows = await fetched(call, reading.LINES_OF_VISIT, *visit)
    return {"data": filled("5204", [wire_line(found) for found in rows])}


@transaction("5205")
async def chronic_drugs(call: Call) -> Output:
    """5205: settled lines of a person's visits for chronic diseases in a period."""
    row = call.nodes["data"]
    rows = await fetched(call, reading.CHRONIC_LINES, row["psn_no"], *period(row))
    return {"feedetail": filled("5205", [wire_line(found) for found in rows])}


def wire_line(found: dict[str, Any]) -> dict[str, Any]:
    """A row of settlement.fee_line in the units of the wire."""
    limit, days = found["pric_uplmt_amt"], found["prd_days"]
    amounts = ("det_item_fee_sumamt", "fulamt_ownpay_amt", "preselfpay_amt")
    return {
        **found["details"],
        **found,
        **{name: yuan_from_fen(found[name]) for name in amounts},
        "overlmt_amt": yuan_from_fen(found["overlmt_selfpay"]),
        "inscp_scp_amt": yuan_from_fen(found["inscp_amt"]),
        "cnt": unscaled(found["cnt"], 4),
        "pric": unscaled(found["pric"], 6),
        "pric_uplmt_amt": NO_LIMIT if limit is None else unscaled(limit, 6),
        "selfpay_prop": unscaled(found["selfpay_prop"], 4),
        "prd_days": "" if days is None else unscaled(days, 2),
        "hilist_code": found["med_list_codg"],
        "bilg_dr_codg": found["bilg_dr_code"],
    }


@transaction("5206")
async def totals(call: Call) -> Output:
    """5206: accumulators of a person by the national kinds; amounts in yuan, admissions as a count."""
    row = call.nodes["data"]
    month = row.get("cum_ym", "")
    async with call.database.connection() as connection:
        await refuse_duplicate(connection, row["psn_no"])
        rows = await cumulative(connection, row["psn_no"], month)
    return {
        "cuminfo": [
            {
                "insutype": found["insutype"],
                "year": str(found["year"]),
                "cum_ym": month,
                "cum_type_code": found["code"],
                "cum": found["total"] if found["code"] == ADMISSIONS else yuan_from_fen(found["total"]),
            }
            for found in rows
        ]
    }


async def filings(call: Call, kind: str) -> list[Filing]:
    psn_no = call.nodes["data"]["psn_no"]
    async with call.database.connection() as connection:
        await refuse_duplicate(connection, psn_no)
        return await active_filings(connection, psn_no, kind)


@transaction("5301")
async def chronic_filings(call: Call) -> Output:
    """5301: chronic and special diseases the person is recognised for."""
    rows = [
        {
            "opsp_dise_code": filing.dise_code,
            "opsp_dise_name": filing.details.get("opsp_dise_name", ""),
            "begndate": filing.begndate,
            "enddate": filing.enddate,
        }
        for filing in await filings(call, "chronic")
    ]
    return {"feedetail": filled("5301", rows)}


@transaction("5302")
async def fixed_institutions(call: Call) -> Output:
    """5302: institutions the person has chosen for a kind of business."""
    kind = call.nodes["data"].get("biz_appy_type", "")
    rows = [
        {**filing.details, "psn_no": filing.psn_no, "insutype": filing.insutype, "begndate": filing.begndate,
         "enddate": filing.enddate, "fixmedins_code": filing.fixmedins_code}
        for filing in await filings(call, "fixed_institution")
        if filing.details.get("biz_appy_type", kind) == kind
    ]  # fmt: skip
    return {"psnfixmedin": filled("5302", rows)}


@transaction("5303")
async def in_bed(call: Call) -> Output:
    """5303: who lies in the sender's beds, admitted in a period."""
    row = call.nodes["data"]
    rows = await fetched(call, reading.IN_BED, call.institution, row.get("psn_no", ""), *period(row))
    return {"data": filled("5303", [{**found, **aged(found)} for found in rows])}


@transaction("5304")
async def transfers(call: Call) -> Output:
    """5304: transfer filings of the person that begin in a period."""
    row = call.nodes["data"]
    first, last = (moment.date() for moment in period(row))
    found = [filing for filing in await filings(call, "transfer") if first <= filing.begndate <= last]
    async with call.database.connection() as connection:
        person = (await care_facts(connection, row["psn_no"], dates.today())).person
    known = {name: getattr(person, name) for name in ("psn_cert_type", "certno", "psn_name", "gend", "brdy", "tel")}
    here = call.envelope.mdtrtarea_admvs[:4]
    rows = [
        {**known, **filing.details, "psn_no": filing.psn_no, "insutype": filing.insutype, "dcla_souc": "01",
         "begndate": filing.begndate, "enddate": filing.enddate,
         "out_flag": "0" if str(filing.details.get("mdtrtarea_admdvs", here))[:4] == here else "1"}
        for filing in found
    ]  # fmt: skip
    return {"refmedin": filled("5304", rows)}
