"""Item that the fund never pays (不予支付), like herbs of the list that are excluded alone and together.

    code   the item

Any insured fee of it is a finding. Exemptions: what the person pays whole; what was refunded.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds._codes import hits_of_items, item_lines, netted, netted_column
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class NotPayable(Point):
    """What the module says."""


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each line."""
    return netted(
        (point, line, {"item": point.item, "day": line.fee_ocur_time.date().isoformat(), "fees": line.inscp_amt}, 1, 1)
        for point, line in hits_of_items(case, points)
    )


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    hits = item_lines(lake, points)
    return netted_column(hits, day=hits.fee_ocur_time.date().cast("string"), fees=hits.inscp_amt)


KIND = Kind(
    name="not_payable",
    title="不予支付",
    point=NotPayable,
    facts=("item", "day", "fees"),
    reason="{day}的{item}不属于基金支付范围，却有{fees:yuan}纳入医保",
    subject="line",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="全自费的、已退费的不算",
)
