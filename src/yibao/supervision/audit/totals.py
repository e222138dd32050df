"""What an audit found, by rule (按规则汇总)."""

from dataclasses import dataclass
from pathlib import Path

BY_RULE = """
select rule_id, severity, count(*), sum(amount)::bigint from read_parquet('{files}')
group by all order by 4 desc, rule_id
"""


@dataclass(frozen=True, slots=True)
class RuleTotal:
    """Findings of one rule; `amount` fen at stake, nothing twice."""

    rule_id: str
    severity: str
    findings: int
    amount: int


def totals_of(out: Path) -> list[RuleTotal]:
    """By rule, the greatest amount first; empty when nothing was found."""
    import duckdb

    files = out / "audit_finding" / "*.parquet"
    if not list(files.parent.glob("*.parquet")):
        return []
    with duckdb.connect() as connection:
        return [RuleTotal(*row) for row in connection.execute(BY_RULE.format(files=files)).fetchall()]
