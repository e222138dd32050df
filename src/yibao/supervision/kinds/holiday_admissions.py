"""Admissions of a holiday far over the usual (节假日集中住院): what hardly happens when patients choose.

Stays begun from `first_day` to `last_day` ÷ days, over the average of the `usual_days` days before.

    item                  the holiday's name
    first_day, last_day   the holiday
    usual_days            days before it that say what is usual
    times                 basis points of the usual admissions per day that must be passed (20000: twice)
    least_admissions      admissions of the holiday, at least
    least_usual           admissions of the usual days, at least
    exempt_care           beginnings of `med_type` that are not looked at, separated by blanks ("52" births)

Exemptions: births come when they come (`exempt_care`); holidays before which bills are missing; small institutions.
Nothing is staked.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from yibao.supervision.kinds._codes import begins, begins_column
from yibao.supervision.kinds._peers import (
    KEY,
    first_month,
    institution_row,
    institution_rows,
    month_column,
    stays_column,
    stays_of,
)
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class HolidayAdmissions(Point):
    """What the module says."""

    first_day: date
    last_day: date
    usual_days: int
    times: int
    least_admissions: int
    least_usual: int
    exempt_care: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each institution and holiday."""
    first = first_month(case)
    for point in points:
        before = point.first_day - timedelta(days=point.usual_days)
        if before < first or not point.in_force(point.first_day):
            continue
        usual: dict[str, int] = defaultdict(int)
        holiday: dict[str, int] = defaultdict(int)
        for visit in stays_of(case):
            day = visit.begntime.date()
            if before <= day <= point.last_day and not begins(visit.med_type, point.exempt_care):
                (holiday if day >= point.first_day else usual)[visit.fixmedins_code] += 1
        days = (point.last_day - point.first_day).days + 1
        for code, admitted in holiday.items():
            enough = admitted >= point.least_admissions and usual[code] >= point.least_usual
            if enough and admitted * point.usual_days * 10_000 > point.times * usual[code] * days:
                facts: dict[str, str | int] = {
                    "holiday": point.item, "first": point.first_day.isoformat(), "days": days, "admitted": admitted,
                    "usual": usual[code], "usual_days": point.usual_days,
                }  # fmt: skip
                yield institution_row(point, f"{code}|{point.first_day.isoformat()}", code, facts)


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    import ibis

    first = lake.bills.aggregate(first_of=lake.bills.setl_time.min())
    first = first.select(there=month_column(first.first_of).epoch_days().cast("int64"))
    points = points.mutate(start=points.first_day.epoch_days().cast("int64")).cross_join(first)
    points = points.filter(
        points.start - points.usual_days >= points.there, points.first_day >= points.valid_from,
        points.first_day <= points.valid_to,
    )  # fmt: skip
    points = points.mutate(length=(points.last_day.epoch_days() - points.first_day.epoch_days() + 1).cast("int64"))
    stays = stays_column(lake)
    stays = stays.select("fixmedins_code", "med_type", day=stays.begntime.date().epoch_days().cast("int64"))
    table = stays.group_by("fixmedins_code", "med_type", "day").aggregate(number=stays.count()).cross_join(points)
    table = table.filter(
        table.day >= table.start - table.usual_days, table.day < table.start + table.length,
        ~begins_column(table.med_type, table.exempt_care).fill_null(False),
    )  # fmt: skip
    inside = table.day >= table.start
    sums = table.group_by(*KEY, "first_day", "length", "fixmedins_code").aggregate(
        admitted=ibis.ifelse(inside, table.number, 0).sum().cast("int64"),
        usual=ibis.ifelse(inside, 0, table.number).sum().cast("int64"),
    )
    of_point = points.select(*KEY, "first_day", "item", "usual_days", "times", "least_admissions", "least_usual")
    sums = sums.join(of_point, (*KEY, "first_day"))
    found = sums.filter(
        sums.admitted >= sums.least_admissions, sums.usual >= sums.least_usual, sums.admitted > 0,
        sums.admitted * sums.usual_days * 10_000 > sums.times * sums.usual * sums.length,
    )  # fmt: skip
    day = found.first_day.cast("string")
    return institution_rows(
        found, found.fixmedins_code + "|" + day, holiday=found["item"], first=day, days=found.length
    )


KIND = Kind(
    name="holiday_admissions",
    title="节假日集中住院",
    point=HolidayAdmissions,
    facts=("holiday", "first", "days", "admitted", "usual", "usual_days"),
    reason="{holiday}（{first}起{days}天）入院{admitted}人次，此前{usual_days}天共{usual}人次",
    subject="institution",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="分娩等就医方式、此前账单不全的节假日、入院人次少的机构不算",
    looks_back=62,
    item_codes=lambda point: (),
)
