"""Where care is given (就医去向): the city's institutions and those of the places that people travel to.

`Providers` is one table: first the rows of `City.places`, then hospitals elsewhere from `referral.yaml`. Everybody has
usual institutions, one for each role; most care is there, the rest elsewhere in the county or city.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yibao.simulate.illness import CarePlan, Destination
from yibao.simulate.model import City, Ints, Texts
from yibao.simulate.patients import Patients, counties_of

ROLES = ("village", "town", "clinic", "pharmacy", "1", "2", "3", "psychiatric", "away")
VILLAGE, TOWN, CLINIC, PHARMACY, LEVEL_1, LEVEL_2, LEVEL_3, PSYCHIATRIC, AWAY = range(9)
LOYAL = 0.85
"""Share of visits to the usual institution."""
DOCTORS_AWAY = 30
"""Doctors of one hospital elsewhere."""


@dataclass(frozen=True)
class Providers:
    """One row per institution. `level` 1, 2, 3, 9; `area` 0 local, 1 elsewhere in the province, 2 outside it.

    `pools[role][county]` (rows, cumulative weights); `dr_first[p]` … `dr_first[p + 1]` its doctors in the order of
    `dr_dept`, a place in `depts`.
    """

    code: Texts
    name: Texts
    kind: Ints
    level: Ints
    grade: Texts
    admdvs: Texts
    lng: NDArray[np.float64]
    lat: NDArray[np.float64]
    beds: Ints
    public: NDArray[np.bool_]
    area: Ints
    local: int
    pools: dict[int, list[tuple[Ints, NDArray[np.float64]]]]
    dr_first: Ints
    dr_code: Texts
    dr_dept: Ints
    depts: Texts

    def chosen(self, role: int, county: Ints, draw: np.random.Generator) -> Ints:
        """An institution of the role for each entry, in its county where the role is one of the county."""
        place = np.zeros(len(county), np.int64)
        chance = draw.random(len(county))
        for number, (rows, bounds) in enumerate(self.pools[role]):
            here = np.flatnonzero(county == number)
            place[here] = rows[np.minimum(np.searchsorted(bounds, chance[here], side="right"), len(rows) - 1)]
        return place


def providers_of(city: City, plan: CarePlan) -> Providers:
    """All institutions of a city, and those elsewhere."""
    places, away = city.places, _away(plan.referral.destinations)
    local = len(places)
    area = np.zeros(local, np.int8)
    there = np.array([1 if code[:2] == city.code[:2] else 2 for code in away["admdvs"]], np.int8)
    depts, dr_first, dr_code, dr_dept = _doctors(city, away["code"])
    return Providers(
        np.concatenate([places.code, away["code"]]), np.concatenate([places.name, away["name"]]),
        np.concatenate([places.kind, np.ones(len(there), places.kind.dtype)]),
        np.concatenate([places.level, away["level"]]), np.concatenate([places.grade, away["grade"]]),
        np.concatenate([places.admdvs, away["admdvs"]]), np.concatenate([places.lng, away["lng"]]),
        np.concatenate([places.lat, away["lat"]]), np.concatenate([places.beds, np.full(len(there), 1200)]),
        np.concatenate([places.public, np.ones(len(there), bool)]), np.concatenate([area, there]), local,
        _pools(city, away["weight"]), dr_first, dr_code, dr_dept, depts,
    )  # fmt: skip


def _away(destinations: tuple[Destination, ...]) -> dict[str, NDArray[np.generic]]:
    rows = [
        (
            f"H{it.admdvs}{number:05d}", f"{it.name}第{number}医院", it.admdvs, it.level, it.grade, it.lng, it.lat,
            it.share / it.hospitals,
        )
        for it in destinations
        for number in range(1, it.hospitals + 1)
    ]  # fmt: skip
    names = ("code", "name", "admdvs", "level", "grade", "lng", "lat", "weight")
    return {name: np.array(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}


def _pools(city: City, away: NDArray[np.generic]) -> dict[int, list[tuple[Ints, NDArray[np.float64]]]]:
    """Institutions of each role by county; of the whole city where a county has none, and for the third level."""
    places, counties = city.places, counties_of(city)
    pools = {}
    for number, role in enumerate(ROLES[:AWAY]):
        if number >= LEVEL_1:
            has = (places.role == "hospital") & (places.level == int(role) if role.isdigit() else True)
            special = places.specialty == "psychiatric"
            has &= special if number == PSYCHIATRIC and special.any() else ~special
        else:
            has = places.role == role
        if not has.any():
            raise ValueError(f"the city has no institution of the role {role}")
        lists = []
        for county in counties:
            rows = np.flatnonzero(has & (places.admdvs == county))
            rows = rows if len(rows) and number not in (LEVEL_3, PSYCHIATRIC) else np.flatnonzero(has)
            lists.append((rows, _bounds(places.weight[rows])))
        pools[number] = lists
    rows = len(places) + np.arange(len(away))
    pools[AWAY] = [(rows, _bounds(away.astype(np.float64)))] * len(counties)
    return pools


def _bounds(weight: NDArray[np.float64]) -> Any:
    weight = np.maximum(weight, 1e-9)
    return np.cumsum(weight) / weight.sum()


def _doctors(city: City, away: NDArray[np.generic]) -> tuple[Texts, Ints, Texts, Ints]:
    """Departments, and the doctors institution by institution; a hospital elsewhere has all departments."""
    places = city.places
    names = [*places.dept_codg[places.dr_dept].tolist()]
    depts = np.unique(np.array(names)) if names else np.array(["A03"])
    order = np.lexsort((np.array(names), places.dr_place))
    counts = np.bincount(places.dr_place, minlength=len(places)) if len(order) else np.zeros(len(places), np.int64)
    codes = places.dr_code[order].tolist()
    dept = np.searchsorted(depts, np.array(names))[order].tolist() if names else []
    for code in away.tolist():
        codes += [f"D{code[1:7]}{int(code[-2:]):02d}{number:04d}" for number in range(DOCTORS_AWAY)]
        dept += [number * len(depts) // DOCTORS_AWAY for number in range(DOCTORS_AWAY)]
    first = np.cumsum([0, *counts.tolist(), *([DOCTORS_AWAY] * len(away))])
    return depts, first, np.array(codes), np.array(dept, np.int64)


def usual_of(patients: Patients, providers: Providers, draw: np.random.Generator) -> Ints:
    """[role][patient]: where each of them usually goes."""
    return np.stack([providers.chosen(role, patients.county, draw) for role in range(len(ROLES))])


def placed(
    patient: Ints, role: Ints, patients: Patients, usual: Ints, providers: Providers, draw: np.random.Generator
) -> Ints:
    """An institution for each visit of a patient in a role."""
    place = usual[role, patient]
    astray = draw.random(len(patient)) >= LOYAL
    for number in range(len(ROLES)):
        here = np.flatnonzero(astray & (role == number))
        place[here] = providers.chosen(number, patients.county[patient[here]], draw)
    return place


def doctors_of(place: Ints, wanted: Texts, providers: Providers, draw: np.random.Generator) -> Ints:
    """A doctor for each visit, -1 where there is none (pharmacies).

    `wanted` is the department; one of it or of its specialties is taken where the institution has one, else anybody.
    """
    groups, group = np.unique(providers.depts.astype("U3"), return_inverse=True)
    asked = np.searchsorted(groups, wanted.astype("U3"))
    known = (asked < len(groups)) & (groups[np.minimum(asked, len(groups) - 1)] == wanted.astype("U3"))
    of_place = np.repeat(np.arange(len(providers.code)), np.diff(providers.dr_first))
    keys = of_place * 1000 + group[providers.dr_dept]
    low, high = (np.searchsorted(keys, place * 1000 + asked, side=side) for side in ("left", "right"))
    missing = ~known | (low == high)
    low = np.where(missing, providers.dr_first[place], low)
    high = np.where(missing, providers.dr_first[place + 1], high)
    chosen = low + (draw.random(len(place)) * (high - low)).astype(np.int64)
    return np.where(high > low, chosen, -1)
