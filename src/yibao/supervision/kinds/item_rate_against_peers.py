"""How many stays get an item, against peers (入院常规过度检查): a routine that others do not have.

Stays (begun in a month) with the item ÷ all stays of the institution, in basis points, against the percentile of
institutions of the same type and level.

    code, item      the item
    percentile      of the peers' rates, basis points (9000: the 90th), lower value of the sorted rates
    least_excess    basis points that the rate must be over it, at least
    least_rate      basis points that the rate must reach, at least
    least_stays     stays an institution needs to be looked at and to be a peer
    least_peers     institutions a peer group needs, the one looked at included

Exemptions: small institutions and peer groups; refunded items. Nothing is staked.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from yibao.supervision.kinds._peers import (
    KEY,
    counted,
    first_month,
    from_first_month,
    institution_row,
    institution_rows,
    lower_quantile,
    month_column,
    month_of,
    month_text,
    month_text_column,
    peers_of,
    quantile_column,
    stays_column,
    stays_of,
    with_peers,
)
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row

Unit = tuple[str, date]
"""Institution and month."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemRateAgainstPeers(Point):
    """What the module says."""

    percentile: int
    least_excess: int = 0
    least_rate: int = 0
    least_stays: int
    least_peers: int


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each institution and month over the percentile."""
    first = first_month(case)
    stays: dict[Unit, int] = defaultdict(int)
    for visit in stays_of(case):
        stays[visit.fixmedins_code, month_of(visit.begntime)] += 1
    for point in points:
        having = _having(case, point)
        groups: dict[Any, list[Unit]] = defaultdict(list)
        for unit, number in stays.items():
            peers = peers_of(case, unit[0])
            if peers and number >= point.least_stays and counted(point, unit[1], first):
                groups[peers, unit[1]].append(unit)
        for units in groups.values():
            rates = {unit: having[unit] * 10_000 // stays[unit] for unit in units}
            bound = lower_quantile(rates.values(), point.percentile)
            for unit in units if len(units) >= point.least_peers else ():
                if rates[unit] >= max(point.least_rate, bound + point.least_excess, bound + 1):
                    facts: dict[str, str | int] = {
                        "item": point.item, "month": month_text(unit[1]), "rate": rates[unit], "bound": bound,
                        "stays": stays[unit], "peers": len(units),
                    }  # fmt: skip
                    key = f"{unit[0]}|{month_text(unit[1])}|{point.code}"
                    yield institution_row(point, key, unit[0], facts)


def _having(case: Case, point: ItemRateAgainstPeers) -> dict[Unit, int]:
    """Stays that have the item after refunds."""
    counts: dict[str, int] = defaultdict(int)
    for line in case.lines_of_item.get(point.code, ()):
        counts[line.mdtrt_id] += line.cnt
    having: dict[Unit, int] = defaultdict(int)
    for number, count in counts.items():
        visit = case.visits[number]
        if count > 0 and visit.ipt_days > 0:
            having[visit.fixmedins_code, month_of(visit.begntime)] += 1
    return having


GROUP = (*KEY, "fixmedins_type", "peer_lv", "month")


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    import ibis

    stays = stays_column(lake)
    stays = stays.select("mdtrt_id", "fixmedins_code", month=month_column(stays.begntime))
    lines = lake.lines.select("mdtrt_id", "med_list_codg", "cnt")
    lines = lines.join(points.select(*KEY), lines.med_list_codg == points.code).group_by(*KEY, "mdtrt_id")
    counts = lines.aggregate(count=ibis._.cnt.sum().cast("int64"))
    having = counts.filter(counts["count"] > 0).join(stays, "mdtrt_id")
    having = having.group_by(*KEY, "fixmedins_code", "month").aggregate(having=having.count())
    table = stays.group_by("fixmedins_code", "month").aggregate(stays=stays.count()).cross_join(points)
    table = from_first_month(table.filter(table.stays >= table.least_stays), lake.bills)
    table = with_peers(table, lake).left_join(having, (*KEY, "fixmedins_code", "month"))
    table = table.mutate(rate=table.having.fill_null(0).cast("int64") * 10_000 // table.stays)
    table = table.select(*(name for name in table.columns if not name.endswith("_right")))
    table = table.join(quantile_column(table, GROUP, "rate", "bound", "percentile"), GROUP)
    least = ibis.greatest(table.least_rate, table.bound + table.least_excess, table.bound + 1)
    found = table.filter((table.rate >= least) & (table.bound_of >= table.least_peers))
    month = month_text_column(found.month)
    return institution_rows(
        found, found.fixmedins_code + "|" + month + "|" + found.code, month=month, peers=found.bound_of
    )


KIND = Kind(
    name="item_rate_against_peers",
    title="入院常规过度检查",
    point=ItemRateAgainstPeers,
    facts=("item", "month", "rate", "bound", "stays", "peers"),
    reason="{month}入院的{stays}人次中{rate:percent}做了{item}，同级同类{peers}家机构的分位值为{bound:percent}",
    subject="city",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="住院人次少、同类机构少的不比较；已退费的不算",
)
