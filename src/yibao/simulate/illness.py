"""What people fall ill with (疾病谱): `areas/<city>/city/illness.yaml`, `visits.yaml`, `referral.yaml` as records.

`care_plan(area)` reads them; a disease of any list is known by its place in `CarePlan.diseases`, and what is drawn from
them is in `chronic`, `visits` and `stays`. Rates and weights have one number for each of `age_bands`.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from yibao.core.config import AREAS, ConfigurationError
from yibao.simulate.model import Ints
from yibao.simulate.plan import city_folder, read_plan

Row = tuple[float, ...]
Shares = dict[str, float]
"""Relative weights by name."""


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A record of a file, read strictly."""


class Operation(Record, frozen=True):
    """`share` percent of the stays have an operation, one of `codes` (ICD-9-CM-3, insurance edition)."""

    share: float
    codes: tuple[str, ...]


class Disease(Record, frozen=True, kw_only=True):
    """One entry of the disease mix: what the lists have in common. `codes` ICD-10, insurance edition."""

    key: str
    codes: tuple[str, ...]
    dept: str
    season: str = "flat"
    sex: int = 0


class Chronic(Disease, frozen=True, kw_only=True):
    """A chronic disease: patients per ten thousand by age; `certified` percent of them by insurance."""

    name: str
    dise_no: str
    male: Row
    female: Row
    certified: Shares
    visits: float
    two_diseases: bool = False
    groups: tuple[str, ...]


class Acute(Disease, frozen=True, kw_only=True):
    """A reason for an ordinary visit, with its relative weight by age."""

    weight: Row


class StayDisease(Disease, frozen=True, kw_only=True):
    """A reason for a stay: relative weights by age, mean `days`, `cost` factor, `severity` (where it is treated)."""

    days: float
    cost: float
    severity: str
    med_type: str = "2101"
    male: Row
    female: Row = ()
    operation: Operation | None = None


class Course(Disease, frozen=True, kw_only=True):
    """A course of stays: `of_chronic` percent of the certified patients of `chronic`, `per_month` from onset on."""

    chronic: str
    days: float
    cost: float
    severity: str
    per_month: float
    onset: tuple[int, int]
    lasts: float
    away: float
    of_chronic: float
    operation: Operation | None = None


class Delivery(Record, frozen=True):
    """One way to be delivered of a child."""

    codes: tuple[str, ...]
    operation: tuple[str, ...]
    days: float
    cost: float


class Antenatal(Record, frozen=True):
    """Examinations before birth."""

    codes: tuple[str, ...]


class Births(Record, frozen=True):
    """Deliveries per thousand women and year by age."""

    births_per_1000: Row
    caesarean: float
    antenatal_visits: int
    natural: Delivery
    section: Delivery
    antenatal: Antenatal
    dept: str


class Cause(Record, frozen=True):
    """`share` percent of the stays for an injury say what caused it: one of `codes` (ICD-10, chapter XX)."""

    share: int
    codes: tuple[str, ...]


class Terminal(Record, frozen=True):
    """The last stay of those who die in hospital."""

    share: float
    days: float
    cost: float
    codes: tuple[str, ...]
    dept: str


class Illness(Record, frozen=True):
    """illness.yaml."""

    unverified: bool
    note: str
    age_bands: tuple[int, ...]
    seasons: dict[str, Row]
    chronic: tuple[Chronic, ...]
    acute: tuple[Acute, ...]
    stays: tuple[StayDisease, ...]
    courses: tuple[Course, ...]
    delivery: Births
    secondary: tuple[str, ...]
    cause: Cause
    terminal: Terminal


class Rate(Record, frozen=True):
    """Visits a year by age, per person or `per` so many; `shape` of the gamma of differences between persons."""

    male: Row
    female: Row = ()
    per: float = 1
    shape: float = 1


class Poor(Record, frozen=True):
    """How many times more often the poor have stays and certificates, and how much dearer their stays are."""

    tags: tuple[str, ...]
    stay: float
    certified: float
    amount: float


class TwoDiseases(Record, frozen=True):
    """Percent registered of those without certificate, and their visits a year."""

    registered: float
    visits: float


class Spread(Record, frozen=True):
    """Standard deviations of logarithms of amounts."""

    stay: float
    outpatient: float
    course: float
    person_course: float


class Account(Record, frozen=True):
    """Monthly credit of a personal account: percent of the base, or yuan for the retired."""

    working_percent: int
    flexible_percent: int
    retired_month: int


class Habits(Record, frozen=True):
    """visits.yaml."""

    unverified: bool
    note: str
    rates: dict[str, dict[str, Rate]]
    poor: Poor
    two_diseases: TwoDiseases
    certified_adherence: float
    spread: Spread
    outpatient_places: Shares
    hospital_places: Shares
    emergency_places: Shares
    chronic_places: Shares
    two_diseases_places: Shares
    amounts: dict[str, float | Shares]
    stay_amounts: Shares
    stay_amounts_course: Shares
    stay_days: Shares
    account: Account


class Destination(Record, frozen=True):
    """Where people go for care away from home."""

    admdvs: str
    name: str
    share: float
    level: int
    grade: str
    hospitals: int
    lng: float
    lat: float


class Home(Record, frozen=True):
    """Where people from elsewhere are insured."""

    admdvs: str
    share: float


class Inbound(Record, frozen=True):
    """People insured elsewhere who are treated here: `persons_per_10000` of the city's people, with `visits` each.

    `severity` is how many times as often as people of the city they have diseases of each severity.
    """

    persons_per_10000: float
    visits: float
    stay: float
    severity: Shares
    places: Shares
    employee: float
    homes: tuple[Home, ...]


class Referral(Record, frozen=True):
    """referral.yaml: percent by place for each severity, destinations, filings, and people from elsewhere."""

    unverified: bool
    note: str
    places: dict[str, Shares]
    employee_factor: Shares
    psychiatric_places: Shares
    destinations: tuple[Destination, ...]
    filing: dict[str, Shares]
    inbound: Inbound


@dataclass(frozen=True)
class CarePlan:
    """Everything that a year of care is drawn from. `folder` is where it was read."""

    folder: Path
    illness: Illness
    habits: Habits
    referral: Referral

    @cached_property
    def diseases(self) -> tuple[Disease, ...]:
        """All diseases one after another: chronic, acute, stays, courses, then birth (3) and death (1)."""
        births, terminal = self.illness.delivery, self.illness.terminal
        made = [
            Disease(key=key, codes=codes, dept=dept, sex=sex)
            for key, codes, dept, sex in (
                ("natural", births.natural.codes, births.dept, 2), ("section", births.section.codes, births.dept, 2),
                ("antenatal", births.antenatal.codes, births.dept, 2), ("terminal", terminal.codes, terminal.dept, 0),
            )
        ]  # fmt: skip
        listed = self.illness
        return (*listed.chronic, *listed.acute, *listed.stays, *listed.courses, *made)

    @cached_property
    def first(self) -> dict[str, int]:
        """Where each list begins in `diseases`."""
        lists = (self.illness.chronic, self.illness.acute, self.illness.stays, self.illness.courses)
        starts = np.cumsum([0, *(len(part) for part in lists)]).tolist()
        names = ("chronic", "acute", "stays", "courses", "natural")
        place = dict(zip(names, starts, strict=True))
        return place | {"section": place["natural"] + 1, "antenatal": place["natural"] + 2,
                        "terminal": place["natural"] + 3}  # fmt: skip

    def band_of(self, ages: Ints) -> Ints:
        """The age band of each age in completed years."""
        return np.searchsorted(np.array(self.illness.age_bands), ages, side="right") - 1

    def season(self, name: str) -> Any:
        """Cumulative shares of the twelve months."""
        return np.cumsum(self.illness.seasons[name]) / sum(self.illness.seasons[name])


def by_sex(male: Row, female: Row = ()) -> Any:
    """A table [0 male, 1 female][band]."""
    return np.array([male, female or male], np.float64)


def care_plan(area: str, areas: Path = AREAS) -> CarePlan:
    """The distributions of care of an area; `ConfigurationError` naming file and fault."""
    folder = city_folder(area, areas)
    plan = CarePlan(
        folder, read_plan(Illness, folder / "illness.yaml"), read_plan(Habits, folder / "visits.yaml"),
        read_plan(Referral, folder / "referral.yaml"),
    )  # fmt: skip
    _check(plan)
    return plan


def _check(plan: CarePlan) -> None:
    bands, seasons = len(plan.illness.age_bands), plan.illness.seasons
    for disease in plan.diseases:
        rows = [getattr(disease, name, ()) for name in ("male", "female", "weight")]
        if any(row and len(row) != bands for row in rows):
            raise ConfigurationError(f"illness.yaml: {disease.key}: a row has not {bands} numbers")
        if disease.season not in seasons:
            raise ConfigurationError(f"illness.yaml: {disease.key}: no season is called {disease.season}")
    for course in plan.illness.courses:
        if course.chronic not in {it.key for it in plan.illness.chronic}:
            raise ConfigurationError(f"illness.yaml: {course.key}: no chronic disease is called {course.chronic}")
