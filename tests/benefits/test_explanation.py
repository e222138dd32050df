"""Every result explains itself: base, deductible, segments, cap, parameter with date and clause."""

import msgspec

from tests.benefits.packs import Person, load_text, pack_of
from yibao.benefits import Explanation, explain

PACK = load_text(
    """
area: {code: "421300", name: 某市}
sources:
  doc: {title: 政发〔2023〕21号, grade: A}
  copy: {title: 转抄, grade: D}
parameters:
  d:
    title: 住院起付标准
    values:
      - from: 2023-01-01
        source: doc
        clause: 第十二条
        rows: [{when: {level: 3}, is: 800}, {is: 400}]
        adjust: [{when: {tags: 低保}, factor: 0.5}]
  serious:
    title: 大病支付比例
    values: [{from: 2024-01-01, source: copy, is: [{to: 30000, percent: 60}, {percent: 65}]}]
layers:
  basic: {title: 居民统筹, base: [in_scope], deductible: d, percent: 70, caps: [{limit: 100000}]}
  serious: {title: 大病保险, base: [basic.copay, basic.over_cap], within: year, percent: serious}
  account: {title: 个人账户, account: own, base: [in_policy_unpaid]}
schemes: [{name: 居民住院, when: {}, layers: [basic, serious, account]}]
"""
)


def explanation(amount: float, **facts: object) -> Explanation:
    return explain(Person(PACK, level=3, **facts).pay(amount, balances={"own": 5_000}))


def test_text_tells_each_step_with_its_amounts() -> None:
    text = explanation(10_800).text()
    assert "1 居民统筹：基数 10,800.00 = 政策范围内 10,800.00" in text
    assert "扣起付线 800.00（标准 800.00）" in text
    assert "10,000.00 × 70% = 7,000.00" in text
    assert "2 大病保险：基数 3,000.00 = 居民统筹·比例自付 3,000.00" in text
    assert "年度累计应付 1,800.00 − 此前 0.00，本次 1,800.00" in text
    assert "账户余额 50.00" in text
    assert "总费用 10,800.00 = 基金 8,800.00 + 个人 2,000.00" in text


def test_text_names_the_parameter_with_date_clause_and_the_row_that_decided() -> None:
    text = explanation(10_800, tags=frozenset(["低保"])).text()
    assert "依据 住院起付标准；2023-01-01 起；政发〔2023〕21号第十二条；医院等级 3；调整：身份标识 低保：400.00" in text


def test_unverified_parameters_are_shown_as_such() -> None:
    assert "大病支付比例；2024-01-01 起；转抄；未核" in explanation(10_800).text()


def test_extra_portions_and_short_accounts_are_called_by_their_names() -> None:
    pack = pack_of(
        """
        own: {title: 个人账户, account: own, base: [class_b_scope]}
        basic: {title: 统筹, base: [own.over_cap], percent: 80}
        """,
        "portions: {class_b_scope: 乙类费用}",
    )
    text = explain(Person(pack).pay(portions={"class_b_scope": 10_000}, balances={"own": 2_500})).text()
    assert "1 个人账户：基数 100.00 = 乙类费用 100.00" in text
    assert "支付 25.00，余额不足 75.00" in text
    assert "2 统筹：基数 75.00 = 个人账户·余额不足 75.00" in text


def test_account_without_money_is_not_told() -> None:
    text = explain(Person(PACK, level=3).pay(10_800)).text()
    assert "个人账户：基数" not in text


def test_cap_that_stopped_the_payment_is_told() -> None:
    found = explanation(200_800)
    assert found.layers[0].cap_left == 10_000_000
    assert "封顶线剩余 100,000.00" in found.text()
    assert [part.name for part in found.layers[1].base_portions] == ["basic.copay", "basic.over_cap"]


def test_json_has_the_same_numbers_and_comes_back_equal() -> None:
    found = explanation(123_456.78)
    assert msgspec.json.decode(msgspec.json.encode(found), type=Explanation) == found
    assert sum(layer.paid for layer in found.layers if layer.name != "account") == found.fund


def test_segments_of_the_json_end_with_an_open_one() -> None:
    assert [(step.low, step.high) for step in explanation(10_800).layers[1].segments] == [
        (0, 3_000_000),
        (3_000_000, None),
    ]
