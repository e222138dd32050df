"""The people of the made-up city have the proportions that its files say."""

import numpy as np
import pytest

from yibao.core.config import ConfigurationError
from yibao.population.identity import is_identity_number
from yibao.simulate import build_city
from yibao.simulate.model import (
    EMPLOYEE,
    FEMALE,
    HEAD,
    MALE,
    NEWBORN,
    RESIDENT,
    RETIRED,
    SPOUSE,
    TAGS,
    UNINSURED,
    WORKING,
    psn_no,
    psn_nos,
    tag_bit,
)
from yibao.simulate.names import identity_numbers, names_of
from yibao.simulate.people import day_number
from yibao.simulate.plan import PeoplePlan, city_folder, read_plan

EVERYBODY = np.arange(20_000)


def ages(city):
    years = city.people.birth.astype("datetime64[D]").astype("datetime64[Y]").astype(int) + 1970
    return city.year - years


def test_the_same_seed_gives_the_same_people():
    first, second = (build_city("huaibei", 3_000, seed=5).people for _ in range(2))
    for name in type(first).__dataclass_fields__:
        assert np.array_equal(getattr(first, name), getattr(second, name)), name


def test_another_seed_gives_other_people(small_city):
    other = build_city("huaibei", 20_000, seed=8).people
    assert not np.array_equal(other.birth, small_city.people.birth)


def test_scale_multiplies_people_and_leaves_the_places():
    city = build_city("huaibei", 100_000, scale=0.02)
    assert (len(city.people), len(city.places)) == (2_000, 1_600)


def test_a_city_without_distributions_is_refused():
    with pytest.raises(ConfigurationError, match=r"suizhou.*people\.yaml is missing"):
        build_city("suizhou", 100)


def test_ages_have_the_shares_of_the_census(small_city):
    age = ages(small_city)
    assert np.mean(age < 15) == pytest.approx(0.1795, abs=0.01)
    assert np.mean(age >= 60) == pytest.approx(0.1870, abs=0.01)
    assert np.mean(age >= 65) == pytest.approx(0.1350, abs=0.01)
    assert np.mean(small_city.people.sex == MALE) == pytest.approx(0.5124, abs=0.012)


def test_nearly_everybody_who_should_be_enrolled_is(small_city):
    people = small_city.people
    should = (people.insurance != EMPLOYEE) & ~people.elsewhere
    assert np.mean(people.insurance[should] == RESIDENT) == pytest.approx(0.99, abs=0.004)


def test_nobody_is_insured_here_and_elsewhere(small_city):
    people = small_city.people
    assert not np.any(people.elsewhere & (people.insurance != UNINSURED))


def test_only_employees_have_employers_bases_and_accounts(small_city):
    people = small_city.people
    working = (people.insurance == EMPLOYEE) & (people.psn_type == WORKING)
    assert np.array_equal(people.base > 0, working)
    assert np.array_equal(people.balance >= 0, people.insurance == EMPLOYEE)
    assert not np.any((people.employer >= 0) & ~working)


def test_retired_are_old_enough(small_city):
    age, people = ages(small_city), small_city.people
    retired = people.psn_type == RETIRED
    assert np.all(age[retired & (people.sex == MALE)] >= 60)
    assert np.all(age[retired & (people.sex == FEMALE)] >= 52)


def test_newborn_are_born_in_the_year_and_insured_from_birth(small_city):
    people = small_city.people
    newborn = people.psn_type == NEWBORN
    assert np.all(people.birth[newborn] >= np.datetime64(f"{small_city.year}-01-01").astype(int))
    insured = newborn & (people.insurance != UNINSURED)
    assert np.array_equal(people.enrolled_on[insured], people.birth[insured])


def test_nobody_dies_before_birth_or_outside_the_year(small_city):
    people = small_city.people
    dead = people.died >= 0
    days = people.died[dead].astype("datetime64[D]").astype("datetime64[Y]").astype(int) + 1970
    assert dead.sum() > 50
    assert np.all(days == small_city.year)
    assert np.all(people.died[dead] >= people.birth[dead])


def test_every_household_has_one_head_and_at_most_one_spouse_of_the_other_sex(small_city):
    people = small_city.people
    heads = np.bincount(people.household[people.relation == HEAD])
    assert np.all(heads == 1)
    spouses = people.relation == SPOUSE
    assert len(np.unique(people.household[spouses])) == spouses.sum()
    head_sex = people.sex[people.relation == HEAD]
    assert np.all(head_sex[people.household[spouses]] != people.sex[spouses])


def test_a_household_lives_in_one_village(small_city):
    people = small_city.people
    village = people.village[people.relation == HEAD][people.household]
    assert np.array_equal(village, people.village)


def test_households_have_about_the_size_of_the_census(small_city):
    assert 2.3 < len(small_city.people) / (small_city.people.household.max() + 1) < 2.9


def test_identity_numbers_are_valid_and_unique(small_city):
    people = small_city.people
    numbers = identity_numbers(people, EVERYBODY, "340699")
    assert len(set(numbers)) == len(people)
    assert all(is_identity_number(number) for number in numbers[::37])
    odd = np.array([int(number[16]) % 2 for number in numbers])
    assert np.array_equal(odd == 1, people.sex == MALE)


def test_too_many_people_of_one_birth_day_are_refused():
    from yibao.simulate.people import _sequences

    with pytest.raises(ValueError, match="499 persons"):
        _sequences(np.zeros(501, dtype=np.int32), np.ones(501, dtype=np.int8))


def test_names_have_two_to_three_characters(small_city):
    plan = read_plan(PeoplePlan, city_folder("huaibei") / "people.yaml")
    names = names_of(plan.names, small_city.people, EVERYBODY)
    assert {len(name) for name in names} == {2, 3}


def test_person_numbers_are_apart_from_those_of_the_cast():
    assert psn_no(5) == "34060010000000000005"
    assert list(psn_nos(np.array([0, 5]))) == [psn_no(0), psn_no(5)]
    assert not psn_no(2_000_000).startswith("34060099")


def test_tags_fit_their_persons(small_city):
    age, people = ages(small_city), small_city.people
    has = {tag: (people.tags & tag_bit(tag)) > 0 for tag in TAGS}
    assert np.all(age[has["孤儿"]] < 18)
    assert np.all(people.sex[has["优抚对象"]] == MALE)
    assert np.all(has["监测对象"][has["边缘易致贫"]])
    assert not np.any(has["特困"] & has["低保"])
    alone = np.bincount(people.household)[people.household] == 1
    assert np.all(alone[has["特困"]])


def test_the_poor_are_a_few_of_a_hundred(small_city):
    poor = small_city.people.tags & (tag_bit("低保") | tag_bit("特困"))
    assert 0.01 < np.mean(poor > 0) < 0.05


def test_few_employers_are_large(small_city):
    size = small_city.employers.size
    assert size.sum() == np.sum(small_city.people.employer >= 0)
    assert size.max() > 10 * np.median(size)


def test_day_numbers_count_from_1970():
    from datetime import date

    assert day_number(date(1970, 1, 2)) == 1
