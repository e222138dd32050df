"""A drug paid only after another was tried, or only with a test result (限二线使用, 靶向药无检测).

    role              "needs": the drug that is looked at; "proof": the first-line drug, or the test, of the same group
    group             what belongs together within the rule
    look_back_days    the proof must lie in so many days before the line, its day included ("needs" only)

The proof counts however it was paid and in whichever institution. Exemptions: what was refunded; what the person pays
whole. Where the lake begins less than `look_back_days` before a line, give the point a later `valid_from`: what
is not in the lake cannot be seen. Intolerance of the first drug cannot be seen either: the rule is a suspicion.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds import _quantities as quantities
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Line, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class SecondLineFirst(Point):
    """What the module says."""

    role: str = "needs"
    group: str = ""
    look_back_days: int = 365


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row and finding for each line without proof."""
    proofs: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for point, line, _ in quantities.standing(case, _of(points, "proof"), insured=False):
        proofs[_group(point, line)].append(quantities.day_number(line.fee_ocur_time.date()))
    for point, line, left in quantities.standing(case, _of(points, "needs")):
        day = line.fee_ocur_time.date()
        last = quantities.day_number(day)
        if not any(last - point.look_back_days <= proof <= last for proof in proofs.get(_group(point, line), ())):
            facts: dict[str, str | int] = {
                "item": point.item, "day": day.isoformat(), "look_back": point.look_back_days,
            }  # fmt: skip
            yield quantities.row(point, line, line.bkkp_sn, left, line.cnt, facts)


def _of(points: Points, role: str) -> Points:
    return Points([point for point in points if point.role == role])


def _group(point: SecondLineFirst, line: Line) -> tuple[str, str, str]:
    return point.rule_id, point.group, line.psn_no


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    needs = quantities.standing_columns(lake.lines, points.filter(points.role == "needs"))
    proofs = quantities.standing_columns(lake.lines, points.filter(points.role == "proof"), insured=False)
    proofs = proofs.select("rule_id", "group", "psn_no", proof_day=proofs.day_number).distinct()
    both = needs.join(proofs, ["rule_id", "group", "psn_no"])
    proven = both.filter(
        (both.proof_day <= both.day_number) & (both.proof_day >= both.day_number - both.look_back_days)
    )
    keys = ["rule_id", "kp_id", "bkkp_sn"]
    rows = needs.anti_join(proven.select(*keys).distinct(), keys)
    return rows.mutate(
        finding_key=rows.bkkp_sn, amount=rows.inscp_amt, part=rows.left, whole=rows.cnt,
        look_back=rows.look_back_days,
    )  # fmt: skip


KIND = Kind(
    name="second_line_first",
    title="限二线使用",
    point=SecondLineFirst,
    facts=("item", "day", "look_back"),
    reason="{day}使用{item}，此前{look_back}天内没有一线药品（或所需检测）的记录",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="任何机构、任何支付方式的一线用药或检测均算；已退费、全自费的明细不算；禁忌或不耐受须申诉说明",
    looks_back=365,
)
