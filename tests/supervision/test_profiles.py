"""Profiles: which rules are in force, with which values, and what makes another version."""

from datetime import date
from pathlib import Path

import pytest

from yibao.core.config import ConfigurationError
from yibao.supervision import profiles
from yibao.supervision.knowledge.built_in import built_in_points
from yibao.supervision.knowledge.model import DoctorInterval, LocalCode, PublishedPoint
from yibao.supervision.profiles import load_rulebook

POINT = PublishedPoint(
    kp_id="K1", rule="药品限儿童使用", item_name="甲糖浆", codes=("XA0001",), params={"age_below": 18},
    valid_from=date(2026, 1, 28),
)  # fmt: skip


def test_the_hard_profile_of_huaibei_has_27_rules_that_refuse_by_data_alone() -> None:
    book = load_rulebook("huaibei", "hard", built_in_points())
    assert len(book.rules) == 27
    for rule in book.rules.values():
        assert rule.refuses
        assert rule.severity == "violation"
        assert {"before", "during"} <= rule.stages
        assert rule.reference


@pytest.mark.parametrize("area", ["huaibei", "jiujiang", "suizhou", "tongren"])
def test_every_city_has_all_covered_rules_with_its_own_caps(area: str) -> None:
    book = load_rulebook(area, "full", built_in_points())
    assert len(book.rules) == 129
    assert {one.insurance for one in book.points("cap_chasing")} == {"310", "390"}
    assert not any(rule.refuses for rule in book.rules.values())


def test_only_points_in_force_on_the_day_are_taken() -> None:
    before = load_rulebook("huaibei", "hard", [POINT], date(2026, 1, 27))
    after = load_rulebook("huaibei", "hard", [POINT], date(2026, 1, 28))
    assert [len(book.points("item_allowed").all) for book in (before, after)] == [0, 1]


def test_the_same_knowledge_has_the_same_version_and_other_knowledge_another() -> None:
    versions = [
        load_rulebook("huaibei", "hard", points).version
        for points in ([POINT], [POINT], [], built_in_points())
    ]  # fmt: skip
    assert versions[0] == versions[1]
    assert len(set(versions)) == 3


def test_a_value_of_the_profile_gives_another_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiles, "AREAS", tmp_path)
    folder = tmp_path / "x" / "supervision"
    folder.mkdir(parents=True)
    versions = []
    for days in (3, 5):
        value = f"{{value: {days}, reference: 试}}"
        (folder / "p.yaml").write_text(f"title: 试\nrules: {{X01: {{parameters: {{empty_days: {value}}}}}}}\n", "utf-8")
        book = load_rulebook("x", "p", [])
        assert next(iter(book.points("empty_stay"))).empty_days == days
        versions.append(book.version)
    assert versions[0] != versions[1]


def test_points_count_for_local_codes_too() -> None:
    pair = PublishedPoint(
        kp_id="K2", rule="医疗服务项目重复收费", item_name="甲×乙", codes=("A0001", "B0001"),
        params={"main": "A0001", "included": "B0001", "window": "单日"},
    )  # fmt: skip
    codes = [LocalCode("A0001", "LA"), LocalCode("B0001", "LB")]
    book = load_rulebook("huaibei", "hard", [pair], local_codes=codes)
    assert sorted((one.code, one.other) for one in book.points("exclusive_pair")) == [
        ("A0001", "B0001"), ("A0001", "LB"), ("LA", "B0001"), ("LA", "LB"),
    ]  # fmt: skip


def test_a_doctors_interval_is_a_point_of_its_rule() -> None:
    interval = DoctorInterval(
        dr_codg="D1", begins=date(2026, 3, 2), ends=date(2026, 4, 1), reason="暂停医保支付资格", decision="决1"
    )
    (point,) = load_rulebook("huaibei", "hard", [], doctor_status=[interval]).points("doctor_status")
    assert (point.rule_id, point.doctor, point.valid_from, point.exempt_care) == ("X28", "D1", date(2026, 3, 2), "13")


@pytest.mark.parametrize("name", ["none", "../benefits/pack", "casework"])
def test_a_profile_that_is_none_is_told(name: str) -> None:
    with pytest.raises(ConfigurationError):
        load_rulebook("huaibei", name, [])


@pytest.mark.parametrize(
    "text",
    [
        "title: 试\nrules: {N999: {}}\n",
        "title: 试\nrules: {X01: {parameters: {no_such_field: {value: 1, reference: 试}}}}\n",
        "title: 试\nrulez: {}\n",
    ],
)
def test_a_profile_with_a_fault_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(profiles, "AREAS", tmp_path)
    (tmp_path / "x" / "supervision").mkdir(parents=True)
    (tmp_path / "x" / "supervision" / "p.yaml").write_text(text, "utf-8")
    with pytest.raises(ConfigurationError):
        load_rulebook("x", "p", [])


def test_a_city_that_is_not_there_gets_no_national_profile() -> None:
    with pytest.raises(ConfigurationError, match=r"no city atlantis: there are .*huaibei"):
        load_rulebook("atlantis", "full", [])
