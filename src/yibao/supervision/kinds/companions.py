"""The same persons come together again and again (结伴就医、结伴住院).

    care             kinds of care looked at (`med_type` or its beginning)
    persons          so many persons, at least 3
    times            on so many days together in the same institution, at least
    crowd            institution's days with more persons than this are not looked at: there meeting is chance
    exempt           beginnings of the visit's diagnosis that are not counted

Three who begin visits in the same institution on at least `times` same days are a triple; triples with the same
smallest person number are one group, and a person who already is another's companion leads none. At stake are the bills
of those days. Exemptions: crowded days; diagnoses of `exempt` (dialysis shifts meet three times a week).
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
        triples = _triples(point, days)
        led = {(place, one) for place, *persons in triples for one in persons[1:]}
        groups: dict[tuple[str, str], set[tuple[str, date]]] = defaultdict(set)
        for (place, leader, second, third), met in triples.items():
            if (place, leader) not in led:
                groups[place, leader] |= {(one, day) for one in (leader, second, third) for day in met}
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
    place = ["rule_id", "kp_id", "fixmedins_code"]
    visits, met = _met(lake, points)
    pairs = _pairs(met)
    third = pairs.rename("third_{name}")
    triples = pairs.join(third, [
        *(pairs[name] == third[f"third_{name}"] for name in (*place, "one", "day")), pairs.other < third.third_other,
    ])  # fmt: skip
    triple = [*place, "one", "other", "third_other"]
    often = triples.group_by(*triple, "times_needed").aggregate(met=triples.day.nunique())
    often = often.filter(often.met >= often.times_needed)
    led = often.select(*place, one="other").union(often.select(*place, one="third_other")).distinct()
    days = triples.semi_join(often, triple).anti_join(led, [*place, "one"])
    seen = [
        days.select(*place, "day", "persons_needed", "one", psn_no=name) for name in ("one", "other", "third_other")
    ]
    group = seen[0].union(seen[1]).union(seen[2]).distinct()
    sizes = group.group_by(*place, "one", "persons_needed").aggregate(
        persons=group.psn_no.nunique().cast("int64"), times=group.day.nunique().cast("int64")
    )
    sizes = sizes.filter(sizes.persons >= sizes.persons_needed).drop("persons_needed")
    hits = group.drop("persons_needed").join(sizes, [*place, "one"]).join(visits, [*place, "day", "psn_no"])
    hits = hits.mutate(
        key=hits.fixmedins_code + ":" + hits.one, leader=hits.one, day=hits.on.cast("string"),
    )  # fmt: skip
    return _stays.bills_at_stake_column(lake, hits, FACTS)


def _met(lake: Any, points: Any) -> tuple[Any, Any]:
    """Visits counted, and who was where on which day that was not crowded."""
    visits = _stays.of_care_column(lake.visits, points)
    visits = visits.mutate(on=visits.begntime.date())
    visits = _stays.without_column(_stays.in_force(visits, visits.on), points)
    visits = visits.mutate(day=visits.on.epoch_days().cast("int64"))
    place_day = ["rule_id", "kp_id", "fixmedins_code", "day"]
    met = visits.select(*place_day, "psn_no", "crowd", persons_needed="persons", times_needed="times").distinct()
    calm = met.group_by(*place_day, "crowd").aggregate(present=met.count()).filter(lambda t: t.present <= t.crowd)
    met = met.semi_join(calm, place_day).drop("crowd")
    regular = met.group_by("rule_id", "kp_id", "fixmedins_code", "psn_no", "times_needed").aggregate(days=met.count())
    regular = regular.filter(regular.days >= regular.times_needed)
    met = met.semi_join(regular, ["rule_id", "kp_id", "fixmedins_code", "psn_no"])
    return visits.select(*place_day, "psn_no", "mdtrt_id", "on"), met


def _pairs(met: Any) -> Any:
    """Every day of two persons who met often enough."""
    place = ["rule_id", "kp_id", "fixmedins_code"]
    one = met.rename(one="psn_no")
    other = met.select(*place, "day", "psn_no").rename("other_{name}")
    pairs = one.join(other, [
        *(one[name] == other[f"other_{name}"] for name in (*place, "day")), one.one < other.other_psn_no,
    ])  # fmt: skip
    pairs = pairs.select(*place, "day", "persons_needed", "times_needed", "one", other="other_psn_no")
    pair = [*place, "one", "other"]
    often = pairs.group_by(*pair, "times_needed").aggregate(met=pairs.count()).filter(lambda t: t.met >= t.times_needed)
    return pairs.semi_join(often, pair)


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
