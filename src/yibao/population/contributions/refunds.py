"""Refunds of residents' premiums (退费): by the grounds of the area, never when benefits of the year were used.

    refund(connection, packs, Request(…), actor, benefits_used)   money that stands in a paid order
    return_receipt(connection, channel, serial, actor, reason)    money that belongs to no order (double payment …)

A refund makes a row of population.premium_refund and a liability in the journal; the disbursement pays it out later.
What a relative's account paid goes back to that account at once. Grounds are the parameter `premium_refunds` of
areas/<city>/population/resident.yaml. Refusals: P621–P628.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import msgspec

from yibao.benefits.book import PackBook
from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.ledger.actions import book
from yibao.ledger.entry import Entry, Posting
from yibao.population.contributions.effects import undo_effect
from yibao.population.contributions.payment_booking import (
    FAMILY_ACCOUNT,
    INCOMES,
    REFUNDABLE,
    UNALLOCATED,
    refund_postings,
)
from yibao.population.contributions.payment_orders import Order, locked
from yibao.population.contributions.premiums import personal_now
from yibao.population.rules import Rules, rules_of

BenefitsUsed = Callable[[Connection, Sequence[str], date, date], Awaitable[set[str]]]
"""Who of these persons used benefits between two days: the settlements know it, `settlement.usage.benefits_used`."""

LINES = """
select l.contribution_id, l.psn_no, l.amount - l.refunded as kept, c.insutype, c.period_from, c.period_to, c.paid_on,
       coalesce(c.details ->> 'ground', '') as ground
from population.payment_line l join population.contribution c using (contribution_id)
where l.order_no = $1 and l.psn_no = any ($2) and l.status = 'paid' order by l.psn_no
"""
BEGUN = """
select distinct psn_no from population.coverage
where psn_no = any ($1) and insutype = '390' and state = 'covered' and begndate <= $2
  and begndate <= $4 and (enddate is null or enddate >= $3)
"""
NEXT_NUMBER = "select nextval('population.premium_refund_no')"
INSERT = """
insert into population.premium_refund
  (refund_no, order_no, contribution_id, psn_no, amount, ground, clause, actor, reason, created_at, status)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
REFUND_LINE = """
update population.payment_line set refunded = refunded + $3, status = case when $4 then 'refunded' else status end
where order_no = $1 and contribution_id = $2
"""
REFUND_ALL = "update population.contribution set status = 'refunded' where contribution_id = $1"
REFUND_PART = """
update population.contribution set personal = personal - $2, subsidy = subsidy + $2 where contribution_id = $1
"""
CLOSE_ORDER = """
update population.payment_order set status = 'refunded'
where order_no = $1 and not exists (select from population.payment_line where order_no = $1 and status = 'paid')
"""
MOVE = "select balance_after from population.move_accounts(array[$1], array[$2::bigint], 'premium_refund', $3, $4)"
RETURN_RECEIPT = """
update population.channel_receipt set status = 'returned' where channel = $1 and serial = $2 and status = 'unallocated'
returning amount, coalesce(details ->> 'psn_no', '') as psn_no
"""


class Ground(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reason for which an area gives money back; `after_use` also when benefits of the year were used."""

    ground: str
    title: str
    until: Literal["before_benefits", "any_time"]
    back: Literal["all", "difference"]
    after_use: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """Whose money of which order, and why."""

    order_no: str
    psn_nos: tuple[str, ...]
    ground: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Decision:
    """By which rule, by whom and why the money of an order goes back."""

    order: Order
    ground: Ground
    clause: str
    actor: str
    reason: str


async def refund(
    connection: Connection, packs: PackBook, request: Request, actor: str, benefits_used: BenefitsUsed
) -> int:
    """Give money back; returns fen. Raises `Refused`: P611, P621–P626, with every person's reason at once."""
    order = await locked(connection, request.order_no)
    if order.status != "paid":
        text = f"订单{order.order_no}不是已缴状态，不能退费"
        raise Refused(Refusal("P621", text, "请查询订单状态", "order_no"))
    today = dates.today()
    ground, clause = ground_of(rules_of(order.insu_admdvs), request.ground, today)
    lines = await connection.fetch(LINES, order.order_no, list(request.psn_nos))
    reasons = _not_in_order(request, lines)
    reasons += await _against_use(connection, ground, lines, today, benefits_used)
    if reasons:
        raise Refused(*reasons)
    decision = _Decision(order, ground, clause, actor, request.reason)
    total = 0
    for line in lines:
        amount = await _amount(connection, packs, ground, line, today)
        await _give_back(connection, decision, line, amount)
        total += amount
    await connection.execute(CLOSE_ORDER, order.order_no)
    details = {"order_no": order.order_no, "ground": ground.ground, "amount": total}
    await undo_effect(connection, [line["psn_no"] for line in lines], "refunded", today, actor, ground.ground, details)
    return total


async def return_receipt(connection: Connection, channel: str, serial: str, actor: str, reason: str) -> str:
    """Give back a receipt that belongs to nobody's order; returns the number of the refund. Raises `Refused` P628."""
    row = await connection.fetchrow(RETURN_RECEIPT, channel, serial)
    if row is None:
        text = f"渠道{channel}没有待确认的流水{serial}"
        raise Refused(Refusal("P628", text, "已分配或已退的流水不能再退", "serial"))
    refund_no = await _refund_number(connection)
    row_values = (refund_no, None, None, row["psn_no"], row["amount"], "unallocated", "", actor, reason)
    await connection.execute(INSERT, *row_values, dates.now(), "payable")
    party = row["psn_no"] or f"{channel}:{serial}"
    postings = (Posting(UNALLOCATED, row["amount"], channel), Posting(REFUNDABLE, -row["amount"], party))
    await book(connection, Entry(dates.today(), "premium_refund", refund_no, f"退还{channel}流水{serial}", postings))
    return refund_no


def ground_of(rules: Rules, name: str, day: date) -> tuple[Ground, str]:
    """The area's rule for a ground and its clause; raises `Refused` P623 for a ground that the area does not know."""
    grounds: tuple[Ground, ...] = rules.shaped("premium_refunds", day, tuple[Ground, ...])
    for ground in grounds:
        if ground.ground == name:
            return ground, rules.citation(rules.value("premium_refunds", day))
    known = "、".join(f"{ground.ground}（{ground.title}）" for ground in grounds)
    raise Refused(Refusal("P623", f"没有退费情形{name}", f"本地的情形：{known}", "ground"))


def _not_in_order(request: Request, lines: Sequence[Any]) -> list[Refusal]:
    missing = set(request.psn_nos) - {line["psn_no"] for line in lines}
    reasons = [
        Refusal("P622", f"人员{psn_no}在订单{request.order_no}中没有可退的缴费", "请核对人员和订单", psn_no)
        for psn_no in sorted(missing)
    ]
    employees = [line["psn_no"] for line in lines if line["insutype"] != "390"]
    reasons += [Refusal("P627", f"人员{one}的缴费不是居民医保费", "职工缴费请办理更正申报", one) for one in employees]
    return reasons


async def _against_use(
    connection: Connection, ground: Ground, lines: Sequence[Any], today: date, benefits_used: BenefitsUsed
) -> list[Refusal]:
    """Benefits that have begun or were used in the insured period."""
    if not lines:
        return []
    psn_nos = [line["psn_no"] for line in lines]
    first, last = lines[0]["period_from"], max(line["period_to"] for line in lines)
    reasons = []
    if ground.until == "before_benefits":
        begun = await connection.fetch(BEGUN, psn_nos, today, first, last)
        reasons += [
            Refusal("P624", f"人员{psn_no}的待遇享受期已开始", f"“{ground.title}”须在待遇享受期前退费", psn_no)
            for psn_no in sorted(row["psn_no"] for row in begun)
        ]
    if not ground.after_use:
        used = await benefits_used(connection, psn_nos, first, last)
        reasons += [
            Refusal("P625", f"人员{psn_no}已享受{first.year}年度待遇", "已享受当年待遇的不予退费", psn_no)
            for psn_no in sorted(used)
        ]
    return reasons


async def _amount(connection: Connection, packs: PackBook, ground: Ground, line: Any, today: date) -> int:
    """How much goes back: all that is kept, or what the subsidy carries by now; raises `Refused` P626 for nothing."""
    kept: int = line["kept"]
    if ground.back == "all":
        return kept
    year, how = line["period_from"].year, {"paid_on": line["paid_on"], "ground": line["ground"]}
    due = await personal_now(connection, packs, line["psn_no"], year, today, **how)
    if due >= kept:
        text = f"人员{line['psn_no']}没有多缴"
        raise Refused(Refusal("P626", text, "请先由主管部门录入身份标识", line["psn_no"]))
    return kept - due


async def _give_back(connection: Connection, decision: _Decision, line: Any, amount: int) -> None:
    order, ground = decision.order, decision.ground
    whole = ground.back == "all"
    refund_no = await _refund_number(connection)
    status = "paid" if order.channel == FAMILY_ACCOUNT else "payable"
    row = (refund_no, order.order_no, line["contribution_id"], line["psn_no"], amount, ground.ground)
    why = (decision.clause, decision.actor, decision.reason)
    await connection.execute(INSERT, *row, *why, dates.now(), status)
    await connection.execute(REFUND_LINE, order.order_no, line["contribution_id"], amount, whole)
    if whole:
        await connection.execute(REFUND_ALL, line["contribution_id"])
    else:
        await connection.execute(REFUND_PART, line["contribution_id"], amount)
    if order.channel == FAMILY_ACCOUNT:
        await connection.fetchval(MOVE, order.payer, amount, refund_no, line["psn_no"])
    postings = refund_postings(order.channel, order.payer, INCOMES[line["insutype"]], amount, line["psn_no"])
    text = f"退费 {ground.title}"
    await book(connection, Entry(dates.today(), "premium_refund", refund_no, text, postings))


async def _refund_number(connection: Connection) -> str:
    serial = await connection.fetchval(NEXT_NUMBER)
    return f"TF{dates.today():%Y%m%d}{serial:09d}"
