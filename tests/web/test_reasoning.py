"""From a stored explanation to words: what the calculation of a bill looks like in special cases."""

from typing import Any

from yibao.web.reasoning import steps_of, year_totals

LAYER: dict[str, Any] = {
    "name": "basic", "title": "居民医保统筹", "fund_type": "390100", "column": "hifp_pay", "base": 100_000,
    "base_portions": [{"name": "in_scope", "label": "政策范围内", "amount": 100_000}], "standard": 50_000,
    "deductible": 50_000, "pay_first": 0, "excess": 50_000, "accumulates": False, "due_total": 40_000,
    "due_before": 0, "due": 40_000, "cap_left": None, "fees_cap_hit": False, "account": "", "paid": 40_000,
    "copay": 10_000, "over_cap": 0, "parameters": [],
    "segments": [{"low": 0, "high": None, "amount": 50_000, "ratio": 8000, "paid": 40_000}],
}  # fmt: skip


def step(**changes: Any) -> Any:
    (only,) = steps_of({"layers": [LAYER | changes]})
    return only


def test_a_single_segment_needs_no_bounds_and_several_say_theirs() -> None:
    assert step().segments[0].bounds == ""
    parts = [
        {"low": 0, "high": 5_000_000, "amount": 5_000_000, "ratio": 6000, "paid": 3_000_000},
        {"low": 5_000_000, "high": 10_000_000, "amount": 100, "ratio": 7000, "paid": 70},
        {"low": 10_000_000, "high": None, "amount": 100, "ratio": 8000, "paid": 80},
    ]
    bounds = [part.bounds for part in step(segments=parts).segments]
    assert bounds == ["50,000 元以内", "50,000 至 100,000 元", "100,000 元以上"]


def test_a_segment_without_money_is_left_out() -> None:
    parts = [*LAYER["segments"], {"low": 1, "high": None, "amount": 0, "ratio": 9000, "paid": 0}]
    assert len(step(segments=parts).segments) == 1


def test_a_deductible_already_paid_this_year_says_that_only_the_rest_was_taken() -> None:
    assert step(deductible=20_000).cuts[0].note == "标准 500.00，其余此前已付"


def test_a_deductible_that_swallows_the_bill_is_the_reason_for_paying_nothing() -> None:
    nothing = step(deductible=100_000, standard=750_000, paid=0, segments=[])
    assert nothing.why_nothing == "起付线标准 7,500.00，未达到"


def test_a_cap_that_was_reached_says_what_was_left_of_it() -> None:
    assert step(cap_left=3_000, paid=3_000, over_cap=37_000).notes == ("封顶线只剩 30.00，支付到此为止",)


def test_what_is_due_on_the_year_names_what_was_due_before() -> None:
    told = step(accumulates=True, due_total=90_000, due_before=50_000, due=40_000)
    assert told.notes == ("按全年累计计算：应付 900.00，减去此前已计 500.00，本次 400.00",)


def test_an_account_that_paid_nothing_and_a_layer_without_money_are_not_told() -> None:
    assert steps_of({"layers": [LAYER | {"account": "own", "paid": 0}, LAYER | {"base": 0}]}) == ()


def test_a_bill_that_only_cancels_another_has_no_steps() -> None:
    assert steps_of({"cancels": "400000001"}) == ()


def test_an_unchecked_parameter_marks_its_layer() -> None:
    used = {
        "what": "percent", "title": "支付比例", "value": "80%", "since": "2024-01-01", "source": "办法",
        "clause": "第八条", "unverified": True, "row": "三级", "adjusted": ["加 5 个百分点"],
    }  # fmt: skip
    marked = step(parameters=[used])
    assert marked.unverified
    assert marked.sources[0].conditions == "三级；加 5 个百分点"
    assert not step(parameters=[used | {"unverified": False}]).unverified


def test_the_years_totals_speak_chinese_and_leave_out_helper_sums() -> None:
    added = {
        "2026:basic:deductible": 100, "2026:basic:due": 5, "2026:pool:resident_year": 7, "2026:pool:unknown": 1,
        "2026:admissions": 1, "2026-11:basic:payment": 9, "2026:basic:payment:M03900": 3, "2025:basic:payment": 2,
        "2026:shared:deductible": 4, "stay:300000001:counted": 1,
    }  # fmt: skip
    after = dict.fromkeys(added, 1000)
    pools = {"resident_year": "年度限额", "shared": "门诊起付标准"}
    totals = year_totals({"layers": [LAYER]}, added, after, 2026, pools)
    assert [(total.title, total.added, total.after, total.is_money) for total in totals] == [
        ("居民医保统筹 起付线已付", 100, 1000, True),
        ("年度限额 已用", 7, 1000, True),
        ("住院次数", 1, 1000, False),
        ("居民医保统筹 已支付（11 月）", 9, 1000, True),
        ("居民医保统筹 已支付（病种 M03900）", 3, 1000, True),
        ("门诊起付标准 起付线已付", 4, 1000, True),
    ]
