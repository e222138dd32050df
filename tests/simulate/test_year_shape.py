"""A simulated year has the shape of a real one: seasons, monthly patients, referral, the poor, both directions."""

from functools import cache
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from tests.simulate.year_of_care import small_workshop
from yibao.simulate.care import MED_TYPES, STAYS, Care, joined, possible
from yibao.simulate.city import build_city
from yibao.simulate.inpatient import Inpatient, all_care
from yibao.simulate.outpatient import Outpatient
from yibao.simulate.patients import CERTIFIED, Patients, is_poor, mark_chronic, patients_of
from yibao.simulate.providers import Providers, usual_of
from yibao.simulate.seasons import Calendar, ages_on
from yibao.simulate.settling import AREAS, area_of

PEOPLE = 20_000
CALENDAR = Calendar(2021)


@cache
def care_of_many() -> tuple[Care, Patients]:
    """The visits of 20,000 people, not billed."""
    shop, city = small_workshop(), build_city("huaibei", PEOPLE, seed=9, year=2021)
    mark_chronic(city, shop.plan, shop.draws)
    draw = np.random.default_rng(9)
    patients = patients_of(city, shop.plan, 0, PEOPLE, draw)
    usual = usual_of(patients, shop.providers, draw)
    made = (shop.plan, patients, shop.providers, usual, CALENDAR, draw)
    return possible(joined(all_care(Outpatient(*made), Inpatient(*made))), patients), patients


def keys() -> list[str]:
    return [disease.key for disease in small_workshop().plan.diseases]


def test_colds_are_of_the_winter_and_enteritis_of_the_summer() -> None:
    care, _ = care_of_many()
    months = CALENDAR.month_of(care.end)
    for key, more, less in (("cold", (0, 11), (6, 7)), ("enteritis", (6, 7), (0, 11))):
        here = months[care.disease == keys().index(key)]
        assert np.isin(here, more).sum() > 1.5 * np.isin(here, less).sum()


def test_certified_patients_come_month_after_month() -> None:
    care, patients = care_of_many()
    number = keys().index("dialysis")
    certified = np.flatnonzero((patients.chronic >> np.uint64(CERTIFIED + number)) & np.uint64(1))
    alive = certified[patients.died[certified] < 0]
    chronic = (care.med_type == MED_TYPES.index("14")) & (care.dise == number)
    months = [len(set(CALENDAR.month_of(care.end[chronic & (care.patient == patient)]))) for patient in alive]
    assert np.median(months) >= 10
    assert np.isin(care.patient[chronic], certified).all()


def test_severe_illness_goes_to_higher_hospitals_and_away() -> None:
    care, patients = care_of_many()
    shop, first = small_workshop(), small_workshop().plan.first["stays"]
    listed = shop.plan.illness.stays
    own = ~patients.guest[care.patient]
    stays = np.flatnonzero((care.disease >= first) & (care.disease < first + len(listed)) & own)
    severity = np.array([disease.severity for disease in listed])[care.disease[stays] - first]
    level, area = shop.providers.level[care.place[stays]], area_of(care, patients, shop.providers)[stays]
    third = {name: (level[severity == name] == 3).mean() for name in ("mild", "moderate", "severe")}
    assert third["mild"] < third["moderate"] < third["severe"]
    assert (area[severity == "severe"] > 0).mean() > 3 * (area[severity == "mild"] > 0).mean()


def test_care_is_local_in_the_own_city_and_away_in_or_out_of_the_own_province() -> None:
    care = SimpleNamespace(patient=np.array([0, 0, 0, 1, 1]), place=np.array([0, 1, 2, 0, 1]))
    patients = SimpleNamespace(homes=np.array(["340602", "341302"]), home=np.array([0, 1]))
    providers = SimpleNamespace(admdvs=np.array(["340621", "340104", "320311"]))
    areas = area_of(cast(Care, care), cast(Patients, patients), cast(Providers, providers))
    assert [AREAS[area] for area in areas] == ["local", "in_province", "out_of_province", "in_province", "in_province"]


def test_only_care_away_from_home_is_filed() -> None:
    care, patients = care_of_many()
    away = area_of(care, patients, small_workshop().providers) > 0
    assert (care.filing[~away] == 0).all()
    assert (care.filing[away] > 0).any()
    guests = patients.guest[care.patient]
    assert away[guests].all()
    assert away[~guests].any()


def test_the_old_and_the_poor_are_in_hospital_more_often() -> None:
    care, patients = care_of_many()
    stays = np.bincount(care.patient[care.med_type >= STAYS], minlength=len(patients))
    age = ages_on(patients.birth, CALENDAR.last)
    insured = patients.insured & ~patients.guest
    poor = is_poor(patients.tags, small_workshop().plan)
    assert stays[insured & (age >= 65)].mean() > 3 * stays[insured & (age >= 20) & (age < 40)].mean()
    assert stays[insured & poor].mean() > 2 * stays[insured & ~poor].mean()


def test_most_visits_are_to_the_usual_institution_of_the_county() -> None:
    care, patients = care_of_many()
    shop = small_workshop()
    local = shop.providers.admdvs[care.place] == patients.homes[patients.home][care.patient]
    first_visit = np.unique(care.patient, return_index=True)[1]
    assert local[(care.med_type == MED_TYPES.index("11")) & ~patients.guest[care.patient]].mean() > 0.8
    assert len(first_visit) > 0.7 * patients.insured.sum()


@pytest.mark.parametrize("day", ["2020-02-29", "1931-12-31", "2021-06-15"])
def test_ages_are_those_of_the_counter(day: str) -> None:
    from yibao.core.dates import age_on

    born = np.datetime64(day)
    for on in ("2021-02-28", "2021-03-01", "2021-12-30", "2021-12-31"):
        days = (np.array([on], "datetime64[D]") - np.datetime64("1970-01-01")).astype(int)
        birth = np.array([(born - np.datetime64("1970-01-01")).astype(int)])
        if on >= day:
            assert ages_on(birth, days)[0] == age_on(born.astype(object), np.datetime64(on).astype(object))
