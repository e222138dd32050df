"""Rate of unplanned readmissions (非计划再入院率): back in the same institution within days of the discharge.

Stays begun in a month within `days` of the person's last discharge from the same institution ÷ all stays begun in
the month, in basis points.

    days            days from discharge to admission, at most (31)
    limit           basis points of the rate that must be passed
    least_stays     stays of the month that an institution needs to be looked at
    exempt          beginnings of principal diagnoses of planned readmissions, separated by blanks ("Z51 Z49 C")
    exempt_care     beginnings of `med_type` that are planned, separated by blanks

Exemptions: planned treatment by diagnosis or kind of care; readmission on the day of discharge (one stay billed in
parts); small institutions. Nothing is staked.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from yibao.supervision.kinds._codes import begins, begins_column
from yibao.supervision.kinds._peers import (
    counted,
    first_month,
    from_first_month,
    institution_row,
    institution_rows,
    month_column,
    month_of,
    month_text,
    month_text_column,
    stays_column,
    stays_of,
)
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row, Visit


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadmissionRate(Point):
    """What the module says."""

    days: int
    limit: int
    least_stays: int
    exempt: str | None = None
    exempt_care: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each institution and month over the limit."""
    first = first_month(case)
    groups: dict[tuple[str, str], list[Visit]] = defaultdict(list)
    for visit in sorted(stays_of(case), key=lambda one: (one.begntime, one.mdtrt_id)):
        groups[visit.psn_no, visit.fixmedins_code].append(visit)
    pairs = [pair for group in groups.values() for pair in pairwise(group)]
    for point in points:
        stays: dict[tuple[str, date], int] = defaultdict(int)
        back: dict[tuple[str, date], int] = defaultdict(int)
        for visit in stays_of(case):
            stays[visit.fixmedins_code, month_of(visit.begntime)] += 1
        for before, after in pairs:
            back[after.fixmedins_code, month_of(after.begntime)] += _unplanned(point, before, after)
        for (code, month), number in stays.items():
            rate = back[code, month] * 10_000 // number
            if number >= point.least_stays and rate > point.limit and counted(point, month, first):
                facts: dict[str, str | int] = {
                    "month": month_text(month), "stays": number, "readmitted": back[code, month], "rate": rate,
                    "limit": point.limit, "days": point.days,
                }  # fmt: skip
                yield institution_row(point, f"{code}|{month_text(month)}", code, facts)


def _unplanned(point: ReadmissionRate, before: Visit, after: Visit) -> bool:
    if before.endtime is None:
        return False
    days = (after.begntime.date() - before.endtime.date()).days
    planned = begins(after.dscg_maindiag_code, point.exempt) or begins(after.med_type, point.exempt_care)
    return 1 <= days <= point.days and not planned


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    import ibis

    stays = stays_column(lake).select("mdtrt_id", "psn_no", "fixmedins_code", "med_type", "begntime", "endtime",
                                      "dscg_maindiag_code")  # fmt: skip
    order = ibis.window(group_by=["psn_no", "fixmedins_code"], order_by=["begntime", "mdtrt_id"])
    stays = stays.mutate(last_end=stays.endtime.lag().over(order), month=month_column(stays.begntime))
    away = stays.begntime.date().epoch_days() - stays.last_end.date().epoch_days()
    table = stays.mutate(away=away.cast("int64")).cross_join(points)
    planned = begins_column(table.dscg_maindiag_code, table.exempt).fill_null(False) | begins_column(
        table.med_type, table.exempt_care
    ).fill_null(False)
    back = (table.away >= 1) & (table.away <= table.days) & ~planned
    table = table.mutate(back=ibis.ifelse(back.fill_null(False), 1, 0))
    keys = ("rule_id", "kp_id", "days", "limit", "least_stays", "valid_from", "valid_to", "fixmedins_code", "month")
    sums = table.group_by(*keys).aggregate(stays=table.count(), readmitted=table.back.sum().cast("int64"))
    sums = from_first_month(sums, lake.bills)
    sums = sums.mutate(rate=sums.readmitted * 10_000 // sums.stays)
    found = sums.filter((sums.stays >= sums.least_stays) & (sums.rate > sums["limit"]))
    month = month_text_column(found.month)
    return institution_rows(found, found.fixmedins_code + "|" + month, month=month)


KIND = Kind(
    name="readmission_rate",
    title="非计划再入院率",
    point=ReadmissionRate,
    facts=("month", "stays", "readmitted", "rate", "limit", "days"),
    reason="{month}入院{stays}人次中{readmitted}人次为出院{days}日内非计划再入院，比率{rate:percent}，"
    "上限{limit:percent}",
    subject="institution",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="放化疗、透析等计划再入院（按主诊断、就医方式）、出院当日再入院、住院人次少的机构不算",
    looks_back=31,
    item_codes=lambda point: (),
)
