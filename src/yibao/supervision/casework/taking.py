"""Findings taken from an audit (`audit_finding`) into casework, with what is needed of their bills and lines.

    await take(connection, findings, origin, source)    findings: an iterable; source: DatabaseBills or LakeBills

May be repeated: known findings are kept as they stand (only those nobody looked at yet are brought up to date), closed
ones stay closed, and open ones of the same origin that are not found any more are noted. What cannot be taken is
answered row by row: V431 its bill is not there, V432 its institution is not, V433 its bill was cancelled. Findings of
institutions in other cities are only counted: care away from home is followed up where it was given.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.supervision.casework.moves import SYSTEM
from yibao.supervision.casework.terms import due, has_terms
from yibao.supervision.knowledge.catalogue import catalogue
from yibao.supervision.model import Finding

AT_ONCE = 5_000
Named = Callable[[str], tuple[str, str]]
"""A rule's name and clause by its number."""
INSTITUTIONS = "select fixmedins_code, admdvs from directory.institution where fixmedins_code = any($1::text[])"
BILLS = "select setl_id from supervision.bill where setl_id = any($1::text[])"
CANCELLED = "select init_setl_id from settlement.settlement where init_setl_id = any($1::text[])"
SEEN = "create temporary table finding_seen (finding_id text primary key) on commit drop"
MARK_SEEN = "insert into finding_seen select unnest($1::text[]) on conflict do nothing"
TAKE = """
with found as (
  select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                       $9::text[], $10::text[], $11::text[], $12::text[], $13::bigint[], $14::text[], $15::jsonb[],
                       $16::text[], $17::date[])
    as f (finding_id, rule_id, rule_name, clause, kp_id, severity, setl_id, mdtrt_id, bkkp_sn, psn_no, fixmedins_code,
          bilg_dr_code, amount, reason, evidence, run_id, due_on)
), before as (
  select finding_id, amount, reason, missing_since, state from supervision.finding
  where finding_id = any($1::text[])
), written as (
  insert into supervision.finding as f (finding_id, rule_id, rule_name, clause, kp_id, severity, setl_id, mdtrt_id,
    bkkp_sn, psn_no, fixmedins_code, bilg_dr_code, amount, reason, evidence, run_id, due_on, origin, taken_at)
  select finding_id, rule_id, rule_name, clause, kp_id, severity, setl_id, mdtrt_id, string_to_array(bkkp_sn, ','),
    psn_no, fixmedins_code, bilg_dr_code, amount, reason, evidence, run_id, due_on, $18, $19
  from found
  on conflict (finding_id) do update
    set missing_since = null,
        bkkp_sn = case when f.state = 'new' then excluded.bkkp_sn else f.bkkp_sn end,
        amount = case when f.state = 'new' then excluded.amount else f.amount end,
        reason = case when f.state = 'new' then excluded.reason else f.reason end,
        evidence = case when f.state = 'new' then excluded.evidence else f.evidence end,
        run_id = case when f.state = 'new' then excluded.run_id else f.run_id end
    where f.state <> 'closed' and (f.missing_since is not null
      or (f.state = 'new' and (f.amount, f.reason) is distinct from (excluded.amount, excluded.reason)))
  returning f.finding_id, f.amount
), step as (
  select w.finding_id, w.amount, b.amount as before,
         case when b.finding_id is null then 'taken' when b.missing_since is not null then 'found_again'
              else 'changed' end as kind
  from written w left join before b using (finding_id)
), noted as (
  insert into supervision.finding_step (finding_id, at, kind, actor, details)
  select finding_id, $19, kind, $20, jsonb_strip_nulls(jsonb_build_object('amount', amount, 'before', before)) from step
)
select kind, count(*) as count from step group by kind
"""
MISSING = """
with missing as (
  update supervision.finding f set missing_since = $2
  where f.origin = $1 and f.state <> 'closed' and f.missing_since is null
    and not exists (select from finding_seen s where s.finding_id = f.finding_id)
  returning f.finding_id
)
insert into supervision.finding_step (finding_id, at, kind, actor) select finding_id, $2, 'missing', $3 from missing
"""


@dataclass(slots=True)
class Taken:
    """Numbers of findings: new, brought up to date, found again, known before, not found any more, not taken.

    `away`: findings of institutions in other cities, by the city's code.
    """

    taken: int = 0
    changed: int = 0
    found_again: int = 0
    known: int = 0
    missing: int = 0
    away: Counter[str] = field(default_factory=Counter)
    refused: list[Refusal] = field(default_factory=list)


class Bills(Protocol):
    """Where bills and lines of findings come from."""

    async def copy(self, connection: Connection, findings: list[Finding]) -> None:
        """Copy what these findings need into supervision.bill and supervision.evidence_line."""


def unnamed(rule_id: str) -> tuple[str, str]:
    """For rules of which no name is known."""
    return "", ""


def of_catalogue(rule_id: str) -> tuple[str, str]:
    """Name and clause of a rule of the catalogue."""
    known = catalogue().get(rule_id)
    return (known.name, known.clause) if known else unnamed(rule_id)


async def take(
    connection: Connection,
    findings: Iterable[Finding],
    origin: str,
    source: Bills,
    *,
    named: Named = unnamed,
    whole: bool = True,
) -> Taken:
    """Take findings in the caller's transaction; `whole`: they are all that `origin` finds, so others are missing."""
    done = Taken()
    if whole:
        await connection.execute(SEEN)
    rest = iter(findings)
    while some := list(islice(rest, AT_ONCE)):
        await source.copy(connection, some)
        good = await _takeable(connection, some, done)
        await _write(connection, good, origin, named, done)
        if whole:
            await connection.execute(MARK_SEEN, [one.finding_id for one in some])
    if whole:
        answer = await connection.execute(MISSING, origin, dates.now(), SYSTEM)
        done.missing = int(answer.rpartition(" ")[2])
        await connection.execute("drop table finding_seen")
    return done


async def _takeable(connection: Connection, findings: list[Finding], done: Taken) -> dict[str, list[Finding]]:
    """The findings that can be dealt with, by the area of their institution."""
    bills = [one.setl_id for one in findings if one.setl_id]
    places = {
        row["fixmedins_code"]: row["admdvs"]
        for row in await connection.fetch(INSTITUTIONS, list({one.fixmedins_code for one in findings}))
    }
    known = {row["setl_id"] for row in await connection.fetch(BILLS, bills)}
    cancelled = {row["init_setl_id"] for row in await connection.fetch(CANCELLED, bills)}
    good: dict[str, list[Finding]] = {}
    for one in findings:
        if city := _away(one, places):
            done.away[city] += 1
        elif fault := _fault(one, places, known, cancelled):
            done.refused.append(fault)
        else:
            good.setdefault(places[one.fixmedins_code], []).append(one)
    return good


def _away(one: Finding, places: Mapping[str, str]) -> str:
    """The city of an institution whose findings are not dealt with here, else ""; codes hold the area from place 2."""
    area = places.get(one.fixmedins_code) or one.fixmedins_code[1:7]
    known = area[:4].isdecimal() and len(area) == len("340600")
    return f"{area[:4]}00" if known and not has_terms(area) else ""


def _fault(one: Finding, places: Mapping[str, str], bills: set[str], cancelled: set[str]) -> Refusal | None:
    if one.fixmedins_code not in places:
        text = f"没有登记医药机构{one.fixmedins_code or '（空）'}"
        return Refusal("V432", text, "请先导入医药机构", one.finding_id)
    if one.setl_id and one.setl_id not in bills:
        return Refusal("V431", f"没有结算单{one.setl_id}", "请用 --lake 指明审核所用的数据湖", one.finding_id)
    if one.setl_id in cancelled:
        return Refusal("V433", f"结算单{one.setl_id}已撤销", "不再处理", one.finding_id)
    return None


async def _write(
    connection: Connection, good: Mapping[str, list[Finding]], origin: str, named: Named, done: Taken
) -> None:
    now = dates.now()
    for admdvs, some in good.items():
        last_day = due(admdvs, "first_review_days", now.date())
        rows = [_row(one, named(one.rule_id), last_day) for one in some]
        columns = [list(column) for column in zip(*rows, strict=True)]
        steps = {row["kind"]: row["count"] for row in await connection.fetch(TAKE, *columns, origin, now, SYSTEM)}
        done.taken += steps.get("taken", 0)
        done.changed += steps.get("changed", 0)
        done.found_again += steps.get("found_again", 0)
        done.known += len(some) - sum(steps.values())


def _row(one: Finding, rule: tuple[str, str], last_day: date) -> tuple[Any, ...]:
    return (
        one.finding_id, one.rule_id, *rule, one.kp_id, one.severity, one.setl_id, one.mdtrt_id, ",".join(one.bkkp_sn),
        one.psn_no, one.fixmedins_code, one.bilg_dr_code, one.amount, one.reason, one.evidence, one.run_id, last_day,
    )  # fmt: skip


def findings_of(out: Path) -> Iterator[Finding]:
    """The findings in OUT of `yibao audit run`; Refused V434 when there are none to read."""
    import pyarrow.parquet as pq

    files = sorted((out / "audit_finding").glob("*.parquet"))
    if not (out / "audit_finding").is_dir():
        text = f"{out} 里没有 audit_finding"
        raise Refused(Refusal("V434", text, "请指定 yibao audit run 的输出目录", str(out)))
    for file in files:
        for batch in pq.ParquetFile(file).iter_batches(AT_ONCE):
            yield from (_finding(row) for row in batch.to_pylist())


def _finding(row: dict[str, Any]) -> Finding:
    evidence = json.loads(row["evidence"] or "{}")
    texts = {
        name: row[name] or ""
        for name in ("kp_id", "setl_id", "mdtrt_id", "psn_no", "fixmedins_code", "bilg_dr_code", "run_id")
    }
    return Finding(
        finding_id=row["finding_id"], rule_id=row["rule_id"], severity=row["severity"],
        bkkp_sn=tuple(row["bkkp_sn"] or ()), stake=row.get("stake", row["amount"]), amount=row["amount"],
        reason=row["reason"], evidence=evidence, **texts,
    )  # fmt: skip
