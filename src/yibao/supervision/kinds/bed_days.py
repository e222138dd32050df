"""Items charged by the day more often than the stay has days (按日计费超住院天数): bed, consultation, nursing.

    code             an item charged by the day; items with the same `kp_id` count together (all kinds of beds)
    care             kinds of care that are stays (`med_type` or its beginning)
    tolerance_days   days more that are allowed: 1 where the day of discharge may be charged

Days are `ipt_days`, at least the nights between admission and discharge and at least one. At stake is what is over,
from the last line back, in parts of a line. Exemptions: refunds are taken off; stays that go on; day wards of one day.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds import _stays
from yibao.supervision.kinds._codes import begins, begins_column, hits_of_items, item_lines, line_row
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Line, Row, Visit


@dataclass(frozen=True, kw_only=True, slots=True)
class BedDays(Point):
    """What the module says."""

    care: str
    tolerance_days: int


FACTS = ("item", "counted", "days")
UNIT = 10_000
"""A count of one, in ten-thousandths."""


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One finding for each stay charged for more days than it has; rows from its last line back."""
    groups: dict[tuple[str, str, str], list[tuple[BedDays, Line]]] = defaultdict(list)
    for point, line in hits_of_items(case, points):
        visit = case.visits[line.mdtrt_id]
        if visit.endtime and begins(visit.med_type, point.care):
            groups[point.rule_id, point.kp_id, line.mdtrt_id].append((point, line))
    for group in groups.values():
        yield from _rows(case.visits[group[0][1].mdtrt_id], group)


def _rows(visit: Visit, group: list[tuple[BedDays, Line]]) -> Iterator[Row]:
    days, counted = days_of(visit), sum(line.cnt for _, line in group)
    left = counted - (days + group[0][0].tolerance_days) * UNIT
    for point, line in sorted(group, key=lambda hit: (hit[1].fee_ocur_time, hit[1].bkkp_sn), reverse=True):
        if left > 0 and line.cnt > 0:
            if line.inscp_amt > 0:
                facts: dict[str, str | int] = {"item": point.item, "counted": counted, "days": days}
                yield line_row(point, line, visit.mdtrt_id, facts, min(left, line.cnt), line.cnt)
            left -= line.cnt


def days_of(visit: Visit) -> int:
    """Days of the stay: as told, at least its nights, at least one."""
    return max(visit.ipt_days, (_stays.end_of(visit) - visit.begntime.date()).days, 1)


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    import ibis

    stays = _stays.visit_days(lake.visits.filter(lake.visits.endtime.notnull()))
    nights = ibis.greatest(stays.ipt_days.cast("int64").fill_null(0), stays["last"] - stays.first, 1)
    stays = stays.select("mdtrt_id", stay_care="med_type", days=nights.cast("int64"))
    table = item_lines(lake, points).join(stays, "mdtrt_id")
    table = table.filter(begins_column(table.stay_care, table.care))
    group = ["rule_id", "kp_id", "mdtrt_id"]
    counted = table.cnt.sum().over(ibis.window(group_by=group)).cast("int64")
    table = table.mutate(counted=counted, over=counted - (table.days + table.tolerance_days) * UNIT)
    table = table.filter((table.over > 0) & (table.cnt > 0))
    back = ibis.window(
        group_by=group, order_by=[table.fee_ocur_time.desc(), table.bkkp_sn.desc()], preceding=None, following=0
    )
    table = table.mutate(after=table.cnt.sum().over(back).cast("int64") - table.cnt)
    table = table.mutate(part=ibis.least(table.over - table.after, table.cnt), whole=table.cnt)
    table = table.filter((table.part > 0) & (table.inscp_amt > 0))
    return table.mutate(finding_key=table.mdtrt_id, amount=table.inscp_amt)


KIND = Kind(
    name="bed_days",
    title="按日计费超住院天数",
    point=BedDays,
    facts=FACTS,
    reason="{item}计费{counted:count}天，住院只有{days}天",
    subject="visit",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="已退费、仍在院、容差天数内的不算",
)
