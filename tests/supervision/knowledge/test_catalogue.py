"""The catalogue of rules: complete, each rule with a kind it fits or with what it would need."""

import json
from collections import Counter
from pathlib import Path

import pytest
import yaml

from yibao.supervision.kinds import all_kinds
from yibao.supervision.knowledge.built_in import built_in_points, trial_points
from yibao.supervision.knowledge.catalogue import Entry, catalogue, entries
from yibao.supervision.profiles import load_rulebook

REFERENCE = Path(__file__).resolve().parents[4] / "shared" / "reference" / "audit" / "rules.json"
RULES = list(catalogue().values())
COVERED = [one for one in RULES if one.covered]


def test_all_142_rules_are_there_and_129_are_covered() -> None:
    assert len(RULES) == 142
    assert len(COVERED) == 129
    assert [one.rule_id for one in RULES] == sorted(one.rule_id for one in RULES)


def test_a_rule_that_is_not_covered_says_what_data_it_needs() -> None:
    assert [one.rule_id for one in RULES if not one.covered] == [
        "N11", "N41", "N43", "N47", "N48", "X05", "X09", "X13", "X14", "X19", "X22", "X29", "X34",
    ]  # fmt: skip
    assert all(bool(one.kind) != bool(one.needs) for one in RULES)


def test_every_kind_covers_some_rule() -> None:
    assert {one.kind for one in COVERED} == set(all_kinds())


@pytest.mark.parametrize("rule", COVERED, ids=lambda one: one.rule_id)
def test_parameters_are_fields_of_the_kinds_points(rule: Entry) -> None:
    names = set(all_kinds()[rule.kind].columns)
    assert set(rule.values).union(*map(set, rule.rows)) <= names


def test_every_value_says_where_it_is_from() -> None:
    silent = [(one.rule_id, name) for one in RULES for name, value in one.parameters.items() if not value.reference]
    assert silent == []


def test_a_rule_that_stands_twice_is_told() -> None:
    entry = yaml.safe_dump([{
        "rule_id": "N01", "name": "甲", "tier": "乙", "definition": "丙", "needs": "丁", "severity": "suspect",
        "stages": ["after"], "clause": "戊",
    }])  # fmt: skip
    with pytest.raises(ValueError, match="N01 stands twice"):
        entries([entry, entry])


def test_every_covered_rule_has_points_in_the_trial_profile() -> None:
    book = load_rulebook("huaibei", "trial", [])
    with_points = {point.rule_id for kind in book.kinds for point in book.points(kind)}
    assert with_points == {one.rule_id for one in COVERED}


def test_trial_codes_are_made_up_so_that_no_bill_of_a_city_has_them() -> None:
    codes = {code for point in trial_points() for code in point.codes if not code.isdigit()}
    assert codes
    assert all(code.startswith("TRIAL") for code in codes)
    assert not codes & {code for point in built_in_points() for code in point.codes}


@pytest.mark.skipif(not REFERENCE.exists(), reason="the collected facts about rules are not part of the project")
def test_names_and_official_codes_are_those_collected() -> None:
    facts = {one["id"]: one for one in json.loads(REFERENCE.read_text("utf-8"))["rules"]}
    assert {one.rule_id: (one.name, one.official_code or None) for one in RULES} == {
        rule_id: (fact["name"], fact.get("official_code_v1")) for rule_id, fact in facts.items()
    }
    wanted = {"明确违规": "violation", "可疑": "suspect", "监测指标": "suspect"}
    assert [one.rule_id for one in RULES if one.severity != wanted[facts[one.rule_id]["severity"]]] == []


def test_titles_of_built_in_points_are_known_rules() -> None:
    titles = Counter(one.rule for one in built_in_points())
    assert set(titles) <= {one.knowledge for one in COVERED if one.knowledge}
    assert titles["药品区分性别使用"] > 500
