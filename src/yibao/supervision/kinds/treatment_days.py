"""Longer treated with an item than the fund pays for (限支付疗程).

    max_days    the most days of treatment
    period      "visit" one visit or stay, "year" the calendar year, "course" from the first use on
    gap_days    a course ends when more than so many days lie between the end of one supply and the next use; None:
                never

A day of use counts the longest supply (`prd_days`, at least 1) given on it. The items of one `kp_id` count together. At
stake is the share of each day's supply that lies beyond the limit. Exemptions: what was refunded; what the person pays
whole; a new course after the gap.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds import _quantities as quantities
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Line, Row

PERIODS = {"visit": "本次就诊", "year": "本年度", "course": "本疗程"}
NEVER = 1_000_000
"""Days that no gap reaches."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TreatmentDays(Point):
    """What the module says."""

    max_days: int = 0
    period: str = "course"
    gap_days: int | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each line of a day beyond the limit, one finding for each visit, year or course."""
    groups = quantities.grouped(quantities.standing(case, points), _group)
    for (*_, key), group in groups.items():
        limit = max(point.max_days for point, _, _ in group)
        gap = max(NEVER if point.gap_days is None else point.gap_days for point, _, _ in group)
        days: dict[int, list[quantities.Hit]] = defaultdict(list)
        for hit in group:
            days[quantities.day_number(hit[1].fee_ocur_time.date())].append(hit)
        used, end, course = 0, None, 0
        for day in sorted(days):
            supply = max(max(line.prd_days, 1) for _, line, _ in days[day])
            if end is not None and group[0][0].period == "course" and day - end > gap:
                used, course = 0, course + 1
            used, end = used + supply, day + supply
            over = min(used - limit, supply)
            if over > 0:
                yield from (_row(hit, f"{key}|{course}", used, limit, over, supply) for hit in days[day])


def _group(point: TreatmentDays, line: Line) -> tuple[str, str, str]:
    period = {
        "visit": line.mdtrt_id, "year": f"{line.psn_no}|{line.fee_ocur_time.year}", "course": line.psn_no,
    }[point.period]  # fmt: skip
    return point.rule_id, point.kp_id, period


def _row(hit: quantities.Hit, key: str, used: int, limit: int, over: int, supply: int) -> Row:
    point, line, left = hit
    facts: dict[str, str | int] = {
        "item": point.item, "day": line.fee_ocur_time.date().isoformat(), "period": PERIODS[point.period],
        "days": used, "limit": limit,
    }  # fmt: skip
    return quantities.row(point, line, key, over * left, supply * line.cnt, facts)


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake: days of use, their courses, the running sum."""
    import ibis

    hits = quantities.standing_columns(lake.lines, points)
    hits = hits.mutate(key=ibis.cases(
        (hits.period == "visit", hits.mdtrt_id),
        (hits.period == "year", hits.psn_no + "|" + hits.fee_ocur_time.year().cast("string")),
        else_=hits.psn_no,
    ))  # fmt: skip
    keys = ["rule_id", "kp_id", "key"]
    days = hits.group_by([*keys, "period", "day_number"]).agg(
        supply=ibis.greatest(hits.prd_days, 1).max(), most=hits.max_days.max(),
        break_at=hits.gap_days.fill_null(NEVER).max(),
    )  # fmt: skip
    days = _used(days, keys)
    over = days.filter(days.used > days.most).select(
        *keys, "day_number", "supply", "most", "used", "course",
        over=lambda t: ibis.least(t.used - t.most, t.supply),
    )  # fmt: skip
    rows = hits.join(over, [*keys, "day_number"])
    titles = ibis.cases(*((rows.period == name, title) for name, title in PERIODS.items()), else_="")
    return rows.select(
        "rule_id", "kp_id", "setl_id", "mdtrt_id", "psn_no", "fixmedins_code", "bilg_dr_code", "bkkp_sn", "item", "day",
        finding_key=rows.key + "|" + rows.course.cast("string"), amount=rows.inscp_amt, part=rows.over * rows.left,
        whole=rows.supply * rows.cnt, period=titles, days=rows.used, limit=rows.most,
    )  # fmt: skip


def _used(days: Any, keys: list[str]) -> Any:
    import ibis

    groups = [days[name] for name in keys]
    whole = ibis.window(group_by=groups)
    days = days.mutate(
        most=days.most.max().over(whole), break_at=days.break_at.max().over(whole),
        end=(days.day_number + days.supply).lag().over(group_by=groups, order_by=days.day_number),
    )  # fmt: skip
    apart = (days.period == "course") & (days.day_number - days.end > days.break_at)
    days = days.mutate(new=apart.fill_null(False).cast("int64"))
    groups = [days[name] for name in keys]
    days = days.mutate(course=days.new.sum().over(group_by=groups, order_by=days.day_number, rows=(None, 0)))
    groups = [*(days[name] for name in keys), days.course]
    return days.mutate(used=days.supply.sum().over(group_by=groups, order_by=days.day_number, rows=(None, 0)))


KIND = Kind(
    name="treatment_days",
    title="限支付疗程",
    point=TreatmentDays,
    facts=("item", "day", "period", "days", "limit"),
    reason="至{day}，{item}在{period}累计使用{days}天，超过支付疗程{limit}天",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="退费冲减后计；全自费的明细不算；间隔足够后的新疗程另计",
    looks_back=365,
)
