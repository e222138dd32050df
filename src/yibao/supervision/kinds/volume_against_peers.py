"""Volume of an item per visit many times that of peers (用量远超同类机构): a hint at exchanged goods or empty swipes.

Quantity of the item in a month ÷ visits begun in the month, in ten-thousandths, against the lower median of the
institutions of the same type and level that have the item in the month.

    code, item      the item
    times           basis points of the median that must be passed (50000: five times)
    least_count     quantity of the month, ten-thousandths, at least
    least_visits    visits that an institution needs to be looked at and to be a peer
    least_peers     institutions with the item that a peer group needs, the one looked at included

Exemptions: refunds are taken off; small institutions and peer groups. Nothing is staked.
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
    with_peers,
)
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row

Unit = tuple[str, date]
"""Institution and month."""


@dataclass(frozen=True, kw_only=True, slots=True)
class VolumeAgainstPeers(Point):
    """What the module says."""

    times: int
    least_count: int
    least_visits: int
    least_peers: int


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each institution and month with too much of the item."""
    first = first_month(case)
    visits: dict[Unit, int] = defaultdict(int)
    for visit in case.visits.values():
        visits[visit.fixmedins_code, month_of(visit.begntime)] += 1
    for point in points:
        counts: dict[Unit, int] = defaultdict(int)
        for line in case.lines_of_item.get(point.code, ()):
            counts[line.fixmedins_code, month_of(line.fee_ocur_time)] += line.cnt
        groups: dict[Any, list[Unit]] = defaultdict(list)
        for unit, count in counts.items():
            peers, enough = peers_of(case, unit[0]), visits[unit] >= max(point.least_visits, 1)
            if peers and enough and count > 0 and counted(point, unit[1], first):
                groups[peers, unit[1]].append(unit)
        for units in groups.values():
            volumes = {unit: counts[unit] * 10_000 // visits[unit] for unit in units}
            median = lower_quantile(volumes.values(), 5_000)
            for unit in units if len(units) >= point.least_peers else ():
                if counts[unit] >= point.least_count and volumes[unit] * 10_000 > point.times * median:
                    facts: dict[str, str | int] = {
                        "item": point.item, "month": month_text(unit[1]), "count": counts[unit],
                        "visits": visits[unit], "volume": volumes[unit], "median": median, "peers": len(units),
                    }  # fmt: skip
                    key = f"{unit[0]}|{month_text(unit[1])}|{point.code}"
                    yield institution_row(point, key, unit[0], facts)


GROUP = (*KEY, "fixmedins_type", "peer_lv", "month")


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    import ibis

    visits = lake.visits.select("fixmedins_code", month=month_column(lake.visits.begntime))
    visits = visits.group_by("fixmedins_code", "month").aggregate(visits=visits.count())
    lines = lake.lines.select("fixmedins_code", "med_list_codg", "cnt", month=month_column(lake.lines.fee_ocur_time))
    table = lines.join(points.select("code").distinct(), lines.med_list_codg == points.code)
    table = table.group_by("code", "fixmedins_code", "month").aggregate(count=table.cnt.sum().cast("int64"))
    table = table.filter(table["count"] > 0).join(visits, ("fixmedins_code", "month")).join(points, "code")
    table = table.filter(table.visits >= ibis.greatest(table.least_visits, 1))
    table = with_peers(from_first_month(table, lake.bills), lake)
    table = table.mutate(volume=table["count"] * 10_000 // table.visits)
    table = table.join(quantile_column(table, GROUP, "volume", "median"), GROUP)
    found = table.filter(
        table.median_of >= table.least_peers, table["count"] >= table.least_count,
        table.volume * 10_000 > table.times * table.median,
    )  # fmt: skip
    month = month_text_column(found.month)
    return institution_rows(
        found, found.fixmedins_code + "|" + month + "|" + found.code, month=month, peers=found.median_of
    )


KIND = Kind(
    name="volume_against_peers",
    title="用量远超同类机构",
    point=VolumeAgainstPeers,
    facts=("item", "month", "count", "visits", "volume", "median", "peers"),
    reason="{month}{item}共{count:count}，{visits}人次，每万人次{volume:count}，"
    "同级同类{peers}家机构中位数为每万人次{median:count}",
    subject="city",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="已退费的、人次少、同类机构少的不比较",
)
