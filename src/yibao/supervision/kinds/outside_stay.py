"""Lines dated before the admission or after the discharge of their stay (计费日期与住院时间不符).

    care             kinds of care that are stays (`med_type` or its beginning)
    tolerance_days   days before and after that are allowed: 0 or 1 (the outpatients' part of the day of admission)

At stake are the lines outside, less refunds. Exemptions: the days of admission and discharge whatever the hour; the
tolerance; stays that go on have no end yet.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds import _stays
from yibao.supervision.kinds._codes import Facts, Hit, netted, netted_column
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class OutsideStay(Point):
    """What the module says."""

    care: str
    tolerance_days: int


FACTS = ("day", "begin", "end", "days")


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One finding for each stay with lines outside."""
    return netted(_hits(case, points), key=lambda point, line: line.mdtrt_id)


def _hits(case: Case, points: Points) -> Iterator[Hit]:
    for point in points:
        for visit in _stays.of_care(case.visits.values(), point.care):
            begin, end = visit.begntime.date(), _stays.end_of(visit)
            for line in case.lines_of_visit.get(visit.mdtrt_id, ()):
                day = line.fee_ocur_time.date()
                away = max((begin - day).days, (day - end).days)
                if away > point.tolerance_days and line.inscp_amt and point.in_force(day):
                    facts: Facts = {
                        "day": day.isoformat(), "begin": begin.isoformat(), "end": end.isoformat(), "days": away,
                    }  # fmt: skip
                    yield point, line, facts, 1, 1


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    import ibis

    stays = _stays.visit_days(_stays.of_care_column(lake.visits, points))
    stays = stays.select(*points.columns, "begin", "end", "first", "last", visit="mdtrt_id")
    lines = lake.lines.filter(lake.lines.inscp_amt != 0)
    lines = lines.mutate(on=lines.fee_ocur_time.date())
    lines = lines.mutate(number=lines.on.epoch_days().cast("int64"))
    table = lines.join(stays, [
        lines.mdtrt_id == stays.visit,
        (lines.number < stays.first - stays.tolerance_days) | (lines.number > stays.last + stays.tolerance_days),
    ])  # fmt: skip
    hits = _stays.in_force(table, table.on)
    return netted_column(
        hits, key=hits.mdtrt_id, day=hits.on.cast("string"),
        days=ibis.greatest(hits.first - hits.number, hits.number - hits["last"]),
        **{name: hits[name].cast("string") for name in ("begin", "end")},
    )  # fmt: skip


KIND = Kind(
    name="outside_stay",
    title="计费日期与住院时间不符",
    point=OutsideStay,
    facts=FACTS,
    reason="{day}的费用不在住院期间（{begin}至{end}），相差{days}天",
    subject="visit",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="入院、出院当日，容差天数内，已退费，仍在院的出院后不算",
    item_codes=None,
)
