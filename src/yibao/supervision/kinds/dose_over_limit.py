"""More of a drug in a prescription than its daily dose allows (超说明书用量, 中药饮片超大处方, 超量上传).

    code            the drug or herb: its quantity of one visit and day; "" for the whole prescription
    charge_types    `med_chrgitm_type` codes separated by blanks, for points without a code (whole prescription)
    max_per_day     the most for one day (or dose) of supply, in ten-thousandths of the line's unit; None: not looked at
    max_total       the most altogether, in ten-thousandths; None: not looked at
    unit            the unit for the reason (克, 片 …)

Days are the longest `prd_days` (at least 1) of the lines looked at; the items of one `kp_id` count together. At stake
is what is over, from the last lines backwards. Exemptions: what was refunded; what the person pays whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds import _quantities as quantities
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Line, Row

UNLIMITED = 10**15


@dataclass(frozen=True, kw_only=True, slots=True)
class DoseOverLimit(Point):
    """What the module says."""

    charge_types: str = ""
    max_per_day: int | None = None
    max_total: int | None = None
    unit: str = ""


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each line that is too much, one finding for each day or prescription."""
    groups = quantities.grouped(quantities.standing_any(case, points), _group)
    for (*_, key), group in groups.items():
        count, days = sum(left for _, _, left in group), max(max(line.prd_days, 1) for _, line, _ in group)
        limit = min(_limit(point, days) for point, _, _ in group)
        for (point, line, _), part in quantities.from_the_last(group, count - limit, lambda hit: hit[2]):
            facts: dict[str, str | int] = {
                "item": point.item, "day": line.fee_ocur_time.date().isoformat(), "count": count, "limit": limit,
                "days": days, "unit": point.unit,
            }  # fmt: skip
            yield quantities.row(point, line, key, part, line.cnt, facts)


def _group(point: DoseOverLimit, line: Line) -> tuple[str, str, str]:
    part = line.fee_ocur_time.date().isoformat() if point.code else line.rx_drord_no
    return point.rule_id, point.kp_id, f"{line.mdtrt_id}|{part}"


def _limit(point: DoseOverLimit, days: int) -> int:
    per_day = UNLIMITED if point.max_per_day is None else point.max_per_day * days
    return min(per_day, UNLIMITED if point.max_total is None else point.max_total)


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake: totals before refunds choose the groups, what stands decides."""
    import ibis

    hits = quantities.any_points(lake.lines, points)
    part = ibis.ifelse(hits.code == "", hits.rx_drord_no, hits.day)
    hits = hits.mutate(finding_key=hits.mdtrt_id + "|" + part)
    keys = ["rule_id", "kp_id", "finding_key"]
    chosen = hits.semi_join(_over(hits, keys, "cnt", chosen=True), keys)
    stand = quantities.still_standing(chosen, lake.lines)
    over = stand.join(_over(stand, keys, "left"), keys)
    rows = quantities.from_the_last_columns(over, keys, "left")
    return rows.mutate(amount=rows.inscp_amt, part=rows.taken, whole=rows.cnt)


def _over(hits: Any, keys: list[str], quantity: str, *, chosen: bool = False) -> Any:
    """Groups over their limit. `chosen`: before refunds, when a day's supply that falls away may lower the limit."""
    import ibis

    supply = ibis.greatest(hits.prd_days, 1)
    groups = hits.group_by(keys).agg(
        count=hits[quantity].sum(), days=supply.min() if chosen else supply.max(), per_day=hits.max_per_day.min(),
        total=hits.max_total.min(),
    )  # fmt: skip
    per_day, total = (groups.per_day * groups.days).fill_null(UNLIMITED), groups.total.fill_null(UNLIMITED)
    groups = groups.mutate(limit=ibis.least(per_day, total)).drop("per_day", "total")
    groups = groups.filter(groups["count"] > groups["limit"])
    return groups.mutate(over=groups["count"] - groups["limit"])


KIND = Kind(
    name="dose_over_limit",
    title="超量开药",
    point=DoseOverLimit,
    facts=("item", "day", "count", "limit", "days", "unit"),
    reason="{day}开具{item}共{count:count}{unit}（{days}天量），超过上限{limit:count}{unit}",
    subject="visit",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="退费冲减后的数量计；全自费的明细不算",
    item_codes=None,
)
