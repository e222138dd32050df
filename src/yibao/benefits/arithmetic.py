"""The arithmetic of one bill: integers in, integers out. The only place where a benefit is computed.

`walk_layers` runs the layers of a compiled plan (`yibao.benefits.plan`) over the portions of a bill; `split_base`
does one layer: pay-first, caps on fees, deductible, segments, caps on payment, relabelling. The counter calls
these functions as plain Python; the batch compiles the very same functions, so they use nothing but integers,
loops and rows addressed as `a[i][j]` (tuples or lists of integers, or two-dimensional int64 arrays).

Shapes. `layers[i][LAYER_…]`, `bases[k]` portion numbers, `segments[j] = (upper bound fen, ratio basis points)`,
`caps[k][CAP_…]`: read only. `portions[p]` fen, `acc[slot]` fen, `out[i][OUT_…]`, `segment_out[j] = [amount, pay]`:
changed in place. A slot of -1 means: not accumulated. Bounds and limits that do not exist are `UNLIMITED`.
"""

from typing import Any

from yibao.core.money import BASIS_POINTS, divide_half_up, share_of

Rows = Any  # tuples or lists of integer rows here, int64 arrays in the batch
Row = Any

UNLIMITED = 10**15
"""Ten trillion yuan in fen: above any amount, and small enough for int64 when multiplied by days."""

# One layer.
(
    LAYER_BASE_START, LAYER_BASE_COUNT, LAYER_PORTION,
    LAYER_PAY_FIRST, LAYER_PAY_FIRST_AFTER,
    LAYER_STANDARD, LAYER_SHARE, LAYER_SHARE_LOW, LAYER_SHARE_HIGH, LAYER_EVERY_DAYS,
    LAYER_DEDUCTIBLE_SLOT, LAYER_DEDUCTIBLE_LIMIT, LAYER_DEDUCTIBLE_LIMIT_SLOT,
    LAYER_SEGMENT_START, LAYER_SEGMENT_COUNT, LAYER_GROSS, LAYER_YEAR_SLOT, LAYER_RECOMPUTED,
    LAYER_REACHES_BACK, LAYER_CAP_START, LAYER_CAP_COUNT,
) = range(21)  # fmt: skip
# The five portions a layer makes stand together from `LAYER_PORTION` on, the three slots of a year from YEAR_SLOT on.
PAID, DEDUCTIBLE, COPAY, OVER_CAP, PAY_FIRST = range(5)
YEAR_BASE, YEAR_EXCESS, YEAR_DUE = range(3)

# One cap.
CAP_LIMIT, CAP_MEASURE, CAP_PER_DAY, CAP_SLOT, CAP_OVERFLOW = range(5)
COUNTS_PAYMENT, COUNTS_FEES, COUNTS_FEES_WITH_DEDUCTIBLE = range(3)
OVERFLOW_FEES, OVERFLOW_PAYMENT = range(2)

# What one layer did. DUE is the payment before caps on payment; PAYMENT_LEFT what these still allowed; the CAP
# fields hold cap number + 1, or 0.
(
    OUT_BASE, OUT_PAY_FIRST, OUT_DEDUCTIBLE, OUT_EXCESS, OUT_DUE_TOTAL, OUT_DUE_BEFORE, OUT_DUE, OUT_PAID,
    OUT_COPAY, OUT_OVER_CAP, OUT_PAYMENT_CAP, OUT_PAYMENT_LEFT, OUT_FEES_CAP, OUT_FEES_OVER, OUT_STANDARD,
) = range(15)  # fmt: skip
OUT_WIDTH = 15


def walk_layers(
    layers: Rows, bases: Row, segments: Rows, caps: Rows, total: int, days: int,
    portions: Row, acc: Row, out: Rows, segment_out: Rows,
) -> None:  # fmt: skip
    """Run every layer in order. `total` fen of the bill, `days` of the stay so far (0 outside a stay: one day)."""
    for i in range(len(layers)):
        base = base_of(layers[i], bases, portions)
        if base > 0:
            empty_base(layers[i], bases, portions)
            split_base(layers[i], segments, caps, base, total, days, acc, out[i], segment_out)
            relabel(layers[i], out[i], portions)


def base_of(layer: Row, bases: Row, portions: Row) -> int:
    """Σ of the portions in the layer's base; not positive when returned items outweigh the rest."""
    base = 0
    for k in range(layer[LAYER_BASE_START], layer[LAYER_BASE_START] + layer[LAYER_BASE_COUNT]):
        base += portions[bases[k]]
    return base


def empty_base(layer: Row, bases: Row, portions: Row) -> None:
    """Take the whole base out of its portions; `relabel` puts it back under this layer's labels."""
    for k in range(layer[LAYER_BASE_START], layer[LAYER_BASE_START] + layer[LAYER_BASE_COUNT]):
        portions[bases[k]] = 0


def relabel(layer: Row, done: Row, portions: Row) -> None:
    """Put the whole base back under this layer's own labels."""
    first = layer[LAYER_PORTION]
    portions[first + PAID] = done[OUT_PAID]
    portions[first + DEDUCTIBLE] = done[OUT_DEDUCTIBLE]
    portions[first + COPAY] = done[OUT_COPAY]
    portions[first + OVER_CAP] = done[OUT_OVER_CAP]
    portions[first + PAY_FIRST] = done[OUT_PAY_FIRST]


def split_base(
    layer: Row, segments: Rows, caps: Rows, base: int, total: int, days: int, acc: Row, done: Row, segment_out: Rows
) -> None:
    """Split one base; fills `done` and `segment_out`, adds to `acc`. Σ of the five parts = base."""
    done[OUT_BASE] = base
    rest = base
    if layer[LAYER_PAY_FIRST] > 0 and layer[LAYER_PAY_FIRST_AFTER] == 0:
        done[OUT_PAY_FIRST] = share_of(rest, layer[LAYER_PAY_FIRST])
        rest -= done[OUT_PAY_FIRST]
    rest -= cut_fees(layer, caps, COUNTS_FEES_WITH_DEDUCTIBLE, rest, days, acc, done)
    allowed = rest
    done[OUT_DEDUCTIBLE] = take_deductible(layer, rest, total, days, acc, done)
    rest -= done[OUT_DEDUCTIBLE]
    if layer[LAYER_PAY_FIRST] > 0 and layer[LAYER_PAY_FIRST_AFTER] == 1:
        done[OUT_PAY_FIRST] = share_of(rest, layer[LAYER_PAY_FIRST])
        rest -= done[OUT_PAY_FIRST]
    rest -= cut_fees(layer, caps, COUNTS_FEES, rest, days, acc, done)
    done[OUT_EXCESS] = rest
    fees = pay_segments(layer, segments, acc, done, segment_out)
    stop_at_caps(layer, segments, caps, days, fees, acc, done, segment_out)
    count_caps(layer, caps, allowed, acc, done)


def room(cap: Row, days: int, acc: Row) -> int:
    """What is left of a cap."""
    limit: int = cap[CAP_LIMIT]
    if cap[CAP_PER_DAY] == 1 and limit < UNLIMITED:
        limit *= max(days, 1)
    if cap[CAP_SLOT] >= 0:
        limit -= acc[cap[CAP_SLOT]]
    return max(limit, 0)


def cut_fees(layer: Row, caps: Rows, measure: int, fees: int, days: int, acc: Row, done: Row) -> int:
    """How much of `fees` lies above the caps that count fees this way."""
    allowed = fees
    for k in range(layer[LAYER_CAP_START], layer[LAYER_CAP_START] + layer[LAYER_CAP_COUNT]):
        if caps[k][CAP_MEASURE] == measure:
            left = room(caps[k], days, acc)
            if left < allowed:
                allowed = left
                done[OUT_FEES_CAP] = k + 1
    done[OUT_FEES_OVER] += fees - allowed
    return fees - allowed


def take_deductible(layer: Row, rest: int, total: int, days: int, acc: Row, done: Row) -> int:
    """The deductible taken now, and counted: what is left of the standard, within the base."""
    standard: int = layer[LAYER_STANDARD]
    if layer[LAYER_SHARE] > 0:
        share = share_of(total, layer[LAYER_SHARE])
        standard = min(max(share, layer[LAYER_SHARE_LOW]), layer[LAYER_SHARE_HIGH])
    if layer[LAYER_EVERY_DAYS] > 0 and days > 0:
        standard *= (days - 1) // layer[LAYER_EVERY_DAYS] + 1
    done[OUT_STANDARD] = standard
    slot, limit_slot = layer[LAYER_DEDUCTIBLE_SLOT], layer[LAYER_DEDUCTIBLE_LIMIT_SLOT]
    if slot >= 0:
        standard -= acc[slot]
    if limit_slot >= 0:
        standard = min(standard, layer[LAYER_DEDUCTIBLE_LIMIT] - acc[limit_slot])
    taken = max(0, min(standard, rest))
    if slot >= 0:
        acc[slot] += taken
    if limit_slot >= 0:
        acc[limit_slot] += taken
    return taken


def pay_segments(layer: Row, segments: Rows, acc: Row, done: Row, segment_out: Rows) -> int:
    """Payment before caps on payment. Returns the fees that lie in the segments: this bill's or the year's.

    Within a year the segments run over the year's total, and the payment is what is due on it less what was due
    before (累计计算、分段报销、按次结算), within 0 and this bill's excess.
    """
    excess, deductible, slot = done[OUT_EXCESS], done[OUT_DEDUCTIBLE], layer[LAYER_YEAR_SLOT]
    high: int = deductible + excess
    top_excess: int = excess
    before = 0
    if slot >= 0:
        high += acc[slot + YEAR_BASE]
        top_excess += acc[slot + YEAR_EXCESS]
        before = acc[slot + YEAR_DUE]
        if layer[LAYER_RECOMPUTED] == 1:
            before = due_before(layer, segments, acc)
    low = high - top_excess
    if layer[LAYER_REACHES_BACK] == 1:  # a yearly deductible that became smaller is smaller for the whole year
        low = min(low, done[OUT_STANDARD])
    if layer[LAYER_GROSS] == 0:
        low, high = 0, high - low
    due = due_between(layer, segments, low, high, segment_out)
    done[OUT_DUE_TOTAL], done[OUT_DUE_BEFORE] = due, before
    done[OUT_DUE] = max(0, min(due - before, excess))
    if slot >= 0:
        acc[slot + YEAR_BASE] += deductible + excess
        acc[slot + YEAR_EXCESS] += excess
        acc[slot + YEAR_DUE] += done[OUT_DUE]
    return high - low


def due_before(layer: Row, segments: Rows, acc: Row) -> int:
    """Due on the year's total before this bill, under today's segments."""
    slot = layer[LAYER_YEAR_SLOT]
    base, excess = acc[slot + YEAR_BASE], acc[slot + YEAR_EXCESS]
    low, high = (base - excess, base) if layer[LAYER_GROSS] == 1 else (0, excess)
    lower = due = 0
    for j in range(layer[LAYER_SEGMENT_START], layer[LAYER_SEGMENT_START] + layer[LAYER_SEGMENT_COUNT]):
        due += share_of(max(0, min(segments[j][0], high) - max(lower, low)), segments[j][1])
        lower = segments[j][0]
    return due


def due_between(layer: Row, segments: Rows, low: int, high: int, segment_out: Rows) -> int:
    """Σ over the segments of (part of low…high inside the segment) × its ratio, each rounded half-up once."""
    lower = due = 0
    for j in range(layer[LAYER_SEGMENT_START], layer[LAYER_SEGMENT_START] + layer[LAYER_SEGMENT_COUNT]):
        upper = segments[j][0]
        amount = max(0, min(upper, high) - max(lower, low))
        segment_out[j][0] = amount
        segment_out[j][1] = share_of(amount, segments[j][1])
        due += segment_out[j][1]
        lower = upper
    return due


def fees_reaching(layer: Row, segments: Rows, segment_out: Rows, target: int) -> int:
    """How many of the fees in the segments it takes until `target` is due (cap ÷ ratio, half-up)."""
    fees: int = 0
    for j in range(layer[LAYER_SEGMENT_START], layer[LAYER_SEGMENT_START] + layer[LAYER_SEGMENT_COUNT]):
        if segment_out[j][1] >= target and segments[j][1] > 0:
            fees += min(segment_out[j][0], divide_half_up(target * BASIS_POINTS, segments[j][1]))
            return fees
        target -= segment_out[j][1]
        fees += segment_out[j][0]
    return fees


def stop_at_caps(
    layer: Row, segments: Rows, caps: Rows, days: int, fees: int, acc: Row, done: Row, segment_out: Rows
) -> None:
    """Stop the payment at its caps, and say what lies over them by the convention of the cap that bound.

    `fees` is what lies in the segments; the fees over the cap are those beyond the point where it was reached.
    """
    excess, due = done[OUT_EXCESS], done[OUT_DUE]
    left, bound = UNLIMITED, -1
    for k in range(layer[LAYER_CAP_START], layer[LAYER_CAP_START] + layer[LAYER_CAP_COUNT]):
        if caps[k][CAP_MEASURE] == COUNTS_PAYMENT and room(caps[k], days, acc) < left:
            left, bound = room(caps[k], days, acc), k
    done[OUT_PAYMENT_LEFT] = left
    paid = min(due, left)
    over = 0
    if paid < due:
        done[OUT_PAYMENT_CAP] = bound + 1
        over = due - paid
        if caps[bound][CAP_OVERFLOW] == OVERFLOW_FEES:
            reached = fees_reaching(layer, segments, segment_out, done[OUT_DUE_BEFORE] + paid)
            over = min(excess - paid, fees - reached)
    done[OUT_PAID], done[OUT_OVER_CAP] = paid, over + done[OUT_FEES_OVER]
    done[OUT_COPAY] = excess - paid - over


def count_caps(layer: Row, caps: Rows, allowed: int, acc: Row, done: Row) -> None:
    """Add what this bill used to each cap that is counted beyond the bill."""
    for k in range(layer[LAYER_CAP_START], layer[LAYER_CAP_START] + layer[LAYER_CAP_COUNT]):
        slot, measure = caps[k][CAP_SLOT], caps[k][CAP_MEASURE]
        if slot >= 0 and measure == COUNTS_PAYMENT:
            acc[slot] += done[OUT_PAID]
        elif slot >= 0 and measure == COUNTS_FEES:
            acc[slot] += done[OUT_EXCESS]
        elif slot >= 0:
            acc[slot] += allowed
