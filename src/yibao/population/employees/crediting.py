"""Crediting of personal accounts (个人账户划账): one run per city and month, in parts that each stand or fall alone.

    result = await run(connection, "340600", month)      the connection must be outside a transaction

1. Every retired person gets the month's contribution: nothing is owed, the pooled fund credits the account by age.
2. Part by part, every paid month that no run has credited yet: balance, movements, journal entry and the mark on the
   contribution in one transaction. A run that was killed goes on where it stopped; a run repeated
   finds nothing left; a month paid late is credited by the next run.

The large-amount premium that an account pays (个人账户冲抵) leaves it again in the same part as a movement of its own.
Each part is one journal entry with one posting per person, so that a person's balance, the sum of his movements and
what the journal owes him are the same. Amounts are fen.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.months import first_of, last_of
from yibao.ledger.actions import book
from yibao.ledger.entry import Entry, Posting
from yibao.population.employees.split import PremiumRates, premium_rates, split_retired
from yibao.population.rules import rules_of

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
TO_CREDIT = """
select c.contribution_id, c.psn_no, c.category = 'retired' as retired, c.to_account, c.account_charge
from population.contribution c
where c.status = 'paid' and c.credited_run is null and (c.to_account > 0 or c.account_charge > 0)
  and c.insutype = '310' and c.paid_on <= $2 and c.period_from <= $2 and c.contribution_id > $3
  and exists (select from population.enrolment e
              where e.psn_no = c.psn_no and e.insutype = '310' and e.insu_admdvs like $1 || '%')
order by c.contribution_id limit $4 for no key update
"""
MARK = "update population.contribution set credited_run = $2 where contribution_id = any ($1)"
OPEN_ACCOUNTS = """
insert into population.account (psn_no) select unnest($1::text[]) on conflict (psn_no) do nothing
"""
LOCK_ACCOUNTS = """
select psn_no, balance from population.account where psn_no = any ($1) order by psn_no for no key update
"""
SET_BALANCES = """
update population.account a set balance = n.balance from unnest($1::text[], $2::bigint[]) as n (psn_no, balance)
where a.psn_no = n.psn_no
"""
INSERT_MOVEMENTS = """
insert into population.account_movement (psn_no, amount, balance_after, kind, reference)
select *, $5 from unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[])
"""
COUNT_PART = """
update population.crediting_run set parts = parts + 1, persons = persons + $2, credited = credited + $3,
       charged = charged + $4 where run_no = $1
"""


@dataclass(frozen=True, slots=True)
class Share:
    """What one person is credited, and of it charged for the large-amount premium, fen."""

    credit: int
    charge: int


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
    rates = premium_rates(rules_of(insu_admdvs), month)
    area = insu_admdvs[:4]
    run_no: str = await connection.fetchval(OPEN_RUN, area, month)
    await _make_retired(connection, area, month, rates)
    after, done = 0, 0
    while True:
        async with connection.transaction():
            number = 1 + await connection.fetchval(LOCK_RUN, run_no)
            rows = await connection.fetch(TO_CREDIT, area, last_of(month), after, part)
            if not rows:
                return Credited(*await connection.fetchrow(CLOSE_RUN, run_no))
            await _credit(connection, run_no, number, rows)
        after, done = rows[-1]["contribution_id"], done + len(rows)
        told(done)


async def _credit(connection: Connection, run_no: str, number: int, rows: Sequence[Any]) -> None:
    """One part: accounts in the order of their numbers as settlements lock them, movements, marks, journal."""
    shares = shares_of(rows)
    psn_nos = sorted(shares)
    await connection.execute(OPEN_ACCOUNTS, psn_nos)
    balances = dict(await connection.fetch(LOCK_ACCOUNTS, psn_nos))
    after = [balances[psn_no] + shares[psn_no].credit - shares[psn_no].charge for psn_no in psn_nos]
    await connection.execute(SET_BALANCES, psn_nos, after)
    movements = [move for psn_no in psn_nos for move in movements_of(psn_no, balances[psn_no], shares[psn_no])]
    await connection.execute(INSERT_MOVEMENTS, *map(list, zip(*movements, strict=True)), run_no)
    await connection.execute(MARK, [row["contribution_id"] for row in rows], run_no)
    await book(connection, _entry(f"{run_no}-{number}", rows, shares))
    credited, charged = sum(s.credit for s in shares.values()), sum(s.charge for s in shares.values())
    await connection.execute(COUNT_PART, run_no, len(psn_nos), credited, charged)


def shares_of(rows: Iterable[Any]) -> dict[str, Share]:
    """What each person is credited and charged in all his months. Pure."""
    shares: dict[str, Share] = {}
    for row in rows:
        known = shares.get(row["psn_no"], Share(0, 0))
        shares[row["psn_no"]] = Share(known.credit + row["to_account"], known.charge + row["account_charge"])
    return shares


def movements_of(psn_no: str, balance: int, share: Share) -> list[tuple[str, int, int, str]]:
    """The lines of the account's history: the credit, then the premium that it pays. Pure."""
    credited = balance + share.credit
    lines = [
        (psn_no, share.credit, credited, "contribution"),
        (psn_no, -share.charge, credited - share.charge, "large_amount_premium"),
    ]
    return [line for line in lines if line[1]]


def _entry(reference: str, rows: Sequence[Any], shares: dict[str, Share]) -> Entry:
    """Income that waited and pooled money become what is owed to persons; the premium goes to its fund."""
    waiting = sum(row["to_account"] for row in rows if not row["retired"])
    pooled = sum(row["to_account"] for row in rows if row["retired"])
    charged = sum(row["account_charge"] for row in rows)
    postings = (
        Posting("personal_account.contributions", waiting),
        Posting("employee_pooled.account_transfers", pooled),
        Posting("large_amount.contributions", -charged),
        *(Posting("personal_account.balances", s.charge - s.credit, psn_no) for psn_no, s in shares.items()),
    )
    return Entry(dates.today(), "account_crediting", reference, f"个人账户划账 {len(shares)} 人", postings)


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
