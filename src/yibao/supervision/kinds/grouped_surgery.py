"""Further operations through the same opening charged at full price (同组手术未折价).

    group              name of the group of operations (胃肠手术组 …)
    ratio              what a further operation may cost of its full price, in basis points
    full_price         the full price in millionths of a yuan; None: the line's own price limit (`pric_uplmt_amt`)

Of the operations of one group in one visit on one day the dearest (by full price) is the main one; every other item
may cost its share of the full price, whether by a lower price or by a count below one. At stake is what is beyond.
Exemptions: the same item twice or a count above one (both sides of the body); lines without a known full price; what
was refunded even in part; what the person pays whole; operations on different days.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds import _quantities as quantities
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Line, Row

SCALE = 100_000_000
"""Fen × this = millionths of a yuan × basis points."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupedSurgery(Point):
    """What the module says."""

    group: str = ""
    ratio: int = 5_000
    full_price: int | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row and finding for each further operation without discount."""
    hits = (hit for hit in quantities.standing(case, points) if hit[2] == hit[1].cnt and _full(hit) is not None)
    for group in quantities.grouped(hits, _group).values():
        point, main, _ = min(group, key=lambda hit: (-(_full(hit) or 0), *quantities.in_time(hit), hit[0].kp_id))
        for hit in group:
            if hit[1].med_list_codg != main.med_list_codg and hit[1].cnt <= 10_000:
                yield from _rows(hit, point.item)


def _full(hit: quantities.Hit) -> int | None:
    full: int | None = hit[0].full_price if hit[0].full_price is not None else hit[1].pric_uplmt_amt
    return full


def _group(point: GroupedSurgery, line: Line) -> tuple[str, str, str, str]:
    return point.rule_id, point.group, line.mdtrt_id, line.fee_ocur_time.date().isoformat()


def _rows(hit: quantities.Hit, main: str) -> Iterator[Row]:
    point, line, _ = hit
    whole = line.det_item_fee_sumamt * SCALE
    part = whole - (_full(hit) or 0) * point.ratio
    if part > 0:
        facts: dict[str, str | int] = {
            "item": point.item, "main": main, "group": point.group, "day": line.fee_ocur_time.date().isoformat(),
            "fees": line.det_item_fee_sumamt, "ratio": point.ratio,
        }  # fmt: skip
        yield quantities.row(point, line, line.bkkp_sn, part, whole, facts)


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    import ibis

    hits = quantities.standing_columns(lake.lines, points)
    hits = hits.mutate(full=ibis.coalesce(hits.full_price, hits.pric_uplmt_amt))
    hits = hits.filter((hits.left == hits.cnt) & hits.full.notnull())
    keys = ["rule_id", "group", "mdtrt_id", "day"]
    order = [hits.full.desc(), hits.fee_ocur_time, hits.bkkp_sn, hits.kp_id]
    hits = hits.mutate(place=ibis.row_number().over(group_by=[hits[name] for name in keys], order_by=order))
    mains = hits.filter(hits.place == 0).select(*keys, main_code="med_list_codg", main="item")
    both = hits.join(mains, keys)
    both = both.mutate(whole=both.det_item_fee_sumamt * SCALE)
    both = both.mutate(part=both.whole - both.full * both.ratio)
    rows = both.filter((both.med_list_codg != both.main_code) & (both.cnt <= 10_000) & (both.part > 0))
    return rows.mutate(finding_key=rows.bkkp_sn, amount=rows.inscp_amt, fees=rows.det_item_fee_sumamt)


KIND = Kind(
    name="grouped_surgery",
    title="手术未折价",
    point=GroupedSurgery,
    facts=("item", "main", "group", "day", "fees", "ratio"),
    reason="{day}{group}内主手术为{main}，同切口的{item}应按全价的{ratio:count}倍收费，实收{fees:yuan}",
    subject="visit",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="同一项目两次或数量大于1（双侧）的不算；无全价可比的不算；已退费、全自费的明细不算",
)
