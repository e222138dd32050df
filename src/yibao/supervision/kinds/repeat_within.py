"""The same examination or drug again within some days, also in another institution (重复检查, 重复开药, 提前续方).

    group           items that are the same in this sense; "" the items of one `kp_id`
    within_days     again within so many days, the first day counted: 7 means that day 1 and day 8 are far enough apart
    overlap         1: instead, while the earlier supply (`prd_days`) lasts, less `within_days` of tolerance
    different       1: only another item of the group counts (two drugs of one class)
    same_visit      1: also within one visit; 0: only another visit counts (checks during a stay are usual)

At stake is the later line. Exemptions: what was refunded; what the person pays whole; checks within one visit (unless
`same_visit`); a supply that is nearly used up (`overlap`).
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds import _quantities as quantities
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class RepeatWithin(Point):
    """What the module says."""

    group: str = ""
    within_days: int = 0
    overlap: int = 0
    different: int = 0
    same_visit: int = 0


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row and finding for each line that repeats an earlier one; the latest of these is named."""
    groups: dict[tuple[str, str, str], list[quantities.Hit]] = defaultdict(list)
    for hit in quantities.standing(case, points, insured=False):
        groups[hit[0].rule_id, hit[0].group or hit[0].kp_id, hit[1].psn_no].append(hit)
    for group in groups.values():
        group.sort(key=_in_time)
        for place, hit in enumerate(group):
            if hit[1].inscp_amt > 0:
                earlier = next((one for one in reversed(group[:place]) if _repeats(hit, one)), None)
                if earlier is not None:
                    yield _row(hit, earlier)


def _in_time(hit: quantities.Hit) -> tuple[Any, ...]:
    return *quantities.in_time(hit), hit[0].kp_id


def _repeats(hit: quantities.Hit, before: quantities.Hit) -> bool:
    (point, line, _), (_, earlier, _) = hit, before
    span = max(earlier.prd_days, 1) - point.within_days if point.overlap == 1 else point.within_days
    return (
        earlier.bkkp_sn != line.bkkp_sn
        and (line.fee_ocur_time.date() - earlier.fee_ocur_time.date()).days < span
        and (point.different == 0 or earlier.med_list_codg != line.med_list_codg)
        and (point.same_visit == 1 or earlier.mdtrt_id != line.mdtrt_id)
    )


def _row(hit: quantities.Hit, before: quantities.Hit) -> Row:
    (point, line, left), (other, earlier, _) = hit, before
    day, before_day = line.fee_ocur_time.date(), earlier.fee_ocur_time.date()
    facts: dict[str, str | int] = {
        "item": point.item, "day": day.isoformat(), "earlier_item": other.item, "earlier_day": before_day.isoformat(),
        "earlier_place": earlier.fixmedins_code, "apart": (day - before_day).days,
    }  # fmt: skip
    return quantities.row(point, line, line.bkkp_sn, left, line.cnt, facts)


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake: lines of a group joined with the earlier ones of the person."""
    import ibis

    hits = quantities.standing_columns(lake.lines, points, insured=False)
    hits = hits.mutate(same=ibis.ifelse(hits.group == "", hits.kp_id, hits.group))
    keys = ["rule_id", "same", "psn_no"]
    before = hits.select(
        *keys, before_at="fee_ocur_time", before_line="bkkp_sn", before_kp="kp_id", before_number="day_number",
        before_visit="mdtrt_id", before_code="med_list_codg", earlier_item="item", earlier_day="day",
        earlier_place="fixmedins_code", supply=ibis.greatest(hits.prd_days, 1),
    )  # fmt: skip
    pairs = hits.filter(hits.inscp_amt > 0).join(before, keys)
    span = ibis.ifelse(pairs.overlap == 1, pairs.supply - pairs.within_days, pairs.within_days)
    earlier = (pairs.before_at < pairs.fee_ocur_time) | (
        (pairs.before_at == pairs.fee_ocur_time) & (pairs.before_line < pairs.bkkp_sn)
    )
    pairs = pairs.mutate(apart=pairs.day_number - pairs.before_number, span=span, is_earlier=earlier)
    pairs = pairs.filter(
        pairs.is_earlier & (pairs.apart < pairs.span)
        & ((pairs.different == 0) | (pairs.before_code != pairs.med_list_codg))
        & ((pairs.same_visit == 1) | (pairs.before_visit != pairs.mdtrt_id))
    )  # fmt: skip
    order = [pairs.before_at.desc(), pairs.before_line.desc(), pairs.before_kp.desc()]
    groups = [pairs.rule_id, pairs.kp_id, pairs.bkkp_sn]
    pairs = pairs.mutate(place=ibis.row_number().over(group_by=groups, order_by=order))
    rows = pairs.filter(pairs.place == 0)
    return rows.mutate(finding_key=rows.bkkp_sn, amount=rows.inscp_amt, part=rows.left, whole=rows.cnt)


KIND = Kind(
    name="repeat_within",
    title="短期重复",
    point=RepeatWithin,
    facts=("item", "day", "earlier_item", "earlier_day", "earlier_place", "apart"),
    reason="{day}的{item}与{earlier_day}在{earlier_place}的{earlier_item}重复，相隔{apart}天",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="同次就诊内的复查（除非规则另定）、余药将尽的续方、已退费、全自费的明细不算",
    looks_back=120,
)
