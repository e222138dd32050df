"""Items for one sex on bills of many persons of the other, at one institution in a month (群体性别错配).

    code     the item
    sex      "1" or "2": only for it
    people   at least so many persons of the other sex make a cluster

One wrong line is a slip; dozens of men with hysteroscopies are a wrong mapping of codes in the institution's system
(or fraud): one finding for the institution, item and month, with all the lines. Meant as suspicion: the usual outcome
is "data fault, corrected without deduction". Exemptions: persons of unknown sex; fewer than `people`; refunds.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from yibao.supervision.kinds._codes import hits_of_items, item_lines, netted, netted_column
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Line, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class MismatchCluster(Point):
    """What the module says."""

    sex: str = "2"
    people: int = 1


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each line of a cluster."""
    wrong = netted(
        (
            (point, line, {"people": point.people, "item": point.item, "month": _month(line), "sex": point.sex}, 1, 1)
            for point, line in hits_of_items(case, points)
            if case.visits[line.mdtrt_id].gend in ("1", "2") and case.visits[line.mdtrt_id].gend != point.sex
        ),
        key=lambda point, line: f"{line.fixmedins_code}|{line.med_list_codg}|{_month(line)}",
    )
    groups: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in wrong:
        groups[row.rule_id, row.kp_id, row.finding_key].append(row)
    for group in groups.values():
        people = len({row.psn_no for row in group})
        if people >= int(group[0].facts["people"]):
            yield from (msgspec.structs.replace(row, facts={**row.facts, "people": people}) for row in group)


def _month(line: Line) -> str:
    return line.fee_ocur_time.date().isoformat()[:7]


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    both = item_lines(lake, points).join(lake.visits.select("mdtrt_id", "gend"), "mdtrt_id")
    hits = both.filter(both.gend.isin(["1", "2"]) & (both.gend != both.sex))
    month = hits.fee_ocur_time.date().cast("string").substr(0, 7)
    key = hits.fixmedins_code + "|" + hits.med_list_codg + "|" + month
    rows = netted_column(hits, key=key, month=month).rename(at_least="people")
    keys = ["rule_id", "kp_id", "finding_key"]
    groups = rows.group_by(keys).aggregate(people=rows.psn_no.nunique().cast("int64"))
    found = rows.join(groups, keys)
    return found.filter(found.people >= found.at_least)


KIND = Kind(
    name="mismatch_cluster",
    title="群体性别与项目错配",
    point=MismatchCluster,
    facts=("people", "item", "month", "sex"),
    reason="{month}有{people}名患者的{item}与性别不符（项目限{sex:sex}），疑为编码对应错误",
    subject="institution",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="性别不明者、人数不足的、已退费的不算",
)
