"""Insured fees of an item or group over the sum that the fund pays at most (超限定报销总额).

    max_amount    the most in fen
    period        "visit" one visit or stay, "year" the calendar year

The items of one `kp_id` share the sum. At stake is what is over, from the last lines backwards. Exemptions: refunds
count against it; what the person pays whole does not count.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds import _quantities as quantities
from yibao.supervision.kinds import expressions
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Line, Row

PERIODS = {"visit": "本次就诊", "year": "本年度"}


@dataclass(frozen=True, kw_only=True, slots=True)
class AmountOverCap(Point):
    """What the module says."""

    max_amount: int = 0
    period: str = "year"


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each line over the sum, one finding for each visit or year."""
    hits = (
        (point, line, line.cnt)
        for code, of_code in points.by_code.items()
        for line in case.lines_of_item.get(code, ())
        for point in of_code
        if point.in_force(line.fee_ocur_time.date())
    )
    for (*_, key), group in quantities.grouped(hits, _group).items():
        amount, limit = sum(line.inscp_amt for _, line, _ in group), max(point.max_amount for point, _, _ in group)
        payable = [hit for hit in group if hit[1].inscp_amt > 0]
        for (point, line, _), part in quantities.from_the_last(payable, amount - limit, lambda hit: hit[1].inscp_amt):
            facts: dict[str, str | int] = {
                "item": point.item, "period": PERIODS[point.period], "amount_of_it": amount, "limit": limit,
            }  # fmt: skip
            yield quantities.row(point, line, key, part, line.inscp_amt, facts)


def _group(point: AmountOverCap, line: Line) -> tuple[str, str, str]:
    year = f"{line.psn_no}|{line.fee_ocur_time.year}"
    return point.rule_id, point.kp_id, line.mdtrt_id if point.period == "visit" else year


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    import ibis

    hits = expressions.with_points(lake.lines.select(*quantities.NEEDED), points)
    year = hits.psn_no + "|" + hits.fee_ocur_time.year().cast("string")
    hits = hits.mutate(finding_key=ibis.ifelse(hits.period == "visit", hits.mdtrt_id, year))
    keys = ["rule_id", "kp_id", "finding_key"]
    groups = hits.group_by(keys).agg(amount_of_it=hits.inscp_amt.sum(), limit=hits.max_amount.max())
    groups = groups.filter(groups.amount_of_it > groups["limit"])
    over = expressions.insured(hits).join(groups, keys)
    rows = quantities.from_the_last_columns(over.mutate(over=over.amount_of_it - over["limit"]), keys, "inscp_amt")
    titles = ibis.cases(*((rows.period == name, title) for name, title in PERIODS.items()), else_="")
    return rows.mutate(amount=rows.inscp_amt, part=rows.taken, whole=rows.inscp_amt, period=titles)


KIND = Kind(
    name="amount_over_cap",
    title="超限定报销总额",
    point=AmountOverCap,
    facts=("item", "period", "amount_of_it", "limit"),
    reason="{item}{period}纳入报销的费用合计{amount_of_it:yuan}，超过限额{limit:yuan}",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="退费冲减后计；全自费的明细不算",
    looks_back=366,
)
