"""The packs of the four cities: nobody falls through, and every number says where it is from."""

import datetime
import itertools
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from yibao.benefits import Facts, Pack, Visit, evaluate, load_pack, plan_for
from yibao.benefits.document import read_documents
from yibao.benefits.facts import AREA, CARE, FILING

AREAS = Path(__file__).parents[1] / "areas"
CITIES = {"suizhou": "421300", "huaibei": "340600", "tongren": "520600", "jiujiang": "360400"}
STATUS = {"employee": ("working", "retired", "flexible"), "resident": ("adult", "student", "elderly", "newborn")}
DAY = datetime.date(2026, 7, 1)
by_city = pytest.mark.parametrize("city", CITIES)


@cache
def pack_of(city: str) -> Pack:
    return load_pack(AREAS / city / "benefits")


def everybody() -> Iterator[Facts]:
    """Every insurance and status, in every kind of care, at every level, at home and away."""
    for insurance, statuses in STATUS.items():
        places = itertools.product(statuses, CARE, (1, 2, 3, 9), AREA, FILING)
        for status, care, level, area, filing in places:
            yield Facts(insurance=insurance, status=status, care=care, level=level, area=area, filing=filing)


@by_city
def test_a_pack_is_of_its_own_area(city: str) -> None:
    assert pack_of(city).area_code == CITIES[city]


@by_city
def test_every_insured_person_has_a_benefit_for_every_kind_of_care_everywhere(city: str) -> None:
    refused = [facts for facts in everybody() if not hasattr(plan_for(pack_of(city), facts, DAY), "rows")]
    assert refused == []


@by_city
def test_every_fen_of_anybodys_bill_is_in_exactly_one_place(city: str) -> None:
    bill = {"full_self_pay": 1_234_56, "over_limit": 78_90, "prepay": 4_321_09, "in_scope": 654_321_87}
    for facts in itertools.islice(everybody(), 0, None, 7):
        outcome = evaluate(pack_of(city), Visit(day=DAY, facts=facts, portions=bill), {}, {"own": 50_000, "family": 1})
        totals = outcome.totals
        assert sum(outcome.portions.values()) == sum(bill.values()) == totals.fund + totals.personal
        assert totals.cash >= bill["full_self_pay"] or facts.care == "pharmacy"


@by_city
def test_a_third_party_an_unlawful_act_and_a_deliberate_injury_are_refused_by_their_code(city: str) -> None:
    for reason in ("third_party", "unlawful", "deliberate"):
        facts = msgspec.structs.replace(Facts(care="accident_inpatient"), **{reason: True})
        refusal = evaluate(pack_of(city), Visit(day=DAY, facts=facts, portions={"in_scope": 100_00})).refusal
        assert refusal is not None
        assert refusal.code == reason


@by_city
def test_an_empty_account_does_not_change_what_the_funds_pay(city: str) -> None:
    facts = Facts(insurance="employee", status="working", care="outpatient", level=2)
    visit = Visit(day=DAY, facts=facts, portions={"in_scope": 2000_00, "prepay": 100_00})
    empty, full = (evaluate(pack_of(city), visit, {}, {"own": balance}) for balance in (0, 10_000_00))
    assert empty.totals.fund == full.totals.fund > 0
    assert empty.totals.cash == 2100_00 - empty.totals.fund
    assert full.totals.cash == 0


@by_city
def test_chronic_outpatient_care_has_no_deductible(city: str) -> None:
    for insurance, (status, *_) in STATUS.items():
        facts = Facts(insurance=insurance, status=status, care="chronic", level=2, disease="高血压")
        outcome = evaluate(pack_of(city), Visit(day=DAY, facts=facts, portions={"in_scope": 1000_00}))
        assert outcome.layers[0].deductible == 0
        assert outcome.layers[0].paid > 0


@by_city
def test_the_serious_illness_of_low_income_people_has_half_the_deductible_five_points_more_and_no_cap(
    city: str,
) -> None:
    plain, tilted = (serious_illness(city, tags) for tags in (frozenset[str](), frozenset({"低保"})))
    assert tilted.standard * 2 == plain.standard
    assert [it.ratio for it in tilted.segments] == [it.ratio + 500 for it in plain.segments]
    assert plain.paid < plain.due
    assert tilted.paid == tilted.due


def serious_illness(city: str, tags: frozenset[str]) -> Any:
    facts = Facts(care="inpatient", level=3, tags=tags)
    outcome = evaluate(pack_of(city), Visit(day=DAY, facts=facts, portions={"in_scope": 3_000_000_00}))
    return next(layer for layer in outcome.layers if layer.name == "serious_illness")


@by_city
def test_every_number_has_a_source_or_says_that_it_has_none(city: str) -> None:
    unexplained = [name for name, block in blocks(city) if "source" not in block and not block.get("unverified")]
    assert unexplained == []


@by_city
def test_numbers_of_doubtful_sources_are_marked_unverified(city: str) -> None:
    sources = documents(city)["sources"]
    doubtful = {
        name for name, source in sources.items() if source["grade"] in "CD" or "未见原文" in source.get("note", "")
    }
    unmarked = [name for name, block in blocks(city) if block.get("source") in doubtful and not block.get("unverified")]
    assert unmarked == []


@by_city
def test_every_source_of_a_pack_backs_a_number_or_says_what_it_is_there_for(city: str) -> None:
    data = documents(city)
    used = {block.get("source") for _, block in blocks(city)} | {it.get("source") for it in data["refusals"]}
    mentioned = " ".join(str(block) for _, block in blocks(city))
    idle = [name for name in data["sources"] if name not in used and name not in mentioned]
    assert [name for name in idle if "note" not in data["sources"][name]] == []


@by_city
def test_the_page_about_the_areas_lists_every_unverified_parameter(city: str) -> None:
    page = (AREAS.parent / "docs" / "areas.md").read_text(encoding="utf-8")
    chapter = page.split(f"({CITIES[city]})", 1)[1].split("\n## ", 1)[0]
    unverified = {name for name, block in blocks(city) if block.get("unverified")}
    assert {name for name in unverified if f"`{name}`" not in chapter} == set()


@cache
def documents(city: str) -> Mapping[str, Any]:
    data: Mapping[str, Any] = read_documents(AREAS / city / "benefits").data
    return data


def blocks(city: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every dated block of every parameter, with the parameter's name."""
    for name, parameter in documents(city)["parameters"].items():
        for block in parameter["values"]:
            yield name, block
