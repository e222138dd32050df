"""Those whose care is settled (就医人员): a piece of the city's insured people, and people insured elsewhere.

`mark_chronic` gives the whole city its chronic diseases; `patients_of` cuts a piece of it, with its own share of
people from elsewhere (异地来本市就医). A piece is always the same, whoever computes it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yibao.core.money import BASIS_POINTS
from yibao.simulate.draws import Draws
from yibao.simulate.illness import CarePlan, by_sex
from yibao.simulate.model import ADULT, CHILD, ELDERLY, PUPIL, RETIRED, WORKING, City, Ints, Texts, psn_nos, tag_bit
from yibao.simulate.seasons import EPOCH, ages_on

CERTIFIED = 32
"""Bit of `People.chronic` from which on the certified diseases stand; below are those that people have."""
BLOCK = 1 << 17
GUEST_SERIAL = 90_000_000_000_000
"""Person numbers of people from elsewhere: their own area, then from here on."""
EMPLOYEE = 310


@dataclass(frozen=True)
class Patients:
    """Insured people, one entry each. `serial` is the place in `City.people`, -1 for people from elsewhere.

    `since` is the first day of cover, `home` a place in `homes` (insu_admdvs), `county` one in the counties of the
    city; `balance` fen on the account when the year begins, `monthly` what each month adds (both 0 without account).
    """

    psn_no: Texts
    serial: Ints
    sex: Ints
    birth: Ints
    since: Ints
    died: Ints
    employee: NDArray[np.bool_]
    insured: NDArray[np.bool_]
    elsewhere: NDArray[np.bool_]
    psn_type: Ints
    tags: Ints
    chronic: Ints
    home: Ints
    homes: Texts
    county: Ints
    village: Ints
    balance: Ints
    monthly: Ints

    def __len__(self) -> int:
        return len(self.serial)

    @property
    def guest(self) -> NDArray[np.bool_]:
        """Whether they are insured elsewhere."""
        return self.serial < 0


def mark_chronic(city: City, plan: CarePlan, draws: Draws) -> None:
    """Fill `People.chronic`: bit k for the k-th chronic disease of the plan, bit k + CERTIFIED when it is certified."""
    for block, low in enumerate(range(0, len(city.people), BLOCK)):
        piece = slice(low, min(low + BLOCK, len(city.people)))
        city.people.chronic[piece] = _chronic(city, piece, plan, draws.stream("chronic", block))


def _chronic(city: City, piece: slice, plan: CarePlan, draw: np.random.Generator) -> Ints:
    people = city.people
    first_day = int((np.datetime64(f"{city.year}-01-01") - EPOCH).astype(int))
    band = plan.band_of(np.maximum(ages_on(people.birth[piece], first_day), 0))
    sex, employee = people.sex[piece] - 1, people.insurance[piece] == EMPLOYEE
    poor = is_poor(people.tags[piece], plan)
    marks = np.zeros(len(sex), np.uint64)
    for number, disease in enumerate(plan.illness.chronic):
        has = draw.random(len(sex)) * 10_000 < by_sex(disease.male, disease.female)[sex, band]
        share = np.where(employee, disease.certified["employee"], disease.certified["resident"])
        certified = draw.random(len(sex)) * 100 < share * np.where(poor, plan.habits.poor.certified, 1)
        marks |= has.astype(np.uint64) << np.uint64(number)
        marks |= (has & certified & (people.insurance[piece] != 0)).astype(np.uint64) << np.uint64(CERTIFIED + number)
    return marks


def is_poor(tags: Ints, plan: CarePlan) -> Any:
    """Whether somebody has one of the tags of the poor."""
    return (tags & sum(tag_bit(tag) for tag in plan.habits.poor.tags)) != 0


def patients_of(city: City, plan: CarePlan, low: int, high: int, draw: np.random.Generator) -> Patients:
    """The insured among the people `low` … `high` − 1, and those from elsewhere that come with so many people."""
    own = _own(city, plan, low, high)
    guests = _guests(city, plan, high - low, low, draw)
    joined = {name: np.concatenate([getattr(own, name), getattr(guests, name)]) for name in _JOINED}
    return Patients(**joined, homes=own.homes)


_JOINED = (
    "psn_no", "serial", "sex", "birth", "since", "died", "employee", "insured", "elsewhere", "psn_type", "tags",
    "chronic", "home", "county", "village", "balance", "monthly",
)  # fmt: skip


def counties_of(city: City) -> Texts:
    """Six-digit codes of the counties, in the order of `Patients.county`."""
    return np.unique(city.divisions.admdvs[city.divisions.level == 3])


def homes_of(city: City, plan: CarePlan) -> Texts:
    """All areas of enrolment: the counties of the city, then where people from elsewhere come from."""
    return np.concatenate([counties_of(city), [home.admdvs for home in plan.referral.inbound.homes]])


def _own(city: City, plan: CarePlan, low: int, high: int) -> Patients:
    people = city.people
    serial = np.arange(low, high, dtype=np.int64)
    county = np.searchsorted(counties_of(city), city.divisions.admdvs)[people.village[serial]]
    working = (people.psn_type[serial] == WORKING) & (people.balance[serial] >= 0)
    retired = (people.psn_type[serial] == RETIRED) & (people.balance[serial] >= 0)
    account, base = plan.habits.account, people.base[serial].astype(np.int64)
    share = np.where(people.employer[serial] >= 0, account.working_percent, account.flexible_percent) * 100
    credit = (base * share + BASIS_POINTS // 2) // BASIS_POINTS
    monthly = np.where(working, credit, np.where(retired, account.retired_month * 100, 0))
    return Patients(
        psn_nos(serial), serial, people.sex[serial], people.birth[serial],
        np.maximum(people.enrolled_on[serial], people.birth[serial]), people.died[serial],
        people.insurance[serial] == EMPLOYEE, people.insurance[serial] != 0, people.elsewhere[serial],
        people.psn_type[serial], people.tags[serial], people.chronic[serial], county, homes_of(city, plan), county,
        people.village[serial],
        np.maximum(people.balance[serial], 0).astype(np.int64), monthly,
    )  # fmt: skip


def _guests(city: City, plan: CarePlan, people: int, low: int, draw: np.random.Generator) -> Patients:
    """People from elsewhere: adults mostly, without tags, certificates or account."""
    inbound = plan.referral.inbound
    count = int(draw.poisson(people * inbound.persons_per_10000 / 10_000))
    shares = np.array([home.share for home in inbound.homes])
    counties = len(counties_of(city))
    home = counties + draw.choice(len(shares), count, p=shares / shares.sum())
    age = np.clip(draw.normal(52, 19, count), 1, 94)
    first_day = int((np.datetime64(f"{city.year}-01-01") - EPOCH).astype(int))
    birth = (first_day - age * 365.25 - draw.random(count) * 365).astype(np.int32)
    employee = (draw.random(count) * 100 < inbound.employee) & (age > 20)
    kind = np.where(employee, np.where(age >= 60, RETIRED, WORKING), np.where(age >= 60, ELDERLY, ADULT))
    kind = np.where(age < 18, np.where(age < 7, CHILD, PUPIL), kind)
    homes = homes_of(city, plan)
    numbers = GUEST_SERIAL + low * 100 + np.arange(count, dtype=np.int64)
    none = np.zeros(count, np.int64)
    return Patients(
        np.char.add(homes[home], numbers.astype(str)), np.full(count, -1, np.int64),
        draw.integers(1, 3, count).astype(np.int8), birth, birth, np.full(count, -1, np.int32), employee,
        np.ones(count, bool), np.zeros(count, bool), kind, none.astype(np.uint16), none.astype(np.uint64), home, homes,
        draw.integers(0, counties, count), none - 1, none, none,
    )  # fmt: skip
