"""Bills of a simulated year keep the published limits of items, so that an audit finds little that nobody meant."""

from typing import Any

import numpy as np

from tests.simulate.year_of_care import small_year
from yibao.benefits.visit import QUANTITY_UNIT
from yibao.simulate.care import STAYS
from yibao.simulate.limits import ANYBODY, BELOW_LEVEL_2, GROWN_UP, WITHOUT_BED, bars_of, most_of
from yibao.simulate.lines import LINE_ITEM, LINE_QUANTITY
from yibao.simulate.seasons import ages_on


def lines() -> tuple[Any, Any]:
    """Item and visit of every line."""
    piece = small_year()
    return piece.lines.rows[:, LINE_ITEM], np.repeat(np.arange(len(piece.care)), np.diff(piece.lines.first))


def visits_of(bar: int) -> Any:
    """Visits with a line of an item that bars something."""
    item, visit = lines()
    return visit[bars_of(small_year().catalogue)[item] & bar > 0]


def test_drugs_for_children_are_given_to_children_only() -> None:
    piece, visits = small_year(), visits_of(GROWN_UP)
    assert len(visits) > 100
    ages = ages_on(piece.patients.birth[piece.care.patient[visits]], piece.care.end[visits])
    assert ages.max() < 18


def test_drugs_for_stays_are_given_in_stays_only() -> None:
    visits = visits_of(WITHOUT_BED)
    assert len(visits) > 100
    assert (small_year().care.med_type[visits] >= STAYS).all()


def test_drugs_for_level_2_are_given_in_hospitals_of_level_2_and_3_only() -> None:
    piece, visits = small_year(), visits_of(BELOW_LEVEL_2)
    assert len(visits) > 100
    assert np.isin(piece.providers.level[piece.care.place[visits]], (2, 3)).all()


def test_what_the_fund_never_pays_alone_or_at_all_is_not_on_a_bill() -> None:
    barred = bars_of(small_year().catalogue) & ANYBODY > 0
    assert barred.sum() > 100
    assert not barred[lines()[0]].any()


def test_a_limit_holds_for_every_pack_of_a_product() -> None:
    catalogue = small_year().catalogue
    packs = np.flatnonzero(catalogue.name == "儿童清肺口服液")
    assert len(packs) > 1
    assert (bars_of(catalogue)[packs] & GROWN_UP > 0).all()


def test_a_line_of_a_counted_service_has_no_more_than_is_paid_in_that_time() -> None:
    piece, (item, _) = small_year(), lines()
    most = most_of(piece.catalogue)[item]
    assert set(np.unique(most)) == {0, 1, 24}
    counted = most > 0
    assert (piece.lines.rows[counted, LINE_QUANTITY] <= most[counted] * QUANTITY_UNIT).all()


def test_a_test_counted_by_weeks_stands_on_a_bill_once() -> None:
    piece, (item, visit) = small_year(), lines()
    [counted] = np.flatnonzero(piece.catalogue.name == "糖化血红蛋白测定")
    assert np.bincount(visit[item == counted]).max() == 1


def test_nobody_pays_in_two_institutions_within_half_an_hour() -> None:
    care = small_year().care
    follows = (care.patient[1:] == care.patient[:-1]) & (care.end[1:] == care.end[:-1])
    other = follows & (care.place[1:] != care.place[:-1])
    assert other.sum() > 10
    assert (np.diff(care.second)[other] >= 2_700).all()
    assert (np.diff(care.second)[follows] > 0).all()


def test_most_stays_for_an_injury_say_what_caused_it() -> None:
    piece = small_year()
    codes, diagnoses = piece.diagnoses.codes, piece.diagnoses
    injured = np.flatnonzero(np.char.startswith(codes[diagnoses.main], "S") & (piece.care.med_type >= STAYS))
    told = np.isin(injured, diagnoses.other_visit[np.char.startswith(codes[diagnoses.other_code], "W")])
    assert len(injured) > 20
    assert told.mean() > 0.9
