"""More persons in bed than there are beds (床位使用率超限).

Persons in bed on a day: stays begun on it or before and ended after it; a stay that ends on the day it begins counts
on that day. One finding for an institution and month: its fullest day, and how many days were over.

    limit           basis points of the beds (`beds`) that must be passed (10000: all beds)
    least_days      days of the month that must be over, at least

Exemptions: institutions of which the beds are not known; the day of discharge; day care without a stay (`ipt_days` 0).
Nothing is staked.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from yibao.supervision.kinds._peers import (
    counted,
    first_month,
    from_first_month,
    institution_row,
    institution_rows,
    month_of,
    month_text,
    month_text_column,
    stays_column,
    stays_of,
)
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class BedOccupancy(Point):
    """What the module says."""

    limit: int
    least_days: int = 1


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each institution and month with days over the limit."""
    first = first_month(case)
    persons: dict[tuple[str, date], int] = defaultdict(int)
    for visit in stays_of(case):
        if visit.endtime is not None:
            begin = visit.begntime.date()
            for later in range(max((visit.endtime.date() - begin).days, 1)):
                persons[visit.fixmedins_code, begin + timedelta(days=later)] += 1
    for point in points:
        over: dict[tuple[str, date], list[tuple[int, date]]] = defaultdict(list)
        for (code, day), number in persons.items():
            one = case.institutions.get(code)
            if one and one.beds > 0 and number * 10_000 > point.limit * one.beds:
                over[code, month_of(day)].append((number, day))
        for (code, month), days in over.items():
            if len(days) >= point.least_days and counted(point, month, first):
                number, day = min(days, key=lambda one: (-one[0], one[1]))
                facts: dict[str, str | int] = {
                    "month": month_text(month), "days": len(days), "day": day.isoformat(), "persons": number,
                    "beds": case.institutions[code].beds,
                }  # fmt: skip
                yield institution_row(point, f"{code}|{month_text(month)}", code, facts)


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake: a row for each stay and day, of stays only."""
    import ibis

    stays = stays_column(lake)
    begin, end = stays.begntime.date(), stays.endtime.date()
    length = ibis.greatest(end.epoch_days() - begin.epoch_days(), 1).cast("int64")
    stays = stays.filter(stays.endtime.notnull()).select("fixmedins_code", begin=begin.epoch_days(), length=length)
    days = stays.select("fixmedins_code", "begin", later=ibis.range(0, stays.length).unnest())
    days = days.select("fixmedins_code", number=(days.begin + days.later).cast("int64"))
    persons = days.group_by("fixmedins_code", "number").aggregate(persons=days.count())
    persons = persons.join(lake.institutions.select("fixmedins_code", "beds"), "fixmedins_code")
    table = persons.mutate(beds=persons.beds.cast("int64")).cross_join(points)
    table = table.filter((table.beds > 0) & (table.persons * 10_000 > table["limit"] * table.beds))
    day = ibis.date("1970-01-01") + table.number.as_interval("D")
    table = table.mutate(date_of=day.cast("date"))
    table = from_first_month(table.mutate(month=table.date_of.truncate("M").cast("date")), lake.bills)
    group = ["rule_id", "kp_id", "fixmedins_code", "month"]
    fullest = ibis.row_number().over(group_by=group, order_by=[table.persons.desc(), table.number])
    table = table.mutate(place=fullest, days=table.count().over(group_by=group).cast("int64"))
    found = table.filter((table.place == 0) & (table.days >= table.least_days))
    month = month_text_column(found.month)
    return institution_rows(
        found, found.fixmedins_code + "|" + month, month=month, day=found.date_of.cast("string").substr(0, 10)
    )


KIND = Kind(
    name="bed_occupancy",
    title="床位使用率超限",
    point=BedOccupancy,
    facts=("month", "days", "day", "persons", "beds"),
    reason="{month}有{days}天在院人数超过核定床位的限度，最多的{day}在院{persons}人，核定床位{beds}张",
    subject="institution",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="床位数不明的机构、出院当日、不住院的日间治疗不算",
    looks_back=62,
    item_codes=lambda point: (),
)
