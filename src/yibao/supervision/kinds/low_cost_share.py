"""Too many stays far cheaper than others with the same disease (服务不足、推诿): care withheld, or patients sent away.

A stay is low when its fees are under `low_ratio` of the mean of the stays of its principal diagnosis (3 characters),
level and month of settlement; low stays ÷ stays compared of the institution and month.

    low_ratio       basis points of the mean (5000: under half)
    limit           basis points of the share of low stays that must be passed
    least_stays     stays compared that an institution needs to be looked at
    least_alike     stays of a diagnosis, level and month that make a mean
    exempt_ways     `dscg_way` that are not looked at, separated by blanks ("2 5": sent on, died)

Exemptions: deaths and transfers by `exempt_ways`; rare diagnoses; small institutions. Nothing is staked.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from yibao.supervision.kinds._codes import listed, listed_column
from yibao.supervision.kinds._peers import (
    institution_row,
    month_text,
    settled_stays,
    settled_stays_column,
    shares_over_limit,
)
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class LowCostShare(Point):
    """What the module says."""

    low_ratio: int
    limit: int
    least_stays: int
    least_alike: int
    exempt_ways: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each institution and month with too many low stays."""
    stays = settled_stays(case)
    for point in points:
        alike: dict[tuple[str, str, date], list[int]] = defaultdict(list)
        compared: dict[tuple[str, date], list[bool]] = defaultdict(list)
        looked_at = [one for one in stays if one.disease and not listed(one.visit.dscg_way, point.exempt_ways)]
        for one in looked_at:
            alike[one.visit.hosp_lv, one.disease, one.month].append(one.fees)
        for one in looked_at:
            group = alike[one.visit.hosp_lv, one.disease, one.month]
            if len(group) >= point.least_alike:
                low = one.fees * 10_000 * len(group) < point.low_ratio * sum(group)
                compared[one.visit.fixmedins_code, one.month].append(low)
        for (code, month), all_of in compared.items():
            share = sum(all_of) * 10_000 // len(all_of)
            if len(all_of) >= point.least_stays and share > point.limit and point.in_force(month):
                facts: dict[str, str | int] = {
                    "month": month_text(month), "stays": len(all_of), "low": sum(all_of), "share": share,
                    "low_ratio": point.low_ratio, "limit": point.limit,
                }  # fmt: skip
                yield institution_row(point, f"{code}|{month_text(month)}", code, facts)


OF_POINT = ("rule_id", "kp_id", "low_ratio", "limit", "least_stays", "valid_from", "valid_to")


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    import ibis

    stays = settled_stays_column(lake)
    table = stays.filter(stays.disease != "").cross_join(points)
    table = table.filter(~listed_column(table.dscg_way, table.exempt_ways).fill_null(False))
    alike = ibis.window(group_by=["rule_id", "kp_id", "hosp_lv", "disease", "month"])
    table = table.mutate(
        alike=table.count().over(alike).cast("int64"), alike_fees=table.fees.sum().over(alike).cast("int64")
    )
    table = table.filter(table.alike >= table.least_alike)
    low = table.fees * 10_000 * table.alike < table.low_ratio * table.alike_fees
    table = table.mutate(is_low=ibis.ifelse(low, 1, 0))
    sums = table.group_by(*OF_POINT, "fixmedins_code", "month").aggregate(
        stays=table.count(), low=table.is_low.sum().cast("int64")
    )
    return shares_over_limit(sums, "low", "share")


KIND = Kind(
    name="low_cost_share",
    title="服务不足、推诿",
    point=LowCostShare,
    facts=("month", "stays", "low", "share", "low_ratio", "limit"),
    reason="{month}结算的{stays}人次住院中{low}人次费用低于同级同病种均值的{low_ratio:percent}，"
    "占{share:percent}，上限{limit:percent}",
    subject="city",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="死亡、转院等离院方式、少见病种、住院人次少的机构不算",
    item_codes=lambda point: (),
)
