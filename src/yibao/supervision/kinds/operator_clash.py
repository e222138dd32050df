"""One operator with more operations on a day than he can do, or in two institutions (手术时间冲突).

    most             visits with operations on one day, at most; None: not looked at
    institutions     so many institutions on one day, at least; None: not looked at
    operations       beginnings of operation codes counted (ICD-9-CM-3); None for all

Several operations of one visit count once. At stake are the bills of these visits; of an operator in several
institutions those in the institutions too many, in the order of admission. A finding is an operator's day in one
institution. Exemptions: operations without operator or date; small ones when `operations` names the great ones.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from yibao.supervision.kinds import _stays
from yibao.supervision.kinds._codes import Facts, begins, begins_column
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row, Visit


@dataclass(frozen=True, kw_only=True, slots=True)
class OperatorClash(Point):
    """What the module says."""

    most: int | None = None
    institutions: int | None = None
    operations: str | None = None


FACTS = ("operator", "day", "operations", "institutions")


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One finding for each operator's day in an institution."""
    for point, operator, visit, facts in _hits(case, points):
        key = f"{operator}:{facts['day']}:{visit.fixmedins_code}"
        for row in _stays.bills_at_stake(case, [(point, key, visit, facts)]):
            yield msgspec.structs.replace(row, bilg_dr_code=operator)


def _hits(case: Case, points: Points) -> Iterator[tuple[Point, str, Visit, Facts]]:
    for point in points:
        for (operator, day), visits in _days(case, point).items():
            in_order = sorted(visits.values(), key=lambda one: (one.begntime, one.fixmedins_code))
            places = list(dict.fromkeys(one.fixmedins_code for one in in_order))
            many = point.most is not None and len(visits) > point.most
            late = places if many else places[point.institutions - 1 :] if point.institutions else []
            facts: Facts = {
                "operator": operator, "day": day.isoformat(), "operations": len(visits), "institutions": len(places),
            }  # fmt: skip
            yield from ((point, operator, visit, facts) for visit in in_order if visit.fixmedins_code in late)


def _days(case: Case, point: OperatorClash) -> dict[tuple[str, date], dict[str, Visit]]:
    """Visits with operations of an operator's day."""
    days: dict[tuple[str, date], dict[str, Visit]] = defaultdict(dict)
    for one in case.operations:
        day, visit = one.oprn_oprt_date, case.visits.get(one.mdtrt_id)
        counted = point.operations is None or begins(one.oprn_oprt_code, point.operations)
        if visit and day and one.oper_dr_code and counted and point.in_force(day):
            days[one.oper_dr_code, day][visit.mdtrt_id] = visit
    return days


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    done = lake.operations
    done = done.filter(done.oprn_oprt_date.notnull() & done.oper_dr_code.notnull() & (done.oper_dr_code != ""))
    done = done.select("mdtrt_id", "oprn_oprt_code", operator="oper_dr_code", on="oprn_oprt_date").cross_join(points)
    done = _stays.in_force(done, done.on)
    counted = done.operations.isnull() | begins_column(done.oprn_oprt_code, done.operations)
    done = done.filter(counted.fill_null(False))
    places = lake.visits.select("mdtrt_id", "fixmedins_code", "begntime")
    day = ["rule_id", "kp_id", "operator", "on"]
    visits = done.select(*day, "mdtrt_id", "most", places_of="institutions").distinct().join(places, "mdtrt_id")
    hits = _clashes(visits, day)
    on = hits.on.cast("string")
    hits = hits.mutate(key=hits.operator + ":" + on + ":" + hits.fixmedins_code, day=on)
    rows = _stays.bills_at_stake_column(lake, hits, FACTS)
    return rows.mutate(bilg_dr_code=rows.operator)


def _clashes(visits: Any, day: list[str]) -> Any:
    """Visits of an operator's day that are too many, or in the institutions too many in the order of admission."""
    import ibis

    place, of_day = ibis.window(group_by=[*day, "fixmedins_code"]), {"group_by": day}
    table = visits.mutate(admitted=visits.begntime.min().over(place))
    order = ibis.window(order_by=[table.admitted, table.fixmedins_code], **of_day)
    table = table.mutate(
        rank=ibis.dense_rank().over(order), operations=table.mdtrt_id.count().over(ibis.window(**of_day)).cast("int64")
    )
    table = table.mutate(institutions=table["rank"].max().over(ibis.window(**of_day)).cast("int64") + 1)
    many, late = table.operations > table.most, table["rank"] >= table.places_of - 1
    return table.filter(many.fill_null(False) | late.fill_null(False))


KIND = Kind(
    name="operator_clash",
    title="手术时间冲突",
    point=OperatorClash,
    facts=FACTS,
    reason="术者{operator}在{day}一天内做了{operations}例手术，涉及{institutions}家机构",
    subject="doctor",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="同一次就诊的多项手术按一例计，术者或日期空白的不算",
    item_codes=lambda point: (),
)
