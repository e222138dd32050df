"""Price over the limit (超限价): of the price list by level, or over the price won in central purchase (中选价).

    code     the item
    limit    millionths of a yuan for one, from `valid_from` to `valid_to`
    levels   levels of institutions the limit is for, separated by blanks ("3"); None all

At stake is the part of the insured fees over the limit: (price - limit) ÷ price. Exemptions: at the limit exactly; what
the settlement has already taken off (`overlmt_selfpay`: then the price that reached the fund is the limit of payment
`pric_uplmt_amt`); what was refunded.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds._codes import hits_of_items, item_lines, listed, listed_column, netted, netted_column
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Line, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceOverLimit(Point):
    """What the module says."""

    limit: int = 0
    levels: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each line over its limit."""
    return netted(
        (point, line, _facts(point, line, price), price - point.limit, price)
        for point, line in hits_of_items(case, points)
        if (price := insured_price(line)) > point.limit
        and (point.levels is None or listed(case.visits[line.mdtrt_id].hosp_lv, point.levels))
    )


def insured_price(line: Line) -> int:
    """The price that the insured fees were reckoned with, millionths of a yuan."""
    if line.overlmt_selfpay > 0 and line.pric_uplmt_amt is not None:
        return min(line.pric, line.pric_uplmt_amt)
    return line.pric


def _facts(point: PriceOverLimit, line: Line, price: int) -> dict[str, str | int]:
    day = line.fee_ocur_time.date().isoformat()
    return {"item": point.item, "day": day, "price": price, "limit": point.limit, "count": line.cnt}


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    import ibis

    lines = item_lines(lake, points)
    limited = (lines.overlmt_selfpay > 0) & (lines.pric_uplmt_amt < lines.pric)
    lines = lines.mutate(price=ibis.ifelse(limited.fill_null(False), lines.pric_uplmt_amt, lines.pric))
    lines = lines.filter(lines.price > lines["limit"])
    both = lines.join(lake.visits.select("mdtrt_id", "hosp_lv"), "mdtrt_id")
    hits = both.filter(both.levels.isnull() | listed_column(both.hosp_lv, both.levels))
    over = (hits.price - hits["limit"]).cast("int64")
    return netted_column(
        hits, part=over, whole=hits.price, day=hits.fee_ocur_time.date().cast("string"), count=hits.cnt
    )


KIND = Kind(
    name="price_over_limit",
    title="超限价收费",
    point=PriceOverLimit,
    facts=("item", "day", "price", "limit", "count"),
    reason="{day}的{item}单价{price:price}，高于限价{limit:price}，数量{count:count}",
    subject="line",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="结算时已按支付上限扣除的部分、已退费的不算",
)
