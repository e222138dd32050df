"""Faults of fee lines (结算明细信息异常): one point for each fault looked for.

    fault         code       nothing in `med_list_codg`
                  quantity   a count of zero with fees, or refunds beyond what the visit was given of the item
                  doctor     no doctor, or one of `anonymous`
                  fees       fees are not count × price, by more than `tolerance`
    tolerance     fen
    anonymous     doctor codes that stand for nobody, separated by blanks
    exempt_care   beginnings of the kinds of care that need no doctor ("41" pharmacy)

At stake are the insured fees of the line; for fees only what is over count × price; nothing for refunds (a data fault).
Exemptions: refunds that match what was given; differences of rounding; care without doctors.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds._codes import CARE, begins, begins_column, line_row, listed
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Line, Row

FAULTS = {
    "code": "项目编码为空", "quantity": "数量为零或退费多于收费", "doctor": "开单医师空白或匿名",
    "fees": "金额不等于单价乘数量",
}  # fmt: skip
FEN = 100_000_000
"""One fen, in the unit of count × price: ten-thousandths times millionths of a yuan."""
MOST_COUNT, MOST_PRICE = 100_000_000, 90_000_000_000
"""Below these, counts times prices and fees times `FEN` have room in 64 bits."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LineFaults(Point):
    """What the module says."""

    fault: str = ""
    tolerance: int = 0
    anonymous: str | None = None
    exempt_care: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each line and fault."""
    net: dict[tuple[str, str], int] = defaultdict(int)
    for line in case.lines:
        net[line.mdtrt_id, line.med_list_codg] += line.cnt
    for point in points:
        for line in case.lines:
            share = _share(point, line, net[line.mdtrt_id, line.med_list_codg])
            if share and point.in_force(line.fee_ocur_time.date()):
                yield line_row(point, line, f"{point.fault}|{line.bkkp_sn}", _facts(point, line), *share)


def _facts(point: LineFaults, line: Line) -> dict[str, str | int]:
    return {
        "fault": FAULTS[point.fault], "day": line.fee_ocur_time.date().isoformat(), "code": line.med_list_codg,
        "doctor": line.bilg_dr_code, "count": line.cnt, "price": line.pric, "fees": line.det_item_fee_sumamt,
    }  # fmt: skip


def _share(point: LineFaults, line: Line, net: int) -> tuple[int, int] | None:
    """Which part of the line's insured fees is at stake; None without the fault."""
    if point.fault == "quantity":
        if line.cnt == 0 and line.inscp_amt > 0:
            return 1, 1
        return (0, 1) if line.cnt < 0 and net < 0 else None
    if line.inscp_amt <= 0:
        return None
    if point.fault == "code":
        return (1, 1) if line.med_list_codg == "" else None
    if point.fault == "doctor":
        nobody = line.bilg_dr_code == "" or listed(line.bilg_dr_code, point.anonymous)
        return (1, 1) if nobody and not begins(line.med_type, point.exempt_care) else None
    over = line.det_item_fee_sumamt * FEN - line.cnt * line.pric
    return (max(over, 0), line.det_item_fee_sumamt * FEN) if abs(over) > point.tolerance * FEN else None


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake: lines that have any fault are found in one pass, then compared with the points."""
    import ibis

    lines = lake.lines.mutate(med_list_codg=lake.lines.med_list_codg.fill_null(""))
    looked_for = points.drop("code", "item")
    rows = _of_insured(lines, looked_for).union(_of_quantity(lines, looked_for))
    day = rows.fee_ocur_time.date()
    rows = rows.filter((day >= rows.valid_from) & (day <= rows.valid_to))
    return rows.mutate(
        finding_key=rows.fault + "|" + rows.bkkp_sn, amount=rows.inscp_amt, day=day.cast("string"),
        fault=ibis.cases(*((rows.fault == name, text) for name, text in FAULTS.items()), else_=""),
        code=rows.med_list_codg, doctor=rows.bilg_dr_code, count=rows.cnt, price=rows.pric,
        fees=rows.det_item_fee_sumamt,
    )  # fmt: skip


NEEDED = (
    "bkkp_sn", "setl_id", "mdtrt_id", "psn_no", "fixmedins_code", "bilg_dr_code", "inscp_amt", "fee_ocur_time",
    "med_list_codg", "cnt", "pric", "det_item_fee_sumamt", "rule_id", "kp_id", "fault", "valid_from", "valid_to",
    "part", "whole",
)  # fmt: skip


def _of_insured(lines: Any, points: Any) -> Any:
    """Lines without a code or a doctor, or with fees that are not the product."""
    import ibis

    lines = lines.filter(lines.inscp_amt > 0)
    odd = lines.filter(_unequal(lines, points) | (lines.med_list_codg == ""))
    fees = _exact(odd.det_item_fee_sumamt) * _exact(ibis.literal(FEN))
    odd = odd.mutate(over=fees - _exact(odd.cnt) * _exact(odd.pric), product=fees)
    both = odd.cross_join(points.filter(points.fault.isin(["code", "fees"])))
    margin = _exact(both.tolerance) * _exact(ibis.literal(FEN))
    wrong = ((both.over > margin) | (-both.over > margin)).fill_null(False)
    hits = both.filter(((both.fault == "code") & (both.med_list_codg == "")) | ((both.fault == "fees") & wrong))
    over, product = ibis.greatest(hits.over, _exact(ibis.literal(0))).cast("int64"), hits["product"].cast("int64")
    one, priced = ibis.literal(1, "int64"), hits.fault == "fees"
    hits = hits.mutate(part=ibis.ifelse(priced, over, one), whole=ibis.ifelse(priced, product, one))
    return hits.select(*NEEDED).union(_of_nobody(lines, points).mutate(part=one, whole=one).select(*NEEDED))


def _of_nobody(lines: Any, points: Any) -> Any:
    """Lines whose doctor is blank or a name for nobody, of the kinds of care that need one: these are told first."""
    import ibis

    points = points.filter(points.fault == "doctor")
    both = lines.select("med_type").distinct().cross_join(points)
    asked = both.filter(~begins_column(both.med_type, both.exempt_care, CARE).fill_null(False))
    names = points.filter(points.anonymous.notnull()).select("rule_id", "kp_id", "anonymous")
    names = names.select("rule_id", "kp_id", bilg_dr_code=names.anonymous.split(" ").unnest())
    blank = points.select("rule_id", "kp_id", bilg_dr_code=ibis.literal(""))
    return lines.join(asked.join(names.union(blank).distinct(), ["rule_id", "kp_id"]), ["med_type", "bilg_dr_code"])


def _unequal(lines: Any, points: Any) -> Any:
    """Fees further from the product than any point allows; of nearly all lines the numbers fit into 64 bits."""
    import ibis

    least = points.filter(points.fault == "fees").tolerance.min().as_scalar().fill_null(0)
    small = (lines.cnt.abs() < MOST_COUNT) & (lines.pric.abs() < MOST_PRICE)
    small = small & (lines.det_item_fee_sumamt.abs() < MOST_PRICE)
    over = lines.det_item_fee_sumamt * FEN - lines.cnt * lines.pric
    return ibis.ifelse(small, over.abs() > least * FEN, True)


def _exact(value: Any) -> Any:
    """Whole numbers whose product has room: 64 bits are too few for the greatest counts and prices."""
    return value.cast("decimal(19,0)")


def _of_quantity(lines: Any, points: Any) -> Any:
    """Counts of zero, and refunds beyond what was given: the visits of the few such lines are looked at."""
    import ibis

    odd = lines.filter((lines.cnt < 0) | ((lines.cnt == 0) & (lines.inscp_amt > 0)))
    keys = ["mdtrt_id", "med_list_codg"]
    given = lines.select(*keys, "cnt").semi_join(odd.select(*keys).distinct(), keys)
    net = given.group_by(keys).aggregate(net=given.cnt.sum())
    both = odd.join(net, keys)
    both = both.filter((both.cnt == 0) | (both.net < 0))
    part = ibis.ifelse(both.cnt == 0, 1, 0).cast("int64")
    both = both.mutate(part=part, whole=ibis.literal(1, "int64"))
    return both.cross_join(points.filter(points.fault == "quantity")).select(*NEEDED)


KIND = Kind(
    name="line_faults",
    title="结算明细信息异常",
    point=LineFaults,
    facts=("fault", "day", "code", "doctor", "count", "price", "fees"),
    reason="{day}的明细{fault}：编码“{code}”，医师“{doctor}”，数量{count:count}，单价{price:price}，金额{fees:yuan}",
    subject="visit",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="与收费相符的退费、四舍五入的差额、药店购药没有医师的不算",
    item_codes=None,
)
