"""More examinations in a day than the devices can do (设备产能超限).

    item            name of the device
    prefixes        beginnings of `med_list_codg` of its examinations, separated by blanks
    institution     only this institution (`fixmedins_code`); None: each one
    capacity        examinations (`cnt`, whole ones) of a day that must be passed

One finding for an institution and day. Exemptions: refunds are taken off. Nothing is staked: which of the examinations
were not made is not known.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from yibao.supervision.kinds._codes import begins, begins_column
from yibao.supervision.kinds._peers import KEY, institution_row, institution_rows
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceCapacity(Point):
    """What the module says."""

    prefixes: str
    institution: str | None = None
    capacity: int


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each institution and day over the capacity."""
    for point in points:
        counts: dict[tuple[str, date], int] = defaultdict(int)
        for code, lines in case.lines_of_item.items():
            for line in lines if begins(code, point.prefixes) else ():
                if point.institution in (None, line.fixmedins_code) and point.in_force(line.fee_ocur_time.date()):
                    counts[line.fixmedins_code, line.fee_ocur_time.date()] += line.cnt
        for (place, day), count in counts.items():
            if count > point.capacity * 10_000:
                facts: dict[str, str | int] = {
                    "item": point.item, "day": day.isoformat(), "count": count, "capacity": point.capacity,
                }  # fmt: skip
                yield institution_row(point, f"{place}|{day.isoformat()}", place, facts)


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    lines = lake.lines.select("fixmedins_code", "med_list_codg", "fee_ocur_time", "cnt")
    codes = lines.select("med_list_codg").distinct().cross_join(points)
    codes = codes.filter(begins_column(codes.med_list_codg, codes.prefixes).fill_null(False))
    table = lines.join(codes, "med_list_codg")
    table = table.mutate(date_of=table.fee_ocur_time.date())
    table = table.filter(
        table.institution.isnull() | (table.institution == table.fixmedins_code),
        table.date_of >= table.valid_from, table.date_of <= table.valid_to,
    )  # fmt: skip
    keys = (*KEY, "item", "capacity", "fixmedins_code", "date_of")
    sums = table.group_by(*keys).aggregate(count=table.cnt.sum().cast("int64"))
    found = sums.filter(sums["count"] > sums.capacity * 10_000)
    day = found.date_of.cast("string")
    return institution_rows(found, found.fixmedins_code + "|" + day, day=day)


KIND = Kind(
    name="device_capacity",
    title="设备产能超限",
    point=DeviceCapacity,
    facts=("item", "day", "count", "capacity"),
    reason="{day}{item}检查{count:count}次，超过设备每日能力{capacity}次",
    subject="institution",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="已退费的不算",
    item_codes=None,
)
