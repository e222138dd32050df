"""One person in many institutions on one day (同日多院就诊).

    care             kinds of care counted (`med_type` or its beginning)
    institutions     so many institutions on one day, at least: 3
    exempt           beginnings of the visit's diagnosis that are not counted

At stake are the bills in the institution that makes it so many and in those after it, in the order of the day. A
finding is a person's day in one of these.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from yibao.supervision.kinds import _stays
from yibao.supervision.kinds._codes import Facts, begins
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row, Visit


@dataclass(frozen=True, kw_only=True, slots=True)
class ManyInstitutions(Point):
    """What the module says."""

    care: str
    institutions: int
    exempt: str | None = None


FACTS = ("day", "institutions")


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One finding for each institution too many on a person's day."""
    return _stays.bills_at_stake(case, _hits(case, points))


def _hits(case: Case, points: Points) -> Iterator[tuple[Point, str, Visit, Facts]]:
    for point in points:
        for visits in case.visits_of_person.values():
            for day, of_day in _by_day(point, visits).items():
                places = list(dict.fromkeys(one.fixmedins_code for one in sorted(of_day, key=_order)))
                late = places[point.institutions - 1 :]
                facts: Facts = {"day": day.isoformat(), "institutions": len(places)}
                for one in of_day:
                    if one.fixmedins_code in late:
                        yield point, f"{one.psn_no}:{day}:{one.fixmedins_code}", one, facts


def _by_day(point: ManyInstitutions, visits: list[Visit]) -> dict[date, list[Visit]]:
    days: dict[date, list[Visit]] = defaultdict(list)
    for one in _stays.of_care(visits, point.care):
        if point.in_force(one.begntime.date()) and not begins(one.dscg_maindiag_code, point.exempt):
            days[one.begntime.date()].append(one)
    return days


def _order(visit: Visit) -> tuple[object, str]:
    return visit.begntime, visit.fixmedins_code


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    import ibis

    person_day = ["psn_no", "day"]
    days = lake.visits.mutate(day=lake.visits.begntime.date())
    several = days.group_by(person_day).aggregate(low=days.fixmedins_code.min(), high=days.fixmedins_code.max())
    days = days.semi_join(several.filter(several.low != several.high), person_day)
    visits = _stays.of_care_column(days, points)
    visits = _stays.without_column(_stays.in_force(visits, visits.day), points)
    group = ["rule_id", "kp_id", *person_day]
    places = visits.group_by(*group, "fixmedins_code", needed="institutions").aggregate(at=visits.begntime.min())
    order = ibis.window(group_by=group, order_by=[places.at, places.fixmedins_code])
    places = places.mutate(
        place=ibis.row_number().over(order), institutions=places.at.count().over(ibis.window(group_by=group)),
    )  # fmt: skip
    late = places.filter(places.place >= places.needed - 1).drop("needed", "at", "place")
    hits = visits.drop("institutions").join(late, [*group, "fixmedins_code"])
    day = hits.day.cast("string")
    hits = hits.mutate(
        key=hits.psn_no + ":" + day + ":" + hits.fixmedins_code, day=day, institutions=hits.institutions.cast("int64")
    )
    return _stays.bills_at_stake_column(lake, hits, FACTS)


KIND = Kind(
    name="many_institutions",
    title="同日多院就诊",
    point=ManyInstitutions,
    facts=FACTS,
    reason="该人{day}一天在{institutions}家机构就诊",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="列明的诊断、未列入的就医方式不计",
    item_codes=lambda point: (),
)
