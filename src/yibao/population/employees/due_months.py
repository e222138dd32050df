"""Writing the months that are due (应缴月份): employees, flexible workers and the retired alike.

A month that is not there is made; one that is due, in no bill and in no order gets the new amounts; everything else
stays as it is. Amounts are fen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from yibao.core.database import Connection
from yibao.core.months import last_of
from yibao.population.employees.split import Premium

WRITE = """
insert into population.contribution (psn_no, insutype, category, kind, period_from, period_to, emp_no, base, personal,
                                     employer, serious, to_account, account_charge, maternity)
select d.psn_no, '310', $1, d.kind, d.period_from, d.period_to, d.emp_no, d.base, d.personal, d.employer, d.serious,
       d.to_account, d.account_charge, d.maternity
from unnest($2::text[], $3::text[], $4::date[], $5::date[], $6::text[], $7::bigint[], $8::bigint[], $9::bigint[],
            $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[])
  as d (psn_no, kind, period_from, period_to, emp_no, base, personal, employer, serious, to_account, account_charge,
        maternity)
on conflict (psn_no, insutype, period_from) where status in ('due', 'paid') do update set
  kind = excluded.kind, base = excluded.base, personal = excluded.personal, employer = excluded.employer,
  serious = excluded.serious, to_account = excluded.to_account, account_charge = excluded.account_charge,
  maternity = excluded.maternity
where contribution.status = 'due' and contribution.bill_no is null and contribution.order_no is null
  and not exists (select from population.payment_line l
                  where l.contribution_id = contribution.contribution_id and l.status in ('open', 'paid'))
  and contribution.category = excluded.category and contribution.emp_no is not distinct from excluded.emp_no
returning contribution_id
"""


@dataclass(frozen=True, slots=True)
class DueMonth:
    """One person's month: its first day, the kind (normal, back_payment), the amounts, the employer if any."""

    psn_no: str
    month: date
    kind: str
    premium: Premium
    emp_no: str | None = None


async def write_due(connection: Connection, category: str, due: Sequence[DueMonth]) -> list[int]:
    """Make or renew the months of one category; returns the numbers of those that changed."""
    if not due:
        return []
    premiums = [one.premium for one in due]
    rows = await connection.fetch(
        WRITE,
        category,
        [one.psn_no for one in due],
        [one.kind for one in due],
        [one.month for one in due],
        [last_of(one.month) for one in due],
        [one.emp_no for one in due],
        [p.base for p in premiums],
        [p.personal for p in premiums],
        [p.employer for p in premiums],
        [p.serious for p in premiums],
        [p.to_account for p in premiums],
        [p.account_charge for p in premiums],
        [p.maternity for p in premiums],
    )
    return [row[0] for row in rows]
