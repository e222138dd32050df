"""Departments and doctors (科室、医师) of the made-up institutions; hospitals have them by beds, others by role."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from yibao.simulate.draws import Draws, pick
from yibao.simulate.model import Ints, Texts
from yibao.simulate.places_plan import PlacePlan
from yibao.simulate.plan import NamePlan

FIRST_NUMBER = 100_001


@dataclass(frozen=True, slots=True)
class Doctors:
    """Columns of `Places` of the same names."""

    dept_place: Ints
    dept_codg: Texts
    dept_name: Texts
    dr_code: Texts
    dr_name: Texts
    dr_place: Ints
    dr_dept: Ints


def draw_doctors(
    plan: PlacePlan,
    names: NamePlan,
    area: str,
    kinds: Sequence[tuple[str, str]],
    beds: Ints,
    draws: Draws,
) -> Doctors:
    """Departments of institutions by role and specialty, and at least one doctor in each."""
    draw = draws.stream("doctors")
    departments: list[tuple[int, str, str]] = []
    places: list[int] = []
    department_of: list[int] = []
    for place, (role, specialty) in enumerate(kinds):
        count = _doctors(plan, role, int(beds[place]))
        shares = plan.departments[specialty or role] if count else {}
        kept = dict(sorted(shares.items(), key=lambda pair: -pair[1])[:count])
        first = len(departments)
        departments += [(place, code, plan.department_names[code]) for code in kept]
        places += [place] * count
        more = pick(np.array(list(kept.values())), max(0, count - len(kept)), draw) if count else ()
        department_of += [first + number for number in (*range(len(kept)), *map(int, more))]
    dept_place, dept_codg, dept_name = (np.array(column) for column in zip(*departments, strict=True))
    return Doctors(
        dept_place=dept_place.astype(np.int16),
        dept_codg=dept_codg,
        dept_name=dept_name,
        dr_code=np.array([f"D{area}{FIRST_NUMBER + number:06d}" for number in range(len(places))]),
        dr_name=np.array(_names(names, len(places), draw)),
        dr_place=np.array(places, dtype=np.int16),
        dr_dept=np.array(department_of, dtype=np.int32),
    )


def _doctors(plan: PlacePlan, role: str, beds: int) -> int:
    counts = plan.doctors
    if role == "hospital":
        return max(3, beds * counts.per_hundred_beds // 100)
    return {"town": counts.town, "village": counts.village, "clinic": counts.clinic, "pharmacy": counts.pharmacy}[role]


def _names(plan: NamePlan, count: int, draw: np.random.Generator) -> list[str]:
    surname = pick(1 / (np.arange(len(plan.surnames)) + 4.0), count, draw)
    characters = plan.male + plan.female + plan.common
    given = draw.integers(0, len(characters), (count, 2))
    return [plan.surnames[s] + characters[a] + characters[b] for s, (a, b) in zip(surname, given, strict=True)]
