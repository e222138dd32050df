"""Many persons with the same diagnosis, items and amount on one day (就诊雷同).

    care             kinds of care looked at (`med_type` or its beginning)
    persons          so many persons, at least
    items            so many different items in each bill, at least
    amount_from      fen: smaller bills are not looked at
    exempt           beginnings of diagnoses that are not looked at (check-ups, vaccinations)

At stake are all those bills; a finding is one such group of an institution's day. Exemptions: small bills and bills of
few items (a registration, one chronic drug).
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds import _stays
from yibao.supervision.kinds._codes import Facts, begins
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Bill, Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class AlikeBills(Point):
    """What the module says."""

    care: str
    persons: int
    items: int
    amount_from: int
    exempt: str | None = None


FACTS = ("day", "persons", "diagnosis", "items", "fees")
Key = tuple[str, str, str, int, tuple[str, ...]]
"""Institution, day, diagnosis, fees and items of bills that are alike."""


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One finding for each group of bills that are alike."""
    return _stays.these_bills(case, _hits(case, points))


def _hits(case: Case, points: Points) -> Iterator[tuple[Point, str, Bill, Facts]]:
    for point in points:
        for (place, day, diagnosis, fees, items), bills in _groups(case, point).items():
            persons = len({one.psn_no for one in bills})
            if persons >= point.persons and len(items) >= point.items:
                facts: Facts = {
                    "day": day, "persons": persons, "diagnosis": diagnosis, "items": len(items), "fees": fees,
                }  # fmt: skip
                key = f"{place}:{day}:{min(one.setl_id for one in bills)}"
                yield from ((point, key, one, facts) for one in bills)


def _groups(case: Case, point: AlikeBills) -> dict[Key, list[Bill]]:
    items: dict[str, set[str]] = defaultdict(set)
    for line in case.lines:
        items[line.setl_id].add(line.med_list_codg)
    groups: dict[Key, list[Bill]] = defaultdict(list)
    for one in _stays.of_care(case.bills.values(), point.care):
        visit, day = case.visits.get(one.mdtrt_id), one.setl_time.date()
        diagnosis = visit.dscg_maindiag_code if visit else ""
        looked_at = diagnosis and not begins(diagnosis, point.exempt) and point.in_force(day)
        if looked_at and one.medfee_sumamt >= point.amount_from:
            codes = tuple(sorted(items.get(one.setl_id, ())))
            groups[one.fixmedins_code, day.isoformat(), diagnosis, one.medfee_sumamt, codes].append(one)
    return groups


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake: items are compared of bills whose day, diagnosis and amount already agree."""
    bills = _candidates(lake, points)
    of_bill = lake.lines.select("setl_id", "med_list_codg").semi_join(bills, "setl_id").distinct()
    codes = of_bill.med_list_codg
    listed = of_bill.group_by("setl_id").aggregate(
        items=codes.count().cast("int64"), signature=codes.collect().sort().join(" ")
    )
    table = bills.join(listed, "setl_id")
    table = table.filter(table["items"] >= table.items_needed)
    group = ["rule_id", "kp_id", "fixmedins_code", "on", "diagnosis", "fees", "signature"]
    alike = table.group_by(*group, "needed").aggregate(
        persons=table.psn_no.nunique().cast("int64"), first=table.setl_id.min()
    )
    hits = table.join(alike.filter(alike.persons >= alike.needed).drop("needed"), group)
    day = hits.on.cast("string")
    hits = hits.mutate(key=hits.fixmedins_code + ":" + day + ":" + hits["first"], day=day)
    return _stays.these_bills_column(lake, hits, FACTS)


def _candidates(lake: Any, points: Any) -> Any:
    """Bills of which persons enough have the same institution, day, diagnosis and amount."""
    bills = _stays.of_care_column(lake.bills, points)
    bills = bills.mutate(on=bills.setl_time.date())
    bills = _stays.in_force(bills, bills.on).filter(lambda t: t.medfee_sumamt >= t.amount_from)
    visits = lake.visits.select("mdtrt_id", diagnosis="dscg_maindiag_code")
    bills = bills.select(
        "rule_id", "kp_id", "setl_id", "mdtrt_id", "psn_no", "fixmedins_code", "on", needed="persons",
        items_needed="items", fees="medfee_sumamt",
    ).join(visits, "mdtrt_id")  # fmt: skip
    bills = bills.filter(bills.diagnosis.notnull() & (bills.diagnosis != ""))
    group = ["rule_id", "kp_id", "fixmedins_code", "on", "diagnosis", "fees"]
    many = bills.group_by(*group, "needed").aggregate(persons=bills.psn_no.nunique())
    bills = bills.semi_join(many.filter(many.persons >= many.needed), group)
    return _stays.without_column(bills, points, "diagnosis")


KIND = Kind(
    name="alike_bills",
    title="就诊雷同",
    point=AlikeBills,
    facts=FACTS,
    reason="{day}本机构有{persons}人诊断同为{diagnosis}、{items}个项目相同、金额同为{fees:yuan}",
    subject="institution",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="小额、项目少、列明诊断（体检、接种等）的不算",
    item_codes=None,
)
