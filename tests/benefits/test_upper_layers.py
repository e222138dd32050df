"""Subsidy, aid, tilt, supplements and accounts: calculation-order.md sections 4 and 5."""
# ruff: noqa: E501  (the YAML of one layer reads best on one line)

from tests.benefits.packs import Person, layer, pack_of, paid, yuan
from yibao.benefits import family_balance, family_draw


def test_civil_servant_subsidy_can_stand_on_the_deductible_and_on_the_large_amount() -> None:
    pack = pack_of(
        """
        basic: {title: 统筹, base: [in_scope], deductible: 1000, percent: 80, caps: [{limit: 8000}]}
        large: {title: 大额, base: [basic.over_cap], percent: 90}
        subsidy_low: {title: 公务员补助, when: {civil_servant: true}, base: [basic.deductible], percent: 85}
        subsidy_high: {title: 公务员补助, when: {civil_servant: true}, base: [large.copay], percent: 80}
        """
    )
    assert paid(Person(pack, civil_servant=True).pay(21_000)) == [800_000, 900_000, 85_000, 80_000]
    assert paid(Person(pack).pay(21_000)) == [800_000, 900_000]


def test_deductible_may_be_paid_from_the_earlier_account_before_the_subsidy() -> None:
    pack = pack_of(
        """
        basic: {title: 统筹, base: [in_scope], deductible: 1000, percent: 80}
        earlier: {title: 历年账户, account: previous_years, base: [basic.deductible]}
        subsidy: {title: 公务员补助, base: [earlier.over_cap], percent: 85}
        """
    )
    outcome = Person(pack).pay(1_000, balances={"previous_years": 60_000})
    assert paid(outcome) == [0, 60_000, 34_000]


def test_yearly_burden_of_a_civil_servant_stops_at_a_limit() -> None:
    """年负担上限 = 再加一层：年度累计起付 1000，其后 100%。"""
    pack = pack_of(
        """
        subsidy: {title: 公务员补助, base: [in_scope], percent: 80}
        burden: {title: 超年负担, base: [subsidy.copay], deductible: {standard: 1000, period: year}}
        """
    )
    person = Person(pack)
    own = [person.pay(amount).totals.personal for amount in (3_000, 3_000, 3_000)]
    assert own == [yuan(600), yuan(400), 0]


def test_medical_aid_takes_everything_in_policy_that_is_unpaid_including_the_deductible() -> None:
    """ML01 (渝北): 34790 + 10647 + 937.80 = 46374.80，个人 5625.20。"""
    pack = pack_of(
        """
        basic: {title: 统筹, base: [in_scope], deductible: 300, percent: 70}
        aid: {title: 救助, base: [in_policy_unpaid], percent: 70}
        tilt: {title: 倾斜救助, base: [in_policy_unpaid], deductible: 3000, percent: 60}
        """
    )
    outcome = Person(pack).pay(50_000, portions={"full_self_pay": yuan(2_000)})
    assert paid(outcome) == [yuan(34_790), yuan(10_647), 93_780]
    assert outcome.totals.personal == yuan("5625.20")


def test_aid_base_may_include_the_prepaid_part() -> None:
    """江阴：救助口径连乙类自理也算（ML07）。"""
    pack = pack_of("aid: {title: 救助, base: [in_policy_unpaid, prepay], percent: 50}")
    assert paid(Person(pack).pay(100, portions={"prepay": 2_000, "full_self_pay": 500})) == [6_000]


def test_aid_has_group_ratios_its_own_deductible_and_a_yearly_limit() -> None:
    pack = pack_of(
        "aid: {title: 救助, base: [in_scope], deductible: {standard: d, period: year}, percent: r, caps: [{limit: 50000}]}",
        """
        parameters:
          d: {values: [{rows: [{when: {tags: 返贫致贫}, is: 1500}, {when: {tags: 监测对象}, is: 3000}, {is: none}]}]}
          r: {values: [{rows: [{when: {tags: 特困}, is: 80}, {when: {tags: 低保}, is: 75}, {when: {tags: 返贫致贫}, is: 70}, {is: 60}]}]}
        """,
    )
    found = {
        tag: paid(Person(pack, tags=frozenset([tag])).pay(10_000))[0] // 100
        for tag in ("特困", "低保", "返贫致贫", "监测对象")
    }
    assert found == {"特困": 8_000, "低保": 7_500, "返贫致贫": 5_950, "监测对象": 4_200}
    person = Person(pack, tags=frozenset(["特困"]))
    assert [paid(person.pay(50_000))[0] // 100 for _ in range(2)] == [40_000, 10_000]


def test_aid_segments_may_split_at_the_serious_illness_line() -> None:
    """黄石低保：自付 ≤6000 部分 70%，>6000 部分 75%。"""
    pack = pack_of("aid: {title: 救助, base: [in_scope], percent: [{is: [{to: 6000, percent: 70}, {percent: 75}]}]}")
    assert paid(Person(pack).pay(10_000)) == [yuan(4_200 + 3_000)]


def test_tilted_aid_needs_a_followed_referral_within_the_province() -> None:
    pack = pack_of(
        "tilt: {title: 倾斜, when: {referral_followed: true, area: [local, in_province]}, base: [in_scope], percent: 60}"
    )
    assert paid(Person(pack).pay(100)) == [6_000]
    assert paid(Person(pack).pay(100, referral_followed=False)) == []
    assert paid(Person(pack).pay(100, area="out_of_province")) == []


def test_aid_limits_may_be_two_pools_by_kind_of_care() -> None:
    """宿迁：普通门诊 1 万，慢特病和住院 9 万共用。"""
    pack = pack_of(
        """
        aid_outpatient: {title: 救助, when: {care: outpatient}, base: [in_scope], caps: [{limit: 10000}]}
        aid_other: {title: 救助, when: {care: {not: outpatient}}, base: [in_scope], caps: [{limit: 90000, pool: aid}]}
        """
    )
    person = Person(pack)
    bills = [("outpatient", 20_000), ("chronic", 60_000), ("inpatient", 60_000)]
    assert [paid(person.pay(amount, care=care))[0] // 100 for care, amount in bills] == [10_000, 60_000, 30_000]


def test_supplement_before_or_after_aid_is_the_order_of_the_scheme() -> None:
    layers = """
        aid: {title: 救助, base: [in_policy_unpaid], percent: 70}
        supplement: {title: 补充, base: [in_policy_unpaid], percent: 50}
        """
    after = Person(pack_of(layers, order="aid, supplement")).pay(1_000)
    before = Person(pack_of(layers, order="supplement, aid")).pay(1_000)
    assert [layer(after, name).paid for name in ("aid", "supplement")] == [70_000, 15_000]
    assert [layer(before, name).paid for name in ("aid", "supplement")] == [35_000, 50_000]


def test_layers_take_what_remains_and_never_the_whole_bill_again() -> None:
    """NEG01: 70% + 60% + 30% 各乘总额会得 160%；逐层只剩 840。"""
    pack = pack_of(
        """
        basic: {title: 统筹, base: [in_scope], percent: 70}
        serious: {title: 大病, base: [basic.copay], percent: 60}
        aid: {title: 救助, base: [serious.copay], percent: 30}
        """
    )
    assert Person(pack).pay(10_000).totals.personal == yuan(840)


def test_personal_account_pays_what_its_base_allows_up_to_the_balance() -> None:
    pack = pack_of(
        """
        basic: {title: 统筹, base: [in_scope], deductible: 100, percent: 80}
        account: {title: 个人账户, account: own, base: [in_policy_unpaid, prepay]}
        """
    )
    portions = {"full_self_pay": 5_000, "prepay": 1_000}
    outcome = Person(pack).pay(600, portions=portions, balances={"own": 15_000})
    assert (outcome.totals.fund, outcome.totals.own_account, outcome.totals.cash) == (40_000, 15_000, 11_000)
    assert outcome.account_payments == {"own": 15_000}
    rich = Person(pack).pay(600, portions=portions, balances={"own": 99_999})
    assert (rich.totals.own_account, rich.totals.cash) == (21_000, 5_000)


def test_empty_account_does_not_affect_the_pooled_benefit() -> None:
    layers = """
        basic: {title: 统筹, base: [in_scope], percent: 80}
        account: {title: 个人账户, account: own, base: [basic.copay]}
        """
    outcome = Person(pack_of(layers)).pay(100)
    assert (outcome.totals.fund, outcome.totals.own_account, outcome.totals.cash) == (8_000, 0, 2_000)


def test_account_may_also_pay_what_is_outside_the_catalogue() -> None:
    pack = pack_of("account: {title: 个人账户, account: own, base: [unpaid]}")
    outcome = Person(pack).pay(100, portions={"full_self_pay": 5_000}, balances={"own": 99_999})
    assert outcome.totals.cash == 0


def test_family_account_pays_after_the_own_account() -> None:
    pack = pack_of(
        """
        own: {title: 个人账户, account: own, base: [in_policy_unpaid]}
        family: {title: 家庭共济, account: family, base: [own.over_cap]}
        """
    )
    totals = Person(pack).pay(100, balances={"own": 3_000, "family": 4_000}).totals
    assert (totals.own_account, totals.family_account, totals.cash) == (3_000, 4_000, 3_000)


def test_current_account_pool_and_earlier_account_stand_in_the_order_of_ningbo() -> None:
    """宁波职工门诊：当年账户 → 自负段（可用历年账户）→ 共负段。"""
    pack = pack_of(
        """
        current: {title: 当年账户, account: current_year, base: [in_scope]}
        pool: {title: 统筹, base: [current.over_cap], deductible: {standard: 500, period: year}, percent: 80}
        earlier: {title: 历年账户, account: previous_years, base: [pool.deductible]}
        """
    )
    outcome = Person(pack).pay(1_600, balances={"current_year": 10_000, "previous_years": 20_000})
    assert paid(outcome) == [10_000, 80_000, 20_000]
    assert outcome.account_payments == {"current_year": 10_000, "previous_years": 20_000}


def test_family_members_pay_in_the_order_of_the_pack() -> None:
    plain = pack_of("basic: {title: 统筹, base: [in_scope]}")
    largest = pack_of(
        "basic: {title: 统筹, base: [in_scope]}", "family_account: {order: largest_balance_first, one_only: true}"
    )
    members = [("A", 0), ("B", 300), ("C", 500)]
    assert family_draw(plain, 600, members) == [("B", 300), ("C", 300)]
    assert family_draw(largest, 600, members) == [("C", 500)]
    assert (family_balance(plain, members), family_balance(largest, members)) == (800, 500)


def test_accident_with_a_liable_third_party_is_refused_with_its_reason_and_clause() -> None:
    pack = pack_of(
        "basic: {title: 统筹, base: [in_scope]}",
        """
        sources: {law: {title: 《中华人民共和国社会保险法》}}
        refusals:
          - {code: third_party, when: {third_party: true}, message: 应当由第三人负担的，不纳入基金支付范围, source: law, clause: 第三十条}
          - {code: unlawful, when: {unlawful: true}, message: 违法行为所致}
        """,
    )
    refusal = Person(pack, care="accident_inpatient", third_party=True).pay(100).refusal
    assert refusal is not None
    assert (refusal.code, refusal.place) == ("third_party", "《中华人民共和国社会保险法》第三十条")
    assert Person(pack, care="accident_inpatient", unlawful=True).pay(100).refusal is not None
    assert paid(Person(pack, care="accident_inpatient").pay(100)) == [10_000]


def test_care_without_a_scheme_is_refused() -> None:
    pack = pack_of(
        "basic: {title: 统筹, base: [in_scope]}",
        "schemes: [{name: 住院, when: {care: inpatient}, layers: [basic]}]",
    )
    refusal = Person(pack, care="pharmacy").pay(10).refusal
    assert refusal is not None
    assert refusal.code == "no_scheme"


def test_deductible_on_the_bill_is_that_of_the_basic_pool_never_of_a_layer_above() -> None:
    """act_pay_dedc of a chronic visit without deductible is 0, although its co-payment fills the serious-illness one."""
    pack = pack_of(
        """
        chronic: {title: 门诊慢特病, base: [in_scope], fund: {type: "390100", column: hifp_pay}, percent: 70}
        serious: {title: 大病保险, base: [chronic.copay], fund: {type: "390200", column: hifmi_pay}, within: year, deductible: {standard: 12000, period: year}, percent: 60}
        """
    )
    totals = Person(pack).pay(1_000).totals
    assert (totals.deductible_standard, totals.deductible_paid) == (0, 0)
