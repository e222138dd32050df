"""Who the lines of a declaration are (申报人员核对): enrolment at the employer and contribution of the month.

    staff = await staff_of(connection, rows, emp_no, month)

A person is found by every certificate; a merged record leads to the one that stays.
"""

from collections.abc import Sequence
from datetime import date

from yibao.core.database import Connection
from yibao.population.employees.declared_lines import DeclaredRow, Staff

STAFF = """
with found as (
  select p.psn_cert_type, p.certno, coalesce(p.merged_into, p.psn_no) as psn_no
  from unnest($1::text[], $2::text[]) as a (psn_cert_type, certno)
  join population.person p using (psn_cert_type, certno)
  union
  select c.psn_cert_type, c.certno, c.psn_no
  from unnest($1::text[], $2::text[]) as a (psn_cert_type, certno)
  join population.certificate c using (psn_cert_type, certno)
)
select f.psn_cert_type, f.certno, p.psn_no, p.psn_name, p.die_date, e.psn_insu_rlts_id,
       coalesce(e.psn_insu_stas, '') as psn_insu_stas, e.paus_date,
       case when c.contribution_id is not null then coalesce(c.emp_no, '') end as payer, c.base,
       coalesce(c.status = 'paid' or c.bill_no is not null or c.order_no is not null, false) as settled,
       r.psn_insu_rlts_id as resident,
       exists (select from population.contribution n
               where n.psn_no = p.psn_no and n.insutype = '310' and n.emp_no = $3 and n.period_from > $4
                 and (n.status = 'paid' or n.status = 'due' and n.bill_no is not null)) as settled_later
from found f join population.person p using (psn_no)
left join lateral (
  select * from population.enrolment e
  where e.psn_no = p.psn_no and e.insutype = '310' and e.emp_no = $3 and e.psn_insu_stas in ('1', '2')
  order by e.psn_insu_stas, e.begndate desc limit 1) e on true
left join lateral (
  select psn_insu_rlts_id from population.enrolment e
  where e.psn_no = p.psn_no and e.insutype = '390' and e.psn_insu_stas = '1' and e.enddate is null limit 1) r on true
left join population.contribution c
  on c.psn_no = p.psn_no and c.insutype = '310' and c.period_from = $4 and c.status in ('due', 'paid')
"""
LOCK_PERSONS = """
select 1 from population.person where psn_no = any (array(
  select coalesce(p.merged_into, p.psn_no) from unnest($1::text[], $2::text[]) as a (psn_cert_type, certno)
  join population.person p using (psn_cert_type, certno)
  union
  select c.psn_no from unnest($1::text[], $2::text[]) as a (psn_cert_type, certno)
  join population.certificate c using (psn_cert_type, certno))) order by psn_no for no key update
"""


async def staff_of(
    connection: Connection, rows: Sequence[DeclaredRow], emp_no: str, month: date
) -> dict[tuple[str, str], Staff]:
    """Staff by certificate type and number, under the locks of their persons: two files never deadlock."""
    certificates = sorted({(row.psn_cert_type, row.certno) for row in rows if row.certno})
    kinds, numbers = [kind for kind, _ in certificates], [number for _, number in certificates]
    await connection.execute(LOCK_PERSONS, kinds, numbers)
    found = await connection.fetch(STAFF, kinds, numbers, emp_no, month)
    return {(kind, number): Staff(*rest) for kind, number, *rest in found}
