"""Crediting of personal accounts (个人账户划账): one run per city and month, in parts that each stand or fall alone.

    result = await run(connection, "340600", month)      the connection must be outside a transaction

1. Every retired person gets the month's contribution: nothing is owed, the pooled fund credits the account by age.
2. Part by part, every paid month that no run has credited yet: balance, movements, journal entry and the mark on the
   contribution in one statement and one transaction. A run that was killed goes on where it stopped; a run repeated
   finds nothing left; a month paid late is credited by the next run.

The large-amount premium that an account pays (个人账户冲抵) leaves it again in the same part as a movement of its own.
Each part is one journal entry with one posting per person, so that a person's balance, the sum of his movements and
what the journal owes him are the same. Amounts are fen.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.population.arrears import first_of, last_of
from yibao.population.rules import rules_of
from yibao.population.split import PremiumRates, premium_rates, split_retired

PART = 10_000
"""Persons' months per journal entry: a posting's line number is a smallint."""

OPEN_RUN = """
insert into population.crediting_run (run_no, area, month) values ('H' || $1 || to_char($2::date, 'YYYYMM'), $1, $2)
on conflict (area, month) do update set finished_at = null returning run_no
"""
LOCK_RUN = "select parts from population.crediting_run where run_no = $1 for update"
CLOSE_RUN = """
update population.crediting_run set finished_at = now() where run_no = $1
returning run_no, parts, persons, credited, charged
"""
RETIRED = """
insert into population.contribution (psn_no, insutype, category, period_from, period_to, serious, to_account,
                                     account_charge, status, paid_on, paid_at)
select distinct on (p.psn_no) p.psn_no, '310', 'retired', $2::date, $3::date, step.charge, step.credit, step.charge,
       'paid', $4::date, now()
from population.enrolment e join population.person p using (psn_no)
cross join lateral (
  select s.credit, s.charge from unnest($5::int[], $6::bigint[], $7::bigint[]) as s (from_age, credit, charge)
  where s.from_age <= date_part('year', age($3::date, p.brdy)) order by s.from_age desc limit 1) step
where e.insutype = '310' and e.category = 'retired' and e.psn_insu_stas = '1' and e.insu_admdvs like $1 || '%'
  and e.begndate <= $3 and (e.enddate is null or e.enddate >= $2) and (p.die_date is null or p.die_date >= $2)
  and p.merged_into is null and step.credit > 0
order by p.psn_no
on conflict (psn_no, insutype, period_from) where status in ('due', 'paid') do nothing
"""
CREDIT_PART = """
with due as materialized (
  select c.contribution_id, c.psn_no, c.category = 'retired' as retired, c.to_account, c.account_charge
  from population.contribution c
  where c.status = 'paid' and c.credited_run is null and (c.to_account > 0 or c.account_charge > 0)
    and c.insutype = '310' and c.paid_on <= $3 and c.contribution_id > $4
    and exists (select from population.enrolment e
                where e.psn_no = c.psn_no and e.insutype = '310' and e.insu_admdvs like $2 || '%')
  order by c.contribution_id limit $5 for no key update
), marked as (
  update population.contribution c set credited_run = $1 from due where c.contribution_id = due.contribution_id
), person as (
  select psn_no, sum(to_account)::bigint as credit, sum(account_charge)::bigint as charge from due group by psn_no
), moved as (
  insert into population.account (psn_no, balance) select psn_no, credit - charge from person order by psn_no
  on conflict (psn_no) do update set balance = account.balance + excluded.balance
  returning psn_no, balance
), history as (
  insert into population.account_movement (psn_no, amount, balance_after, kind, reference)
  select psn_no, amount, balance_after, kind, $1
  from (select m.psn_no, p.credit as amount, m.balance + p.charge as balance_after, 'contribution' as kind, 1 as place
        from moved m join person p using (psn_no) where p.credit > 0
        union all
        select m.psn_no, -p.charge, m.balance, 'large_amount_premium', 2
        from moved m join person p using (psn_no) where p.charge > 0) both_kinds
  order by psn_no, place
), entry as (
  insert into ledger.entry (booked_on, kind, reference, text)
  select $6, 'account_crediting', $1 || '-' || $7::text, '个人账户划账' where exists (select from due)
  returning entry_id
), posting as (
  insert into ledger.posting (entry_id, line_no, account, amount, party)
  select entry.entry_id, row_number() over (order by l.place, l.party), l.account, l.amount, l.party
  from entry cross join (
    select 1 as place, 'personal_account.contributions' as account, sum(to_account)::bigint as amount, '' as party
    from due where not retired
    union all
    select 2, 'employee_pooled.account_transfers', sum(to_account)::bigint, '' from due where retired
    union all
    select 3, 'large_amount.contributions', -sum(account_charge)::bigint, '' from due
    union all
    select 4, 'personal_account.balances', charge - credit, psn_no from person) l
  where l.amount <> 0
)
select count(*) as months, count(distinct psn_no) as persons, coalesce(max(contribution_id), 0) as last,
       coalesce(sum(to_account), 0)::bigint as credited, coalesce(sum(account_charge), 0)::bigint as charged
from due
"""
COUNT_PART = """
update population.crediting_run set parts = parts + 1, persons = persons + $2, credited = credited + $3,
       charged = charged + $4 where run_no = $1
"""


@dataclass(frozen=True, slots=True)
class Credited:
    """What a run has credited in all its parts; `persons` counts a person once per part; amounts fen."""

    run_no: str
    parts: int
    persons: int
    credited: int
    charged: int


async def run(
    connection: Connection,
    insu_admdvs: str,
    month: date,
    *,
    part: int = PART,
    told: Callable[[int], None] = lambda months: None,
) -> Credited:
    """Credit a month of a city; `told` hears how many months were credited after each part.

    Raises `Refused` P001 or P731 before anything is done. Two runs at once take turns, part by part.
    """
    month = first_of(month)
    if month > dates.today():
        raise Refused(Refusal("P731", f"{month:%Y-%m}还没有开始，不能划账", "请在当月或以后划账", "month"))
    rules = rules_of(insu_admdvs)
    rates = premium_rates(rules, month)
    area = insu_admdvs[:4]
    run_no: str = await connection.fetchval(OPEN_RUN, area, month)
    await _make_retired(connection, area, month, rates)
    after, done = 0, 0
    while True:
        async with connection.transaction():
            number = 1 + await connection.fetchval(LOCK_RUN, run_no)
            row = await connection.fetchrow(
                CREDIT_PART, run_no, area, last_of(month), after, part, dates.today(), str(number)
            )
            if not row["months"]:
                return Credited(*await connection.fetchrow(CLOSE_RUN, run_no))
            await connection.execute(COUNT_PART, run_no, row["persons"], row["credited"], row["charged"])
        after, done = row["last"], done + row["months"]
        told(done)


async def _make_retired(connection: Connection, area: str, month: date, rates: PremiumRates) -> None:
    """The month's contribution of every retired person, paid by the pooled fund."""
    steps = [(age, split_retired(rates, age)) for age, _ in rates.retired]
    paid_on = min(dates.today(), last_of(month))
    await connection.execute(
        RETIRED,
        area,
        month,
        last_of(month),
        paid_on,
        [age for age, _ in steps],
        [premium.to_account for _, premium in steps],
        [premium.account_charge for _, premium in steps],
        timeout=600,
    )
