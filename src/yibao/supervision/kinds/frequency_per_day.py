"""More of an item on one day (or in one visit) than may be charged (限定频次, 小时类超24).

    max_count    the most in ten-thousandths: 24 hours are 240000, once 10000
    unit         what is counted, for the reason: 小时, 次, 日, 部位
    period       "day": the person's day; "visit": the whole visit
    across       1: counted over all institutions of the day; 0: each institution for itself

The items of one `kp_id` are counted together. At stake is what is over, from the last lines of the day backwards: 2 of
26 hours. Exemptions: what was refunded; what the person pays whole; the day of a transfer (two institutions).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds import _quantities as quantities
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Line, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class FrequencyPerDay(Point):
    """What the module says."""

    max_count: int = 10_000
    unit: str = "次"
    period: str = "day"
    across: int = 0


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each line that is too much, one finding for each day or visit."""
    groups = quantities.grouped(quantities.standing(case, points), _group)
    for (*_, key), group in groups.items():
        count, limit = sum(left for _, _, left in group), max(point.max_count for point, _, _ in group)
        for (point, line, _), part in quantities.from_the_last(group, count - limit, lambda hit: hit[2]):
            facts: dict[str, str | int] = {
                "item": point.item, "day": line.fee_ocur_time.date().isoformat(), "count": count, "limit": limit,
                "unit": point.unit,
            }  # fmt: skip
            yield quantities.row(point, line, key, part, line.cnt, facts)


def _group(point: FrequencyPerDay, line: Line) -> tuple[str, str, str]:
    place = "" if point.across == 1 else line.fixmedins_code
    day = f"{line.psn_no}|{place}|{line.fee_ocur_time.date().isoformat()}"
    return point.rule_id, point.kp_id, line.mdtrt_id if point.period == "visit" else day


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    import ibis

    hits = quantities.standing_columns(lake.lines, points)
    place = ibis.ifelse(hits.across == 1, "", hits.fixmedins_code)
    day = hits.psn_no + "|" + place + "|" + hits.day
    hits = hits.mutate(finding_key=ibis.ifelse(hits.period == "visit", hits.mdtrt_id, day))
    keys = ["rule_id", "kp_id", "finding_key"]
    groups = hits.group_by(keys).agg(count=hits.left.sum(), limit=hits.max_count.max())
    groups = groups.filter(groups["count"] > groups["limit"])
    over = hits.join(groups, keys)
    over = over.mutate(over=over["count"] - over["limit"])
    rows = quantities.from_the_last_columns(over, keys, "left")
    return rows.mutate(amount=rows.inscp_amt, part=rows.taken, whole=rows.cnt)


KIND = Kind(
    name="frequency_per_day",
    title="限定频次",
    point=FrequencyPerDay,
    facts=("item", "day", "count", "limit", "unit"),
    reason="{day}的{item}计费{count:count}{unit}，超过上限{limit:count}{unit}",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="退费冲减后的数量计；全自费的明细不算；转院当日分机构计",
)
