"""One doctor orders one item for many persons within a minute (医师同分钟多处方).

    code             an item of high value; items with the same `kp_id` count together
    persons          so many persons within one minute of the clock, at least

At stake are all those lines, less refunds; a finding is the doctor's minute in one institution. Exemptions: lines
without a doctor (a data fault, line_faults looks at it); an item refunded whole.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds._codes import Facts, Hit, hits_of_items, item_lines, netted, netted_column
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Line, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class SameMinute(Point):
    """What the module says."""

    persons: int


FACTS = ("doctor", "minute", "persons", "item")


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One finding for each doctor's minute."""
    return netted(_hits(case, points), key=_key)


def _hits(case: Case, points: Points) -> Iterator[Hit]:
    minutes: dict[tuple[str, str, str], list[tuple[SameMinute, Line]]] = defaultdict(list)
    kept: dict[tuple[str, str, str], int] = defaultdict(int)
    hits = list(hits_of_items(case, points))
    for point, line in hits:
        kept[point.rule_id, point.kp_id, line.mdtrt_id] += line.cnt
    for point, line in hits:
        if line.bilg_dr_code and kept[point.rule_id, point.kp_id, line.mdtrt_id] > 0:
            minutes[point.rule_id, point.kp_id, _key(point, line)].append((point, line))
    for group in minutes.values():
        persons = len({line.psn_no for _, line in group if line.cnt > 0})
        for point, line in group if persons >= group[0][0].persons else ():
            minute = f"{line.fee_ocur_time:%Y-%m-%d %H:%M}"
            facts: Facts = {"doctor": line.bilg_dr_code, "minute": minute, "persons": persons, "item": point.item}
            yield point, line, facts, 1, 1


def _key(point: Point, line: Line) -> str:
    return f"{line.fixmedins_code}:{line.bilg_dr_code}:{line.fee_ocur_time:%Y-%m-%d %H:%M}"


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    import ibis

    table = item_lines(lake, points).rename(needed="persons")
    visit = ["rule_id", "kp_id", "mdtrt_id"]
    kept = table.group_by(visit).aggregate(left=table.cnt.sum()).filter(lambda t: t.left > 0)
    table = table.filter(table.bilg_dr_code != "").semi_join(kept, visit)
    table = table.mutate(minute=table.fee_ocur_time.strftime("%Y-%m-%d %H:%M"))
    group = ["rule_id", "kp_id", "fixmedins_code", "bilg_dr_code", "minute"]
    given = ibis.ifelse(table.cnt > 0, table.psn_no, ibis.null("string"))
    many = table.group_by(*group, "needed").aggregate(persons=given.nunique().cast("int64"))
    many = many.filter(many.persons >= many.needed).drop("needed")
    hits = table.join(many, group)
    key = hits.fixmedins_code + ":" + hits.bilg_dr_code + ":" + hits.minute
    return netted_column(hits, key=key, doctor=hits.bilg_dr_code)


KIND = Kind(
    name="same_minute",
    title="医师同分钟多处方",
    point=SameMinute,
    facts=FACTS,
    reason="医师{doctor}在{minute}这一分钟内为{persons}人开具{item}",
    subject="doctor",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="医师空白、已退费的不算",
)
