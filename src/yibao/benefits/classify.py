"""Classification (费用分类): each fee line into full self-pay, over limit, prepay and in scope, rounded per line.

The order is fixed: a line that is excluded, or that supervision refused, is wholly self-paid; then what exceeds the
price limit; then the prepaid ratio of the rest; what remains is in scope. Rows of the pack come before all but a
refusal and may send a line, or its in-scope part, elsewhere.
"""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from yibao.benefits.facts import Facts
from yibao.benefits.pack import LineRule, Pack
from yibao.benefits.visit import PRICE_UNIT_PER_FEN, QUANTITY_UNIT, Line
from yibao.core.money import divide_half_up, share_of

CLASS_NAMES = {"01": "甲", "02": "乙", "03": "丙", "1": "甲", "2": "乙", "3": "丙"}
"""National code (Hunan edition, Jiangxi edition) → the name that packs use."""


class LineAmounts(NamedTuple):
    """The four amounts of a line, in fen, and the portion that the last one went to."""

    full_self_pay: int
    over_limit: int
    prepay: int
    in_scope: int
    into: str = "in_scope"


def classify(pack: Pack, facts: Facts, day: datetime.date, lines: Iterable[Line]) -> list[LineAmounts]:
    """Split every line; the four amounts of each line add up to its amount."""
    rules = next((block.rules for block in pack.line_rules if block.start <= day <= block.end), ())
    if not rules:
        return [_built_in(line, facts.level) for line in lines]
    known = facts.by_name()
    return [_by_rule(line, facts.level, rules, known) for line in lines]


def _by_rule(line: Line, level: int, rules: Iterable[LineRule], known: Mapping[str, Any]) -> LineAmounts:
    if line.refused:
        return _whole(line.amount, "full_self_pay")
    asked = {
        **known, "class": CLASS_NAMES.get(line.item_class, line.item_class), "restricted": line.restricted,
        "approved": line.approved, "charge_type": line.charge_type, "mark": line.mark,
    }  # fmt: skip
    rule = next((rule for rule in rules if rule.when.holds(asked)), None)
    if rule is None:
        return _built_in(line, level)
    if rule.all_to:
        return _whole(line.amount, rule.all_to)
    ratio = line.self_pay_ratio if rule.prepay_ratio is None else rule.prepay_ratio
    return _split(line, level, ratio, rule.into)


def _built_in(line: Line, level: int) -> LineAmounts:
    if line.refused or line.item_class in ("03", "3") or (line.restricted and not line.approved):
        return LineAmounts(line.amount, 0, 0, 0)
    return _split(line, level, line.self_pay_ratio, "in_scope")


def _whole(amount: int, portion: str) -> LineAmounts:
    match portion:
        case "full_self_pay":
            return LineAmounts(amount, 0, 0, 0)
        case "over_limit":
            return LineAmounts(0, amount, 0, 0)
        case "prepay":
            return LineAmounts(0, 0, amount, 0)
    return LineAmounts(0, 0, 0, amount, portion)


def _split(line: Line, level: int, ratio: int, into: str) -> LineAmounts:
    over = _over_limit(line, level)
    prepay = share_of(line.amount - over, ratio)
    return LineAmounts(0, over, prepay, line.amount - over - prepay, into)


def _over_limit(line: Line, level: int) -> int:
    """What the line costs above price limit × quantity; a returned item mirrors the original."""
    limit = line.price_limit
    if isinstance(limit, Mapping):
        limit = limit.get(level)
    if limit is None:
        return 0
    allowed = divide_half_up(limit * abs(line.quantity), QUANTITY_UNIT * PRICE_UNIT_PER_FEN)
    over = max(0, abs(line.amount) - allowed)
    return over if line.amount >= 0 else -over
