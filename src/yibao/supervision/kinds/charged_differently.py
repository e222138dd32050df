"""Item charged with another class or ratio than the catalogue's (目录等级或先行自付比例不符).

    code             the item
    class_expected   the catalogue's class: 01 甲, 02 乙, 03 丙
    ratio_expected   what the person pays first, basis points
    insurance        insurance types the point is for, separated by blanks; None all

At stake is what went into the insured fees too much: with ratio r charged and e right, (e - r) ÷ (1 - r) of them; all
for an item of class 丙; nothing where the person was charged too much or only the class is wrong (a data fault, to be
corrected). Exemptions: what was refunded.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds._codes import hits_of_items, item_lines, listed, listed_column, netted, netted_column
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Line, Row

CLASS, RATIO, EXCLUDED = "目录等级不符", "先行自付比例不符", "03"
WHOLE = 10_000
"""One, in basis points."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChargedDifferently(Point):
    """What the module says."""

    class_expected: str | None = None
    ratio_expected: int | None = None
    insurance: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each line charged differently."""
    return netted(
        (point, line, _facts(point, line, broken), *share(point, line))
        for point, line in hits_of_items(case, points)
        if (broken := breach(point, line))
        and (point.insurance is None or listed(case.visits[line.mdtrt_id].insutype, point.insurance))
    )


def breach(point: ChargedDifferently, line: Line) -> str:
    """What differs, "" when nothing."""
    if point.class_expected is not None and line.chrgitm_lv != point.class_expected:
        return CLASS
    return RATIO if point.ratio_expected is not None and line.selfpay_prop != point.ratio_expected else ""


def share(point: ChargedDifferently, line: Line) -> tuple[int, int]:
    """Which part of the insured fees is too much."""
    if point.class_expected == EXCLUDED:
        return 1, 1
    if point.ratio_expected is None or point.ratio_expected <= line.selfpay_prop:
        return 0, 1
    return point.ratio_expected - line.selfpay_prop, WHOLE - line.selfpay_prop


def _facts(point: ChargedDifferently, line: Line, broken: str) -> dict[str, str | int]:
    return {
        "item": point.item, "day": line.fee_ocur_time.date().isoformat(), "broken": broken, "class": line.chrgitm_lv,
        "ratio": line.selfpay_prop, "class_right": point.class_expected or "不限",
        "ratio_right": line.selfpay_prop if point.ratio_expected is None else point.ratio_expected,
    }  # fmt: skip


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    import ibis

    lines = item_lines(lake, points)
    lines = lines.mutate(ratio=lines.selfpay_prop.cast("int64"))
    class_wrong = (lines.chrgitm_lv != lines.class_expected).fill_null(False)
    ratio_wrong = (lines.ratio != lines.ratio_expected).fill_null(False)
    lines = lines.mutate(broken=ibis.cases((class_wrong, CLASS), (ratio_wrong, RATIO), else_=""))
    both = lines.filter(lines.broken != "").join(lake.visits.select("mdtrt_id", "insutype"), "mdtrt_id")
    hits = both.filter(both.insurance.isnull() | listed_column(both.insutype, both.insurance))
    excluded = (hits.class_expected == EXCLUDED).fill_null(False)
    fair = (hits.ratio_expected.isnull() | (hits.ratio_expected <= hits.ratio)).fill_null(True)
    one, none = ibis.literal(1, "int64"), ibis.literal(0, "int64")
    return netted_column(
        hits,
        part=ibis.cases((excluded, one), (fair, none), else_=hits.ratio_expected - hits.ratio).cast("int64"),
        whole=ibis.cases((excluded | fair, one), else_=WHOLE - hits.ratio).cast("int64"),
        day=hits.fee_ocur_time.date().cast("string"),
        **{"class": hits.chrgitm_lv},
        class_right=hits.class_expected.fill_null("不限"), ratio_right=hits.ratio_expected.fill_null(hits.ratio),
    )  # fmt: skip


KIND = Kind(
    name="charged_differently",
    title="目录等级或自付比例不符",
    point=ChargedDifferently,
    facts=("item", "day", "broken", "class", "ratio", "class_right", "ratio_right"),
    reason="{day}的{item}{broken}：按等级{class}、自付比例万分之{ratio}结算，"
    "目录为等级{class_right}、自付比例万分之{ratio_right}",
    subject="line",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="已退费的不算；多收个人的只提示更正，不计基金金额",
)
