"""Days of a stay on end without any care (挂床住院): admitted, but not in the bed.

    care             kinds of care that are stays (`med_type` or its beginning)
    charges          charge types (`med_chrgitm_type`) that show care, separated by blanks: not bed and consultation
    empty_days       so many days on end without a line of them, at least: 3

A drug counts for the days it was given for (`prd_days`). The day of discharge needs no care. Refunded lines show none:
a day counts when its fees are above zero. At stake are the stay's bills. Exemptions: drugs for several days; the day of
discharge; stays that go on.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from yibao.supervision.kinds import _stays
from yibao.supervision.kinds._codes import Facts
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Line, Row, Visit


@dataclass(frozen=True, kw_only=True, slots=True)
class EmptyStay(Point):
    """What the module says."""

    care: str
    charges: str
    empty_days: int


FACTS = ("begin", "end", "gap_from", "gap_days")


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One finding for each stay with empty days."""
    return _stays.bills_at_stake(case, _hits(case, points))


def _hits(case: Case, points: Points) -> Iterator[tuple[Point, str, Visit, Facts]]:
    for point in points:
        for visit in _stays.of_care(case.visits.values(), point.care):
            if visit.endtime and point.in_force(visit.begntime.date()):
                lines = case.lines_of_visit.get(visit.mdtrt_id, ())
                gap_from, gap = longest_gap(visit, covered_days([x for x in lines if listed(x, point)]))
                if gap >= point.empty_days:
                    facts: Facts = {
                        "begin": visit.begntime.date().isoformat(), "end": _stays.end_of(visit).isoformat(),
                        "gap_from": gap_from.isoformat(), "gap_days": gap,
                    }  # fmt: skip
                    yield point, visit.mdtrt_id, visit, facts


def listed(line: Line, point: EmptyStay) -> bool:
    """Whether a line's charge type shows care."""
    return line.med_chrgitm_type in point.charges.split()


def covered_days(lines: list[Line]) -> dict[date, int]:
    """Days with care and for how many days it lasts, at least one."""
    fees: dict[date, int] = defaultdict(int)
    lasts: dict[date, int] = defaultdict(int)
    for one in lines:
        day = one.fee_ocur_time.date()
        fees[day] += one.det_item_fee_sumamt
        lasts[day] = max(lasts[day], one.prd_days, 1)
    return {day: lasts[day] for day in fees if fees[day] > 0}


def longest_gap(visit: Visit, covered: dict[date, int]) -> tuple[date, int]:
    """The first day and the days of the longest gap between admission and discharge; the earliest of equals."""
    begin, end = visit.begntime.date(), _stays.end_of(visit)
    until, gaps = begin, []
    for day in sorted(one for one in covered if begin <= one < end):
        gaps.append((until, (day - until).days))
        until = max(until, day + timedelta(days=covered[day]))
    gaps.append((until, (end - until).days))
    return max(gaps, key=lambda gap: (gap[1], -gap[0].toordinal()))


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    import ibis

    stays = _stays.visit_days(_stays.of_care_column(lake.visits.filter(lake.visits.endtime.notnull()), points))
    stays = _stays.in_force(stays, stays.begin).filter(lambda t: t["last"] - t.first >= t.empty_days)
    stays = stays.select("rule_id", "kp_id", "mdtrt_id", "charges", "empty_days", "begin", "end", "first", "last")
    order = ibis.window(group_by=["rule_id", "kp_id", "mdtrt_id"], order_by=["day"])
    days = _marks(stays, _covered(lake, stays))
    days = days.mutate(until=days.day + days.lasts)
    before = ibis.window(
        group_by=["rule_id", "kp_id", "mdtrt_id"], order_by=["day"], preceding=(None, 1), following=None
    )
    days = days.mutate(gap_first=days.until.max().over(before))
    days = days.mutate(gap_days=(days.day - days.gap_first).cast("int64"))
    gaps = days.filter(days.gap_days >= days.empty_days)
    order = ibis.window(group_by=["rule_id", "kp_id", "mdtrt_id"], order_by=[ibis.desc("gap_days"), "gap_first"])
    hits = gaps.mutate(place=ibis.row_number().over(order)).filter(lambda t: t.place == 0)
    from_begin = (hits.gap_first - hits.first).cast("int64")
    hits = hits.mutate(
        key=hits.mdtrt_id, gap_from=(hits.begin.cast("timestamp") + from_begin.as_interval("D")).date().cast("string"),
        begin=hits.begin.cast("string"), end=hits.end.cast("string"),
    )  # fmt: skip
    return _stays.bills_at_stake_column(lake, hits, FACTS)


def _covered(lake: Any, stays: Any) -> Any:
    """Days of stays with care: `day` as a number, and for how many days it lasts."""
    import ibis

    lines = lake.lines
    lines = lines.select(
        "mdtrt_id", "med_chrgitm_type", "det_item_fee_sumamt", "prd_days",
        day=lines.fee_ocur_time.date().epoch_days().cast("int64"),
    )  # fmt: skip
    table = lines.join(stays, "mdtrt_id")
    table = table.filter(_stays.among_column(table.med_chrgitm_type, table.charges))
    table = table.filter((table.day >= table.first) & (table.day < table["last"]))
    days = table.group_by(*stays.columns, "day").aggregate(
        lasts=ibis.greatest(table.prd_days.max(), 1).cast("int64"), fees=table.det_item_fee_sumamt.sum(),
    )  # fmt: skip
    return days.filter(days.fees > 0).drop("fees")


def _marks(stays: Any, covered: Any) -> Any:
    """The covered days, with the admission as a day that covers nothing and the discharge as the last."""
    import ibis

    zero = ibis.literal(0, "int64")
    admitted = stays.mutate(day=stays.first, lasts=zero)
    discharged = stays.mutate(day=stays["last"], lasts=zero)
    columns = [*stays.columns, "day", "lasts"]
    return covered.select(columns).union(admitted.select(columns)).union(discharged.select(columns))


KIND = Kind(
    name="empty_stay",
    title="挂床住院",
    point=EmptyStay,
    facts=FACTS,
    reason="{begin}至{end}住院期间，自{gap_from}起连续{gap_days}天没有诊疗、用药记录",
    subject="visit",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="多日用量的药品覆盖的天数、出院当日、仍在院的不算",
    item_codes=None,
)
