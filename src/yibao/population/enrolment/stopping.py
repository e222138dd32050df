"""What a death stops besides enrolments, and how it goes on again when the death was recorded wrongly.

    stopped = await stop_everything(connection, psn_no, die_date)     by kind; each with the row as it was
    restored = await go_on(connection, die_date, stopped)             puts back what nobody has changed since

Each kind is one `Stop`: the table, which rows of the person stop, and what of a row changes. A row that would begin
only after the death is deleted and kept whole. Open payment orders are given up (`GIVE_UP_ORDERS`) and stay so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from yibao.core.database import Connection


@dataclass(frozen=True, slots=True)
class Stop:
    """Rows of `table` (as t) of person $1 on the day of death $2: `told` names one, `change` is what it becomes.

    Without `change` the rows are deleted. `columns` are put back on a row with the same `key` while `still` holds.
    """

    table: str
    rows: str
    told: str
    key: tuple[str, ...]
    change: str = ""
    columns: tuple[str, ...] = ()
    still: str = ""

    @property
    def statement(self) -> str:
        """Stops the rows of $1 on $2; gives what names each and the row as it was."""
        action = f"update {self.table} t set {self.change} from" if self.change else f"delete from {self.table} t using"
        keys = ", ".join(f"t.{name}" for name in self.key)
        same = " and ".join(f"t.{name} = b.{name}" for name in self.key)
        return f"""
        with before as materialized (
          select {keys}, to_jsonb(t) as row, {self.told} as told from {self.table} t
          where ({self.rows}) and $2::date is not null for no key update),
        changed as ({action} before b where {same})
        select told, row from before order by told"""

    @property
    def undoing(self) -> str:
        """Puts a row ($1, jsonb) back that stopped on $2; gives nothing when it has changed since."""
        row = f"jsonb_populate_record(null::{self.table}, $1)"
        if not self.change:
            return f"""
            insert into {self.table} select b.* from {row} b where $2::date is not null
            on conflict do nothing returning 1"""
        columns = ", ".join(f"{name} = b.{name}" for name in self.columns)
        same = " and ".join(f"t.{name} = b.{name}" for name in self.key)
        return f"""
        update {self.table} t set {columns} from {row} b
        where {same} and ({self.still}) and $2::date is not null returning 1"""


def _until_death(table: str, rows: str, told: str, key: tuple[str, ...], begin: str, end: str) -> dict[str, Stop]:
    """Two stops: rows that go on past the death end with it, rows that would begin later are deleted."""
    name = table.rpartition(".")[2]
    lasting = f"{rows} and {begin} <= $2 and ({end} is null or {end} > $2)"
    return {
        name: Stop(table, lasting, told, key, f"{end} = $2", (end,), f"t.{end} = $2"),
        f"{name}_not_begun": Stop(table, f"{rows} and {begin} > $2", told, key),
    }


LINK = ("beneficiary", "payer", "begndate")
COVERAGE = ("psn_no", "psn_insu_rlts_id", "begndate")
STOPS: dict[str, Stop] = {
    **_until_death(
        "population.family_link",
        "(beneficiary = $1 or payer = $1)",
        "payer || '→' || beneficiary",
        LINK,
        "begndate",
        "enddate",
    ),
    **_until_death(
        "population.identity_tag", "psn_no = $1", "tag", ("psn_no", "tag", "begntime"), "begntime", "endtime"
    ),
    **_until_death(
        "population.coverage",
        "psn_no = $1 and origin = 'taken_over'",
        "begndate::text",
        COVERAGE,
        "begndate",
        "enddate",
    ),
    "filing": Stop(
        "population.filing",
        "psn_no = $1 and status = 'active' and (enddate is null or enddate > $2)",
        "trt_dcla_detl_sn",
        ("trt_dcla_detl_sn",),
        "enddate = greatest(t.begndate, $2)",
        ("enddate",),
        "t.enddate = greatest(t.begndate, $2) and t.status = 'active'",
    ),
    "credential": Stop(
        "population.credential",
        "psn_no = $1 and (valid_to is null or valid_to > $2)",
        "mdtrt_cert_type",
        ("mdtrt_cert_type", "mdtrt_cert_no"),
        "valid_to = $2",
        ("valid_to",),
        "t.valid_to = $2",
    ),
    "contribution": Stop(
        "population.contribution",
        "psn_no = $1 and status = 'due' and (insutype = '390' or period_from > $2)",
        "insutype || ' ' || period_from",
        ("contribution_id",),
        "status = 'cancelled'",
        ("status",),
        """t.status = 'cancelled' and not exists (
             select from population.contribution o where o.psn_no = t.psn_no and o.insutype = t.insutype
               and o.period_from = t.period_from and o.status in ('due', 'paid'))""",
    ),
    "account": Stop(
        "population.account",
        "psn_no = $1 and not frozen",
        "balance::text",
        ("psn_no",),
        "frozen = true",
        ("frozen",),
        "t.frozen",
    ),
    "household": Stop(
        "population.household",
        "head = $1",
        "household_no",
        ("household_no",),
        "head = null",
        ("head",),
        "t.head is null",
    ),
    "transfer": Stop(
        "population.transfer",
        "psn_no = $1 and state in ('requested', 'received')",
        "transfer_no",
        ("transfer_no",),
        "state = 'refused', finished_on = $2, reason = '参保人死亡'",
        ("state", "finished_on", "reason"),
        "t.state = 'refused' and t.reason = '参保人死亡'",
    ),
}
"""What stops, by kind. What an employer owes for months before the death stays due; money already sent to another area
(a transfer in state sent) is that area's."""
GIVE_UP_ORDERS = """
with over as (
  update population.payment_order set status = 'expired'
  where order_no in (
    select o.order_no from population.payment_order o
    where o.status = 'created' and o.order_no in (
      select l.order_no from population.payment_line l join population.contribution c using (contribution_id)
      where l.psn_no = $1 and l.status = 'open' and c.status = 'due' and (c.insutype = '390' or c.period_from > $2))
    order by o.order_no for no key update)
  returning order_no),
released as (
  update population.payment_line set status = 'released'
  where order_no in (select order_no from over) and status = 'open')
select order_no from over order by order_no
"""
"""Orders that hold what is cancelled: the others in them may order anew at once, nobody collects for the dead."""

Stopped = dict[str, list[dict[str, Any]]]


async def stop_everything(connection: Connection, psn_no: str, die_date: date) -> tuple[dict[str, list[str]], Stopped]:
    """What was stopped by kind: how each is named, and the rows as they were. The caller holds the person's lock."""
    orders = [row[0] for row in await connection.fetch(GIVE_UP_ORDERS, psn_no, die_date)]
    told: dict[str, list[str]] = {"payment_order": orders} if orders else {}
    rows: Stopped = {}
    for name, stop in STOPS.items():
        found = await connection.fetch(stop.statement, psn_no, die_date)
        if found:
            told[name] = [row["told"] for row in found]
            rows[name] = [_kept(stop, row["row"]) for row in found]
    return told, rows


async def go_on(connection: Connection, die_date: date, stopped: Mapping[str, Sequence[Any]]) -> dict[str, int]:
    """Put rows back; returns how many by kind. What somebody has changed since stays as it is."""
    restored: dict[str, int] = {}
    for name, rows in stopped.items():
        undoing = STOPS[name].undoing
        done = [await connection.fetchval(undoing, row, die_date) for row in rows]
        restored[name] = sum(one is not None for one in done)
    return restored


def _kept(stop: Stop, row: dict[str, Any]) -> dict[str, Any]:
    """What of a row is needed to put it back."""
    return row if not stop.change else {name: row[name] for name in (*stop.key, *stop.columns)}
