"""Scores of persons: much use beside persons of the same age and insurance, never little use, never who they are."""

from datetime import date
from typing import Any

import pytest

pytest.importorskip("pyod", reason="the extra `analysis` is not installed")
from yibao.supervision.lake import lake_of
from yibao.supervision.monitoring.persons import DIMENSIONS, person_table, score_persons
from yibao.supervision.world import World

ibis = pytest.importorskip("ibis")
MARCH = date(2021, 3, 1)
SENSITIVE = ("sex", "gend", "naty", "tag", "poverty", "psn_type", "psn_idet", "poverty_flag", "brdy")


def person(name: str, age: int = 45, **use: int) -> dict[str, Any]:
    usual = {"person_visits": 4, "person_days": 4, "person_institutions": 2, "person_same_day": 1, "person_stays": 0,
             "person_fees": 80_000, "person_fund": 40_000, "person_drugs": 50_000}  # fmt: skip
    return {"psn_no": name, "month": MARCH, "age": age, "insutype": "310", **usual, **use}


def many(age: int = 45, count: int = 40) -> list[dict[str, Any]]:
    return [person(f"{age}-{at}", age, person_fees=70_000 + 900 * at, person_visits=3 + at % 3) for at in range(count)]


def test_who_buys_ten_times_the_drugs_of_his_like_is_first_and_the_reason_is_told() -> None:
    much = person("M", person_drugs=900_000, person_fees=950_000, person_same_day=4)
    first = score_persons([*many(), much], 5)[0]
    assert (first.subject, first.place, first.score) == ("M", 1, 100)
    assert {part.indicator for part in first.contributions[:3]} == {"person_drugs", "person_fees", "person_same_day"}
    assert 0 < sum(part.share for part in first.contributions) <= 10_000


def test_little_use_is_no_anomaly_and_who_is_like_the_others_is_not_listed() -> None:
    little = person("L", person_drugs=10, person_fees=20, person_fund=0)
    assert score_persons([*many(), little], 50) == []


def test_the_burden_of_age_is_taken_away() -> None:
    old = [person(f"O{at}", 82, person_fees=800_000 + 900 * at, person_drugs=600_000) for at in range(30)]
    assert score_persons([*many(), *old], 50) == []


def test_persons_with_too_few_of_their_like_are_not_judged() -> None:
    alone = [person("B1", 101), person("B2", 102), person("B3", 103, person_fees=9_000_000, person_drugs=8_000_000)]
    assert score_persons([*many(), *alone], 50) == []


def test_nothing_of_who_a_person_is_goes_into_the_table_but_age_and_insurance() -> None:
    lake = lake_of({name: ibis.memtable(table) for name, table in World().tables().items()})
    columns = person_table(lake).columns
    assert set(columns) == {"psn_no", "month", "age", "insutype", *DIMENSIONS}
    assert not set(columns) & set(SENSITIVE)
