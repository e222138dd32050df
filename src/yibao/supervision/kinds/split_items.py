"""The parts of a set charged one by one instead of the set (分解收费, 组套拆分).

    code, item     a part of the set
    group          the set's own number, `set_item` its name
    min_parts      so many different parts on one day of a visit are the set
    set_price      price of the set in fen: only what the parts cost more is at stake; None: all of it

At stake is what is over the set's price, from the last lines backwards. Exemptions: fewer parts than the set; parts
that together cost no more than the set; what was refunded even in part; what the person pays whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds import _quantities as quantities
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Line, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class SplitItems(Point):
    """What the module says."""

    group: str = ""
    set_item: str = ""
    min_parts: int = 2
    set_price: int | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each line over the set's price, one finding for each set, visit and day."""
    hits = (hit for hit in quantities.standing(case, points) if hit[2] == hit[1].cnt)
    for (*_, key), group in quantities.grouped(hits, _group).items():
        parts = len({line.med_list_codg for _, line, _ in group})
        amount, price = sum(line.inscp_amt for _, line, _ in group), max(p.set_price or 0 for p, _, _ in group)
        over = amount - price if parts >= max(point.min_parts for point, _, _ in group) else 0
        for (point, line, _), part in quantities.from_the_last(group, over, lambda hit: hit[1].inscp_amt):
            facts: dict[str, str | int] = {
                "item": point.item, "set_item": point.set_item, "day": line.fee_ocur_time.date().isoformat(),
                "parts": parts, "amount_of_it": amount, "price": price,
            }  # fmt: skip
            yield quantities.row(point, line, key, part, line.inscp_amt, facts)


def _group(point: SplitItems, line: Line) -> tuple[str, str, str]:
    return point.rule_id, point.group, f"{line.mdtrt_id}|{point.group}|{line.fee_ocur_time.date().isoformat()}"


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    hits = quantities.standing_columns(lake.lines, points)
    hits = hits.filter(hits.left == hits.cnt)
    hits = hits.mutate(finding_key=hits.mdtrt_id + "|" + hits.group + "|" + hits.day)
    keys = ["rule_id", "finding_key"]
    groups = hits.group_by(keys).agg(
        parts=hits.med_list_codg.nunique(), amount_of_it=hits.inscp_amt.sum(),
        price=hits.set_price.fill_null(0).max(), needed=hits.min_parts.max(),
    )  # fmt: skip
    groups = groups.filter((groups.parts >= groups.needed) & (groups.amount_of_it > groups.price))
    groups = groups.mutate(over=groups.amount_of_it - groups.price)
    rows = quantities.from_the_last_columns(hits.join(groups, keys), keys, "inscp_amt")
    return rows.mutate(amount=rows.inscp_amt, part=rows.taken, whole=rows.inscp_amt)


KIND = Kind(
    name="split_items",
    title="分解收费",
    point=SplitItems,
    facts=("item", "set_item", "day", "parts", "amount_of_it", "price"),
    reason="{day}把{set_item}拆成{parts}项收费，合计{amount_of_it:yuan}，组合项目应为{price:yuan}",
    subject="visit",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="项数不足组合、合计不高于组合价的不算；已退费、全自费的明细不算",
)
