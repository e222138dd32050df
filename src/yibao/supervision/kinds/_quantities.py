"""What the kinds about pairs, windows and quantities share, for both executions; no kind itself.

    standing          the lines of the points' items that stand after refunds, each with its points and what is `left`
    from_the_last     what is too much, taken from the last lines of a group backwards
    standing_any      the same with points that have no code but `charge_types`
    without_diagnoses lines of visits that have no diagnosis of the point's exempt list

A refund (a line with negative `cnt`) takes back the latest lines before it of the same item in the same visit, the
last one first: two given, one refunded are one. `left` is what remains of a line, in ten-thousandths. In columns this
is the running balance and its lowest value afterwards; only visits and items with refunds are sorted for it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from yibao.supervision.kinds import _codes as codes
from yibao.supervision.kinds import expressions
from yibao.supervision.kinds.kind import Points
from yibao.supervision.model import Case, Line, Row

NEEDED = (
    "bkkp_sn", "mdtrt_id", "setl_id", "psn_no", "fixmedins_code", "bilg_dr_code", "fee_ocur_time", "rx_drord_no",
    "med_type", "med_list_codg", "med_chrgitm_type", "cnt", "prd_days", "inscp_amt", "det_item_fee_sumamt",
    "pric_uplmt_amt",
)  # fmt: skip
"""Columns of lines that these kinds use: an engine that keeps an intermediate table keeps no more than these."""
Hit = tuple[Any, Line, int]
"""A point, a line of its item, and what is left of the line."""


def standing(case: Case, points: Points, *, insured: bool = True) -> Iterator[Hit]:
    """Lines that stand with the points of their item in force on their day; `insured`: only what the fund pays for."""
    for code, of_code in points.by_code.items():
        for line, left in standing_lines(case.lines_of_item.get(code, ())):
            if not insured or line.inscp_amt > 0:
                day = line.fee_ocur_time.date()
                yield from ((point, line, left) for point in of_code if point.in_force(day))


def standing_lines(lines: Sequence[Line]) -> Iterator[tuple[Line, int]]:
    """Lines of one item in the order of time, without refunds and what they take back."""
    refunded = {line.mdtrt_id for line in lines if line.cnt < 0}
    lefts = _lefts([line for line in lines if line.mdtrt_id in refunded]) if refunded else {}
    for line in lines:
        left = lefts[line.bkkp_sn] if line.mdtrt_id in refunded else line.cnt
        if line.cnt > 0 and left > 0:
            yield line, left


def _lefts(lines: Sequence[Line]) -> dict[str, int]:
    visits: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        visits[line.mdtrt_id].append(line)
    lefts = {}
    for group in visits.values():
        group.sort(key=lambda line: (line.fee_ocur_time, line.cnt < 0, line.bkkp_sn))
        balance = sum(line.cnt for line in group)
        lowest = balance
        for line in reversed(group):
            lowest = min(lowest, balance)
            balance -= line.cnt
            lefts[line.bkkp_sn] = min(line.cnt, lowest - balance)
    return lefts


def standing_columns(lines: Any, points: Any, *, insured: bool = True) -> Any:
    """`standing` over the lake: lines with their points and `left`, `day` (a date) and `day_number` (days)."""
    known = points.select("code").distinct()
    kept = stood(lines.select(*NEEDED).semi_join(known, lines.med_list_codg == known.code))
    if insured:
        kept = kept.filter(kept.inscp_amt > 0)
    return dated(expressions.with_points(kept, points))


def dated(table: Any) -> Any:
    """With `day_of` (a date), `day` (a text) and `day_number` (days, to calculate with)."""
    day = table.fee_ocur_time.date()
    return table.mutate(day_of=day, day=day.cast("string"), day_number=day.epoch_days().cast("int64"))


def stood(lines: Any) -> Any:
    """`standing_lines` over the lake: adds `left`."""
    keys = ["mdtrt_id", "med_list_codg"]
    refunded = lines.filter(lines.cnt < 0).select(*keys).distinct()
    given = lines.filter(lines.cnt > 0)
    return given.anti_join(refunded, keys).mutate(left=lambda t: t.cnt).union(_mended(lines.semi_join(refunded, keys)))


def _mended(lines: Any) -> Any:
    import ibis

    order = [lines.fee_ocur_time, (lines.cnt < 0).cast("int64"), lines.bkkp_sn]
    keys = [lines.mdtrt_id, lines.med_list_codg]
    until = ibis.window(group_by=keys, order_by=order, rows=(None, 0))
    table = lines.mutate(balance=lines.cnt.sum().over(until))
    order = [table.fee_ocur_time, (table.cnt < 0).cast("int64"), table.bkkp_sn]
    since = ibis.window(group_by=[table.mdtrt_id, table.med_list_codg], order_by=order, rows=(0, None))
    table = table.mutate(lowest=table.balance.min().over(since))
    left = ibis.least(table.cnt, table.lowest - table.balance + table.cnt)
    table = table.mutate(left=left).drop("balance", "lowest")
    return table.filter((table.cnt > 0) & (table.left > 0))


def grouped(hits: Iterable[Hit], key: Callable[[Any, Line], Any]) -> dict[Any, list[Hit]]:
    """Hits by what they have in common, each group in the order of time."""
    groups: dict[Any, list[Hit]] = defaultdict(list)
    for hit in hits:
        groups[key(hit[0], hit[1])].append(hit)
    for group in groups.values():
        group.sort(key=in_time)
    return groups


def in_time(hit: Hit) -> Any:
    """The order of time."""
    return hit[1].fee_ocur_time, hit[1].bkkp_sn


def from_the_last(group: Sequence[Hit], over: int, quantity: Callable[[Hit], int]) -> Iterator[tuple[Hit, int]]:
    """Hits of a group in the order of time with their share of what is too much: the last ones first."""
    for hit in reversed(group):
        part = min(over, quantity(hit))
        if part <= 0:
            return
        yield hit, part
        over -= part


def from_the_last_columns(table: Any, keys: Sequence[str], quantity: str) -> Any:
    """The same over the lake: `table.over` is too much in each group; adds `taken` and keeps lines that have any."""
    import ibis

    order = [table.fee_ocur_time.desc(), table.bkkp_sn.desc()]
    window = ibis.window(group_by=[table[name] for name in keys], order_by=order, rows=(None, 0))
    later = table[quantity].sum().over(window) - table[quantity]
    taken = ibis.greatest(ibis.least(table.over - later, table[quantity]), ibis.literal(0, "int64"))
    table = table.mutate(taken=taken)
    return table.filter(table.taken > 0)


def row(point: Any, line: Line, key: str, part: int, whole: int, facts: dict[str, str | int]) -> Row:
    """One line of evidence; `part` of `whole` of its insured fees is at stake."""
    return Row(
        point.rule_id, point.kp_id, key, line.setl_id, line.mdtrt_id, line.psn_no, line.fixmedins_code,
        line.bilg_dr_code, line.bkkp_sn, line.inscp_amt, facts, part, whole,
    )  # fmt: skip


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - 719_163


def standing_any(case: Case, points: Points) -> Iterator[Hit]:
    """`standing` for points with a code, and for points without one by the charge types they list."""
    yield from standing(case, Points([point for point in points if point.code]))
    of_type: dict[str, list[Any]] = defaultdict(list)
    for point in points:
        for charge_type in point.charge_types.split() if not point.code else ():
            of_type[charge_type].append(point)
    for lines in case.lines_of_item.values() if of_type else ():
        for line, left in standing_lines(lines):
            wide = of_type.get(line.med_chrgitm_type, ()) if line.inscp_amt > 0 else ()
            yield from ((point, line, left) for point in wide if point.in_force(line.fee_ocur_time.date()))


def any_points(lines: Any, points: Any, all_lines: Any = None) -> Any:
    """Insured lines, no refunds, with points by their code or charge type, of the kinds of care that these look at.

    Refunds are not looked at yet. `all_lines` tell the kinds of care there are when `lines` are chosen already.
    """
    given = lines.select(*NEEDED)
    given = given.filter((given.cnt > 0) & (given.inscp_amt > 0))
    if "care" not in points.columns:
        return dated(expressions.with_points(given, points.filter(points.code != "")).union(by_type(given, points)))
    points = _points_in_care(points, lines if all_lines is None else all_lines)
    hits = expressions.with_points(given, points.filter(points.code != "")).union(by_type(given, points))
    return dated(hits.filter(hits.med_type == hits.care_type).drop("care_type"))


def _points_in_care(points: Any, lines: Any) -> Any:
    """Points with each kind of care that they look at as `care_type`: a small table that all lines are joined with."""
    pairs = points.cross_join(lines.select(care_type="med_type").distinct())
    return pairs.filter(pairs.care.isnull() | codes.begins_column(pairs.care_type, pairs.care).fill_null(False))


def by_type(lines: Any, points: Any) -> Any:
    """Lines with the points that have no code but `charge_types`."""
    wide = points.filter(points.code == "")
    wide = wide.mutate(charge_type=wide.charge_types.split(" ").unnest())
    joined = lines.join(wide, lines.med_chrgitm_type == wide.charge_type)
    day = joined.fee_ocur_time.date()
    return joined.filter((day >= joined.valid_from) & (day <= joined.valid_to)).drop("charge_type")


def charge_types(points: Any, lines: Any) -> Any:
    """The charge types that points without a code list with the kinds of care they look at, each pair once."""
    wide = _points_in_care(points.filter(points.code == ""), lines)
    return wide.select("care_type", charge_type=wide.charge_types.split(" ").unnest()).distinct()


def still_standing(hits: Any, lines: Any) -> Any:
    """Hits chosen before with what is `left` of their line; `lines` are all lines, for the refunds."""
    keys = ["mdtrt_id", "med_list_codg"]
    refunded = _refunded(lines)
    lefts = _mended(lines.select(*NEEDED).semi_join(refunded, keys)).select("bkkp_sn", "left")
    table = hits.left_join(refunded, keys).drop("mdtrt_id_right", "med_list_codg_right")
    table = table.left_join(lefts, "bkkp_sn").drop("bkkp_sn_right")
    table = table.mutate(left=table.refunded.isnull().ifelse(table.cnt, table.left.fill_null(0)))
    return table.filter(table.left > 0).drop("refunded")


def _refunded(lines: Any) -> Any:
    back = lines.filter(lines.cnt < 0).select("mdtrt_id", "med_list_codg").distinct()
    return back.mutate(refunded=True)


def in_care(point: Any, line: Line) -> bool:
    """Whether the line's kind of care is one of the point's, or the point names none."""
    return point.care is None or codes.begins(line.med_type, point.care)


def exempt(case: Case, point: Any, line: Line) -> bool:
    """Whether the line's visit has a diagnosis of the point's exempt list."""
    visit = case.visits[line.mdtrt_id]
    return point.exempt is not None and any(codes.begins(one, point.exempt) for one in codes.diagnoses_of(case, visit))


def without_diagnoses(hits: Any, lake: Any) -> Any:
    """Hits whose visit has no diagnosis of the point's exempt list; few hits, chosen before."""
    lists = hits.filter(hits.exempt.notnull()).select("mdtrt_id", "exempt").distinct()
    both = lists.join(codes.diagnoses_column(lake, lists.select("mdtrt_id").distinct()), "mdtrt_id")
    found = both.filter(codes.begins_column(both.diag_code, both.exempt)).select("mdtrt_id", "exempt").distinct()
    return hits.anti_join(found, ["mdtrt_id", "exempt"])
