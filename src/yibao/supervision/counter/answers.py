"""The doctor's answer to a warning (3103) and a senior doctor's approval of a refused order (上级医师批准).

A suspicious order goes on with a reason; a refused one only when a senior doctor of the institution approves it. The
approval is recorded with who and why; by it the fee line of the order is payable later. One transaction's work each.
"""

from typing import Any

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused

GOES_ON, IS_CHANGED = "1", "2"
"""dspo_way: 继续执行医嘱, 返回修改医嘱."""
SENIOR_TITLES = ("231", "232")
"""drord_dr_profttl of the national dictionary: 主任医师, 副主任医师."""
WARNING = "select * from supervision.order_warning where jr_id = $1 and fixmedins_code = $2 for update"
ANSWER = """
update supervision.order_warning set dspo_way = $2, dspo_way_rea = $3, answered_by = $4, answered_at = $5
where jr_id = $1
"""
SENIOR = """
select dr_codg, dr_name, prof_title from directory.doctor
where dr_codg = $1 and fixmedins_code = $2 and status = 'active' and valid_from <= $3
  and (valid_to is null or valid_to >= $3)
"""
APPROVE = """
update supervision.order_warning set approved_by = $2, approved_reason = $3, approved_at = $4 where jr_id = $1
"""
SET_TITLE = "update directory.doctor set prof_title = $3 where dr_codg = $1 and fixmedins_code = $2"


async def answer(
    connection: Connection, institution: str, jr_id: str, dspo_way: str, reason: str, operator: str
) -> None:
    """Record one row of 3103; `operator` is the doctor who sends it.

    Raises `Refused`: V301 no such warning, V302 another way, V303 goes on without a reason, V304 and V305 as `approve`
    for a refused order that goes on and is not approved yet.
    """
    warning = await find_warning(connection, institution, jr_id)
    if dspo_way not in (GOES_ON, IS_CHANGED):
        text = f"处理方式{dspo_way}不是1（继续执行医嘱）或2（返回修改医嘱）"
        raise Refused(Refusal("V302", text, "请核对dspo_way", "dspo_way"))
    if dspo_way == GOES_ON and not reason.strip():
        text = f"继续执行有审核提示的医嘱（{warning['rule_id']}）须填写处理原因"
        raise Refused(Refusal("V303", text, "请在dspo_way_rea填写原因", "dspo_way_rea"))
    if dspo_way == GOES_ON and warning["refuses"] and warning["approved_at"] is None:
        await approve(connection, institution, jr_id, operator, reason)
    await connection.execute(ANSWER, jr_id, dspo_way, reason.strip(), operator, dates.now())


async def approve(connection: Connection, institution: str, jr_id: str, dr_codg: str, reason: str) -> None:
    """A senior doctor lets a refused order pass. Raises `Refused` V301, V304 not a senior doctor, V305 no reason."""
    warning = await find_warning(connection, institution, jr_id)
    doctor = await connection.fetchrow(SENIOR, dr_codg, institution, dates.today())
    if doctor is None or doctor["prof_title"] not in SENIOR_TITLES:
        who = f"{dr_codg or '（未填医师）'}不是本机构在册的主任医师或副主任医师，不能批准"
        text = f"规则{warning['rule_id']}明确违规，{who}"
        advice = "请由本机构高级职称医师以其医师代码为操作员（opter）重新反馈，或返回修改医嘱"
        raise Refused(Refusal("V304", text, advice, "opter"))
    if not reason.strip():
        raise Refused(Refusal("V305", "批准明确违规的医嘱须写明理由", "请填写批准理由", "dspo_way_rea"))
    await connection.execute(APPROVE, jr_id, dr_codg, reason.strip(), dates.now())


async def find_warning(connection: Connection, institution: str, jr_id: str) -> Any:
    """The warning, locked; V301 when this institution has none of the number."""
    row = await connection.fetchrow(WARNING, jr_id, institution)
    if row is None:
        text = f"本机构没有编号为{jr_id}的审核提示"
        raise Refused(Refusal("V301", text, "请用3101、3102返回的jr_id反馈", "warn_rslt_id"))
    return row


async def set_title(connection: Connection, institution: str, dr_codg: str, prof_title: str) -> bool:
    """Record a doctor's professional title (职称, dictionary drord_dr_profttl); False for a doctor not known there."""
    return bool(await connection.execute(SET_TITLE, dr_codg, institution, prof_title) == "UPDATE 1")
