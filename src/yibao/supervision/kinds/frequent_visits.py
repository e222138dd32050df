"""More days with visits than usual within a period (频繁门诊、频繁购药、频繁住院).

    care             kinds of care counted (`med_type` or its beginning)
    most             days with a visit within the period, at most
    period           days of the period, the day itself included
    exempt           beginnings of the visit's diagnosis that are not counted (dialysis, radiotherapy, wound care)

Several visits on one day count once. At stake are the bills of the days over the limit: the day after `most` others in
the period before it. A finding is a person's month in one institution.
"""

from bisect import bisect_left
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
class FrequentVisits(Point):
    """What the module says."""

    care: str
    most: int
    period: int
    exempt: str | None = None


FACTS = ("day", "period", "days", "most")


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One finding for each person's month in an institution."""
    return _stays.bills_at_stake(case, _hits(case, points))


def _hits(case: Case, points: Points) -> Iterator[tuple[Point, str, Visit, Facts]]:
    for point in points:
        for visits in case.visits_of_person.values():
            if len(visits) > point.most:
                counted = _by_day(point, visits)
                days = sorted(counted)
                for place, day in enumerate(days):
                    within = (
                        place + 1 - bisect_left([one.toordinal() for one in days], day.toordinal() - point.period + 1)
                    )
                    if within > point.most:
                        facts: Facts = {
                            "day": day.isoformat(), "period": point.period, "days": within, "most": point.most,
                        }  # fmt: skip
                        yield from ((point, _key(one), one, facts) for one in counted[day])


def _by_day(point: FrequentVisits, visits: list[Visit]) -> dict[date, list[Visit]]:
    counted: dict[date, list[Visit]] = defaultdict(list)
    for one in _stays.of_care(visits, point.care):
        day = one.begntime.date()
        if point.in_force(day) and not begins(one.dscg_maindiag_code, point.exempt):
            counted[day].append(one)
    return counted


def _key(visit: Visit) -> str:
    return f"{visit.psn_no}:{visit.fixmedins_code}:{visit.begntime.date().isoformat()[:7]}"


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    counted = _counted(lake, points)
    group = ["rule_id", "kp_id", "psn_no"]
    days = counted.select(*group, "most", "period", "number").distinct()
    busy = days.group_by(*group, "most").aggregate(all_days=days.count()).filter(lambda t: t.all_days > t.most)
    days = days.semi_join(busy, group)
    earlier = days.select(*group, "number").rename("other_{name}")
    both = days.join(earlier, [
        days.psn_no == earlier.other_psn_no, days.rule_id == earlier.other_rule_id, days.kp_id == earlier.other_kp_id,
        earlier.other_number <= days.number, earlier.other_number > days.number - days.period,
    ])  # fmt: skip
    within = both.group_by(*group, "number", "most").aggregate(days=both.count().cast("int64"))
    over = within.filter(within.days > within.most).drop("most")
    hits = counted.join(over, [*group, "number"])
    day = hits.begin.cast("string")
    hits = hits.mutate(key=hits.psn_no + ":" + hits.fixmedins_code + ":" + day.substr(0, 7), day=day)
    return _stays.bills_at_stake_column(lake, hits, FACTS)


def _counted(lake: Any, points: Any) -> Any:
    visits = _stays.of_care_column(lake.visits, points)
    visits = visits.mutate(begin=visits.begntime.date())
    visits = _stays.without_column(_stays.in_force(visits, visits.begin), points)
    return visits.mutate(number=visits.begin.epoch_days().cast("int64"))


KIND = Kind(
    name="frequent_visits",
    title="频繁就诊",
    point=FrequentVisits,
    facts=FACTS,
    reason="截至{day}的{period}天内有{days}天就诊（购药、住院），超过{most}天",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="同日多次按一次计，透析、放疗等列明的诊断不计",
    looks_back=366,
    item_codes=lambda point: (),
)
