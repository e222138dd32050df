"""The distributions of a city (城市分布): `areas/<city>/city/*.yaml` read strictly into records.

A city without such a folder cannot be built: `ConfigurationError`. What the numbers mean stands beside them in the
files; shares are per ten thousand.
"""

from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
import yaml

from yibao.core.config import AREAS, ConfigurationError
from yibao.simulate.model import Ints

BANDS = tuple[tuple[int, ...], ...]
"""Rows of a table by age: the first age a row is for, then its values; a row ends where the next begins."""
Plan = TypeVar("Plan")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader written in C, ten times as fast, where this build of PyYAML has it."""


class Origin(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the numbers of a group come from; `unverified` when no official table was at hand."""

    origin: str
    unverified: bool = False


class County(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One county or district; `urban` of its towns are sub-districts, `at` and `radius` in degrees."""

    code: str
    name: str
    towns: int
    urban: int
    villages: int
    weight: int
    at: tuple[float, float]
    radius: float


class DivisionPlan(Origin, frozen=True, kw_only=True):
    """Counties, how many towns and villages they have, and words to make names of."""

    province_name: str
    city_name: str
    counties: tuple[County, ...]
    county_seat_of: str
    town_names: tuple[str, ...]
    village_names: tuple[str, ...]
    village_endings: tuple[str, ...]
    community_endings: tuple[str, ...]


class AgePlan(Origin, frozen=True, kw_only=True):
    """Bands of first age, males, females; nobody is older than `oldest`."""

    bands: BANDS
    oldest: int


class DeathPlan(Origin, frozen=True, kw_only=True):
    """Bands of first age and deaths a year per hundred thousand males, females."""

    bands: BANDS
    month_weights: tuple[int, ...]


class Spread(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A normal distribution in years, cut off at `least` and `most`."""

    mean: int
    spread: int = 0
    least: int = -200
    most: int = 200


class HouseholdPlan(Origin, frozen=True, kw_only=True):
    """Who lives with whom."""

    married: BANDS
    husband_older: Spread
    mother_older: Spread
    child_until: int
    single_with_parents: int
    parent_with_children: int


class Retirement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ages from which employees count as retired."""

    men: int
    women: int


class YearsPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Insured years: counted from `since`; each year is kept with the share `keep`."""

    since: int
    keep: int


class InsurancePlan(Origin, frozen=True, kw_only=True):
    """Who is insured how, by age; `employee` has columns urban men, urban women, rural men, rural women."""

    employee: BANDS
    elsewhere: BANDS
    resident: BANDS
    village_spread: int
    retirement: Retirement
    flexible: int
    university: int
    years: YearsPlan


class EmployerPlan(Origin, frozen=True, kw_only=True):
    """How many employers, how unequal, and words to make names of."""

    mean_size: int
    exponent: int
    words: tuple[str, ...]
    trades: tuple[str, ...]
    endings: tuple[str, ...]


class Lognormal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An amount in fen with its median; `spread` thousandths of the logarithm."""

    median: int
    spread: int
    least: int = 0
    most: int = 1_000_000_000


class BalancePlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Medians of personal accounts in fen."""

    working: int
    retired: int
    spread: int
    most: int


class MoneyPlan(Origin, frozen=True, kw_only=True):
    """Contribution bases and balances of personal accounts."""

    base: Lognormal
    balance: BalancePlan


class HouseholdTag(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tag that a whole household carries; `also` comes with it."""

    tag: str
    rural: int
    urban: int
    also: str = ""


class PersonTag(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"first": "from", "last": "to"}):
    """A tag of single persons of some ages; `sex` 0 for both; `alone` for those who live alone."""

    tag: str
    first: int
    last: int
    rural: int
    urban: int
    sex: int = 0
    alone: bool = False


class TagPlan(Origin, frozen=True, kw_only=True):
    """Identity tags."""

    households: tuple[HouseholdTag, ...]
    persons: tuple[PersonTag, ...]


class NamePlan(Origin, frozen=True, kw_only=True):
    """Surnames, the common ones first, and characters of given names."""

    surnames: tuple[str, ...]
    male: str
    female: str
    common: str


class PeoplePlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """people.yaml."""

    code: str
    province: str
    year: int
    divisions: DivisionPlan
    ages: AgePlan
    deaths: DeathPlan
    households: HouseholdPlan
    insurance: InsurancePlan
    employers: EmployerPlan
    money: MoneyPlan
    tags: TagPlan
    names: NamePlan


def city_folder(area: str, areas: Path = AREAS) -> Path:
    """`areas/<area>/city`; `ConfigurationError` when the area has no distributions."""
    folder = areas / area / "city"
    if not (folder / "people.yaml").is_file():
        raise ConfigurationError(f"{area} has no distributions of a city: {folder / 'people.yaml'} is missing")
    return folder


def read_plan(kind: type[Plan], file: Path) -> Plan:
    """One file as a record; `ConfigurationError` naming the file and the place of the fault."""
    try:
        content: Any = yaml.load(file.read_text("utf-8"), Loader=LOADER)
        return msgspec.convert(content, kind)
    except (OSError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise ConfigurationError(f"{file}: {error}") from error


def by_age(bands: BANDS, oldest: int = 130) -> Ints:
    """A table by age as an array [age, column]; ages before the first row have zeros."""
    table = np.zeros((oldest + 1, len(bands[0]) - 1), dtype=np.int64)
    for first, *values in bands:
        table[first:] = values
    return table
