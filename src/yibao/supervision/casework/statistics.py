"""How good the rules are (规则成效): hits, answers, upheld share per rule; and the decisions as labels for the scores.

A rule is decided by findings that somebody judged or the institution accepted; silence counts as accepted. Too low a
share of upheld findings, with enough decisions, flags the rule for repair (areas/<city>/supervision/casework.yaml).
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime

from yibao.core.database import Connection
from yibao.core.money import BASIS_POINTS, divide_half_up
from yibao.supervision.casework.terms import terms_of

PER_RULE = """
select rule_id, max(rule_name) as rule_name, count(*) as hits,
       count(*) filter (where outcome = 'dropped') as dropped,
       count(*) filter (where outcome = 'accepted') as accepted,
       count(*) filter (where outcome = 'silent') as silent,
       count(*) filter (where outcome = 'upheld') as upheld,
       count(*) filter (where outcome = 'partly') as partly,
       count(*) filter (where outcome = 'dismissed') as dismissed,
       count(*) filter (where outcome = 'data_fault') as data_fault,
       count(*) filter (where state = 'appealed' or state = 'opinion') as appealed_now,
       count(*) filter (where state <> 'closed') as open,
       coalesce(sum(amount), 0)::bigint as amount, coalesce(sum(f.upheld), 0)::bigint as upheld_amount
from supervision.finding f group by rule_id order by rule_id
"""
LABELS = """
select finding_id, rule_id, fixmedins_code, psn_no, bilg_dr_code, setl_id, amount, upheld, outcome, closed_at
from supervision.finding
where state = 'closed' and outcome in ('accepted', 'silent', 'upheld', 'partly', 'dismissed')
order by closed_at, finding_id
"""


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """Counts and fen of one rule; `to_repair`: its upheld share is under the area's threshold."""

    rule_id: str
    rule_name: str
    hits: int
    dropped: int
    accepted: int
    silent: int
    upheld: int
    partly: int
    dismissed: int
    data_fault: int
    appealed_now: int
    open: int
    amount: int
    upheld_amount: int
    to_repair: bool = False

    @property
    def right(self) -> int:
        """Findings that stayed, in whole or in part."""
        return self.accepted + self.silent + self.upheld + self.partly

    @property
    def decided(self) -> int:
        """Findings of which it is known whether they were right."""
        return self.right + self.dropped + self.dismissed + self.data_fault

    @property
    def appealed(self) -> int:
        """Findings that the institution contested."""
        return self.appealed_now + self.upheld + self.partly + self.dismissed + self.data_fault

    @property
    def share(self) -> int | None:
        """Upheld share of the decided in basis points; None without any."""
        return divide_half_up(self.right * BASIS_POINTS, self.decided) if self.decided else None


@dataclass(frozen=True, slots=True)
class Label:
    """One decided finding as training data: `upheld` fen of `amount`, 0 when it was dismissed."""

    finding_id: str
    rule_id: str
    fixmedins_code: str
    psn_no: str
    bilg_dr_code: str
    setl_id: str
    amount: int
    upheld: int
    outcome: str
    closed_at: datetime


async def rule_figures(connection: Connection, admdvs: str, day: date) -> list[RuleFigures]:
    """Every rule that has findings; the thresholds are those of the city of `admdvs`."""
    threshold, least = repair_limits(admdvs, day)
    rows = [dict(row) for row in await connection.fetch(PER_RULE)]
    plain = [RuleFigures(**row) for row in rows]
    return [
        RuleFigures(**row, to_repair=one.decided >= least and (one.share or 0) < threshold)
        for row, one in zip(rows, plain, strict=True)
    ]


def repair_limits(admdvs: str, day: date) -> tuple[int, int]:
    """Under how many basis points a rule's upheld share is too low, and from how many decisions on that counts."""
    terms = terms_of(admdvs)
    return int(terms.on("repair_threshold", day)), int(terms.on("repair_decisions", day))


async def labels(connection: Connection) -> AsyncIterator[Label]:
    """Decided findings, oldest first, in the caller's transaction."""
    async for row in connection.cursor(LABELS, prefetch=1000):
        yield Label(**row)
