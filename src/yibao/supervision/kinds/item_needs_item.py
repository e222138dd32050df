"""An item without the one it belongs to, or more of it than that allows (有加收无主项, 加收重复, 药品耗材与项目不符).

    role             "needs": the surcharge, contrast agent, consumable …; "main": what it belongs to
    group            what belongs together within the rule
    window           "visit" one visit, "day" the person's day in one institution ("needs" only)
    per_main         how many for each main item, in ten-thousandths; None: any number ("needs" only)

The items of role "needs" of one group are counted together, so are its main items, however these are paid. At stake is
all without a main item, otherwise what is over, from the last lines backwards. Exemptions: what was refunded; what the
person pays whole; any main item of the group is enough.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds import _quantities as quantities
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Line, Row

MISSING, TOO_MANY = "没有对应的主项目", "超过主项目允许的数量"
ONE = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemNeedsItem(Point):
    """What the module says."""

    role: str = "needs"
    group: str = ""
    window: str = "visit"
    per_main: int | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each line that is too much, one finding for each visit or day."""
    mains: dict[tuple[str, str, str], dict[str, int]] = defaultdict(dict)
    for point, line, left in quantities.standing(case, _of(points, "main"), insured=False):
        for window in ("visit", "day"):
            mains[point.rule_id, point.group, _bucket(window, line)][line.bkkp_sn] = left
    needs = quantities.standing(case, _of(points, "needs"))
    for key, group in quantities.grouped(needs, _group).items():
        main = sum(mains.get(key, {}).values())
        yield from _rows(key[2], group, main)


def _of(points: Points, role: str) -> Points:
    return Points([point for point in points if point.role == role])


def _bucket(window: str, line: Line) -> str:
    day = f"{line.psn_no}|{line.fixmedins_code}|{line.fee_ocur_time.date().isoformat()}"
    return line.mdtrt_id if window == "visit" else day


def _group(point: ItemNeedsItem, line: Line) -> tuple[str, str, str]:
    return point.rule_id, point.group, _bucket(point.window, line)


def _rows(key: str, group: list[quantities.Hit], main: int) -> Iterator[Row]:
    count = sum(left for _, _, left in group)
    per_main = max(-1 if point.per_main is None else point.per_main for point, _, _ in group)
    allowed = main * per_main if per_main >= 0 else count * ONE
    over = count * ONE if main == 0 else count * ONE - allowed
    for (point, line, _), part in quantities.from_the_last(group, over, lambda hit: hit[2] * ONE):
        facts: dict[str, str | int] = {
            "item": point.item, "day": line.fee_ocur_time.date().isoformat(), "count": count, "mains": main,
            "why": MISSING if main == 0 else TOO_MANY,
        }  # fmt: skip
        yield quantities.row(point, line, key, part, line.cnt * ONE, facts)


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    import ibis

    keys = ["rule_id", "group", "finding_key"]
    needs = quantities.standing_columns(lake.lines, points.filter(points.role == "needs"))
    needs = needs.mutate(finding_key=_bucket_column(needs, needs.window == "visit"))
    groups = needs.group_by(keys).agg(count=needs.left.sum(), most=needs.per_main.fill_null(-1).max())
    groups = groups.left_join(_mains(lake, points, keys), keys)
    groups = groups.select(*keys, "count", "most", mains=groups.mains.fill_null(0))
    count, mains = groups["count"] * ONE, groups.mains
    over = ibis.cases((mains == 0, count), (groups.most >= 0, count - mains * groups.most), else_=0)
    groups = groups.mutate(over=over)
    hits = needs.join(groups.filter(groups.over > 0), keys)
    hits = hits.mutate(quantity=hits.left * ONE)
    rows = quantities.from_the_last_columns(hits, keys, "quantity")
    return rows.mutate(
        amount=rows.inscp_amt, part=rows.taken, whole=rows.cnt * ONE,
        why=ibis.ifelse(rows.mains == 0, MISSING, TOO_MANY),
    )  # fmt: skip


def _mains(lake: Any, points: Any, keys: list[str]) -> Any:
    mains = quantities.standing_columns(lake.lines, points.filter(points.role == "main"), insured=False)
    sides = [
        mains.select("rule_id", "group", "bkkp_sn", "left", finding_key=_bucket_column(mains, visit))
        for visit in (True, False)
    ]
    both = sides[0].union(sides[1]).distinct()
    return both.group_by(keys).agg(mains=both.left.sum())


def _bucket_column(table: Any, visit: Any) -> Any:
    import ibis

    day = table.psn_no + "|" + table.fixmedins_code + "|" + table.day
    return ibis.ifelse(visit, table.mdtrt_id, day)


KIND = Kind(
    name="item_needs_item",
    title="缺主项与加收超次",
    point=ItemNeedsItem,
    facts=("item", "day", "count", "mains", "why"),
    reason="{day}收取{item}，同组共{count:count}次，主项目{mains:count}次，{why}",
    subject="visit",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="同组任一主项目（不论支付方式）均可对应；已退费、全自费的明细不算",
)
