"""Alerts (预警): raised from indicators, scores and today's figures; an inspector closes one or opens a finding.

    raise_alerts(connection, definitions)        of the newest published month. The same one is raised once:
                                              an open one follows the numbers, a decided one stays as it is
    raise_live(connection, day, today, beds)     more people in bed than beds, now
    close(connection, number, reason, actor)     nothing behind it, with the reason
    open_finding(connection, number, text, actor)   goes on as a finding of casework

Refusals: V604 no such alert, V605 decided already, V606 no reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.money import divide_half_up, percent_text, yuan_text
from yibao.supervision.model import Finding
from yibao.supervision.monitoring import opening
from yibao.supervision.monitoring.definitions import Definitions, Indicator
from yibao.supervision.monitoring.live import Today

RAISE = """
insert into supervision.alert as alert (source, fixmedins_code, indicator, period, severity, text, numbers)
values ($1, $2, $3, $4, $5, $6, $7) on conflict (source, fixmedins_code, indicator, period) do update
  set severity = excluded.severity, text = excluded.text, numbers = excluded.numbers
  where alert.status = 'open' and alert.text <> excluded.text
returning xmax = 0 as new
"""
NUMBERS = ("numerator", "denominator", "value", "peers", "median", "lower", "upper", "z")
NEWEST = "select max(month) from supervision.indicator"
UNUSUAL = """
select fixmedins_code, indicator, month, numerator, denominator, value, peers, median, lower, upper, z
from supervision.indicator where month = $1 and level = 'institution' and verdict in ('high', 'low') and abs(z) >= $2
"""
HIGHEST = """
select subject, month, score, raw_score, place, contributions from supervision.score
where kind = 'institution' and month = $1 and score >= $2 order by place limit $3
"""
OPEN = """
select a.*, coalesce(i.fixmedins_name, a.fixmedins_code) as name from supervision.alert a
left join directory.institution i using (fixmedins_code)
where a.status = 'open' order by a.severity desc, a.alert_id limit $1 offset $2
"""
OF_INSTITUTION = """
select a.*, coalesce(i.fixmedins_name, a.fixmedins_code) as name from supervision.alert a
left join directory.institution i using (fixmedins_code)
where a.fixmedins_code = $1 order by a.alert_id desc limit 20
"""
DECIDED = """
select a.*, coalesce(i.fixmedins_name, a.fixmedins_code) as name from supervision.alert a
left join directory.institution i using (fixmedins_code)
where a.status <> 'open' order by a.alert_id desc limit $1
"""
FIND = "select * from supervision.alert where alert_id = $1 for update"
DECIDE = """
update supervision.alert set status = $2, decided_by = $3, decided_at = now(), reason = $4, finding_id = $5
where alert_id = $1
"""


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert; `severity` is |z| in hundredths or the score × 100."""

    alert_id: int
    source: str
    fixmedins_code: str
    indicator: str
    period: date
    severity: int
    text: str
    numbers: Mapping[str, Any]
    raised_at: datetime
    status: str
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None
    finding_id: str | None
    name: str


async def raise_alerts(connection: Connection, definitions: Definitions) -> int:
    """Alerts of the newest published month; how many are new."""
    month = await connection.fetchval(NEWEST)
    if month is None:
        return 0
    raised = 0
    for row in await connection.fetch(UNUSUAL, month, definitions.alerts.indicators_from):
        text = sentence(definitions[row["indicator"]], row)
        numbers = {name: row[name] for name in NUMBERS}
        key = ("indicator", row["fixmedins_code"], row["indicator"], month, abs(row["z"]))
        raised += await _raise(connection, *key, text, numbers)
    limits = definitions.alerts
    for row in await connection.fetch(HIGHEST, month, limits.score_from, limits.cases_per_month):
        text = f"{month:%Y年%m月}异常分 {row['score']}（未去规模 {row['raw_score']}），全市第 {row['place']} 位"
        numbers = {name: row[name] for name in ("score", "raw_score", "place", "contributions")}
        raised += await _raise(connection, "score", row["subject"], "score", month, row["score"] * 100, text, numbers)
    return raised


async def raise_live(connection: Connection, day: date, today: Mapping[str, Today], beds: Mapping[str, int]) -> int:
    """More people in bed than there are beds: a physical impossibility or extra beds nobody registered."""
    raised = 0
    for code, one in today.items():
        registered = beds.get(code, 0)
        if registered and one.in_bed > registered:
            text = f"在院 {one.in_bed} 人，多于登记床位 {registered} 张"
            use = divide_half_up(one.in_bed * 10_000, registered)
            numbers = {"in_bed": one.in_bed, "beds": registered}
            raised += await _raise(connection, "live", code, "bed_use", day, use, text, numbers)
    return raised


async def _raise(
    connection: Connection, source: str, code: str, indicator: str, period: date, severity: int, text: str,
    numbers: dict[str, Any],
) -> bool:  # fmt: skip
    new = await connection.fetchval(RAISE, source, code, indicator, period, severity, text, numbers)
    return bool(new)


def sentence(indicator: Indicator, row: Mapping[str, Any]) -> str:
    """The verdict with its numbers, in one sentence."""
    side = "高于" if row["z"] > 0 else "低于"
    middle = number_text(indicator, row["median"])
    usual = f"{number_text(indicator, row['lower'])} 至 {number_text(indicator, row['upper'])}"
    value = f"{row['month']:%Y年%m月}{indicator.title} {number_text(indicator, row['value'])}"
    return f"{value}，{side}同级 {row['peers']} 家的中位 {middle}（正常范围 {usual}）"


def number_text(indicator: Indicator, value: int) -> str:
    """A value as people read it, with its unit."""
    if indicator.unit == "fen":
        return f"{yuan_text(value)} 元"
    if indicator.unit == "basis_points":
        return percent_text(value)
    if indicator.unit == "hundredths":
        return f"{value // 100}.{value % 100:02d}"
    return f"{value:,}"


async def open_alerts(connection: Connection, limit: int, offset: int = 0) -> list[Alert]:
    """The open ones, the most severe first."""
    return [Alert(**row) for row in await connection.fetch(OPEN, limit, offset)]


async def decided_alerts(connection: Connection, limit: int) -> list[Alert]:
    """What was closed or went on as a finding, newest first."""
    return [Alert(**row) for row in await connection.fetch(DECIDED, limit)]


async def alerts_of(connection: Connection, fixmedins_code: str) -> list[Alert]:
    """The newest twenty of an institution."""
    return [Alert(**row) for row in await connection.fetch(OF_INSTITUTION, fixmedins_code)]


async def close(connection: Connection, number: int, reason: str, actor: str) -> None:
    """Nothing behind it. Refused V604, V605, V606."""
    await _open_one(connection, number, reason)
    await connection.execute(DECIDE, number, "closed", actor, reason, None)


async def open_finding(connection: Connection, number: int, reason: str, actor: str) -> str:
    """Go on as a finding of casework; its number. Refused V604, V605, V606."""
    row = await _open_one(connection, number, reason)
    found = finding_of(row, reason)
    await opening.open_finding(connection, found, f"alert:{number}")
    await connection.execute(DECIDE, number, "finding", actor, reason, found.finding_id)
    return found.finding_id


def finding_of(alert: Mapping[str, Any], reason: str) -> Finding:
    """A suspicion about an institution, without a bill: what is at stake shows only when it was looked at."""
    key = f"{alert['source']}|{alert['fixmedins_code']}|{alert['indicator']}|{alert['period']}"
    numbers = {name: value for name, value in alert["numbers"].items() if isinstance(value, int | str)}
    reason = f"监测预警：{alert['text']}。{reason}"
    return opening.suspicion(opening.ALERT, key, alert["fixmedins_code"], "", reason, numbers)


async def _open_one(connection: Connection, number: int, reason: str) -> Mapping[str, Any]:
    row = await connection.fetchrow(FIND, number)
    if row is None:
        raise Refused(Refusal("V604", f"没有编号为 {number} 的预警", "请从预警列表里选择"))
    if row["status"] != "open":
        raise Refused(Refusal("V605", f"该预警已由 {row['decided_by']} 处理", "请刷新列表"))
    if not reason:
        raise Refused(Refusal("V606", "没有写明理由", "请写明核查的情况", "reason"))
    found: Mapping[str, Any] = row
    return found
