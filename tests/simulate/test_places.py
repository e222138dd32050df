"""Divisions, institutions and catalogue of the made-up city."""

import re

import numpy as np

from yibao.simulate import build_city
from yibao.simulate.model import LEVELS

SHAPES = {
    101: r"X[A-Z][0-9]{2}[A-Z0-9]{10}[0-9]{9}|Z[A-Z][0-9]{2}[A-Z0-9]{7}[0-9]{9}",
    102: r"T[0-9]{9}",
    201: r"[0-9]{15}",
    301: r"C[0-9]{19}",
}


def test_divisions_are_one_city_four_counties_33_towns_443_villages(small_city):
    assert list(np.bincount(small_city.divisions.level)[1:]) == [1, 1, 4, 33, 443]


def test_division_codes_are_unique_and_begin_with_their_parents(small_city):
    divisions = small_city.divisions
    assert len(set(divisions.code)) == len(divisions.code)
    for code, parent in zip(divisions.code[1:], divisions.parent[1:], strict=True):
        assert code.startswith(divisions.code[parent])


def test_everybody_lives_in_a_village(small_city):
    assert set(small_city.divisions.level[small_city.people.village]) == {5}


def test_the_larger_county_has_its_share_of_people(small_city):
    divisions, people = small_city.divisions, small_city.people
    assert abs(np.mean(divisions.admdvs[people.village] == "340621") - 0.435) < 0.02


def test_institutions_are_1600_with_59_hospitals_and_657_pharmacies(small_city):
    places = small_city.places
    roles = dict(zip(*np.unique(places.role, return_counts=True), strict=True))
    assert len(places) == 1_600
    assert roles == {"hospital": 59, "pharmacy": 657, "town": 33, "village": 443, "clinic": 408}
    assert set(places.level[places.role == "hospital"]) == {1, 2, 3}


def test_institution_codes_are_unique_and_have_the_national_shape(small_city):
    codes = small_city.places.code
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[HP]340600[0-9]{5}", code) for code in codes)


def test_every_institution_lies_in_or_near_the_city(small_city):
    places = small_city.places
    assert 116.3 < places.lng.min() < places.lng.max() < 117.1
    assert 33.3 < places.lat.min() < places.lat.max() < 34.2


def test_every_department_has_a_doctor_of_its_institution(small_city):
    places = small_city.places
    assert set(places.dr_dept) == set(range(len(places.dept_codg)))
    assert np.array_equal(places.dept_place[places.dr_dept], places.dr_place)
    assert len(set(places.dr_code)) == len(places.dr_code)
    assert all(re.fullmatch(r"D[0-9]{12}", code) for code in places.dr_code)


def test_pharmacies_have_no_doctors(small_city):
    places = small_city.places
    assert "pharmacy" not in set(places.role[places.dr_place])


def test_the_catalogue_has_more_than_twenty_thousand_unique_codes_of_the_national_shape(small_city):
    catalogue = small_city.catalogue
    assert len(set(catalogue.code)) == len(catalogue) > 20_000
    for list_type, shape in SHAPES.items():
        codes = catalogue.code[catalogue.list_type == list_type]
        assert all(re.fullmatch(shape, code) for code in codes), list_type


def test_class_decides_the_own_share(small_city):
    catalogue = small_city.catalogue
    assert set(catalogue.own_share[catalogue.chrgitm_lv == 1]) == {0}
    assert set(catalogue.own_share[catalogue.chrgitm_lv == 3]) == {10_000}
    second = catalogue.own_share[catalogue.chrgitm_lv == 2]
    assert 0 < second.min() <= second.max() < 10_000
    assert np.all(catalogue.own_share_resident >= catalogue.own_share)


def test_services_have_lower_limits_at_lower_levels(small_city):
    catalogue = small_city.catalogue
    limits = catalogue.limit[catalogue.list_type == 201]
    level = {number: column for column, number in enumerate(LEVELS)}
    assert np.all(limits[:, level[1]] <= limits[:, level[2]])
    assert np.all(limits[:, level[2]] <= limits[:, level[3]])
    assert np.array_equal(limits[:, level[3]], catalogue.price[catalogue.list_type == 201])


def test_prices_are_whole_fen_and_positive(small_city):
    price = small_city.catalogue.price
    assert np.all(price > 0)
    assert np.all(price % 10_000 == 0)


def test_places_and_catalogue_do_not_depend_on_the_number_of_people(small_city):
    other = build_city("huaibei", 50, seed=7)
    assert np.array_equal(other.places.name, small_city.places.name)
    assert np.array_equal(other.catalogue.price, small_city.catalogue.price)
