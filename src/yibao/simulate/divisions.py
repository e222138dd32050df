"""Province, city, counties, towns, villages (五级行政区划): county names are real, towns and villages are made up.

Codes have the national shape 6 + 3 + 3: sub-districts (街道) count from 001, towns (镇) from 101, villages from 001
for communities and 201 for villages. Villages lie around their town, towns around their county.
"""

from dataclasses import dataclass, field

import numpy as np

from yibao.simulate.draws import Draws
from yibao.simulate.model import Divisions
from yibao.simulate.plan import County, DivisionPlan, PeoplePlan

COMMUNITY_SIZE = 2.2
"""An urban community holds so many times the people of a village beside it (a guess)."""


@dataclass(slots=True)
class _Rows:
    """Rows as they are found, a list per column."""

    code: list[str] = field(default_factory=list)
    name: list[str] = field(default_factory=list)
    level: list[int] = field(default_factory=list)
    parent: list[int] = field(default_factory=list)
    lng: list[float] = field(default_factory=list)
    lat: list[float] = field(default_factory=list)
    urban: list[bool] = field(default_factory=list)
    weight: list[float] = field(default_factory=list)

    def add(
        self, code: str, name: str, parent: int, at: tuple[float, float], urban: bool = False, weight: float = 0
    ) -> int:
        """Append a row; its place."""
        self.code.append(code)
        self.name.append(name)
        self.level.append({2: 1, 4: 2, 6: 3, 9: 4, 12: 5}[len(code)])
        self.parent.append(parent)
        self.lng.append(at[0])
        self.lat.append(at[1])
        self.urban.append(urban)
        self.weight.append(weight)
        return len(self.code) - 1


def draw_divisions(plan: PeoplePlan, draws: Draws) -> Divisions:
    """All five levels, parents first."""
    draw, rows, names = draws.stream("divisions"), _Rows(), plan.divisions
    centre = names.counties[1].at
    province = rows.add(plan.province[:2], names.province_name, -1, centre)
    city = rows.add(plan.code[:4], names.city_name, province, centre)
    town_names = iter(names.town_names)
    for county in names.counties:
        place = rows.add(county.code, county.name, city, county.at)
        _add_towns(rows, names, county, place, [next(town_names) for _ in range(county.towns)], draw)
    return _table(rows)


def _add_towns(
    rows: _Rows, plan: DivisionPlan, county: County, parent: int, names: list[str], draw: np.random.Generator
) -> None:
    """Towns of one county with their villages; villages are dealt out evenly."""
    first_village = len(rows.code)
    for number, name in enumerate(names):
        street = number < county.urban
        seat = county.code == plan.county_seat_of and number == 0
        code = f"{county.code}{number + 1:03d}" if street else f"{county.code}{100 + number - county.urban:03d}"
        at = _around(county.at, county.radius, draw)
        town = rows.add(code, name + ("街道" if street else "镇"), parent, at, street or seat)
        share = (county.villages * (number + 1)) // county.towns - (county.villages * number) // county.towns
        _add_villages(rows, plan, town, share, draw)
    _scale_weights(rows, first_village, county.weight)


def _add_villages(rows: _Rows, plan: DivisionPlan, town: int, count: int, draw: np.random.Generator) -> None:
    urban = rows.urban[town]
    surnames = draw.permutation(len(plan.village_names))
    endings = plan.community_endings if urban else plan.village_endings
    for number in range(count):
        first, ending = plan.village_names[surnames[number % len(surnames)]], endings[draw.integers(len(endings))]
        code = f"{rows.code[town]}{number + 1 if urban else number + 201:03d}"
        size = float(np.exp(draw.normal(0.0, 0.35))) * (COMMUNITY_SIZE if urban else 1.0)
        at = _around((rows.lng[town], rows.lat[town]), 0.012 if urban else 0.045, draw)
        rows.add(code, first + ending, town, at, urban, size)


def _scale_weights(rows: _Rows, first: int, weight: int) -> None:
    """Villages of one county share the county's weight."""
    total = sum(rows.weight[first:])
    rows.weight[first:] = [size * weight / total for size in rows.weight[first:]]


def _around(at: tuple[float, float], radius: float, draw: np.random.Generator) -> tuple[float, float]:
    """A point within `radius` degrees."""
    angle, distance = draw.random() * 2 * np.pi, radius * np.sqrt(draw.random())
    return round(float(at[0] + distance * np.cos(angle)), 6), round(float(at[1] + distance * np.sin(angle)), 6)


def _table(rows: _Rows) -> Divisions:
    weight = np.array(rows.weight)
    code = np.array(rows.code)
    return Divisions(
        code=code,
        name=np.array(rows.name),
        level=np.array(rows.level, dtype=np.int8),
        parent=np.array(rows.parent, dtype=np.int16),
        admdvs=np.array([text[:6].ljust(6, "0") for text in rows.code]),
        lng=np.array(rows.lng),
        lat=np.array(rows.lat),
        urban=np.array(rows.urban),
        weight=weight / weight.sum(),
    )
