"""Fee lines into portions: calculation-order.md section 1."""

from tests.benefits.packs import DAY, Person, pack_of
from yibao.benefits import Facts, Line, classify

BASIC = "basic: {title: 统筹, base: [in_scope], percent: 80}"
PLAIN = pack_of(BASIC)


def split(line: Line, pack=PLAIN, **facts: object) -> tuple[int, int, int, int]:  # type: ignore[no-untyped-def]
    return tuple(classify(pack, Facts(**facts), DAY, [line])[0][:4])  # type: ignore[arg-type, return-value]


def test_class_b_prepays_its_ratio_rounded_half_up_to_the_fen() -> None:
    assert split(Line(amount=452, item_class="02", self_pay_ratio=500)) == (0, 0, 23, 429)


def test_prepay_is_rounded_per_line_and_not_on_the_sum() -> None:
    lines = (Line(amount=452, item_class="02", self_pay_ratio=500),) * 3
    outcome = Person(PLAIN).pay(lines=lines)
    assert outcome.totals.prepay == 69  # on the sum it would be 67.8 → 68


def test_class_c_is_wholly_self_paid() -> None:
    assert split(Line(amount=10_000, item_class="03", self_pay_ratio=0)) == (10_000, 0, 0, 0)


def test_restricted_item_without_approval_is_wholly_self_paid() -> None:
    assert split(Line(amount=10_000, restricted=True, approved=False)) == (10_000, 0, 0, 0)
    assert split(Line(amount=10_000, restricted=True, approved=True)) == (0, 0, 0, 10_000)


def test_price_limit_times_quantity_goes_before_the_prepaid_ratio() -> None:
    line = Line(amount=10_000, quantity=25_000, price_limit=30_000_000, item_class="02", self_pay_ratio=1_000)
    assert split(line) == (0, 2_500, 750, 6_750)


def test_price_limit_depends_on_the_hospital_level() -> None:
    line = Line(amount=10_000, price_limit={2: 70_000_000, 3: 90_000_000})
    assert split(line, level=3) == (0, 1_000, 0, 9_000)
    assert split(line, level=2) == (0, 3_000, 0, 7_000)
    assert split(line, level=1) == (0, 0, 0, 10_000)


def test_returned_line_mirrors_the_original_exactly() -> None:
    line = Line(amount=10_003, price_limit=90_010_000, item_class="02", self_pay_ratio=1_000)
    back = Line(amount=-10_003, quantity=-10_000, price_limit=90_010_000, item_class="02", self_pay_ratio=1_000)
    assert [x + y for x, y in zip(split(line), split(back), strict=True)] == [0, 0, 0, 0]


def test_returned_line_alone_leaves_a_negative_bill_that_still_adds_up() -> None:
    outcome = Person(PLAIN).pay(lines=(Line(amount=-500),))
    assert sum(outcome.portions.values()) == -500
    assert outcome.totals.fund == 0


def test_pack_sends_class_b_to_a_portion_of_its_own_for_the_old_convention() -> None:
    """ZY21: 乙类直接按 80% 报，其余扣起付线 500 后按 40% 报 → 400 + 800。"""
    pack = pack_of(
        """
        class_b: {title: 乙类, base: [class_b_scope], percent: 80}
        basic: {title: 统筹, base: [in_scope], deductible: 500, percent: 40}
        """,
        "portions: [class_b_scope]",
        "classification: [{rows: [{when: {class: 乙}, into: class_b_scope, prepay_percent: 0}]}]",
    )
    lines = (Line(amount=250_000), Line(amount=50_000, item_class="02", self_pay_ratio=1_000))
    outcome = Person(pack).pay(lines=lines)
    assert [layer.paid for layer in outcome.layers] == [40_000, 80_000]
    assert outcome.totals.in_scope == 300_000


def test_marked_items_have_a_prepaid_ratio_of_the_pack_instead_of_the_lines() -> None:
    """ZY05: 乙类先付 10%，放宽项目 30%，人工器官 50% 后不再乘比例。"""
    pack = pack_of(
        """
        implant: {title: 人工器官, base: [implant_scope]}
        basic: {title: 统筹, base: [in_scope], percent: 88.8}
        """,
        "portions: [implant_scope]",
        """
        classification:
          - rows:
              - {when: {mark: 放宽项目}, prepay_percent: 30}
              - {when: {mark: 人工器官}, prepay_percent: 50, into: implant_scope}
              - {when: {class: 乙}, prepay_percent: 10}
        """,
    )
    lines = (
        Line(amount=3_400_000),
        Line(amount=1_820_000, item_class="02"),
        Line(amount=200_000, item_class="02", mark="放宽项目"),
        Line(amount=5_000_000, item_class="02", mark="人工器官"),
    )
    outcome = Person(pack).pay(lines=lines)
    own = outcome.totals.personal
    assert own == 380_800 + 365_456 + 75_680 + 2_500_000


def test_classification_rows_hold_only_in_their_period() -> None:
    pack = pack_of(BASIC, "classification: [{from: 2025-01-01, rows: [{when: {class: 甲}, all_to: full_self_pay}]}]")
    assert split(Line(amount=100), pack) == (0, 0, 0, 100)


def test_pack_may_admit_class_c_for_a_kind_of_care() -> None:
    rows = "classification: [{rows: [{when: {class: 丙, care: negotiated_drug}, into: in_scope}]}]"
    pack = pack_of(BASIC, rows)
    assert split(Line(amount=100, item_class="03"), pack, care="negotiated_drug") == (0, 0, 0, 100)
    assert split(Line(amount=100, item_class="03"), pack, care="inpatient") == (100, 0, 0, 0)
