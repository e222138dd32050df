"""What monitoring hands over to casework, and what it learns from there: findings opened, decisions as labels."""

from collections import defaultdict
from datetime import date

from yibao.core.database import Connection
from yibao.core.errors import Refused
from yibao.core.months import first_of
from yibao.supervision.casework.bills import DatabaseBills
from yibao.supervision.casework.statistics import labels
from yibao.supervision.casework.taking import take
from yibao.supervision.findings import finding_id
from yibao.supervision.model import Finding
from yibao.supervision.monitoring.scores import Labels

ALERT, BED_CHECK = "M01", "M02"
"""Findings that come of monitoring carry one of these in place of a rule."""
NAMES = {ALERT: ("监测预警", ""), BED_CHECK: ("远程查床", "")}
BILL_MONTHS = "select setl_id, setl_time from supervision.bill where setl_id = any($1::text[])"
HALF = 2


def suspicion(
    rule_id: str, key: str, fixmedins_code: str, mdtrt_id: str, reason: str, evidence: dict[str, str | int]
) -> Finding:
    """A finding without a bill: what is at stake shows only when it was looked at. The same `key` is the same one."""
    return Finding(
        finding_id=finding_id(rule_id, "", key),
        rule_id=rule_id,
        kp_id="",
        severity="suspect",
        setl_id="",
        mdtrt_id=mdtrt_id,
        bkkp_sn=(),
        psn_no="",
        fixmedins_code=fixmedins_code,
        bilg_dr_code="",
        stake=0,
        amount=0,
        reason=reason,
        evidence=evidence,
    )


async def open_finding(connection: Connection, finding: Finding, origin: str) -> None:
    """Take one finding into casework; Refused V43x when its institution or bill is not there."""
    done = await take(connection, [finding], origin, DatabaseBills(), named=NAMES.__getitem__, whole=False)
    if done.refused:
        raise Refused(*done.refused)


async def read_labels(connection: Connection) -> Labels:
    """Institutions by the month of the bill: upheld when at least half of the insured fees in question stayed so.

    In the caller's transaction. Decisions about findings without a bill say nothing about a month and are left out.
    """
    decided = [one async for one in labels(connection) if one.setl_id]
    rows = await connection.fetch(BILL_MONTHS, list({one.setl_id for one in decided}))
    months = {row["setl_id"]: first_of(row["setl_time"].date()) for row in rows}
    amounts: dict[tuple[str, date], list[int]] = defaultdict(lambda: [0, 0])
    for one in decided:
        if one.setl_id in months:
            sums = amounts[one.fixmedins_code, months[one.setl_id]]
            sums[0] += one.amount
            sums[1] += one.upheld
    return Labels({key: HALF * upheld >= amount > 0 for key, (amount, upheld) in amounts.items()})
