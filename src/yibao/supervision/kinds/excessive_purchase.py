"""More of a drug bought within a period than a person can use (频繁购药, 跨机构超量配取).

    code                the drug; "" for every single drug of `charge_types`
    charge_types        `med_chrgitm_type` codes separated by blanks, for points without a code
    window_days         length of the sliding window in days
    max_count           the most in ten-thousandths of the line's unit; None: not looked at
    max_supply_days     the most days of supply (sum of `prd_days`); None: not looked at
    max_times           the most days on which it was bought; None: not looked at
    min_institutions    only when bought in at least so many institutions within the window
    care                kinds of care (beginnings of `med_type`, separated by blanks) looked at; None: all

The items of one `kp_id` are one drug; without a code every drug is looked at by itself. A day is a finding when the
window that ends on it is over a limit; at stake is what was bought on that day. Exemptions: what was refunded; what the
person pays whole; stays (leave them out of `care`).
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds import _quantities as quantities
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Line, Row

BREACHES = {"max_count": "数量超过上限", "max_supply_days": "可用天数超过上限", "max_times": "购药次数超过上限"}


@dataclass(frozen=True, kw_only=True, slots=True)
class ExcessivePurchase(Point):
    """What the module says."""

    charge_types: str = ""
    window_days: int = 30
    max_count: int | None = None
    max_supply_days: int | None = None
    max_times: int | None = None
    min_institutions: int = 1
    care: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each line of a day on which a limit was passed, one finding for each such day."""
    hits = (hit for hit in quantities.standing_any(case, points) if quantities.in_care(hit[0], hit[1]))
    for key, group in quantities.grouped(hits, _group).items():
        days: dict[int, list[quantities.Hit]] = defaultdict(list)
        for hit in group:
            days[quantities.day_number(hit[1].fee_ocur_time.date())].append(hit)
        for day, of_day in days.items():
            window = max(point.window_days for point, _, _ in group)
            seen = [hit for other in days if day - window < other <= day for hit in days[other]]
            yield from _rows(key, of_day, seen)


def _group(point: ExcessivePurchase, line: Line) -> tuple[str, str, str, str]:
    return point.rule_id, point.kp_id, "" if point.code else line.med_list_codg, line.psn_no


def _rows(key: Any, of_day: list[quantities.Hit], seen: list[quantities.Hit]) -> Iterator[Row]:
    point, lines = of_day[0][0], [line for _, line, _ in seen]
    places = len({line.fixmedins_code for line in lines})
    sums = {
        "max_count": sum(left for _, _, left in seen), "max_supply_days": sum(line.prd_days for line in lines),
        "max_times": len({line.fee_ocur_time.date() for line in lines}),
    }  # fmt: skip
    limits = {name: getattr(point, name) for name in BREACHES}
    broken = next((name for name in BREACHES if limits[name] is not None and sums[name] > limits[name]), None)
    if broken is None or places < point.min_institutions:
        return
    for of_it, line, left in of_day:
        day = line.fee_ocur_time.date().isoformat()
        facts: dict[str, str | int] = {
            "item": of_it.item, "code_of_it": line.med_list_codg, "day": day, "window": point.window_days,
            "institutions": places, "times": sums["max_times"], "count": sums["max_count"],
            "supply": sums["max_supply_days"], "broken": BREACHES[broken],
        }  # fmt: skip
        yield quantities.row(of_it, line, f"{key[3]}|{key[2]}|{day}", left, line.cnt, facts)


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake: persons whose whole year is over a limit first, then the windows of their days."""

    keys = ["rule_id", "kp_id", "drug", "psn_no"]
    lines = lake.lines.mutate(who=lake.lines.psn_no.hash(), what=lake.lines.med_list_codg.hash())
    lines = lines.semi_join(_likely(lake, points), ["who", "what"])
    hits = quantities.still_standing(_purchases(lines, lake, points), lake.lines)
    days = hits.group_by([*keys, "day_number", "fixmedins_code"]).agg(
        count=hits.left.sum(), supply=hits.prd_days.sum(), **_limits(hits), window_days=hits.window_days.max(),
    )  # fmt: skip
    hits = hits.join(_days_over(days, keys), [*keys, "day_number"])
    return hits.mutate(
        finding_key=hits.psn_no + "|" + hits.drug + "|" + hits.day, amount=hits.inscp_amt, part=hits.left,
        whole=hits.cnt, code_of_it=hits.med_list_codg, window=hits.window_days,
    )  # fmt: skip


def _purchases(lines: Any, lake: Any, points: Any) -> Any:
    """Lines with their points; `drug` is empty where the items of a point are one drug."""
    import ibis

    hits = quantities.any_points(lines, points, lake.lines)
    return hits.mutate(drug=ibis.ifelse(hits.code == "", hits.med_list_codg, ""))


def _likely(lake: Any, points: Any) -> Any:
    """Persons and items whose whole time is over a limit, before refunds: texts as hashes, which cost less memory."""
    hits = _purchases(lake.lines, lake, points)
    hits = hits.mutate(
        who=hits.psn_no.hash(), what=hits.drug.hash(), place=hits.fixmedins_code.hash(),
        drug_known=(hits.code != "").cast("int64"),
    )  # fmt: skip
    hits = hits.join(_places(lake), "who")
    hits = hits.filter(hits.places >= hits.min_institutions)
    whole = hits.group_by(["rule_id", "kp_id", "drug_known", "what", "who"]).agg(
        count=hits.cnt.sum(), supply=hits.prd_days.sum(), times=hits.count(), least=hits.place.min(),
        most=hits.place.max(),
    )  # fmt: skip
    limits = points.group_by(["rule_id", "kp_id"]).agg(**_limits(points))
    whole = whole.join(limits, ["rule_id", "kp_id"])
    several = (whole.min_institutions < 2) | (whole.least != whole.most)
    over = whole.filter(several & (_broken(whole) != ""))
    coded = points.filter(points.code != "").select("rule_id", "kp_id", what=points.code.hash())
    known = over.filter(over.drug_known == 1).select("rule_id", "kp_id", "who").join(coded, ["rule_id", "kp_id"])
    return over.filter(over.drug_known == 0).select("who", "what").union(known.select("who", "what")).distinct()


def _places(lake: Any) -> Any:
    """In how many institutions a person was at all."""
    visits = lake.visits.select(who=lake.visits.psn_no.hash(), fixmedins_code="fixmedins_code")
    return visits.group_by("who").agg(places=visits.fixmedins_code.nunique())


def _limits(hits: Any) -> dict[str, Any]:
    return {name: hits[name].max() for name in (*BREACHES, "min_institutions")}


def _broken(sums: Any) -> Any:
    import ibis

    names = {"max_count": "count", "max_supply_days": "supply", "max_times": "times"}
    over = ((sums[names[one]] > sums[one]).fill_null(False) for one in BREACHES)
    return ibis.cases(*zip(over, BREACHES.values(), strict=True), else_="")


def _days_over(days: Any, keys: list[str]) -> Any:
    """Days on which the window that ends there is over a limit, with its sums."""
    last = days.select(*keys, "day_number", "window_days", *BREACHES, "min_institutions").distinct()
    seen = days.select(
        *keys, seen_day="day_number", seen_place="fixmedins_code", seen_count="count", seen_supply="supply"
    )
    pairs = last.join(seen, keys)
    pairs = pairs.filter((pairs.seen_day <= pairs.day_number) & (pairs.seen_day > pairs.day_number - pairs.window_days))
    sums = pairs.group_by([*keys, "day_number"]).agg(
        count=pairs.seen_count.sum(), supply=pairs.seen_supply.sum(), times=pairs.seen_day.nunique(),
        institutions=pairs.seen_place.nunique(), **_limits(pairs),
    )  # fmt: skip
    sums = sums.mutate(broken=_broken(sums))
    sums = sums.filter((sums.broken != "") & (sums.institutions >= sums.min_institutions))
    return sums.drop(*BREACHES, "min_institutions")


KIND = Kind(
    name="excessive_purchase",
    title="超量购药",
    point=ExcessivePurchase,
    facts=("item", "code_of_it", "day", "window", "institutions", "times", "count", "supply", "broken"),
    reason="截至{day}的{window}天内在{institutions}家机构{times}次购{item}（{code_of_it}），"
    "共{count:count}、可用{supply}天，{broken}",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="退费冲减后计；全自费的明细不算；住院用药按就医方式排除",
    looks_back=180,
    item_codes=None,
)
