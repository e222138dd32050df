"""Rows of evidence of a whole lake put together to `audit_finding`, in bounded memory.

The same as `findings.assembled` does for the counter, as SQL over the files of rows (tests hold them together): the
latest run of a finding counts; lines and stakes are collected in the order of line numbers. `amount` then counts each
fen once: a line is at stake with the greatest stake of its findings, violations first, then by rule; a whole bill
with what its lines have left over.
"""

import json
import os
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from yibao.supervision.audit.engines import Limits
from yibao.supervision.findings import finding_id, reason_of
from yibao.supervision.kinds import all_kinds
from yibao.supervision.rulebook import Rulebook

READ = """
create or replace table evidence_{kind} as
with every as (
  select *, parse_filename(filename, true) as run_id from read_parquet({files}, filename = true, union_by_name = true)
), latest as (
  select *, max(run_id) over (partition by rule_id, kp_id, finding_key) as newest from every
)
select * exclude (filename, newest),
       case when whole = 0 then 0 else (2 * amount::hugeint * part + whole) // (2 * whole) end::bigint as stake
from latest where run_id = newest and rule_id in (select rule_id from rule)
"""
EACH = """
select '{kind}' as kind, rule_id, kp_id, finding_key,
       coalesce(bkkp_sn, '') as bkkp_sn, coalesce(setl_id, '') as setl_id, stake
from evidence_{kind}
"""
TAKEN = """
create or replace table taken as
with ranked as (
  select e.kind, e.rule_id, e.kp_id, e.finding_key, e.bkkp_sn, e.setl_id, e.stake,
         row_number() over (order by r.severity <> 'violation', e.rule_id, e.kp_id, e.finding_key) as place
  from ({each}) e join rule r using (rule_id)
), lines as (
  select *, greatest(stake - coalesce(max(stake) over (partition by bkkp_sn order by place
                     rows between unbounded preceding and 1 preceding), 0), 0) as amount
  from ranked where bkkp_sn <> ''
), of_bill as (select setl_id, sum(amount) as amount from lines group by setl_id), bills as (
  select r.*, greatest(r.stake - greatest(coalesce(b.amount, 0), coalesce(max(r.stake) over (
           partition by r.setl_id order by r.place rows between unbounded preceding and 1 preceding), 0)), 0) as amount
  from ranked r left join of_bill b using (setl_id) where r.bkkp_sn = ''
)
select kind, rule_id, kp_id, finding_key, sum(amount)::bigint as amount
from (select kind, rule_id, kp_id, finding_key, amount from lines
      union all select kind, rule_id, kp_id, finding_key, amount from bills)
group by all
"""
FINDINGS = """
select e.rule_id, e.kp_id, e.finding_key, any_value(r.severity) as severity,
       min_by(struct_pack(setl_id := e.setl_id, mdtrt_id := e.mdtrt_id, psn_no := e.psn_no,
                          fixmedins_code := e.fixmedins_code, bilg_dr_code := e.bilg_dr_code, facts := {facts}),
              (coalesce(e.bkkp_sn, ''), e.setl_id)) as head,
       list(e.bkkp_sn order by e.bkkp_sn) filter (e.bkkp_sn is not null) as bkkp_sn,
       sum(e.stake)::bigint as stake, any_value(t.amount) as amount, any_value(e.run_id) as run_id
from evidence_{kind} e join rule r using (rule_id)
join taken t on t.kind = '{kind}' and t.rule_id = e.rule_id and t.kp_id = e.kp_id and t.finding_key = e.finding_key
group by e.rule_id, e.kp_id, e.finding_key
"""
BATCH = 20_000


def write_findings(out: Path, rulebook: Rulebook, runs: Collection[str], limits: Limits) -> int:
    """Write OUT/audit_finding anew from the rows of these runs; the number of findings."""
    import duckdb

    connection = duckdb.connect(config={"memory_limit": limits.memory, "threads": limits.threads})
    connection.execute(f"set temp_directory = '{out / 'scratch'}'")
    connection.execute("create table rule (rule_id text, severity text)")
    connection.executemany("insert into rule values (?, ?)", [(r.rule_id, r.severity) for r in rulebook.rules.values()])
    files = {
        name: [str(one) for one in (out / "rows" / name).glob("*.parquet") if one.stem in runs]
        for name in rulebook.kinds
    }
    kinds = [name for name in rulebook.kinds if files[name]]
    for name in kinds:
        connection.execute(READ.format(kind=name, files=files[name]))
    target, made, count = out / "audit_finding", out / "audit_finding.tmp", 0
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    if kinds:
        connection.execute(TAKEN.format(each=" union all ".join(EACH.format(kind=name) for name in kinds)))
        count = sum(_write_kind(connection, name, made) for name in kinds)
    connection.close()
    shutil.rmtree(target, ignore_errors=True)
    os.replace(made, target)
    return count


def _write_kind(connection: Any, name: str, folder: Path) -> int:
    """One file of the findings of a kind."""
    import pyarrow.parquet as pq

    kind = all_kinds()[name]
    facts = "struct_pack(" + ", ".join(f'"{one}" := e."{one}"' for one in kind.facts) + ")"
    result = connection.sql(FINDINGS.format(kind=name, facts=facts)).to_arrow_reader(BATCH)
    count = 0
    with pq.ParquetWriter(folder / f"{name}.parquet", schema(), compression="zstd") as writer:
        for table in _tables(result, name):
            writer.write_table(table)
            count += table.num_rows
    return count


def _tables(batches: Any, name: str) -> Iterator[Any]:
    import pyarrow as pa

    kind = all_kinds()[name]
    for batch in batches:
        rows = [_finding(kind, one) for one in batch.to_pylist()]
        yield pa.Table.from_pylist(rows, schema=schema())


def _finding(kind: Any, one: dict[str, Any]) -> dict[str, Any]:
    head = one["head"]
    facts = head.pop("facts")
    return {
        "finding_id": finding_id(one["rule_id"], one["kp_id"], one["finding_key"]),
        "rule_id": one["rule_id"], "kp_id": one["kp_id"], "severity": one["severity"], **head,
        "bkkp_sn": one["bkkp_sn"] or [], "stake": one["stake"], "amount": one["amount"],
        "reason": reason_of(kind, facts), "evidence": json.dumps(facts, ensure_ascii=False), "run_id": one["run_id"],
    }  # fmt: skip


def schema() -> Any:
    """Columns of `audit_finding` on disk: those of the lake's description, and `stake`."""
    import pyarrow as pa

    text = ["finding_id", "rule_id", "kp_id", "severity", "setl_id", "mdtrt_id"]
    who = ["psn_no", "fixmedins_code", "bilg_dr_code"]
    return pa.schema(
        [(name, pa.string()) for name in text]
        + [("bkkp_sn", pa.list_(pa.string()))]
        + [(name, pa.string()) for name in who]
        + [("stake", pa.int64()), ("amount", pa.int64())]
        + [(name, pa.string()) for name in ("reason", "evidence", "run_id")]
    )
