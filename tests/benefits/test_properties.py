"""What must hold for every pack and every bill (hypothesis)."""
# ruff: noqa: E501  (the YAML of one layer reads best on one line)

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.benefits.packs import Person, pack_of
from yibao.benefits import Outcome, Pack

MONEY = st.integers(0, 2_000_000)
SMALL = st.integers(0, 30_000)


def yuan_text(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


@st.composite
def layer_terms(draw: st.DrawFn) -> str:
    """The terms of one layer, from everything the vocabulary offers."""
    terms = []
    if draw(st.booleans()):
        period = draw(st.sampled_from(["visit", "month", "year"]))
        terms.append(f"deductible: {{standard: {yuan_text(draw(SMALL))}, period: {period}}}")
    bounds = sorted(draw(st.sets(st.integers(1, 500_000), max_size=3)))
    ratios = [draw(st.integers(0, 10_000)) for _ in range(len(bounds) + 1)]
    parts = [f"{{to: {yuan_text(bound)}, percent: {yuan_text(it)}}}" for bound, it in zip(bounds, ratios, strict=False)]
    terms.append(f"percent: [{{is: [{', '.join([*parts, f'{{percent: {yuan_text(ratios[-1])}}}'])}]}}]")
    if draw(st.booleans()):
        first = yuan_text(draw(st.integers(0, 10_000)))
        terms.append(f"pay_first: {{percent: {first}, before_deductible: {str(draw(st.booleans())).lower()}}}")
    terms.append(f"measured: {draw(st.sampled_from(['gross', 'excess']))}")
    if draw(st.booleans()):
        terms.append(f"within: year, less: {draw(st.sampled_from(['recorded', 'recomputed']))}")
    caps = []
    for counts in draw(st.sets(st.sampled_from(["payment", "fees", "fees_with_deductible"]))):
        period = draw(st.sampled_from(["visit", "month", "year"]))
        overflow = draw(st.sampled_from(["fees", "payment"]))
        limit = yuan_text(draw(MONEY))
        caps.append(f"{{limit: {limit}, counts: {counts}, period: {period}, overflow: {overflow}}}")
    if caps:
        terms.append(f"caps: [{', '.join(caps)}]")
    return ", ".join(terms)


@st.composite
def packs(draw: st.DrawFn) -> Pack:
    """Three layers: the first on in_scope, the others on what the earlier ones left in all the usual ways."""
    second = draw(st.sampled_from(["a.copay", "a.deductible, a.copay", "a.over_cap", "in_policy_unpaid, prepay"]))
    third = draw(st.sampled_from(["in_policy_unpaid", "unpaid", "b.copay, b.over_cap"]))
    return pack_of(
        f"""
        a: {{title: 甲, base: [in_scope], {draw(layer_terms())}}}
        b: {{title: 乙, base: [{second}], {draw(layer_terms())}}}
        c: {{title: 丙, base: [{third}], {draw(layer_terms())}}}
        account: {{title: 个人账户, account: own, base: [in_policy_unpaid]}}
        """
    )


def bill(draw_portions: dict[str, int], person: Person, balance: int = 0) -> Outcome:
    return person.pay(portions=draw_portions, balances={"own": balance})


PORTIONS = st.fixed_dictionaries({"in_scope": MONEY, "prepay": SMALL, "full_self_pay": SMALL, "over_limit": SMALL})


@settings(max_examples=150, deadline=None)
@given(pack=packs(), bills=st.lists(PORTIONS, min_size=1, max_size=4), balance=SMALL)
def test_every_fen_is_in_exactly_one_portion_and_none_is_paid_twice(
    pack: Pack, bills: list[dict[str, int]], balance: int
) -> None:
    person = Person(pack)
    for portions in bills:
        outcome = bill(portions, person, balance)
        total = sum(portions.values())
        assert sum(outcome.portions.values()) == total
        assert min([0, *outcome.portions.values()]) == 0
        for layer in outcome.layers:
            parts = (layer.paid, layer.deductible, layer.copay, layer.over_cap, layer.pay_first)
            assert sum(parts) == layer.base == sum(layer.base_portions.values())
            assert min(parts) >= 0
        assert sum(layer.paid for layer in outcome.layers) <= total
        totals = outcome.totals
        assert totals.total == totals.fund + totals.personal
        assert totals.personal == totals.own_account + totals.family_account + totals.cash
        assert totals.total == totals.in_scope + totals.full_self_pay + totals.over_limit + totals.prepay
        assert totals.own_account <= balance


@settings(max_examples=80, deadline=None)
@given(pack=packs(), bills=st.lists(PORTIONS, min_size=1, max_size=3))
def test_changes_of_the_accumulators_are_sums_that_a_cancellation_can_subtract(
    pack: Pack, bills: list[dict[str, int]]
) -> None:
    person = Person(pack)
    changes = [bill(portions, person).deltas for portions in bills]
    for change in reversed(changes):
        for key, amount in change.items():
            person.accumulators[key] -= amount
    assert not any(person.accumulators.values())


@settings(max_examples=80, deadline=None)
@given(pack=packs(), amount=MONEY, more=SMALL)
def test_a_larger_bill_never_leaves_less_for_the_first_fund_to_pay(pack: Pack, amount: int, more: int) -> None:
    low = bill({"in_scope": amount}, Person(pack)).layers[0]
    high = bill({"in_scope": amount + more}, Person(pack)).layers[0]
    assert high.paid >= low.paid


@settings(max_examples=80, deadline=None)
@given(
    terms=st.sampled_from(["gross", "excess"]), deductible=SMALL, bound=st.integers(1, 400_000),
    low=st.integers(0, 10_000), high=st.integers(0, 10_000), bills=st.lists(st.integers(0, 300_000), min_size=1, max_size=8),
)  # fmt: skip
def test_serious_illness_paid_in_many_visits_equals_one_visit_on_the_total(
    terms: str, deductible: int, bound: int, low: int, high: int, bills: list[int]
) -> None:
    segments = f"[{{is: [{{to: {yuan_text(bound)}, percent: {yuan_text(low)}}}, {{percent: {yuan_text(high)}}}]}}]"
    pack = pack_of(
        f"""
        a:
          {{title: 大病, base: [in_scope], within: year, measured: {terms}, percent: {segments},
            deductible: {{standard: {yuan_text(deductible)}, period: year}}}}
        """
    )
    many, once = Person(pack), Person(pack)
    paid = sum(bill({"in_scope": it}, many).totals.fund for it in bills)
    assert paid == bill({"in_scope": sum(bills)}, once).totals.fund


@settings(max_examples=80, deadline=None)
@given(
    limit=MONEY, bound=st.integers(1, 400_000), low=st.integers(5_000, 10_000), high=st.integers(5_000, 10_000),
    overflow=st.sampled_from(["fees", "payment"]), bills=st.lists(st.integers(0, 300_000), min_size=1, max_size=6),
)  # fmt: skip
def test_what_lies_over_a_yearly_cap_is_the_same_in_many_visits_as_in_one(
    limit: int, bound: int, low: int, high: int, overflow: str, bills: list[int]
) -> None:
    segments = f"[{{is: [{{to: {yuan_text(bound)}, percent: {yuan_text(low)}}}, {{percent: {yuan_text(high)}}}]}}]"
    caps = f"[{{limit: {yuan_text(limit)}, overflow: {overflow}}}]"
    pack = pack_of(f"a: {{title: 大病, base: [in_scope], within: year, percent: {segments}, caps: {caps}}}")
    many, once = Person(pack), Person(pack)
    over = sum(layer.over_cap for it in bills for layer in bill({"in_scope": it}, many).layers)
    single = sum(layer.over_cap for layer in bill({"in_scope": sum(bills)}, once).layers)
    # cap ÷ ratio is rounded at each bill: half a fen of payment is up to a fen of fees there
    assert abs(over - single) <= len(bills) + 1


@settings(max_examples=80, deadline=None)
@given(limit=MONEY, bills=st.lists(MONEY, min_size=1, max_size=6), ratio=st.integers(1, 10_000))
def test_a_yearly_cap_is_never_exceeded_over_any_number_of_visits(limit: int, bills: list[int], ratio: int) -> None:
    pack = pack_of(
        f"a: {{title: 统筹, base: [in_scope], percent: {yuan_text(ratio)}, caps: [{{limit: {yuan_text(limit)}}}]}}"
    )
    person = Person(pack)
    assert sum(bill({"in_scope": it}, person).totals.fund for it in bills) <= limit
