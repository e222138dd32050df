"""One layer against a second, slow and obvious computation in exact fractions."""

from fractions import Fraction
from math import floor

from hypothesis import given, settings
from hypothesis import strategies as st

from yibao.benefits import arithmetic as a

AMOUNT = st.integers(0, 3_000_000)


def half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


def by_the_book(
    base: int, deductible: int, segments: list[tuple[int, int]], gross: bool, cap: int, overflow_fees: bool
) -> tuple[int, int, int, int]:
    """Paid, deductible, copay, over cap: walks the fees from the bottom up, segment by segment."""
    taken = min(base, deductible)
    position = taken if gross else 0
    end = base if gross else base - taken
    paid, reached = 0, None
    for upper, ratio in segments:
        part = max(0, min(upper, end) - position)
        pay = half_up(Fraction(part * ratio, 10_000))
        if paid + pay > cap and reached is None:
            reached = position + min(part, half_up(Fraction((cap - paid) * 10_000, ratio)))
        paid += pay
        position += part
    excess = base - taken
    if paid <= cap:
        return paid, taken, excess - paid, 0
    if not overflow_fees:
        return cap, taken, excess - paid, paid - cap
    over = min(excess - cap, end - (reached if reached is not None else end))
    return cap, taken, excess - cap - over, over


@settings(max_examples=400, deadline=None)
@given(
    base=st.integers(1, 3_000_000), deductible=AMOUNT, bounds=st.sets(st.integers(1, 2_000_000), max_size=3),
    ratios=st.lists(st.integers(1, 10_000), min_size=4, max_size=4), gross=st.booleans(), cap=AMOUNT,
    overflow_fees=st.booleans(),
)  # fmt: skip
def test_a_layer_gives_to_the_fen_what_the_rule_says(
    base: int, deductible: int, bounds: set[int], ratios: list[int], gross: bool, cap: int, overflow_fees: bool
) -> None:
    segments = list(zip([*sorted(bounds), a.UNLIMITED], ratios, strict=False))
    row = [0] * 21
    row[a.LAYER_STANDARD], row[a.LAYER_GROSS] = deductible, int(gross)
    row[a.LAYER_DEDUCTIBLE_SLOT] = row[a.LAYER_DEDUCTIBLE_LIMIT_SLOT] = row[a.LAYER_YEAR_SLOT] = -1
    row[a.LAYER_SEGMENT_COUNT], row[a.LAYER_CAP_COUNT] = len(segments), 1
    caps = [(cap, a.COUNTS_PAYMENT, 0, -1, a.OVERFLOW_FEES if overflow_fees else a.OVERFLOW_PAYMENT)]
    done, segment_out = [0] * a.OUT_WIDTH, [[0, 0] for _ in segments]
    a.split_base(row, segments, caps, base, base, 0, [], done, segment_out)
    found = (done[a.OUT_PAID], done[a.OUT_DEDUCTIBLE], done[a.OUT_COPAY], done[a.OUT_OVER_CAP])
    assert found == by_the_book(base, deductible, segments, gross, cap, overflow_fees)
