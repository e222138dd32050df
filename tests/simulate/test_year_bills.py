"""What must hold for every bill of a simulated year."""

from pathlib import Path

import numpy as np
import pytest

from tests.simulate.year_of_care import small_workshop, small_year
from yibao.benefits import Facts, Line
from yibao.benefits.classify import classify
from yibao.simulate.care import DEAD, DELIVERIES, MED_TYPES, STAYS
from yibao.simulate.lines import (
    LINE_AMOUNT,
    LINE_APPROVED,
    LINE_DAY,
    LINE_FULL,
    LINE_IN_SCOPE,
    LINE_ITEM,
    LINE_OVER,
    LINE_PREPAY,
    LINE_QUANTITY,
    LINE_SECOND,
)
from yibao.simulate.model import LEVELS
from yibao.simulate.settling import COLUMNS

SPLIT = (LINE_FULL, LINE_OVER, LINE_PREPAY, LINE_IN_SCOPE)


def test_the_lines_of_a_visit_are_its_bill() -> None:
    piece = small_year()
    assert (piece.lines.sums(LINE_AMOUNT) == piece.bills.amounts["medfee_sumamt"]).all()
    assert (np.diff(piece.lines.first) > 0).all()
    assert (piece.lines.rows[:, LINE_AMOUNT] > 0).mean() > 0.999  # a herb of a cent can round to nothing


def test_the_four_parts_of_every_line_are_its_amount() -> None:
    rows = small_year().lines.rows
    assert (rows[:, list(SPLIT)].sum(axis=1) == rows[:, LINE_AMOUNT]).all()
    assert (rows >= 0).all()


def test_every_settlement_is_paid_in_full_by_funds_account_and_cash() -> None:
    amounts = small_year().bills.amounts
    funds = sum(amounts[column] for column in COLUMNS)
    assert (amounts["fund_pay_sumamt"] == funds).all()
    assert (amounts["medfee_sumamt"] == funds + amounts["acct_pay"] + amounts["cash_payamt"]).all()
    assert (amounts["psn_pay"] == amounts["acct_pay"] + amounts["cash_payamt"]).all()
    assert all((values >= 0).all() for values in amounts.values())
    assert amounts["maf_pay"].any()
    assert amounts["acct_pay"].any()


def test_lines_are_classified_as_the_counter_classifies_them() -> None:
    piece, shop = small_year(), small_workshop()
    items, rows = piece.catalogue, piece.lines.rows
    visit_of = np.repeat(np.arange(len(piece.care)), np.diff(piece.lines.first))
    for line in np.random.default_rng(1).choice(len(rows), 3000, replace=False):
        visit, item = visit_of[line], rows[line, LINE_ITEM]
        level = int(piece.providers.level[piece.care.place[visit]])
        employee = piece.patients.employee[piece.care.patient[visit]]
        limit = int(items.limit[item, LEVELS.index(level)])
        asked = Line(
            amount=int(rows[line, LINE_AMOUNT]), quantity=int(rows[line, LINE_QUANTITY]),
            item_class=f"{items.chrgitm_lv[item]:02d}", price_limit=None if limit < 0 else limit,
            self_pay_ratio=int(items.own_share[item] if employee else items.own_share_resident[item]),
            restricted=bool(items.limited_use[item]), approved=rows[line, LINE_APPROVED] != 2,
        )  # fmt: skip
        [expected] = classify(shop.pack, Facts(level=level), _day(piece.care.end[visit]), [asked])
        assert tuple(rows[line, list(SPLIT)]) == expected[:4]


def _day(number: int) -> object:
    return (np.datetime64("1970-01-01") + int(number)).astype(object)


def test_nobody_is_treated_before_birth_or_after_death() -> None:
    piece = small_year()
    died = piece.patients.died[piece.care.patient]
    assert ((died < 0) | (piece.care.end <= died)).all()
    assert (piece.care.begin >= piece.patients.birth[piece.care.patient]).all()
    assert (piece.care.way == DEAD).any()
    assert (piece.care.end[piece.care.way == DEAD] == died[piece.care.way == DEAD]).all()


def test_only_the_insured_have_bills() -> None:
    piece = small_year()
    assert piece.patients.insured[piece.care.patient].all()
    assert not piece.patients.insured.all()


def test_men_bear_no_children_and_have_no_illness_of_women() -> None:
    piece = small_year()
    men = piece.patients.sex[piece.care.patient] == 1
    wanted = np.array([disease.sex for disease in piece.plan.diseases])[piece.care.disease]
    assert (wanted[men] != 2).all()
    assert (wanted[~men] != 1).all()
    born = piece.care.delivery > 0
    assert born.any()
    assert not (born & men).any()
    assert set(np.array(DELIVERIES)[piece.care.delivery[born]]) == {"natural", "caesarean"}
    items = piece.catalogue.sex[piece.lines.rows[:, LINE_ITEM]]
    sexes = np.repeat(piece.patients.sex[piece.care.patient], np.diff(piece.lines.first))
    assert ((items == 0) | (items == sexes)).all()


def test_nobody_is_in_two_beds_at_once_or_visits_a_doctor_from_a_bed() -> None:
    piece = small_year()
    care, stay = piece.care, piece.care.med_type >= STAYS
    same = care.patient[stay][1:] == care.patient[stay][:-1]
    assert (care.begin[stay][1:] >= care.end[stay][:-1])[same].all()
    beds = {}
    for patient, begin, end in zip(care.patient[stay], care.begin[stay], care.end[stay], strict=True):
        beds.setdefault(patient, []).append((begin, end))
    for patient, end in zip(care.patient[~stay], care.end[~stay], strict=True):
        assert not any(begin <= end < until for begin, until in beds.get(patient, ()))


def test_lines_arise_between_admission_and_settlement() -> None:
    piece = small_year()
    times = np.diff(piece.lines.first)
    begin, end = np.repeat(piece.care.begin, times), np.repeat(piece.care.end * 86_400 + piece.care.second, times)
    when = piece.lines.rows[:, LINE_DAY] * 86_400 + piece.lines.rows[:, LINE_SECOND]
    assert (when <= end).all()
    assert (when >= begin * 86_400).all()


def test_accounts_never_pay_more_than_they_were_given() -> None:
    piece = small_year()
    paid = np.bincount(piece.care.patient, piece.bills.amounts["acct_pay"], len(piece.patients)).astype(np.int64)
    given = piece.patients.balance + 12 * piece.patients.monthly
    assert (paid <= given).all()
    assert (paid[~piece.patients.employee] == 0).all()


@pytest.mark.parametrize(("column", "limit"), [("hifmi_pay", 30_000_000), ("hifob_pay", 50_000_000)])
def test_what_a_fund_pays_a_person_in_a_year_stays_below_its_cap(column: str, limit: int) -> None:
    piece = small_year()
    paid = np.bincount(piece.care.patient, piece.bills.amounts[column], len(piece.patients))
    assert paid.max() <= limit


def test_ordinary_visits_of_a_resident_cost_the_fund_at_most_the_yearly_limit() -> None:
    piece = small_year()
    ordinary = np.isin(piece.care.med_type, [MED_TYPES.index(code) for code in ("11", "13", "51")])
    resident = ~piece.patients.employee[piece.care.patient] & ordinary
    paid = np.bincount(piece.care.patient[resident], piece.bills.amounts["hifp_pay"][resident], len(piece.patients))
    assert paid.max() == 15_000


def test_stays_have_more_diagnoses_and_operations_codes_that_are_known() -> None:
    piece = small_year()
    visit, code, main = piece.diagnoses.of(np.arange(len(piece.care)))
    assert (main[np.unique(visit, return_index=True)[1]] == 1).all()
    assert np.bincount(visit, main).max() == 1
    stays = np.flatnonzero(piece.care.med_type >= STAYS)
    assert np.isin(stays, visit).all()
    assert len(set(zip(visit.tolist(), code.tolist(), strict=True))) == len(visit)
    operated, _, day, first = piece.diagnoses.operations_of(np.arange(len(piece.care)), piece.care)
    assert (piece.care.operated[operated] == 1).all()
    assert (day >= piece.care.begin[operated]).all()
    assert (day <= piece.care.end[operated]).all()
    assert np.bincount(operated, first).max() == 1


def test_the_codes_of_the_disease_mix_are_in_the_national_dictionaries(tmp_path: Path) -> None:
    import csv
    import gzip

    folder = Path(__file__).parents[3] / "shared" / "reference" / "drg"
    if not folder.is_dir():
        pytest.skip("the dictionaries of diagnoses and operations are not beside the repository")
    known = {}
    for kind, column in (("dx", "dx"), ("proc", "proc")):
        with gzip.open(folder / f"codes_{kind}_yb.csv.gz", "rt", encoding="utf-8") as file:
            known[kind] = {row[column] for row in csv.DictReader(file)}
    diagnoses = small_year().diagnoses
    assert set(diagnoses.codes.tolist()) <= known["dx"]
    assert set(diagnoses.operation_codes.tolist()) <= known["proc"]
