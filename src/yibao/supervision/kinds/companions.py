"""The same persons come together again and again (结伴就医、结伴住院).

    care             kinds of care looked at (`med_type` or its beginning)
    persons          so many persons, at least 3
    times            on so many days together in the same institution, at least
    crowd            institution's days with more persons than this are not looked at: there meeting is chance
    exempt           beginnings of the visit's diagnosis that are not counted

Three who begin visits in the same institution on at least `times` same days are a triple, led by the smallest person
number; everybody belongs to the smallest of his leaders, and these are the groups. At stake are the bills of those
days. Exemptions: crowded days; diagnoses of `exempt` (dialysis shifts meet three times a week).
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

from yibao.supervision.kinds import _stays
from yibao.supervision.kinds._codes import Facts, begins
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row, Visit


@dataclass(frozen=True, kw_only=True, slots=True)
class Companions(Point):
    """What the module says."""

    care: str
    persons: int
    times: int
    crowd: int
    exempt: str | None = None


FACTS = ("persons", "times", "leader", "day")
Days = dict[tuple[str, date], dict[str, list[Visit]]]
"""Visits by institution and day, by person."""


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One finding for each group in an institution."""
    return _stays.bills_at_stake(case, _hits(case, points))


def _hits(case: Case, points: Points) -> Iterator[tuple[Point, str, Visit, Facts]]:
    for point in points:
        days = _days(case, point)
        leaders: dict[tuple[str, str], str] = {}
        met_on: dict[tuple[str, str], set[date]] = defaultdict(set)
        for (place, leader, *others), met in _triples(point, days).items():
            for one in (leader, *others):
                leaders[place, one] = min(leaders.get((place, one), leader), leader)
                met_on[place, one] |= met
        groups: dict[tuple[str, str], set[tuple[str, date]]] = defaultdict(set)
        for (place, one), leader in leaders.items():
            groups[place, leader] |= {(one, day) for day in met_on[place, one]}
        for (place, leader), seen in groups.items():
            members, met = {one for one, _ in seen}, {day for _, day in seen}
            for one, day in sorted(seen) if len(members) >= point.persons else ():
                for visit in days[place, day][one]:
                    facts: Facts = {
                        "persons": len(members), "times": len(met), "leader": leader, "day": day.isoformat(),
                    }  # fmt: skip
                    yield point, f"{place}:{leader}", visit, facts


def _days(case: Case, point: Companions) -> Days:
    days: Days = defaultdict(lambda: defaultdict(list))
    for one in _stays.of_care(case.visits.values(), point.care):
        day = one.begntime.date()
        if point.in_force(day) and not begins(one.dscg_maindiag_code, point.exempt):
            days[one.fixmedins_code, day][one.psn_no].append(one)
    return {key: persons for key, persons in days.items() if len(persons) <= point.crowd}


def _triples(point: Companions, days: Days) -> dict[tuple[str, str, str, str], set[date]]:
    """Three persons in an institution and the days they met, often enough."""
    pairs: dict[tuple[str, str, str], set[date]] = defaultdict(set)
    for (place, day), persons in days.items():
        for one, other in combinations(sorted(persons), 2):
            pairs[place, one, other].add(day)
    often: dict[tuple[str, str], dict[str, set[date]]] = defaultdict(dict)
    for (place, one, other), met in pairs.items():
        if len(met) >= point.times:
            often[place, one][other] = met
    found = {}
    for (place, leader), others in often.items():
        for second, third in combinations(sorted(others), 2):
            if len(met := others[second] & others[third]) >= point.times:
                found[place, leader, second, third] = met
    return found


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake: pairs that met often first, so that triples are few."""
    import ibis

    visits, met = _met(lake, points)
    days = _triples_column(_pairs(met))
    members = ibis.array([days.one, days.other, days.third_other]).unnest()
    group = days.select("place", "day", leader="one", psn_no=members).distinct()
    group = group.mutate(leader=group.leader.min().over(ibis.window(group_by=["place", "psn_no"]))).distinct()
    of_group = {"group_by": ["place", "leader"]}
    for name, column in (("persons", group.psn_no), ("times", group.day)):
        group = group.mutate(**{name: ibis.dense_rank().over(ibis.window(order_by=column, **of_group))})
    group = group.mutate(**{name: _most(group[name], of_group) for name in ("persons", "times")})
    hits = group.join(visits, ["place", "day", "psn_no"])
    hits = hits.filter(hits.persons >= hits.persons_needed)
    return _stays.bills_at_stake_column(lake, hits.mutate(key=hits.fixmedins_code + ":" + hits.leader), FACTS)


def _most(rank: Any, of_group: dict[str, list[str]]) -> Any:
    """How many different: the greatest rank, which begins with 0."""
    import ibis

    return rank.max().over(ibis.window(**of_group)).cast("int64") + 1


def _met(lake: Any, points: Any) -> tuple[Any, Any]:
    """Visits counted, and who was where on which day that was not crowded: a `place` is a point's institution."""
    visits = _stays.of_care_column(lake.visits, points)
    visits = visits.mutate(on=visits.begntime.date())
    visits = _stays.without_column(_stays.in_force(visits, visits.on), points)
    visits = visits.select(
        "rule_id", "kp_id", "fixmedins_code", "psn_no", "mdtrt_id", "crowd", persons_needed="persons",
        times_needed="times", day=visits.on.cast("string"),
        place=visits.rule_id + ":" + visits.kp_id + ":" + visits.fixmedins_code,
    )  # fmt: skip
    met = visits.select("place", "day", "psn_no", "crowd", "times_needed").distinct()
    met = _often(met, ["place", "day"], lambda present, table: present <= table.crowd)
    met = _often(met, ["place", "psn_no"])
    return visits.drop("crowd", "times_needed"), met.drop("crowd")


def _often(table: Any, group: list[str], kept: Any = lambda count, table: count >= table.times_needed) -> Any:
    """Rows of which there are enough alike: a window, because a join with the counts would make the rows twice."""
    import ibis

    alike = ibis.window(group_by=group)
    table = table.mutate(alike=table.place.count().over(alike))
    return table.filter(kept(table.alike, table)).drop("alike")


def _pairs(met: Any) -> Any:
    """Every day of two persons who met often enough."""
    one = met.select("place", "day", "times_needed", one="psn_no", meeting=met.place + ":" + met.day)
    other = met.select(same=met.place + ":" + met.day, other="psn_no")
    pairs = one.join(other, [one.meeting == other.same, one.one < other.other])
    return _often(pairs.drop("meeting", "same"), ["place", "one", "other"])


def _triples_column(pairs: Any) -> Any:
    """Every day of three persons who met often enough."""
    first = pairs.mutate(lead=pairs.place + ":" + pairs.day + ":" + pairs.one)
    third = first.select(third_lead="lead", third_other="other")
    triples = first.join(third, [first.lead == third.third_lead, first.other < third.third_other])
    return _often(triples.drop("lead", "third_lead"), ["place", "one", "other", "third_other"])


KIND = Kind(
    name="companions",
    title="结伴就医",
    point=Companions,
    facts=FACTS,
    reason="同一批{persons}人在本机构{times}天同日就诊（以{leader}为首，本次{day}）",
    subject="institution",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="就诊人数多的日子、透析等列明的诊断不计",
    looks_back=366,
    item_codes=lambda point: (),
)
