"""What the kinds about pairs, windows and quantities share, for both executions; no kind itself.

    standing          the lines of the points' items that stand after refunds, each with its points and what is `left`
    from_the_last     what is too much, taken from the last lines of a group backwards
    among             whether a code is in a list of codes and beginnings separated by blanks

A refund (a line with negative `cnt`) takes back the latest lines before it of the same item in the same visit, the
last one first: two given, one refunded are one. `left` is what remains of a line, in ten-thousandths. In columns this
is the running balance and its lowest value afterwards; only visits and items with refunds are sorted for it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from yibao.supervision.kinds import expressions
from yibao.supervision.kinds.kind import Points
from yibao.supervision.model import Case, Line, Row

Hit = tuple[Any, Line, int]
"""A point, a line of its item, and what is left of the line."""
CARE = (2, 4)
"""Lengths of beginnings of `med_type`: 21 is every kind of stay."""
DISEASE = (1, 3)
"""Lengths of beginnings of ICD-10 codes: a chapter's letter, a category."""


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
    codes = points.select("code").distinct()
    kept = stood(lines.semi_join(codes, lines.med_list_codg == codes.code))
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


def among(value: str, listed: str | None, lengths: Iterable[int] = (), *, unnamed: bool) -> bool:
    """Whether a code or its beginning is listed; `unnamed` where there is no list."""
    if listed is None:
        return unnamed
    words = f" {listed} "
    return f" {value} " in words or any(f" {value[:length]} " in words for length in lengths)


def among_columns(value: Any, listed: Any, lengths: Iterable[int] = (), *, unnamed: bool) -> Any:
    """The same over the lake."""
    import ibis

    blank = ibis.literal(" ")
    words = blank + listed + blank
    value = value.fill_null("")
    found = words.contains(blank + value + blank)
    for length in lengths:
        found = found | words.contains(blank + value.left(length) + blank)
    return found.fill_null(unnamed)


def row(point: Any, line: Line, key: str, part: int, whole: int, facts: dict[str, str | int]) -> Row:
    """One line of evidence; `part` of `whole` of its insured fees is at stake."""
    return Row(
        point.rule_id, point.kp_id, key, line.setl_id, line.mdtrt_id, line.psn_no, line.fixmedins_code,
        line.bilg_dr_code, line.bkkp_sn, line.inscp_amt, facts, part, whole,
    )  # fmt: skip


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - 719_163


def by_type(lines: Any, points: Any) -> Any:
    """Lines with the points that have no code but `charge_types`."""
    wide = points.filter(points.code == "")
    wide = wide.mutate(charge_type=wide.charge_types.split(" ").unnest())
    joined = lines.join(wide, lines.med_chrgitm_type == wide.charge_type)
    day = joined.fee_ocur_time.date()
    return joined.filter((day >= joined.valid_from) & (day <= joined.valid_to)).drop("charge_type")
