"""The same fee settled twice (重复报销): one person, institution, item, second, count and price.

    within   bills: in two settlements of the person and institution whose days meet; the later ones' lines are at stake
             bill:  twice within one settlement, of the items in `code` only

The line with the smallest number stays. Exemptions: refunds take back what they refund, so a line that was refunded
and billed again is one; several of one item have a count, and services given again have another second; one
settlement's cancellation is no second settlement.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds._codes import line_row
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Bill, Case, Line, Row

SAME = ["psn_no", "fixmedins_code", "med_list_codg", "fee_ocur_time", "size", "pric"]
"""What is alike in lines that are one fee; `size` is the count without its sign."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DuplicateLine(Point):
    """What the module says."""

    within: str = "bills"


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each line that repeats another."""
    for point in points:
        if point.within == "bill":
            lines = [one for one in case.lines_of_item.get(point.code, ()) if point.in_force(one.fee_ocur_time.date())]
            for group in _alike(lines, in_bill=True):
                yield from _in_one_bill(point, group)
        else:
            meeting = _meeting(case)
            lines = [one for one in case.lines if one.setl_id in meeting]
            for group in _alike([one for one in lines if point.in_force(one.fee_ocur_time.date())], in_bill=False):
                yield from _in_two_bills(point, group)


def _alike(lines: Sequence[Line], *, in_bill: bool) -> Iterator[list[Line]]:
    groups: dict[tuple[Any, ...], list[Line]] = defaultdict(list)
    for one in lines:
        bill = one.setl_id if in_bill else ""
        key = (one.psn_no, one.fixmedins_code, one.med_list_codg, one.fee_ocur_time, abs(one.cnt), one.pric, bill)
        if one.inscp_amt != 0 and one.cnt != 0:
            groups[key].append(one)
    return (sorted(group, key=lambda one: one.bkkp_sn) for group in groups.values() if len(group) > 1)


def _net(lines: Sequence[Line]) -> tuple[int, int]:
    """How many were given, and how many are left after refunds."""
    given = sum(one.cnt > 0 for one in lines)
    return given, 2 * given - len(lines)


def _in_one_bill(point: DuplicateLine, group: list[Line]) -> Iterator[Row]:
    given, left = _net(group)
    if left < 2:
        return
    first, *others = (one for one in group if one.cnt > 0)
    facts = _facts(point, first, left)
    for one in others:
        if one.inscp_amt > 0:
            yield line_row(point, one, first.bkkp_sn, facts, left - 1, given - 1)


def _in_two_bills(point: DuplicateLine, group: list[Line]) -> Iterator[Row]:
    bills: dict[str, list[Line]] = defaultdict(list)
    for one in group:
        bills[one.setl_id].append(one)
    standing = {setl_id: lines for setl_id, lines in bills.items() if _net(lines)[1] > 0}
    if len(standing) < 2:
        return
    first = min((one for lines in standing.values() for one in lines if one.cnt > 0), key=lambda one: one.bkkp_sn)
    facts = _facts(point, first, len(standing))
    for setl_id, lines in standing.items():
        given, left = _net(lines)
        for one in lines:
            if setl_id != first.setl_id and one.cnt > 0 and one.inscp_amt > 0:
                yield line_row(point, one, first.bkkp_sn, facts, left, given)


def _facts(point: DuplicateLine, first: Line, times: int) -> dict[str, str | int]:
    return {
        "item": point.item or first.med_list_codg, "day": first.fee_ocur_time.date().isoformat(),
        "first": first.bkkp_sn, "times": times, "count": first.cnt,
    }  # fmt: skip


def _meeting(case: Case) -> set[str]:
    """Bills with another of the same person and institution whose days meet theirs."""
    places: dict[tuple[str, str], list[Bill]] = defaultdict(list)
    for one in case.bills.values():
        places[one.psn_no, one.fixmedins_code].append(one)
    return {
        one.setl_id
        for bills in places.values()
        for one in bills
        for other in bills
        if one.setl_id != other.setl_id and one.begndate <= other.enddate and other.begndate <= one.enddate
    }


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake; bills that meet are found first, so that only their lines are compared."""
    import ibis

    lines = lake.lines.filter((lake.lines.inscp_amt != 0) & (lake.lines.cnt != 0))
    lines = lines.mutate(size=lines.cnt.abs(), sign=ibis.ifelse(lines.cnt > 0, 1, -1).cast("int64"))
    inside = points.filter(points.within == "bill")
    across = points.filter(points.within == "bills").drop("code").mutate(code=ibis.literal(""))
    one_bill = _repeated(lines.join(inside, lines.med_list_codg == inside.code), ["setl_id"])
    two_bills = _twice_settled(lines.semi_join(_meeting_column(lake), "setl_id").cross_join(across))
    rows = one_bill.union(two_bills)
    item = ibis.ifelse(rows.item == "", rows.med_list_codg, rows.item)
    return rows.mutate(
        finding_key=rows["first"], amount=rows.inscp_amt, item=item, day=rows.fee_ocur_time.date().cast("string"),
        count=rows.cnt,
    )  # fmt: skip


def _meeting_column(lake: Any) -> Any:
    bills = lake.bills.select("setl_id", "psn_no", "fixmedins_code", "begndate", "enddate")
    other = bills.select("psn_no", "fixmedins_code", other_bill="setl_id", other_begin="begndate", other_end="enddate")
    pairs = bills.join(other, ["psn_no", "fixmedins_code"])
    meets = (pairs.begndate <= pairs.other_end) & (pairs.other_begin <= pairs.enddate)
    return pairs.filter(meets & (pairs.setl_id != pairs.other_bill)).select("setl_id").distinct()


ROWS = (
    "rule_id", "kp_id", "setl_id", "mdtrt_id", "psn_no", "fixmedins_code", "bilg_dr_code", "bkkp_sn", "inscp_amt",
    "item", "med_list_codg", "fee_ocur_time", "cnt", "first", "times", "part", "whole",
)  # fmt: skip


def _in_force(lines: Any) -> Any:
    day = lines.fee_ocur_time.date()
    return lines.filter((day >= lines.valid_from) & (day <= lines.valid_to))


def _repeated(lines: Any, more: list[str]) -> Any:
    """Lines that repeat one of the same settlement."""
    lines = _in_force(lines)
    keys = ["rule_id", "kp_id", *SAME, *more]
    groups = lines.group_by(keys).aggregate(
        given=(lines.sign > 0).sum().cast("int64"), left=lines.sign.sum().cast("int64"),
        first=lines.bkkp_sn.min(where=lines.sign > 0),
    )  # fmt: skip
    hits = lines.join(groups.filter(groups.left >= 2), keys)
    hits = hits.filter((hits.sign > 0) & (hits.inscp_amt > 0) & (hits.bkkp_sn != hits["first"]))
    return hits.mutate(times=hits.left, part=hits.left - 1, whole=hits.given - 1).select(*ROWS)


def _twice_settled(lines: Any) -> Any:
    """Lines of later settlements that repeat one of the first."""
    lines = _in_force(lines)
    keys = ["rule_id", "kp_id", *SAME]
    bills = lines.group_by([*keys, "setl_id"]).aggregate(
        given=(lines.sign > 0).sum().cast("int64"), left=lines.sign.sum().cast("int64"),
        lowest=lines.bkkp_sn.min(where=lines.sign > 0),
    )  # fmt: skip
    bills = bills.filter(bills.left > 0)
    groups = bills.group_by(keys).aggregate(times=bills.setl_id.count().cast("int64"), first=bills.lowest.min())
    later = bills.join(groups.filter(groups.times >= 2), keys)
    later = later.filter(later.lowest != later["first"])
    hits = lines.join(later, [*keys, "setl_id"])
    hits = hits.filter((hits.sign > 0) & (hits.inscp_amt > 0))
    return hits.mutate(part=hits.left, whole=hits.given).select(*ROWS)


KIND = Kind(
    name="duplicate_line",
    title="同一费用重复结算",
    point=DuplicateLine,
    facts=("item", "day", "first", "times", "count"),
    reason="{day}的{item}（数量{count:count}）结算了{times}次，首次明细{first}",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="已退费重记的、已冲销的结算、不同时刻再次提供的不算",
    item_codes=None,
)
