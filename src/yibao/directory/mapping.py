"""Mappings (目录对照): 3301 says which catalogue item an institution's own code means, 3302 takes it back.

Refusals: D301 no such item on that day, D302 item of another list, D303 dates, D304 overlap, D305 not mapped.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused

LOCK = "select pg_advisory_xact_lock(hashtextextended('directory.item_mapping ' || $1, 0))"
ITEM_LISTS = """
select list_type from directory.item
where area = $1 and med_list_codg = $2 and valid_from <= $3 and coalesce(valid_to, 'infinity'::date) >= $3
"""
OVERLAP = """
select begndate, enddate from directory.item_mapping
where fixmedins_code = $1 and fixmedins_hilist_id = $2 and list_type = $3
  and begndate <= coalesce($5, 'infinity'::date) and coalesce(enddate, 'infinity'::date) >= $4 limit 1
"""
INSERT = """
insert into directory.item_mapping (fixmedins_code, fixmedins_hilist_id, list_type, med_list_codg, begndate, enddate,
  details)
values ($1, $2, $3, $4, $5, $6, $7)
"""
DELETE = """
delete from directory.item_mapping
where fixmedins_code = $1 and fixmedins_hilist_id = $2 and list_type = $3 and med_list_codg = $4
"""


@dataclass(frozen=True, slots=True)
class Mapping:
    """One row of 3301; `details` keeps the remaining fields as sent."""

    fixmedins_hilist_id: str
    list_type: str
    med_list_codg: str
    begndate: date
    enddate: date | None = None
    details: dict[str, Any] = field(default_factory=dict)


async def upload(connection: Connection, fixmedins_code: str, area: str, mappings: Sequence[Mapping]) -> None:
    """Store all mappings or none; raises `Refused` with every reason, each at its row."""
    await connection.execute(LOCK, fixmedins_code)
    reasons: list[Refusal] = []
    for number, mapping in enumerate(mappings, 1):
        found = await _against(connection, fixmedins_code, area, mapping, f"data第{number}条")
        reasons.extend(found)
        if not reasons:
            await _insert(connection, fixmedins_code, mapping)
    if reasons:
        raise Refused(*reasons)


async def withdraw(
    connection: Connection, fixmedins_code: str, fixmedins_hilist_id: str, list_type: str, med_list_codg: str
) -> None:
    """Take a mapping back (3302); raises `Refused` D305 when there is none."""
    answer: str = await connection.execute(DELETE, fixmedins_code, fixmedins_hilist_id, list_type, med_list_codg)
    if answer == "DELETE 0":
        text = f"没有{fixmedins_hilist_id}与{med_list_codg}的对照"
        raise Refused(Refusal("D305", text, "请用1317查询已上传的对照", "fixmedins_hilist_id"))


async def _insert(connection: Connection, fixmedins_code: str, mapping: Mapping) -> None:
    await connection.execute(
        INSERT,
        fixmedins_code,
        mapping.fixmedins_hilist_id,
        mapping.list_type,
        mapping.med_list_codg,
        mapping.begndate,
        mapping.enddate,
        mapping.details,
    )


async def _against(
    connection: Connection, fixmedins_code: str, area: str, mapping: Mapping, place: str
) -> list[Refusal]:
    """Everything wrong with one mapping."""
    reasons = []
    if mapping.enddate is not None and mapping.enddate < mapping.begndate:
        reasons.append(Refusal("D303", "结束日期早于开始日期", "请核对日期", place))
    lists = await connection.fetch(ITEM_LISTS, area, mapping.med_list_codg, mapping.begndate)
    if not lists:
        text = f"目录编码{mapping.med_list_codg}在{mapping.begndate}不在医保目录中"
        reasons.append(Refusal("D301", text, "请下载最新目录后核对编码", place))
    elif mapping.list_type not in {row["list_type"] for row in lists}:
        text = f"目录编码{mapping.med_list_codg}的目录类别是{lists[0]['list_type']}，不是{mapping.list_type}"
        reasons.append(Refusal("D302", text, "请更正目录类别list_type", place))
    key = (fixmedins_code, mapping.fixmedins_hilist_id, mapping.list_type)
    other = await connection.fetchrow(OVERLAP, *key, mapping.begndate, mapping.enddate)
    if other is not None:
        until = other["enddate"] or "长期"
        text = f"{mapping.fixmedins_hilist_id}已有{other['begndate']}至{until}的对照，日期重叠"
        reasons.append(Refusal("D304", text, "请先用3302撤销原对照", place))
    return reasons
