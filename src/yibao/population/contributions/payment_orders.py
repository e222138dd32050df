"""Payment orders (缴费订单): what is paid together, over which channel, until when.

    create_order(connection, NewOrder(…), actor) → Order     over contributions that are due and in no other order
    locked(connection, order_no) → Order                     the order and its persons, locked for a change
    expire_orders(connection)                                gives up what was not paid in time

A contribution stands in one living order at a time (index payment_line_living). Persons are locked before orders, in
the order of their numbers, by everybody. Refusals: P601, P606–P608, P611.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from asyncpg.exceptions import UniqueViolationError

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.population.contributions.windows import channels, no_such_channel, order_hours
from yibao.population.rules import rules_of

CONTRIBUTIONS = """
select contribution_id, psn_no, insutype, kind, period_from, status, personal + employer + interest as amount,
       serious, to_account, account_charge, interest, credited_run, coalesce(details ->> 'ground', '') as ground
from population.contribution where contribution_id = any ($1) order by psn_no, contribution_id for no key update
"""
"""Locked in the order of persons, as an assessment of a whole city writes them."""
LOCK_PERSONS = """
select 1 from population.person
where psn_no in (select psn_no from population.contribution where contribution_id = any ($1))
order by psn_no for no key update
"""
LOCK_PERSONS_OF_ORDERS = """
select 1 from population.person where psn_no in (select psn_no from population.payment_line where order_no = any ($1))
order by psn_no for no key update
"""
EXPIRE = """
with over as (
  update population.payment_order set status = 'expired'
  where order_no in (
    select o.order_no from population.payment_order o
    where o.status = 'created' and o.expires_at < $2 and o.order_no in (
      select order_no from population.payment_line where contribution_id = any ($1) and status = 'open')
    order by o.order_no for no key update)
  returning order_no)
update population.payment_line set status = 'released' where order_no in (select order_no from over) and status = 'open'
"""
EXPIRE_ALL = """
with over as (
  update population.payment_order set status = 'expired'
  where order_no in (select order_no from population.payment_order
                     where status = 'created' and expires_at < $1 order by order_no for no key update)
  returning order_no)
update population.payment_line set status = 'released' where order_no in (select order_no from over) and status = 'open'
"""
LIVING = """
select contribution_id, order_no from population.payment_line
where contribution_id = any ($1) and status in ('open', 'paid')
"""
NEXT_NUMBER = "select nextval('population.payment_order_no')"
INSERT = """
insert into population.payment_order (order_no, channel, insu_admdvs, amount, payer, actor, created_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""
INSERT_LINES = """
insert into population.payment_line (order_no, contribution_id, psn_no, amount)
select $1, * from unnest($2::bigint[], $3::text[], $4::bigint[])
"""
FIND = """
select order_no, channel, insu_admdvs, amount, status, expires_at,
       coalesce((select p.merged_into from population.person p
                 where p.psn_no = payer and channel = 'family_account'), payer) as payer,
       reported_at, appears_by, paid_at
from population.payment_order where order_no = $1
"""
"""A payer who turned out to be a duplicate is the person he was merged into: his account is there."""
LOCK = f"{FIND} for no key update"
LAST_SECOND = time(23, 59, 59)
LINES = "select contribution_id, psn_no, amount, refunded, status from population.payment_line where order_no = $1"


@dataclass(frozen=True, slots=True)
class NewOrder:
    """What to pay together: due contributions, the channel, who pays (`payer`: a person, an employer, a village).

    `until` is the last day on which these amounts hold: the end of a collection window, the day of a late fee.
    """

    channel: str
    insu_admdvs: str
    contribution_ids: tuple[int, ...]
    payer: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it stands; `status` created, reported, paid, reversed, refunded or expired; times Shanghai.

    `appears_by`: until when a reported payment must have been confirmed.
    """

    order_no: str
    channel: str
    insu_admdvs: str
    amount: int
    status: str
    expires_at: datetime
    payer: str = ""
    reported_at: datetime | None = None
    appears_by: datetime | None = None
    paid_at: datetime | None = None


async def create_order(connection: Connection, order: NewOrder, actor: str) -> Order:
    """An order over due contributions; raises `Refused` with every reason: P601, P606, P607, P608."""
    rules, now = rules_of(order.insu_admdvs), dates.now()
    if order.channel not in channels(rules, now.date()):
        raise Refused(no_such_channel(rules, order.channel))
    hours = order_hours(rules, order.channel, now.date())
    identifiers = list(order.contribution_ids)
    await connection.execute(LOCK_PERSONS, identifiers)
    await connection.execute(EXPIRE, identifiers, now)
    rows = await connection.fetch(CONTRIBUTIONS, identifiers)
    living = {row["contribution_id"]: row["order_no"] for row in await connection.fetch(LIVING, identifiers)}
    reasons = [*_unknown(identifiers, rows), *(reason for row in rows for reason in _not_payable(row, living))]
    amount = sum(row["amount"] for row in rows)
    if not reasons and amount <= 0:
        reasons.append(Refusal("P607", "没有需要缴纳的金额", "全额资助的人员无需缴费", "amount"))
    if reasons:
        raise Refused(*reasons)
    order_no = order_number(now.date(), await connection.fetchval(NEXT_NUMBER))
    expires_at = min(now + timedelta(hours=hours), datetime.combine(order.until or date.max, LAST_SECOND))
    await connection.execute(
        INSERT, order_no, order.channel, order.insu_admdvs, amount, order.payer, actor, now, expires_at
    )
    await _insert_lines(connection, order_no, rows)
    return Order(order_no, order.channel, order.insu_admdvs, amount, "created", expires_at, order.payer)


async def expire_orders(connection: Connection) -> int:
    """Give up every order whose time is over; returns how many contributions may stand in a new one."""
    done: str = await connection.execute(EXPIRE_ALL, dates.now())
    return int(done.rpartition(" ")[2])


async def order_of(connection: Connection, order_no: str) -> Order:
    """The order; raises `Refused` P611 when there is none."""
    return _order(await connection.fetchrow(FIND, order_no), order_no)


async def lock_persons(connection: Connection, order_nos: Sequence[str]) -> None:
    """Lock everybody who stands in these orders, before the first of them is changed."""
    await connection.execute(LOCK_PERSONS_OF_ORDERS, list(order_nos))


async def locked(connection: Connection, order_no: str) -> Order:
    """The order, locked together with its persons; raises `Refused` P611."""
    await lock_persons(connection, [order_no])
    return _order(await connection.fetchrow(LOCK, order_no), order_no)


def order_number(day: date, serial: int) -> str:
    """JF, the day, nine digits and a check digit: a number that a hand may copy."""
    digits = f"{day:%Y%m%d}{serial:09d}"
    return f"JF{digits}{check_digit(digits)}"


def is_order_number(text: str) -> bool:
    """Shape and check digit of an order number."""
    digits = text[2:-1]
    shaped = len(text) == 20 and text.startswith("JF") and text[2:].isascii() and text[2:].isdecimal()
    return shaped and text[-1] == check_digit(digits)


def check_digit(digits: str) -> str:
    """Luhn's check digit: finds every wrong digit and nearly every swap of neighbours."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def _order(row: Any, order_no: str) -> Order:
    if row is None:
        advice = "请核对订单号" if is_order_number(order_no) else "订单号的位数或校验位有误，请核对"
        raise Refused(Refusal("P611", f"缴费订单{order_no}不存在", advice, "order_no"))
    return Order(**row)


def _unknown(identifiers: Sequence[int], rows: Sequence[Any]) -> list[Refusal]:
    missing = set(identifiers) - {row["contribution_id"] for row in rows}
    return [Refusal("P606", f"应缴记录{one}不存在", "请重新核定应缴", str(one)) for one in sorted(missing)]


def _not_payable(row: Any, living: dict[int, str]) -> list[Refusal]:
    if row["status"] != "due":
        return [not_due(row)]
    other = living.get(row["contribution_id"])
    if other:
        text = f"人员{row['psn_no']}的应缴费已在订单{other}中"
        return [Refusal("P608", text, "请支付或撤销该订单，或待其过期", row["psn_no"])]
    return []


def not_due(row: Any) -> Refusal:
    """The contribution is not, or not in this amount, to be paid any more."""
    states = {"paid": "已缴", "cancelled": "已取消", "refunded": "已退费", "due": "的金额已变化"}
    text = f"人员{row['psn_no']}的{row['period_from']}期应缴费{states[row['status']]}"
    return Refusal("P606", text, "请查询缴费状态；款项已收的由渠道原路退回", row["psn_no"])


async def _insert_lines(connection: Connection, order_no: str, rows: Sequence[Any]) -> None:
    try:
        await connection.execute(
            INSERT_LINES,
            order_no,
            [row["contribution_id"] for row in rows],
            [row["psn_no"] for row in rows],
            [row["amount"] for row in rows],
        )
    except UniqueViolationError as error:
        raise Refused(Refusal("P608", "其中的应缴费刚被另一个订单占用", "请刷新后重试", "order_no")) from error
