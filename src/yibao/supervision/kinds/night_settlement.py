"""Settlements at night where nobody shops (深夜结算): pharmacies between late evening and morning.

    care             kinds of care looked at (`med_type` or its beginning: "41")
    hour_from        from this hour of the evening
    hour_until       until before this hour of the morning
    bills            so many bills of an institution in one night, at least
    open_at_night    institutions that are open at night, separated by blanks

The night belongs to the day of its evening. At stake are all bills of the night; a finding is an institution's night.
Exemptions: institutions open at night; fewer bills than `bills`.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from yibao.supervision.kinds import _stays
from yibao.supervision.kinds._codes import Facts
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Bill, Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class NightSettlement(Point):
    """What the module says."""

    care: str
    hour_from: int
    hour_until: int
    bills: int
    open_at_night: str | None = None


FACTS = ("night", "bills", "hour_from", "hour_until")


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One finding for each institution's night."""
    return _stays.these_bills(case, _hits(case, points))


def _hits(case: Case, points: Points) -> Iterator[tuple[Point, str, Bill, Facts]]:
    for point in points:
        nights: dict[tuple[str, date], list[Bill]] = defaultdict(list)
        for one in _stays.of_care(case.bills.values(), point.care):
            night = night_of(point, one.setl_time)
            if night and point.in_force(one.setl_time.date()) and one.fixmedins_code not in _open(point):
                nights[one.fixmedins_code, night].append(one)
        for (place, night), bills in nights.items():
            facts: Facts = {
                "night": night.isoformat(), "bills": len(bills), "hour_from": point.hour_from,
                "hour_until": point.hour_until,
            }  # fmt: skip
            if len(bills) >= point.bills:
                yield from ((point, f"{place}:{night}", one, facts) for one in bills)


def night_of(point: NightSettlement, time: datetime) -> date | None:
    """The day of the evening of the night in which a time lies, None by day."""
    if time.hour < point.hour_until:
        return time.date() - timedelta(days=1)
    return time.date() if time.hour >= point.hour_from else None


def _open(point: NightSettlement) -> list[str]:
    return (point.open_at_night or "").split()


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    import ibis

    bills = _stays.of_care_column(lake.bills, points).rename(needed="bills")
    hour, time = bills.setl_time.hour().cast("int64"), bills.setl_time
    bills = bills.filter((hour < bills.hour_until) | (hour >= bills.hour_from))
    bills = bills.filter(~_stays.among_column(bills.fixmedins_code, bills.open_at_night).fill_null(False))
    bills = _stays.in_force(bills, bills.setl_time.date())
    before = (time - ibis.interval(days=1)).date().cast("string")
    bills = bills.mutate(night=ibis.ifelse(hour < bills.hour_until, before, time.date().cast("string")))
    group = ["rule_id", "kp_id", "fixmedins_code", "night"]
    many = bills.group_by(*group, "needed").aggregate(bills=bills.setl_id.count().cast("int64"))
    hits = bills.join(many.filter(many.bills >= many.needed).drop("needed"), group)
    return _stays.these_bills_column(lake, hits.mutate(key=hits.fixmedins_code + ":" + hits.night), FACTS)


KIND = Kind(
    name="night_settlement",
    title="深夜结算",
    point=NightSettlement,
    facts=FACTS,
    reason="{night}夜间（{hour_from}时至次日{hour_until}时）本机构结算{bills}笔",
    subject="institution",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="列明的夜间营业机构、笔数不足的不算",
    item_codes=lambda point: (),
)
