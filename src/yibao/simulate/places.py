"""Hospitals, town and village clinics, pharmacies (定点医药机构) of a made-up city, all with invented names.

Every town has a clinic and every village a room; hospitals and what is private is drawn where people live. Codes are
H or P, the area and a number from 10001 on, apart from those of the demo's named institutions.
"""

from dataclasses import dataclass, field

import numpy as np

from yibao.simulate.doctors import Doctors, draw_doctors
from yibao.simulate.draws import Draws, pick
from yibao.simulate.model import Divisions, Ints, Places
from yibao.simulate.places_plan import LocalKind, PlacePlan, PrivateKind
from yibao.simulate.plan import NamePlan

COUNTY, TOWN, VILLAGE = 3, 4, 5
HOSPITAL, PHARMACY = 1, 2
MARK = "仿真"
"""In every name, so that nobody takes an institution for a real one."""


@dataclass(slots=True)
class _Rows:
    """Institutions as they are found; one tuple each: name, role, specialty, hosp_lv, level, grade, beds, public."""

    about: list[tuple[str, str, str, str, int, str, int, bool]] = field(default_factory=list)
    division: list[int] = field(default_factory=list)


def draw_places(plan: PlacePlan, names: NamePlan, divisions: Divisions, code: str, draws: Draws) -> Places:
    """Every institution of the city with its departments and doctors."""
    draw, rows = draws.stream("places"), _Rows()
    _add_hospitals(rows, plan, divisions, draw)
    _add_local(rows, plan.town, "town", TOWN, divisions)
    _add_local(rows, plan.village, "village", VILLAGE, divisions)
    clinics = plan.total - plan.pharmacies - len(rows.about)
    _add_private(rows, plan, plan.clinic, "clinic", clinics, divisions, draw)
    _add_private(rows, plan, plan.pharmacy, "pharmacy", plan.pharmacies, divisions, draw)
    beds = _sizes(plan, np.array([row[6] for row in rows.about]), draw)
    kinds = [(row[1], row[2]) for row in rows.about]
    doctors = draw_doctors(plan, names, code, kinds, beds, draws)
    return _table(plan, rows, divisions, code, beds, doctors, draw)


def _add_hospitals(rows: _Rows, plan: PlacePlan, divisions: Divisions, draw: np.random.Generator) -> None:
    """Hospitals stand in towns, those of the city in the city's streets."""
    ordinals = "一二三四五六七八九十"
    for kind in plan.hospitals:
        for number in range(kind.count):
            county = kind.county or _county(divisions, draw)
            towns = np.flatnonzero((divisions.level == TOWN) & (divisions.admdvs == county))
            urban = towns[divisions.urban[towns]]
            division = int(draw.choice(urban if len(urban) else towns))
            ordinal = f"第{ordinals[number % 10]}" if kind.count > 1 else ""
            owner = "淮北" if kind.grade == "city" else _name(divisions, county).removesuffix("区")
            title = kind.name if kind.grade == "city" else kind.name.removeprefix("县").removeprefix("区")
            name = f"{owner}{MARK}{_brand(plan, kind.public, draw)}{ordinal}{title}"
            rows.about.append(
                (name, "hospital", kind.specialty, kind.hosp_lv, kind.level, kind.grade, kind.beds, kind.public)
            )
            rows.division.append(division)


def _add_local(rows: _Rows, kind: LocalKind, role: str, level: int, divisions: Divisions) -> None:
    for place in np.flatnonzero(divisions.level == level):
        urban = bool(divisions.urban[place])
        above = divisions.name[divisions.parent[place]] if level == VILLAGE else ""
        name = f"{above}{divisions.name[place]}{MARK}{kind.urban if urban else kind.rural}"
        rows.about.append((name, role, "", kind.hosp_lv, kind.level, kind.grade, kind.beds, True))
        rows.division.append(int(place))


def _add_private(
    rows: _Rows, plan: PlacePlan, kind: PrivateKind, role: str, count: int, divisions: Divisions,
    draw: np.random.Generator,
) -> None:  # fmt: skip
    """Clinics and pharmacies where people live, more of them in town."""
    weight = divisions.weight * np.where(divisions.urban, 2.0, 1.0)
    for number, place in enumerate(pick(weight, count, draw)):
        brand = plan.brands[draw.integers(len(plan.brands))]
        end = kind.names[draw.integers(len(kind.names))]
        name = f"{divisions.name[divisions.parent[place]]}{MARK}{brand}{end}{number + 1}号店"
        if role == "clinic":
            name = f"{divisions.name[divisions.parent[place]]}{MARK}{brand}{number + 1}{end}"
        rows.about.append((name, role, "", kind.hosp_lv, kind.level, kind.grade, 0, False))
        rows.division.append(int(place))


def _sizes(plan: PlacePlan, beds: Ints, draw: np.random.Generator) -> Ints:
    """Beds around the planned number, in tens."""
    factor = np.exp(draw.normal(0.0, plan.size_spread / 2000, len(beds)))
    return np.where(beds > 0, np.maximum(np.rint(beds * factor / 10) * 10, 10), 0).astype(np.int32)


def _county(divisions: Divisions, draw: np.random.Generator) -> str:
    """A county, by the people who live there."""
    village = int(pick(divisions.weight, 1, draw)[0])
    return str(divisions.admdvs[village])


def _name(divisions: Divisions, code: str) -> str:
    return str(divisions.name[np.flatnonzero(divisions.code == code)[0]])


def _brand(plan: PlacePlan, public: bool, draw: np.random.Generator) -> str:
    return "" if public else plan.brands[draw.integers(len(plan.brands))]


def _codes(kinds: Ints, area: str) -> list[str]:
    """Codes count up among hospitals and among pharmacies."""
    serial = np.where(kinds == PHARMACY, np.cumsum(kinds == PHARMACY), np.cumsum(kinds == HOSPITAL)) + 10_000
    return [f"{'P' if kind == PHARMACY else 'H'}{area}{number:05d}" for kind, number in zip(kinds, serial, strict=True)]


def _table(
    plan: PlacePlan, rows: _Rows, divisions: Divisions, code: str, beds: Ints, doctors: Doctors,
    draw: np.random.Generator,
) -> Places:  # fmt: skip
    name, role, specialty, hosp_lv, level, grade, _, public = (
        np.array(column) for column in zip(*rows.about, strict=True)
    )
    division = np.array(rows.division, dtype=np.int16)
    kind = np.where(role == "pharmacy", PHARMACY, HOSPITAL).astype(np.int8)
    near = draw.normal(0.0, plan.spread_degrees / 1000, (2, len(division)))
    size = np.exp(draw.normal(0.0, plan.size_spread / 1000, len(division)))
    local = divisions.weight[division] * len(division)
    return Places(
        code=np.array(_codes(kind, code)),
        name=name,
        kind=kind,
        hosp_lv=hosp_lv,
        level=level.astype(np.int8),
        grade=grade,
        role=role,
        specialty=specialty,
        admdvs=divisions.admdvs[division],
        division=division,
        lng=np.round(divisions.lng[division] + near[0], 6),
        lat=np.round(divisions.lat[division] + near[1], 6),
        beds=beds,
        public=public.astype(np.bool_),
        weight=np.where(role == "hospital", beds, np.where(role == "village", local, size)),
        dept_place=doctors.dept_place,
        dept_codg=doctors.dept_codg,
        dept_name=doctors.dept_name,
        dr_code=doctors.dr_code,
        dr_name=doctors.dr_name,
        dr_place=doctors.dr_place,
        dr_dept=doctors.dr_dept,
    )
