"""What a department gets back for its roster: one answer per line, who is not insured, what changed.

after_comparing(connection, batch, today)   answers (to its owner), the uninsured (also to whom the area names)
after_applying(connection, batch, today)    the tags that began, changed and ended
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from yibao.core.database import Connection
from yibao.core.sheets import Heading, write_sheet
from yibao.population.rosters.comparison import Answer, Change, answers, changes_of
from yibao.population.rosters.receiving import Batch
from yibao.population.rules import rules_of

MATCHES = {
    "number": "已比对到人", "accepted": "经核实比对到人", "review": "待经办核实", "none": "未找到登记人员",
    "faulty": "有错误，未处理", "open": "未比对",
}  # fmt: skip
CHANGES = {
    "begin": "新增", "alter": "起止日期变更", "end": "结束", "died": "死亡", "conflict": "期间冲突，未处理",
    "unmatched": "未找到登记人员", "not_enrolled": "漏保", "broken": "断保",
}  # fmt: skip
ANSWER_HEADINGS = (
    Heading("行号", "integer", 8),
    Heading("证件号码", "identity"),
    Heading("姓名"),
    Heading("身份类别"),
    Heading("比对结果", width=18),
    Heading("处理", width=18),
    Heading("原因与办法", width=60),
)
CHANGE_HEADINGS = (
    Heading("类别"),
    Heading("人员编号", width=22),
    Heading("证件号码", "identity"),
    Heading("姓名"),
    Heading("身份类别"),
    Heading("开始日期", "date"),
    Heading("结束日期", "date"),
    Heading("原开始日期", "date"),
    Heading("原结束日期", "date"),
    Heading("居住地", width=16),
    Heading("单位", width=20),
)
UNINSURED_HEADINGS = (
    Heading("类别"),
    Heading("人员编号", width=22),
    Heading("证件号码", "identity"),
    Heading("姓名"),
    Heading("居住地", width=16),
    Heading("单位", width=20),
)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A workbook for one department."""

    department: str
    kind: str
    file_name: str
    content: bytes
    rows: int


async def after_comparing(connection: Connection, batch: Batch, today: date) -> list[Outgoing]:
    """The answers of every line, and the lists of 漏保 and 断保 where somebody is on them."""
    said = await answers(connection, batch.batch_no)
    lists = [_outgoing(batch, batch.department, "answers", "名册比对回执", ANSWER_HEADINGS, map(answer_row, said))]
    uninsured = await changes_of(connection, batch.batch_no, "not_enrolled", "broken")
    if uninsured:
        also = rules_of(batch.insu_admdvs).on("exchange_lists", today)["uninsured_also"]
        for receiver in dict.fromkeys((batch.department, *also)):
            rows = map(_uninsured_row, uninsured)
            lists.append(_outgoing(batch, receiver, "uninsured", "漏保断保清单", UNINSURED_HEADINGS, rows))
    return lists


async def after_applying(connection: Connection, batch: Batch, today: date) -> list[Outgoing]:
    """What the batch changed, for the department whose roster it was; nothing when nothing changed."""
    changed = await changes_of(connection, batch.batch_no, "begin", "alter", "end", "died")
    if not changed:
        return []
    rows = map(change_row, changed)
    return [_outgoing(batch, batch.department, "tag_changes", "身份变动清单", CHANGE_HEADINGS, rows)]


def answer_text(answer: Answer) -> str:
    """Why a line was not (or not simply) taken, and what to do, as its sender reads it."""
    faults = [f"[{one['code']}]{one['text']}；{one['advice']}" for one in answer.faults]
    return "。".join([*faults, *answer.notes])


def change_text(changes: str | None) -> str:
    """Names of the changes of a line; "无变化" when it changes nothing."""
    return "、".join(CHANGES[one] for one in changes.split(",")) if changes else "无变化"


def answer_row(one: Answer) -> Sequence[Any]:
    """The values of `ANSWER_HEADINGS`."""
    done = "" if one.match in ("faulty", "none", "review") else change_text(one.changes)
    return (one.row_no, one.certno, one.psn_name, one.tag, MATCHES[one.match], done, answer_text(one))


def change_row(one: Change) -> Sequence[Any]:
    """The values of `CHANGE_HEADINGS`."""
    days = (one.begntime, one.endtime, one.old_begntime, one.old_endtime)
    return (CHANGES[one.change], one.psn_no, one.certno, one.psn_name, one.tag, *days, one.area, one.unit)


def _uninsured_row(one: Change) -> Sequence[Any]:
    return (CHANGES[one.change], one.psn_no, one.certno, one.psn_name, one.area, one.unit)


def _outgoing(
    batch: Batch, receiver: str, kind: str, title: str, headings: Sequence[Heading], rows: Iterable[Sequence[Any]]
) -> Outgoing:
    file = io.BytesIO()
    count = write_sheet(file, title, headings, rows, note=f"批次{batch.batch_no}　名册日期{batch.as_of}")
    return Outgoing(receiver, kind, f"{title}-{batch.batch_no}.xlsx", file.getvalue(), count)
