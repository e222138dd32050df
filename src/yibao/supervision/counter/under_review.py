"""Orders under review (审核中的医嘱): what is charged in stays that are not settled yet, live from the fee lines.

By doctor, department or hospital over a period: patients, lines, fees, the shares of drugs, tests and consumables, what
supervision marked, and how far each share lies from its peers. Peers are the other rows of the same view: doctors and
departments of the hospital, or hospitals of the same level. Shares are basis points, distances tenths of a robust z
(0.6745 × difference from the median ÷ median absolute deviation), None with fewer than `FEWEST_PEERS` rows.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

import msgspec

from yibao.core.database import Connection
from yibao.core.money import divide_half_up

View = Literal["doctor", "department", "hospital"]
FEWEST_PEERS = 5
FAR = 35
"""Tenths of a robust z from which a share is called an outlier: 3.5, the usual bound (Iglewicz and Hoaglin)."""
SHARES = ("drugs", "tests", "consumables")
OF_HOSPITAL = "v.fixmedins_code = $3"
OF_CITY = "$3::text = ''"
SUMS = """
with lines as materialized (
  select v.fixmedins_code, f.bilg_dept_codg as dept, f.bilg_dr_code as doctor, v.mdtrt_id, f.med_chrgitm_type as charge,
         f.det_item_fee_sumamt as fee, f.inscp_amt, f.mark
  from settlement.visit v join settlement.fee_line f using (mdtrt_id)
  where v.status in ('admitted', 'discharged') and {place} and f.setl_id is null and not f.cancelled
    and f.fee_ocur_time >= $1::date and f.fee_ocur_time < $2::date + 1
), sums as (
  select fixmedins_code, {dept} as dept, {doctor} as doctor, count(distinct mdtrt_id) as patients, count(*) as lines,
         sum(fee)::bigint as fees, sum(inscp_amt)::bigint as insured,
         coalesce(sum(fee) filter (where charge in ('09', '10', '11')), 0)::bigint as drugs,
         coalesce(sum(fee) filter (where charge in ('03', '04')), 0)::bigint as tests,
         coalesce(sum(fee) filter (where charge = '08'), 0)::bigint as consumables,
         count(*) filter (where mark = 'suspect') as suspect, count(*) filter (where mark = 'refused') as refused,
         count(*) filter (where mark = 'approved') as approved
  from lines group by 1, 2, 3
)
select s.*, i.fixmedins_name, i.level, coalesce(d.dept_name, s.dept) as dept_name, coalesce(r.dr_name, '') as dr_name
from sums s join directory.institution i using (fixmedins_code)
left join directory.department d on d.fixmedins_code = s.fixmedins_code and d.dept_codg = s.dept
left join directory.doctor r on r.dr_codg = s.doctor
"""
BY: dict[View, tuple[str, str]] = {"doctor": ("dept", "doctor"), "department": ("dept", "''"), "hospital": ("''", "''")}
MARKED = """
select f.mdtrt_id, f.feedetl_sn, f.fee_ocur_time, f.med_list_codg, f.det_item_fee_sumamt, f.mark, f.mark_reason,
       f.bilg_dr_code, v.fixmedins_code,
       coalesce(f.details -> 'catalogue' ->> 'item_name', f.med_list_codg) as item_name
from settlement.visit v join settlement.fee_line f using (mdtrt_id)
where v.status in ('admitted', 'discharged') and {place} and f.setl_id is null and not f.cancelled and f.mark <> ''
  and f.fee_ocur_time >= $1::date and f.fee_ocur_time < $2::date + 1
order by f.mark <> 'refused', f.det_item_fee_sumamt desc, f.bkkp_sn limit 100
"""
WARNED = """
select severity, refuses, count(*) as warnings, count(*) filter (where dspo_way = '1') as went_on,
       count(*) filter (where dspo_way = '2') as changed, count(*) filter (where dspo_way is null) as unanswered,
       count(*) filter (where approved_at is not null) as approved
from supervision.order_warning v
where {place} and warned_at >= $1::date and warned_at < $2::date + 1 group by 1, 2 order by 1 desc, 2 desc
"""


class Reviewed(msgspec.Struct, frozen=True, kw_only=True):
    """One doctor, department or hospital: amounts in fen, `shares` in basis points, `distances` in tenths of z."""

    fixmedins_code: str
    fixmedins_name: str
    level: int
    dept: str
    dept_name: str
    doctor: str
    dr_name: str
    patients: int
    lines: int
    fees: int
    insured: int
    suspect: int
    refused: int
    approved: int
    shares: dict[str, int]
    distances: dict[str, int | None] = {}

    @property
    def is_outlier(self) -> bool:
        """Whether a share lies far above its peers."""
        return any(distance is not None and distance >= FAR for distance in self.distances.values())


def statement(text: str, hospital: str, view: View = "hospital") -> str:
    """The statement for one hospital (looked up) or, without one, for the city."""
    dept, doctor = BY[view]
    return text.format(place=OF_HOSPITAL if hospital else OF_CITY, dept=dept, doctor=doctor)


async def under_review(
    connection: Connection, view: View, first: date, last: date, hospital: str = ""
) -> list[Reviewed]:
    """Rows of a view over the days from `first` to `last`, outliers first, then by fees."""
    rows = await connection.fetch(statement(SUMS, hospital, view), first, last, hospital)
    found = with_distances([_reviewed(row) for row in rows])
    return sorted(found, key=lambda one: (not one.is_outlier, -one.fees, one.fixmedins_code, one.dept, one.doctor))


def _reviewed(row: Any) -> Reviewed:
    fees = row["fees"]
    shares = {name: divide_half_up(row[name] * 10_000, fees) if fees > 0 else 0 for name in SHARES}
    known = {name: row[name] for name in Reviewed.__struct_fields__ if name not in ("shares", "distances")}
    return Reviewed(**known, shares=shares)


def with_distances(rows: Sequence[Reviewed]) -> list[Reviewed]:
    """Each row with how far its shares lie from those of its peers. Pure."""
    peers: dict[int, list[Reviewed]] = defaultdict(list)
    for row in rows:
        peers[row.level].append(row)
    return [
        msgspec.structs.replace(row, distances={name: distance(row, peers[row.level], name) for name in SHARES})
        for row in rows
    ]


def distance(row: Reviewed, peers: Sequence[Reviewed], name: str) -> int | None:
    """Tenths of the robust z of a share; None with too few peers, or where most of them are equal."""
    if len(peers) < FEWEST_PEERS:
        return None
    middle = twice_median([one.shares[name] for one in peers])
    spread = twice_median([abs(2 * one.shares[name] - middle) for one in peers])  # four times the deviation
    return divide_half_up(10 * 6745 * 2 * (2 * row.shares[name] - middle), 10_000 * spread) if spread else None


def twice_median(values: Sequence[int]) -> int:
    """Twice the median, a whole number."""
    ordered, half = sorted(values), len(values) // 2
    return 2 * ordered[half] if len(ordered) % 2 else ordered[half - 1] + ordered[half]


async def marked_lines(connection: Connection, first: date, last: date, hospital: str = "") -> list[Any]:
    """Lines that supervision marked, the refused first, at most 100."""
    return list(await connection.fetch(statement(MARKED, hospital), first, last, hospital))


async def warnings_given(connection: Connection, first: date, last: date, hospital: str = "") -> list[Any]:
    """Warnings of 3101 and 3102 of the days by severity: how many, and what was answered."""
    return list(await connection.fetch(statement(WARNED, hospital), first, last, hospital))
