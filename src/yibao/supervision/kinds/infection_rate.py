"""Rate of infections got in hospital (院内感染发生率).

Stays with a secondary diagnosis of the list that was not there on admission ÷ all stays of an institution and month of
settlement, in basis points.

    diagnoses       beginnings of diagnoses, separated by blanks
    acquired        `adm_cond_type` that says "not there on admission", separated by blanks ("4")
    limit           basis points of the rate that must be passed
    least_stays     stays that an institution needs to be looked at

Exemptions: infections the person came with; small institutions. Nothing is staked.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from yibao.supervision.kinds._codes import begins, begins_column, listed, listed_column
from yibao.supervision.kinds._peers import (
    institution_row,
    month_text,
    settled_stays,
    settled_stays_column,
    shares_over_limit,
)
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row, Visit


@dataclass(frozen=True, kw_only=True, slots=True)
class InfectionRate(Point):
    """What the module says."""

    diagnoses: str
    acquired: str
    limit: int
    least_stays: int


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each institution and month over the limit."""
    stays = settled_stays(case)
    for point in points:
        infected: dict[tuple[str, date], list[bool]] = defaultdict(list)
        for one in stays:
            infected[one.visit.fixmedins_code, one.month].append(_infected(case, point, one.visit))
        for (code, month), all_of in infected.items():
            rate = sum(all_of) * 10_000 // len(all_of)
            if len(all_of) >= point.least_stays and rate > point.limit and point.in_force(month):
                facts: dict[str, str | int] = {
                    "month": month_text(month), "stays": len(all_of), "infected": sum(all_of), "rate": rate,
                    "limit": point.limit,
                }  # fmt: skip
                yield institution_row(point, f"{code}|{month_text(month)}", code, facts)


def _infected(case: Case, point: InfectionRate, visit: Visit) -> bool:
    secondary = (one for one in case.diagnoses_of_visit.get(visit.mdtrt_id, ()) if one.maindiag_flag != "1")
    return any(
        begins(one.diag_code, point.diagnoses) and listed(one.adm_cond_type, point.acquired) for one in secondary
    )


OF_POINT = ("rule_id", "kp_id", "limit", "least_stays", "valid_from", "valid_to")


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    import ibis

    stays = settled_stays_column(lake).select("mdtrt_id", "fixmedins_code", "month")
    secondary = lake.diagnoses.filter(lake.diagnoses.maindiag_flag != "1")
    secondary = secondary.select("mdtrt_id", "diag_code", "adm_cond_type").cross_join(points)
    secondary = secondary.filter(
        begins_column(secondary.diag_code, secondary.diagnoses).fill_null(False)
        & listed_column(secondary.adm_cond_type, secondary.acquired).fill_null(False)
    )
    infected = secondary.select("rule_id", "kp_id", "mdtrt_id").distinct().mutate(infected=ibis.literal(1, "int64"))
    table = stays.cross_join(points.select(*OF_POINT)).left_join(infected, ("rule_id", "kp_id", "mdtrt_id"))
    table = table.mutate(infected=table.infected.fill_null(0))
    sums = table.group_by(*OF_POINT, "fixmedins_code", "month").aggregate(
        stays=table.count(), infected=table.infected.sum().cast("int64")
    )
    return shares_over_limit(sums, "infected", "rate")


KIND = Kind(
    name="infection_rate",
    title="院内感染发生率",
    point=InfectionRate,
    facts=("month", "stays", "infected", "rate", "limit"),
    reason="{month}结算的{stays}人次住院中{infected}人次有入院时没有的感染诊断，发生率{rate:percent}，"
    "上限{limit:percent}",
    subject="institution",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="入院时已有的感染、住院人次少的机构不算",
    item_codes=lambda point: (),
)
