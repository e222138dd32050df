"""Documents kept as sent: 4101 and 4101A settlement list (结算清单), 4102 its state, 4401 case front page (病案首页).

A new upload is a new version. States of a list: 0 not submitted, 1 submitted, 2 approved, 3 rejected; a program may go
0→1, 3→0 and 3→1; what is submitted waits for the centre, what is approved is frozen.
"""

from typing import Any

from yibao.core.errors import Refusal, Refused
from yibao.gateway.registry import Call, Output, transaction

LIST = "4101"
STATES = {"0": "未提交", "1": "已提交", "2": "审核通过", "3": "审核不通过"}
ALLOWED = {("0", "1"), ("3", "0"), ("3", "1")}
LAST = """
select document_id, version, status, psn_no from gateway.document
where infno = $1 and fixmedins_code = $2 and reference = $3 order by version desc limit 1 for update
"""
STORE = """
insert into gateway.document (infno, fixmedins_code, reference, psn_no, version, status, content)
values ($1, $2, $3, $4, $5, $6, $7::jsonb) returning document_id
"""
SET_STATE = "update gateway.document set status = $2 where document_id = $1"
SETTLEMENT = """
select exists (select from settlement.settlement where setl_id = $1 and fixmedins_code = $2 and psn_no = $3)
"""


async def store(call: Call, infno: str, reference: str, psn_no: str, status: str) -> int:
    """Keep the input as it was sent as the next version; returns document_id."""
    last = await call.connection.fetchrow(LAST, infno, call.institution, reference)
    if last is not None and last["status"] in ("1", "2"):
        text = f"清单{STATES[last['status']]}，不能重新上传"
        raise Refused(Refusal("G038", text, "请待审核结果；审核不通过的可修改后上传", "setlinfo.setl_id"))
    version = 1 if last is None else last["version"] + 1
    content = call.envelope.input()
    number: int = await call.connection.fetchval(
        STORE, infno, call.institution, reference, psn_no, version, status, content
    )
    call.reference, call.psn_no = reference, psn_no
    return number


@transaction("4101", "4101A", writes=True)
async def settlement_list(call: Call) -> Output:
    """4101, 4101A: the settlement list of one settlement of the sender."""
    row = call.nodes["setlinfo"]
    setl_id, psn_no = row.get("setl_id", ""), row.get("psn_no", "")
    if not await call.connection.fetchval(SETTLEMENT, setl_id, call.institution, psn_no):
        text = f"本机构没有人员{psn_no or '（空）'}的结算{setl_id or '（空）'}"
        raise Refused(Refusal("G035", text, "请核对结算ID和人员编号", "setlinfo.setl_id"))
    status = row.get("stas_type") if row.get("stas_type") in ("0", "1") else "0"
    number = await store(call, LIST, setl_id, psn_no, str(status))
    return {"data": {"setl_list_id": str(number)}}


@transaction("4102", writes=True)
async def change_state(call: Call) -> Output:
    """4102: submit lists or take them back; every list of the message or none."""
    head = call.nodes["data"]
    rows: list[dict[str, Any]] = head.get("stastinfo") or [head]
    refusals = [refusal for number, row in enumerate(rows, 1) for refusal in await changed(call, row, number)]
    if refusals:
        raise Refused(*refusals)
    return {}


async def changed(call: Call, row: dict[str, Any], number: int) -> list[Refusal]:
    """Change one list; the reason when that is not allowed."""
    setl_id, wanted = str(row.get("setl_id") or ""), str(row.get("stas_type") or "")
    place = f"stastinfo第{number}行"
    last = await call.connection.fetchrow(LAST, LIST, call.institution, setl_id)
    if last is None:
        return [Refusal("G036", f"结算{setl_id or '（空）'}没有上传结算清单", "请先用4101上传", place)]
    if (last["status"], wanted) not in ALLOWED:
        text = f"清单当前状态为{STATES[last['status']]}，不能改为{STATES.get(wanted, wanted or '（空）')}"
        return [Refusal("G037", text, "允许未提交→已提交、审核不通过→未提交或已提交", place)]
    await call.connection.execute(SET_STATE, last["document_id"], wanted)
    return []


@transaction("4401", writes=True)
async def case_front_page(call: Call) -> Output:
    """4401: the front page of an inpatient case."""
    row = call.nodes["baseinfo"]
    await store(call, "4401", row.get("mdtrt_id") or row["mdtrt_sn"], row.get("psn_no", ""), "0")
    return {}
