"""Rows of evidence put together to findings: the same for the counter and for the lake.

assembled    rows of one kind → findings, each with its reason; nothing is taken off for other findings yet
allocated    findings of all kinds → `amount` of each without counting any fen twice
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from string import Formatter
from typing import Any

from yibao.core.money import divide_half_up, yuan_text
from yibao.supervision.kinds.kind import Kind
from yibao.supervision.model import Finding, Row
from yibao.supervision.rulebook import Rule


def assembled(kind: Kind, rules: Mapping[str, Rule], rows: Iterable[Row]) -> list[Finding]:
    """Findings in the order of their ids; the first row by line number names visit, bill and doctor."""
    groups: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.rule_id, row.kp_id, row.finding_key].append(row)
    found = (_finding(kind, rules[key[0]], group) for key, group in groups.items())
    return sorted(found, key=lambda one: one.finding_id)


def _finding(kind: Kind, rule: Rule, group: list[Row]) -> Finding:
    group.sort(key=lambda row: (row.bkkp_sn or "", row.setl_id))
    head = group[0]
    stake = sum(stake_of(row) for row in group)
    return Finding(
        finding_id=finding_id(head.rule_id, head.kp_id, head.finding_key),
        rule_id=head.rule_id, kp_id=head.kp_id, severity=rule.severity,
        setl_id=head.setl_id, mdtrt_id=head.mdtrt_id,
        bkkp_sn=tuple(row.bkkp_sn for row in group if row.bkkp_sn is not None),
        psn_no=head.psn_no, fixmedins_code=head.fixmedins_code, bilg_dr_code=head.bilg_dr_code,
        stake=stake, amount=stake, reason=reason_of(kind, head.facts), evidence=head.facts,
    )  # fmt: skip


def stake_of(row: Row) -> int:
    """Fen at stake in one row."""
    return divide_half_up(row.amount * row.part, row.whole) if row.whole else 0


def finding_id(rule_id: str, kp_id: str, finding_key: str) -> str:
    """The same finding has the same number in every run: 24 hexadecimal digits."""
    return hashlib.sha256("\x1f".join((rule_id, kp_id, finding_key)).encode()).hexdigest()[:24]


SEXES = {"1": "男性", "2": "女性"}


class ReasonFormatter(Formatter):
    """`{x:yuan}` for fen, `{x:price}` for millionths of a yuan, `{x:count}` for ten-thousandths.

    `{x:percent}` for basis points, `{x:sex}` for gend, `{x}` as it is.
    """

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "yuan":
            return f"{yuan_text(int(value))}元"
        if format_spec == "price":
            return f"{Decimal(int(value)).scaleb(-6).normalize():f}元"
        if format_spec == "percent":
            return f"{int(value) / 100:g}%"  # no money
        if format_spec == "count":
            return f"{int(value) / 10_000:g}"  # no money
        if format_spec == "sex":
            return SEXES.get(str(value), "性别不明")
        return str(super().format_field(value, format_spec))


def reason_of(kind: Kind, facts: Mapping[str, str | int]) -> str:
    """The sentence with its numbers."""
    return ReasonFormatter().vformat(kind.reason, (), facts)
