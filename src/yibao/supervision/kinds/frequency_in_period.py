"""More of an item within any run of days than may be charged (周期超频次, 评定间隔).

    max_count      the most in ten-thousandths within the window
    window_days    length of the sliding window in days: 14 means that day 1 and day 15 are far enough apart
    across         1: counted over all institutions; 0: each institution for itself

The items of one `kp_id` are counted together. A day is a finding when the window that ends on it holds too much; at
stake is what is over, at most what the day itself has, from its last lines backwards. Exemptions: what was refunded;
what the person pays whole.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds import _quantities as quantities
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Line, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class FrequencyInPeriod(Point):
    """What the module says."""

    max_count: int = 10_000
    window_days: int = 1
    across: int = 1


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each line that is too much, one finding for each day."""
    groups = quantities.grouped(quantities.standing(case, points), _group)
    for key, group in groups.items():
        limit, window = max(one.max_count for one, _, _ in group), max(one.window_days for one, _, _ in group)
        days: dict[int, list[quantities.Hit]] = defaultdict(list)
        for hit in group:
            days[quantities.day_number(hit[1].fee_ocur_time.date())].append(hit)
        counts = {day: sum(left for _, _, left in hits) for day, hits in days.items()}
        for day, hits in days.items():
            count = sum(counts[other] for other in counts if day - window < other <= day)
            yield from _rows(key, hits, count, limit, window)


def _group(point: FrequencyInPeriod, line: Line) -> tuple[str, str, str, str]:
    return point.rule_id, point.kp_id, line.psn_no, "" if point.across == 1 else line.fixmedins_code


def _rows(key: Any, hits: list[quantities.Hit], count: int, limit: int, window: int) -> Iterator[Row]:
    for (point, line, _), part in quantities.from_the_last(hits, count - limit, lambda hit: hit[2]):
        day = line.fee_ocur_time.date().isoformat()
        facts: dict[str, str | int] = {
            "item": point.item, "day": day, "count": count, "limit": limit, "window": window,
        }  # fmt: skip
        yield quantities.row(point, line, f"{key[2]}|{key[3]}|{day}", part, line.cnt, facts)


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake: totals of days, days joined with the days before them."""
    import ibis

    hits = quantities.standing_columns(lake.lines, points)
    hits = hits.mutate(place=ibis.ifelse(hits.across == 1, "", hits.fixmedins_code))
    keys = ["rule_id", "kp_id", "psn_no", "place"]
    persons = hits.group_by(keys).agg(
        limit=hits.max_count.max(), window=hits.window_days.max(), all_of_it=hits.left.sum()
    )
    persons = persons.filter(persons.all_of_it > persons["limit"]).drop("all_of_it")
    hits = hits.join(persons, keys)
    days = hits.group_by([*keys, "day_number", "limit", "window"]).agg(of_day=hits.left.sum())
    earlier = days.select(*keys, other_day=days.day_number, of_other=days.of_day)
    pairs = days.join(earlier, keys)
    pairs = pairs.filter((pairs.other_day <= pairs.day_number) & (pairs.other_day > pairs.day_number - pairs["window"]))
    totals = pairs.group_by([*keys, "day_number", "limit"]).agg(count=pairs.of_other.sum())
    totals = totals.filter(totals["count"] > totals["limit"])
    totals = totals.mutate(over=totals["count"] - totals["limit"]).drop("limit")
    rows = quantities.from_the_last_columns(hits.join(totals, [*keys, "day_number"]), [*keys, "day_number"], "left")
    return rows.mutate(
        finding_key=rows.psn_no + "|" + rows.place + "|" + rows.day, amount=rows.inscp_amt, part=rows.taken,
        whole=rows.cnt,
    )  # fmt: skip


KIND = Kind(
    name="frequency_in_period",
    title="周期超频次",
    point=FrequencyInPeriod,
    facts=("item", "day", "count", "limit", "window"),
    reason="截至{day}的{window}天内{item}计费{count:count}次，超过上限{limit:count}次",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="退费冲减后的数量计；全自费的明细不算",
    looks_back=90,
)
