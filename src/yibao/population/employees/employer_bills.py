"""What a month costs an employer (应缴核定单): issued, withdrawn, looked at, ordered for payment.

    issue(connection, emp_no, month, actor)       closes the month: who was not declared goes on as before
    withdraw(connection, bill_no, actor, reason)  opens it again, as long as nothing is paid
    order_bill(connection, bill_no, channel, …)   late fee of the day and the payment order over all that is due
    bill(connection, bill_no), bills_of(…)        as it stands: a bill is paid when all its persons are

Who was declared later (back-payment, 补缴) comes on a supplementary bill (补充核定) of the same month. Amounts are fen.
Refusals: P713 without a wage, P714 nothing to bill, P715 unknown bill, P719 cannot be withdrawn, P720 nothing due.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.money import divide_half_up
from yibao.core.months import first_of, last_of
from yibao.population.contributions.payment_orders import NewOrder, Order, create_order, expire_orders
from yibao.population.employees.arrears import due_day, late_fee
from yibao.population.employees.bases import base_limits
from yibao.population.employees.due_months import DueMonth, write_due
from yibao.population.employees.split import premium_rates, split_wages
from yibao.population.enrolment import employers
from yibao.population.rules import Rules, rules_of

SILENT = """
select e.psn_no, p.psn_name, p.certno,
       (select c.base from population.contribution c
        where c.psn_no = e.psn_no and c.insutype = '310' and c.period_from < $2 and c.emp_no = $1
          and c.status in ('due', 'paid')
        order by c.period_from desc limit 1) as base
from population.enrolment e join population.person p using (psn_no)
where e.emp_no = $1 and e.insutype = '310' and e.category = 'employee' and e.psn_insu_stas = '1' and e.begndate <= $3
  and not exists (select from population.contribution c
                  where c.psn_no = e.psn_no and c.insutype = '310' and c.period_from = $2
                    and c.status in ('due', 'paid'))
order by e.psn_no
"""
DECLARED = """
select exists (select from population.declaration
               where emp_no = $1 and month = $2 and outcome in ('accepted', 'partly'))
"""
NORMAL_BILL = """
select bill_no from population.employer_bill
where emp_no = $1 and month = $2 and kind = 'normal' and status = 'issued'
"""
NEW_NUMBER = "select 'B' || to_char($1::date, 'YYYYMM') || lpad(nextval('population.bill_number')::text, 8, '0')"
ATTACH = """
update population.contribution set bill_no = $3
where emp_no = $1 and period_from = $2 and status = 'due' and bill_no is null and order_no is null
"""
INSERT = """
insert into population.employer_bill (bill_no, emp_no, month, kind, due_day, issued_by) values ($1, $2, $3, $4, $5, $6)
"""
SUMS = """
select b.bill_no, b.emp_no, b.month, b.kind, b.due_day,
       case when b.status = 'withdrawn' then 'withdrawn' when c.due = 0 then 'paid' when c.due < c.persons then 'partly'
            else 'issued' end as status,
       coalesce(c.persons, 0) as persons, coalesce(c.base, 0) as base, coalesce(c.personal, 0) as personal,
       coalesce(c.employer, 0) as employer, coalesce(c.serious, 0) as serious, coalesce(c.credit, 0) as to_account,
       coalesce(c.charge, 0) as account_charge, coalesce(c.maternity, 0) as maternity,
       coalesce(c.interest, 0) as interest
from population.employer_bill b left join lateral (
  select count(*) as persons, count(*) filter (where status = 'due') as due, sum(base)::bigint as base,
         sum(personal)::bigint as personal, sum(employer)::bigint as employer, sum(serious)::bigint as serious,
         sum(to_account)::bigint as credit, sum(account_charge)::bigint as charge, sum(maternity)::bigint as maternity,
         sum(interest)::bigint as interest
  from population.contribution where bill_no = b.bill_no and status in ('due', 'paid')) c on true
"""
BILL = f"{SUMS} where b.bill_no = $1"
BILLS = f"{SUMS} where b.emp_no = $1 order by b.month desc, b.bill_no desc limit $2"
PERSONS = """
select c.contribution_id, c.psn_no, p.psn_name, p.certno, c.kind, c.base, c.personal, c.employer, c.serious,
       c.to_account, c.account_charge, c.maternity, c.interest, c.status, c.paid_on
from population.contribution c join population.person p using (psn_no)
where c.bill_no = $1 and c.status in ('due', 'paid') order by c.psn_no
"""
OWED = """
select contribution_id, personal + employer as owed from population.contribution
where bill_no = $1 and status = 'due' order by contribution_id for update
"""
SET_INTEREST = """
update population.contribution c set interest = d.interest
from unnest($1::bigint[], $2::bigint[]) as d (contribution_id, interest)
where c.contribution_id = d.contribution_id and c.interest <> d.interest
"""
LOCK_PERSONS = """
select 1 from population.person where psn_no in (select psn_no from population.contribution where bill_no = $1)
order by psn_no for no key update
"""
LOCK_BILL = "select status from population.employer_bill where bill_no = $1 for update"
BOUND = """
select exists (select from population.contribution c left join population.payment_line l
                 on l.contribution_id = c.contribution_id and l.status in ('open', 'paid')
               where c.bill_no = $1 and (c.status = 'paid' or l.order_no is not null))
"""
RELEASE = "update population.contribution set bill_no = null, interest = 0 where bill_no = $1 and status = 'due'"
WITHDRAW = "update population.employer_bill set status = 'withdrawn', withdrawn = $2 where bill_no = $1"


@dataclass(frozen=True, slots=True)
class Bill:
    """A bill as it stands; `status` issued, partly, paid or withdrawn. `interest` is the late fee of the last order."""

    bill_no: str
    emp_no: str
    month: date
    kind: str
    due_day: date
    status: str
    persons: int
    base: int
    personal: int
    employer: int
    serious: int
    to_account: int
    account_charge: int
    maternity: int
    interest: int

    @property
    def amount(self) -> int:
        """What the employer pays, his staff's part included."""
        return self.personal + self.employer + self.interest


@dataclass(frozen=True, slots=True)
class Issued:
    """A bill and who could not be put on it."""

    bill: Bill
    left_out: tuple[Refusal, ...] = ()


async def issue(connection: Connection, emp_no: str, month: date, actor: str) -> Issued:
    """Issue the month's bill, or a supplementary one; a second call without news answers the same bill.

    Raises `Refused` P001, P143 or P714.
    """
    month = first_of(month)
    employer = await employers.locked(connection, emp_no)
    rules = rules_of(employer.insu_admdvs)
    normal = await connection.fetchval(NORMAL_BILL, emp_no, month)
    left_out = () if normal else await _carry_on(connection, emp_no, month, rules)
    number = await connection.fetchval(NEW_NUMBER, month)
    attached = await connection.execute(ATTACH, emp_no, month, number)
    if attached == "UPDATE 0":
        if normal is None:
            raise Refused(Refusal("P714", f"{month:%Y-%m}没有应缴人员", "请先申报参保人员", "month"), *left_out)
        return Issued(await bill(connection, normal), left_out)
    kind = "supplementary" if normal else "normal"
    await connection.execute(INSERT, number, emp_no, month, kind, due_day(rules, month), actor)
    return Issued(await bill(connection, number), left_out)


async def withdraw(connection: Connection, bill_no: str, actor: str, reason: str) -> None:
    """Take an unpaid bill back so that the month can be declared again; raises `Refused` P715 or P719."""
    status = await connection.fetchval(LOCK_BILL, bill_no)
    if status is None:
        raise Refused(_unknown(bill_no))
    await expire_orders(connection)
    if status == "withdrawn" or await connection.fetchval(BOUND, bill_no):
        text = f"核定单{bill_no}已撤销、已缴费或已生成缴费订单，不能撤销"
        raise Refused(Refusal("P719", text, "已缴费的请办理退费；订单未缴的等其失效", "bill_no"))
    await connection.execute(RELEASE, bill_no)
    await connection.execute(WITHDRAW, bill_no, {"actor": actor, "reason": reason})


async def order_bill(connection: Connection, bill_no: str, channel: str, day: date, actor: str) -> Order:
    """The payment order over what is due, with the late fee as of `day`; raises `Refused` P715, P720 or P60x."""
    known = await bill(connection, bill_no)
    await connection.execute(LOCK_BILL, bill_no)  # it may just be withdrawn
    await connection.execute(LOCK_PERSONS, bill_no)
    employer = await employers.employer(connection, known.emp_no)
    owed = await connection.fetch(OWED, bill_no)
    if not owed:
        raise Refused(Refusal("P720", f"核定单{bill_no}没有待缴金额", "无需重复缴费", "bill_no"))
    fee = late_fee(rules_of(employer.insu_admdvs), day)
    numbers = [row["contribution_id"] for row in owed]
    fees = [fee.of(row["owed"], known.due_day, day) for row in owed]
    await connection.execute(SET_INTEREST, numbers, fees)
    until = max(day, known.due_day)
    order = NewOrder(channel, employer.insu_admdvs, tuple(numbers), known.emp_no, until)
    return await create_order(connection, order, actor)


async def bill(connection: Connection, bill_no: str) -> Bill:
    """A bill as it stands; raises `Refused` P715."""
    row = await connection.fetchrow(BILL, bill_no)
    if row is None:
        raise Refused(_unknown(bill_no))
    return Bill(**row)


async def bills_of(connection: Connection, emp_no: str, limit: int = 36) -> list[Bill]:
    """The employer's bills, newest month first."""
    return [Bill(**row) for row in await connection.fetch(BILLS, emp_no, limit)]


async def persons_of(connection: Connection, bill_no: str) -> list[dict[str, Any]]:
    """The lines of a bill, one per person; amounts fen."""
    return [dict(row) for row in await connection.fetch(PERSONS, bill_no)]


async def _carry_on(connection: Connection, emp_no: str, month: date, rules: Rules) -> tuple[Refusal, ...]:
    """Staff without a declared month goes on with the last base; who has none is left out.

    An employer who declared nothing is charged what the area says of the month before (社会保险法 art. 62: 110 %).
    """
    silent = await connection.fetch(SILENT, emp_no, month, last_of(month))
    declared = await connection.fetchval(DECLARED, emp_no, month)
    percent = 100 if declared else rules.on("undeclared_month", month)
    limits, rates = base_limits(rules, month), premium_rates(rules, month)
    due = [
        DueMonth(
            row["psn_no"],
            month,
            "normal",
            split_wages(limits.limited(divide_half_up(row["base"] * percent, 100)), rates),
            emp_no,
        )
        for row in silent
        if row["base"] is not None
    ]
    await write_due(connection, "employee", due)
    return tuple(_without_wage(row) for row in silent if row["base"] is None)


def _without_wage(row: Any) -> Refusal:
    text = f"{row['psn_name']}（{row['certno']}）从未申报工资，没有计入核定单"
    return Refusal("P713", text, "请申报其月工资后再核定，将生成补充核定单", row["psn_no"])


def _unknown(bill_no: str) -> Refusal:
    return Refusal("P715", f"核定单{bill_no}不存在", "请核对核定单号", "bill_no")
