"""What published parameters mean in the kinds."""

from typing import Any

import pytest

from yibao.supervision.knowledge.mapping import fields_of
from yibao.supervision.knowledge.model import PublishedPoint


def published(rule: str = "规则", text: str = "", codes: tuple[str, ...] = ("A0001",), **params: Any) -> PublishedPoint:
    return PublishedPoint(kp_id="K", rule=rule, item_name="甲", codes=codes, params=params, text=text)


def test_sex_is_a_code() -> None:
    assert fields_of(published(sex="女"), "item_allowed") == [{"code": "A0001", "sex": "2"}]


def test_industrial_injury_is_no_insurance_of_this_fund() -> None:
    (fields,) = fields_of(published(insurance="工伤"), "item_allowed")
    assert fields["insurance"] not in ("310", "390", "510", "")


def test_maternity_is_told_by_the_kind_of_care() -> None:
    (fields,) = fields_of(published(insurance="生育"), "item_allowed")
    assert fields == {"code": "A0001", "care": "51 52 2106 2107"}


def test_stays_of_every_kind_and_rescue_count_as_in_hospital() -> None:
    (fields,) = fields_of(published(care="住院"), "item_allowed")
    assert {"2101", "22", "52", "28", "1301"} <= set(fields["care"].split())
    assert "11" not in fields["care"].split()


@pytest.mark.parametrize(
    ("unit", "count"), [("日", 10_000), ("天", 10_000), ("小时", 240_000)]
)  # fmt: skip
def test_frequency_is_counted_in_ten_thousandths(unit: str, count: int) -> None:
    quantity = "24" if unit == "小时" else "1"
    (fields,) = fields_of(published(max_qty=quantity, unit=unit, window="day"), "frequency_per_day")
    assert fields["max_count"] == count
    assert fields["unit"] == ("日" if unit == "天" else unit)
    assert "window" not in fields


def test_a_period_keeps_its_days() -> None:
    (fields,) = fields_of(published(max_qty="1", window_days="14"), "frequency_in_period")
    assert fields == {"code": "A0001", "max_count": 10_000, "window_days": 14}


@pytest.mark.parametrize(
    ("text", "params", "expected"),
    [
        ("支付不超过14天。", {"max_days": "14"}, {"max_days": 14, "period": "course"}),
        ("住院方可支付，单次最多支付14天。", {"max_days": "14"}, {"max_days": 14, "period": "visit"}),
        ("总时间不超过90天，评定间隔时间不短于14天。", {}, {"max_days": 90, "period": "course"}),
        ("支付不超过一年，每周最多支付一次。", {}, {"max_days": 365, "period": "course"}),
    ],
)
def test_the_length_of_a_treatment_is_read_from_the_sentence(
    text: str, params: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert fields_of(published(text=text, **params), "treatment_days") == [{"code": "A0001", **expected}]


@pytest.mark.parametrize(
    ("window", "expected"), [("单日", "day"), ("单次就诊", "visit"), ("6小时", "6hours"), ("同一小时", "hour")]
)
def test_a_pair_has_its_direction_and_window(window: str, expected: str) -> None:
    point = PublishedPoint(
        kp_id="K", rule="医疗服务项目重复收费", item_name="甲×乙", codes=("A0001", "B0001"),
        params={"main": "A0001", "included": "B0001", "window": window},
    )  # fmt: skip
    assert fields_of(point, "exclusive_pair") == [
        {"code": "A0001", "item": "甲", "other": "B0001", "other_item": "乙", "window": expected}
    ]


def test_an_indication_in_words_alone_is_not_guessed() -> None:
    assert fields_of(published("药品限适应症", "限放化疗。"), "item_indication") == []


def test_a_second_line_drug_without_a_first_line_list_looks_for_nothing() -> None:
    assert fields_of(published("药品限二线使用", "限二线用药。"), "second_line_first") == []


def test_a_point_of_two_roles_has_rows_of_both() -> None:
    rows = fields_of(published(proof="B0001|B0002"), "second_line_first", {"look_back_days": 365})
    assert [(row["code"], row["role"], row["group"]) for row in rows] == [
        ("A0001", "needs", "K"), ("B0001", "proof", "K"), ("B0002", "proof", "K"),
    ]  # fmt: skip


def test_a_point_beats_the_rules_parameter() -> None:
    (fields,) = fields_of(published(max_days="20"), "treatment_days", {"max_days": 14, "gap_days": 30})
    assert (fields["max_days"], fields["gap_days"]) == (20, 30)


def test_a_value_nobody_knows_is_an_error() -> None:
    with pytest.raises(KeyError):
        fields_of(published(min_level="特级"), "item_allowed")
