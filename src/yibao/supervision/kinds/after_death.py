"""Care after the person's death (死亡后结算): lines later than the date of death.

    tolerance_days   so many days after the date of death a line is no finding (fees booked late)

At stake are the lines after it, less refunds. Exemptions: the day of death itself and the tolerance; persons without a
date of death; a date of death before the birth is a data fault and not looked at.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds import _stays
from yibao.supervision.kinds._codes import Hit, netted, netted_column
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class AfterDeath(Point):
    """What the module says."""

    tolerance_days: int


FACTS = ("day", "died", "days")


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One finding for each visit with lines after the death."""
    return netted(_hits(case, points), key=lambda point, line: line.mdtrt_id)


def _hits(case: Case, points: Points) -> Iterator[Hit]:
    died = {no: one.die_date for no, one in case.persons.items() if one.die_date and one.die_date >= one.brdy}
    for line in case.lines if died else ():
        if (death := died.get(line.psn_no)) and line.inscp_amt:
            day = line.fee_ocur_time.date()
            late = (day - death).days
            for point in points:
                if late > point.tolerance_days and point.in_force(day):
                    yield point, line, {"day": day.isoformat(), "died": death.isoformat(), "days": late}, 1, 1


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    persons, lines = lake.persons, lake.lines
    dead = persons.filter(persons.die_date.notnull() & (persons.die_date >= persons.brdy)).select("psn_no", "die_date")
    table = lines.filter(lines.inscp_amt != 0).join(dead, "psn_no")
    table = table.mutate(on=table.fee_ocur_time.date())
    late = (table.on.epoch_days() - table.die_date.epoch_days()).cast("int64")
    table = table.mutate(days=late).filter(lambda t: t.days > 0).cross_join(points)
    hits = _stays.in_force(table, table.on).filter(lambda t: t.days > t.tolerance_days)
    return netted_column(hits, key=hits.mdtrt_id, day=hits.on.cast("string"), died=hits.die_date.cast("string"))


KIND = Kind(
    name="after_death",
    title="死亡后结算",
    point=AfterDeath,
    facts=FACTS,
    reason="该人于{died}死亡，{day}仍有费用，晚{days}天",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="死亡当日、容差天数内、已退费、死亡日期早于出生的不算",
    item_codes=None,
)
